package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// The limits of a header's length in bytes.
const (
	DefaultMaxHeader = 16 << 20    // what [Options] with MaxHeader 0 accepts
	LargestMaxHeader = 100_000_000 // what the format allows at most
)

// Options say what a reader accepts. The zero value is strict.
type Options struct {
	// MaxHeader is the longest header accepted, in bytes; 0 means DefaultMaxHeader, and LargestMaxHeader is the most.
	MaxHeader int
	// Convert allows reading by [File.Float32], [File.Float64] and [File.Int64] what is stored as another type: F16,
	// BF16, F32 and F64 as either float, all whole numbers and BOOL as int64. Otherwise another type is an error.
	Convert bool
	// RequireChecksums refuses files without checksums; where they exist they are always verified.
	RequireChecksums bool
}

// File is an open safetensors file. Its methods may be called from several goroutines at once, Close excepted.
type File struct {
	path   string
	r      io.ReaderAt
	closer io.Closer
	opt    Options
	h      *header
	data   int64 // file offset of the first data byte
	sums   bool  // the file has checksums
}

// Info describes a tensor of a file.
type Info struct {
	Name       string
	DType      DType
	Shape      []int
	Begin, End int64 // where its bytes lie, counted from the first data byte
}

// Open opens a file and checks its header completely. Close must be called when it is no longer needed.
func Open(path string, opt Options) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	f, err := openFile(path, file, opt)
	if err != nil {
		_ = file.Close() // it was only read
		return nil, err
	}
	return f, nil
}

func openFile(path string, file *os.File, opt Options) (*File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("safetensors: %s: not a regular file", path)
	}
	f, err := NewReader(file, info.Size(), opt)
	if err != nil {
		return nil, at(path, err)
	}
	f.path, f.closer = path, file
	return f, nil
}

// NewReader reads a file of size bytes from r, which must stay valid as long as the File is used. An Options.MaxHeader
// below 0 or above LargestMaxHeader panics.
func NewReader(r io.ReaderAt, size int64, opt Options) (*File, error) {
	if opt.MaxHeader < 0 || opt.MaxHeader > LargestMaxHeader {
		panic(fmt.Sprintf("safetensors: NewReader: MaxHeader %d is not between 0 and %d", opt.MaxHeader, LargestMaxHeader))
	}
	if opt.MaxHeader == 0 {
		opt.MaxHeader = DefaultMaxHeader
	}
	raw, err := readHeader(r, size, int64(opt.MaxHeader))
	if err != nil {
		return nil, err
	}
	f := &File{r: r, opt: opt, data: int64(len(raw))}
	if f.h, err = parse(raw[8:]); err != nil {
		return nil, err
	}
	// The checksum comes before the layout: "damaged" is a better answer than "gap before tensor x".
	if err := f.checkHeaderSum(raw); err != nil {
		return nil, err
	}
	if err := f.h.checkLayout(size - f.data); err != nil {
		return nil, err
	}
	return f, nil
}

// readHeader returns the 8 length bytes and the header's text behind them.
func readHeader(r io.ReaderAt, size, limit int64) ([]byte, error) {
	if size < 8 {
		return nil, headerError(fmt.Sprintf("the file has %d bytes, fewer than the 8 of a header's length", size), "the file is truncated or not a safetensors file")
	}
	var length [8]byte
	if err := readAt(r, length[:], 0); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	switch {
	case n > uint64(size-8):
		return nil, headerError(fmt.Sprintf("its stated length of %d bytes does not fit in the file, which has %d more", n, size-8), "the file is truncated or not a safetensors file")
	case n > uint64(limit):
		hint := "raise Options.MaxHeader if the file is trusted"
		if limit == LargestMaxHeader {
			hint = "the format allows no more"
		}
		return nil, &UnsupportedError{What: fmt.Sprintf("its length of %d bytes is above the limit of %d", n, limit), Hint: hint, header: true}
	}
	raw := make([]byte, 8+n)
	if err := readAt(r, raw, 0); err != nil {
		return nil, err
	}
	if text := raw[8:]; !utf8.Valid(text) {
		i := 0
		for i < len(text) {
			r, width := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && width == 1 {
				break
			}
			i += width
		}
		return nil, headerError(fmt.Sprintf("byte %d: not UTF-8", i), "")
	}
	return raw, nil
}

// readAt fills p from the file.
func readAt(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return &FormatError{What: "the file ends early", Hint: "was it cut off while it was read?", Err: io.ErrUnexpectedEOF, header: true}
	}
	return &FormatError{What: "reading failed", Err: err, header: true}
}

// Close closes the file that Open opened; it does nothing for a NewReader.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Len returns the number of tensors.
func (f *File) Len() int { return len(f.h.tensors) }

// Names returns the tensors' names in increasing order.
func (f *File) Names() []string {
	names := make([]string, len(f.h.tensors))
	for i, at := range f.h.tensors {
		names[i] = f.h.key(int(at))
	}
	return names
}

// Metadata returns the file's free strings, without the checksums. The map is the caller's.
func (f *File) Metadata() map[string]string {
	m := make(map[string]string)
	for _, at := range f.h.meta {
		if key := f.h.key(int(at)); !reserved(key) {
			raw, _ := f.h.value(int(at))
			m[key] = text(raw)
		}
	}
	return m
}

// HasChecksums tells whether the file carries checksums, which are then verified by every reading method.
func (f *File) HasChecksums() bool { return f.sums }

// Has tells whether there is a tensor of this name.
func (f *File) Has(name string) bool {
	_, ok := f.h.find(f.h.tensors, name)
	return ok
}

// Info describes the tensor of this name; ErrNoTensor is inside the error when there is none.
func (f *File) Info(name string) (Info, error) {
	i, ok := f.h.find(f.h.tensors, name)
	if !ok {
		return Info{}, f.noTensor(name)
	}
	e := f.h.entry(i)
	return Info{Name: name, DType: e.dtype, Shape: f.h.shape(e), Begin: e.begin, End: e.end}, nil
}

// noTensor names some of what the file does have.
func (f *File) noTensor(name string) error {
	const most = 8
	var some []string
	for _, at := range f.h.tensors[:min(most, len(f.h.tensors))] {
		some = append(some, quote(f.h.key(int(at))))
	}
	if f.Len() > most {
		some = append(some, "...")
	}
	where := "the file"
	if f.path != "" {
		where = f.path
	}
	return fmt.Errorf("safetensors: %w: %s; %s has %d: %s", ErrNoTensor, quote(name), where, f.Len(), strings.Join(some, ", "))
}

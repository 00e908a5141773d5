package images

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/graft-ml/graft/internal/bounded"
	"github.com/graft-ml/graft/internal/bytesize"
)

// DecodeOptions say what images to accept and what to make of them. The zero value accepts
// photographs of any camera, gives gray images one channel and others three, honours EXIF
// and puts what is transparent on white.
type DecodeOptions struct {
	// Channels is 1 or 3, converted as [Image.WithChannels] does; 0 gives one channel where the
	// file is grayscale without transparency, and else three.
	Channels int `yaml:"channels,omitempty"`
	// Background is what lies behind transparent pixels, and behind the first frame of a GIF
	// where that does not fill the picture. Nil is white.
	Background *RGB `yaml:"background,omitempty"`
	// IgnoreOrientation leaves the pixels of JPEG files in the order of the file, where EXIF
	// says that the camera was turned. EXIF in other formats is ignored anyway.
	IgnoreOrientation bool `yaml:"ignoreOrientation,omitempty"`

	// Limits are how large a file may be.
	Limits `yaml:",inline"`
}

// Check says which option makes no sense: an *OptionError.
func (o DecodeOptions) Check() error {
	if o.Channels != 0 && o.Channels != 1 && o.Channels != 3 {
		return &OptionError{"Channels", fmt.Sprintf("%d, expected 1, 3 or 0 for those of the file", o.Channels)}
	}
	return o.Limits.Check()
}

// Header is what the beginning of a file says.
type Header struct {
	Format        string // "PNG", "JPEG" or "GIF"
	Height, Width int    // of the pixels in the file, before EXIF turns them
	Gray          bool   // grayscale without transparency
	Memory        int64  // bytes that its pixels take when decoded, at most
	Orientation   int    // EXIF's, 1..8; 1 is upright
}

// DecodeFile reads an image file. The error is a *FileError, or an *OptionError.
func DecodeFile(path string, o DecodeOptions) (*Image, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unopened(path, err)
	}
	defer file.Close() // only read from: closing cannot lose anything
	return decodeOpen(file, path, o)
}

// DecodeFS reads an image file of a file system, such as a zip archive; messages call it
// shown. The error is a *FileError, or an *OptionError.
func DecodeFS(files fs.FS, name, shown string, o DecodeOptions) (*Image, error) {
	file, err := files.Open(name)
	if err != nil {
		return nil, unopened(shown, err)
	}
	defer file.Close() // only read from: closing cannot lose anything
	return decodeOpen(file, shown, o)
}

func decodeOpen(file fs.File, shown string, o DecodeOptions) (*Image, error) {
	stat, err := file.Stat()
	if err != nil {
		return nil, unopened(shown, err)
	}
	if stat.IsDir() {
		return nil, &FileError{File: shown, Reason: "it is a folder", Hint: "name an image file"}
	}
	if limit := o.Limits.WithDefaults().MaxFile; stat.Size() > limit {
		return nil, tooLong(shown, limit)
	}
	return Decode(file, shown, o)
}

// Decode reads a PNG, JPEG or GIF (its first frame) from in, which messages call name. The
// header is read first, and an image beyond the limits refused before memory is taken for
// it. Samples of 16 bits are rounded to 8, palettes and CMYK become RGB.
//
// The error is a *FileError, or an *OptionError.
func Decode(in io.Reader, name string, o DecodeOptions) (*Image, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	o.Limits = o.Limits.WithDefaults()
	long := tooLong(name, o.MaxFile)
	r := &opened{in: bufio.NewReader(bounded.New(in, o.MaxFile, long)), name: name}
	header, err := r.header(o)
	if err != nil {
		return nil, err
	}
	decoded, err := r.format.decode(io.MultiReader(&r.head, r.in))
	if err != nil {
		return nil, damaged(name, r.format.name, err)
	}
	m := fromStandard(decoded, header, o)
	if !o.IgnoreOrientation {
		m = m.oriented(header.Orientation)
	}
	return m, nil
}

// ReadHeader reads only the beginning of an image, and refuses what [Decode] would by it.
func ReadHeader(in io.Reader, name string, o DecodeOptions) (Header, error) {
	if err := o.Check(); err != nil {
		return Header{}, err
	}
	o.Limits = o.Limits.WithDefaults()
	r := &opened{in: bufio.NewReader(bounded.New(in, o.MaxFile, tooLong(name, o.MaxFile))), name: name}
	return r.header(o)
}

// opened is an image that is being read.
type opened struct {
	in     *bufio.Reader
	name   string
	format format
	head   bytes.Buffer // what has been read of the file
}

// header reads size and kind of the image and checks the limits.
func (r *opened) header(o DecodeOptions) (h Header, err error) {
	start, err := r.in.Peek(magicLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return h, damaged(r.name, "image", err)
	}
	var known bool
	if r.format, known = formatOf(start); !known {
		return h, unknownFormat(r.name, start)
	}
	config, err := r.format.config(io.TeeReader(r.in, &r.head))
	if err != nil {
		return h, damaged(r.name, r.format.name, err)
	}
	h = Header{Format: r.format.name, Height: config.Height, Width: config.Width, Gray: isGray(config.ColorModel), Orientation: 1}
	if h.Height <= 0 || h.Width <= 0 {
		return h, &FileError{File: r.name, Reason: fmt.Sprintf("the image is %d pixels wide and %d high", h.Width, h.Height),
			Hint: "there is nothing in it: leave it out", Err: ErrDamaged}
	}
	each := bytesPerPixel(config.ColorModel)
	if r.format.name == "JPEG" {
		j := readJPEGHeader(r.head.Bytes())
		h.Orientation = j.orientation
		if j.progressive {
			each *= 5
		}
	}
	pixels := int64(h.Height) * int64(h.Width) // both below 2^31 in all formats
	if pixels > o.MaxPixels {
		return h, beyond(r.name, "MaxPixels", "the header says %d by %d pixels, more than the %d allowed", h.Width, h.Height, o.MaxPixels)
	}
	h.Memory = pixels * each
	if h.Memory > o.MaxMemory {
		return h, beyond(r.name, "MaxMemory", "decoding %d by %d pixels takes %s, more than the %s allowed", h.Width, h.Height, bytesize.Format(h.Memory), bytesize.Format(o.MaxMemory))
	}
	return h, nil
}

// tooLong is the error of a file beyond the limit.
func tooLong(name string, limit int64) error {
	return beyond(name, "MaxFile", "the file has more than %s", bytesize.Format(limit))
}

// unopened is the error of a file that cannot be opened.
func unopened(name string, err error) error {
	e := &FileError{File: name, Reason: err.Error(), Hint: "check its name and permissions", Err: err}
	var path *fs.PathError
	if errors.As(err, &path) {
		e.Reason = path.Err.Error()
	}
	if errors.Is(err, fs.ErrNotExist) {
		e.Reason = "there is no such file"
	}
	return e
}

// damaged is the error of what failed in decoding, unless it is a *FileError already.
func damaged(name, kind string, err error) error {
	if own := (*FileError)(nil); errors.As(err, &own) {
		return own
	}
	e := &FileError{File: name, Reason: fmt.Sprintf("the %s is damaged: %v", kind, err), Hint: "get the file again, or leave it out", Err: errors.Join(ErrDamaged, err)}
	var unsupportedPNG png.UnsupportedError
	var unsupportedJPEG jpeg.UnsupportedError
	switch {
	case errors.As(err, &unsupportedPNG), errors.As(err, &unsupportedJPEG):
		e.Reason, e.Hint = fmt.Sprintf("the %s is of a kind that is not read: %v", kind, err), "convert it to plain PNG"
		e.Err = errors.Join(ErrFormat, err)
	// Package png says so in the text alone.
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), strings.Contains(err.Error(), io.ErrUnexpectedEOF.Error()):
		e.Reason, e.Hint = fmt.Sprintf("the %s ends too early", kind), "the file is cut off: copy it again, or leave it out"
	}
	return e
}

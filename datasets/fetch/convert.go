package fetch

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// conversion makes the files that package datasets reads of those that were fetched.
type conversion struct {
	version string // changes when run would write something else
	run     func(c *converter) error
}

// converter is what a conversion works with.
type converter struct {
	ctx    context.Context
	w      *work
	stored []Stored
	ready  []*output
}

// converted runs the conversion of the item. Its files get their names together, when
// all of them are complete.
func (w *work) converted(ctx context.Context) ([]Stored, error) {
	c := &converter{ctx: ctx, w: w}
	defer func() {
		for _, o := range c.ready {
			_ = o.file.Cleanup() // does nothing to a file that got its name
		}
	}()
	if err := w.item.convert.run(c); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	for _, o := range c.ready {
		if err := o.file.CloseAtomicallyReplace(); err != nil {
			return nil, diskError(w.path(o.name), err)
		}
	}
	syncDir(w.path(""))
	return c.stored, nil
}

// output is a file that a conversion writes, compressed.
type output struct {
	*bufio.Writer
	c    *converter
	name string
	file *renameio.PendingFile
	zip  *gzip.Writer
	hash hash.Hash // of the text before compression
}

// create begins a file NAME.gz of text.
func (c *converter) create(name string) (*output, error) {
	file, err := renameio.NewPendingFile(c.w.path(name), renameio.WithTempDir(c.w.path("")), renameio.WithPermissions(0o644))
	if err != nil {
		return nil, diskError(c.w.path(name), err)
	}
	o := &output{c: c, name: name, file: file, zip: gzip.NewWriter(file), hash: sha256.New()}
	o.Writer = bufio.NewWriterSize(io.MultiWriter(o.zip, o.hash), 64<<10)
	c.ready = append(c.ready, o)
	return o, nil
}

// finish completes the file and compares its text with the hash of what is known to be
// right, where there is one.
func (o *output) finish(want string) error {
	path := o.c.w.path(o.name)
	if err := o.Flush(); err != nil {
		return diskError(path, err)
	}
	if err := o.zip.Close(); err != nil {
		return diskError(path, err)
	}
	if got := hex.EncodeToString(o.hash.Sum(nil)); want != "" && got != want {
		return &ChecksumError{Item: o.c.w.item.Name, Path: path + ", uncompressed", Kind: "SHA-256", Want: want, Got: got}
	}
	if _, err := o.file.Seek(0, io.SeekStart); err != nil {
		return diskError(path, err)
	}
	sum := sha256.New()
	size, err := io.Copy(sum, o.file)
	if err != nil {
		return diskError(path, err)
	}
	o.c.stored = append(o.c.stored, Stored{o.name, size, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

// longestList is more than any list of numbers or small file of the catalogue has.
const longestList = 16 << 20

// read gives a small fetched file as a whole.
func (c *converter) read(name string) ([]byte, error) {
	path := c.w.path(name)
	f, err := os.Open(path)
	if err != nil {
		return nil, diskError(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, longestList+1))
	if err != nil {
		return nil, diskError(path, err)
	}
	if len(text) > longestList {
		return nil, c.bad(name, nil, "it has more than the %d bytes that are accepted", longestList)
	}
	return text, nil
}

// bad refuses a fetched file for its content.
func (c *converter) bad(name string, err error, format string, args ...any) error {
	return &ContentError{Item: c.w.item.Name, Path: c.w.path(name), Reason: fmt.Sprintf(format, args...), Err: err}
}

// open gives a fetched file, telling of progress as it is read.
func (c *converter) open(name string) (io.ReadCloser, error) {
	path := c.w.path(name)
	f, err := os.Open(path)
	if err != nil {
		return nil, diskError(path, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, diskError(path, err)
	}
	return &watched{Reader: f, Closer: f, c: c, name: filepath.Base(path), total: info.Size()}, nil
}

// watched tells of progress and ends with the context.
type watched struct {
	io.Reader
	io.Closer
	c           *converter
	name        string
	done, total int64
}

// Read reads as the file does.
func (r *watched) Read(p []byte) (int, error) {
	if err := r.c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.Reader.Read(p)
	r.done += int64(n)
	r.c.w.tell(r.name, Converting, r.done, r.total, "")
	return n, err
}

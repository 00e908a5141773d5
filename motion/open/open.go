package open

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/graft-ml/graft/internal/bounded"
	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/bvh"
	"github.com/graft-ml/graft/safetensors"
)

// DefaultMaxBytes is what [Options] with MaxBytes 0 reads.
const DefaultMaxBytes = 1 << 30

// Options say how a file becomes a clip.
type Options struct {
	BVH      bvh.ClipOptions // of BVH files
	MaxBytes int64           // the largest file, unpacked; 0 means DefaultMaxBytes
}

// format is how clips lie in files of an ending.
type format struct {
	ending string
	packed bool // a file may be packed, with .gz behind the ending
	read   func(name, stem string, in io.Reader, o Options) (*motion.Clip, error)
	write  func(out io.Writer, c *motion.Clip) error
}

// formats are those that can be read and written.
var formats = []format{
	{".bvh", true, readBVH, writeBVH},
	{".csv", true, named(motion.ReadCSV), motion.WriteCSV},
	{".npy", true, named(motion.ReadArray), motion.WriteArray},
	{".safetensors", false, named(readTensors), motion.WriteTensors},
}

// Endings lists the endings of files that can be read, without .gz.
func Endings() []string {
	var list []string
	for _, f := range formats {
		list = append(list, f.ending)
	}
	return list
}

// Readable tells whether the ending of a name is one that can be read.
func Readable(name string) bool {
	_, _, err := formatOf(name)
	return err == nil
}

// formatOf finds the format that the ending of a name tells, in small letters or large ones; packed tells that .gz follows.
func formatOf(name string) (f format, packed bool, err error) {
	end := strings.ToLower(path.Ext(name))
	if packed = end == ".gz"; packed {
		end = strings.ToLower(path.Ext(name[:len(name)-len(".gz")]))
	}
	for _, f := range formats {
		if f.ending == end && (f.packed || !packed) {
			return f, packed, nil
		}
	}
	return format{}, false, &motion.FileError{File: name, Reason: fmt.Sprintf("the ending %q is of no clip", end), Hint: "those are " + strings.Join(Endings(), " ") + ", and .gz behind all but the last"}
}

// Clip reads the clip in a file. Its name is that of the file without ending, unless
// the file gives one.
func Clip(name string, o Options) (*motion.Clip, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("motion: %w", err)
	}
	defer f.Close()
	return read(filepath.ToSlash(name), f, o)
}

// Read is [Clip] for a file of a file system.
func Read(fsys fs.FS, name string, o Options) (*motion.Clip, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("motion: %w", err)
	}
	defer f.Close()
	return read(name, f, o)
}

// read reads a clip whose format the name tells.
func read(name string, in io.Reader, o Options) (c *motion.Clip, err error) {
	f, packed, err := formatOf(name)
	if err != nil {
		return nil, err
	}
	stem := path.Base(name)
	stem = strings.TrimSuffix(stem, path.Ext(stem))
	if packed {
		if in, err = gzip.NewReader(in); err != nil {
			return nil, &motion.FileError{File: name, Reason: "it is not packed by gzip, as its ending says: " + err.Error(), Err: err}
		}
		stem = strings.TrimSuffix(stem, path.Ext(stem))
	}
	limit := o.MaxBytes
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	in = bounded.New(in, limit, &motion.FileError{File: name, Reason: fmt.Sprintf("it is longer than %d bytes", limit), Hint: "cut it into several, or allow more"})
	return f.read(name, stem, in, o)
}

// readBVH gives the recording in a file its stem, by which the errors of making a clip of it go.
func readBVH(name, stem string, in io.Reader, o Options) (*motion.Clip, error) {
	r, err := bvh.Read(name, in)
	if err != nil {
		return nil, fileError(name, err)
	}
	r.Name = stem
	return r.Clip(o.BVH)
}

// named gives a clip that its file does not name the stem of the file.
func named(read func(name string, in io.Reader) (*motion.Clip, error)) func(name, stem string, in io.Reader, o Options) (*motion.Clip, error) {
	return func(name, stem string, in io.Reader, _ Options) (*motion.Clip, error) {
		c, err := read(name, in)
		if err != nil {
			return nil, fileError(name, err)
		}
		if c.Name == name {
			c.Name = stem
		}
		return c, nil
	}
}

// fileError is an error that names the file.
func fileError(name string, err error) error {
	if f := (*motion.FileError)(nil); errors.As(err, &f) {
		return f
	}
	return fmt.Errorf("motion: %s: %w", name, err)
}

func writeBVH(out io.Writer, c *motion.Clip) error {
	r, err := bvh.FromClip(c)
	if err != nil {
		return err
	}
	return bvh.Write(out, r)
}

func readTensors(name string, in io.Reader) (*motion.Clip, error) {
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	f, err := safetensors.NewReader(bytes.NewReader(data), int64(len(data)), safetensors.Options{})
	if err != nil {
		return nil, err
	}
	return motion.ReadTensors(name, f)
}

// Save writes a clip beside the path and then renames it; the ending tells the
// format.
func Save(name string, c *motion.Clip) error {
	format, packed, err := formatOf(filepath.ToSlash(name))
	if err != nil {
		return err
	}
	f, err := renameio.NewPendingFile(name, renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("motion: %s cannot be written: %w; choose a folder that exists and that you may write to", name, err)
	}
	defer f.Cleanup()
	var out io.Writer = f
	var zip *gzip.Writer
	if packed {
		zip = gzip.NewWriter(f)
		out = zip
	}
	if err = format.write(out, c); err == nil && packed {
		err = zip.Close()
	}
	if err == nil {
		err = f.CloseAtomicallyReplace()
	}
	if err != nil {
		return fmt.Errorf("motion: %s cannot be written: %w", name, err)
	}
	return nil
}

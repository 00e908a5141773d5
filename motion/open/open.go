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
	"slices"
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

// endings are those that can be read, without .gz.
var endings = []string{".bvh", ".csv", ".npy", ".safetensors"}

// Endings lists the endings of files that can be read, without .gz.
func Endings() []string { return slices.Clone(endings) }

// Readable tells whether the ending of a name is one that can be read.
func Readable(name string) bool {
	_, _, err := ending(name)
	return err == nil
}

// ending finds the ending of a name in small letters; packed tells that .gz follows.
func ending(name string) (end string, packed bool, err error) {
	end = strings.ToLower(path.Ext(name))
	if packed = end == ".gz"; packed {
		end = strings.ToLower(path.Ext(name[:len(name)-len(".gz")]))
	}
	if slices.Contains(endings, end) && !(packed && end == ".safetensors") {
		return end, packed, nil
	}
	return "", false, &motion.FileError{File: name, Reason: fmt.Sprintf("the ending %q is of no clip", end), Hint: "those are " + strings.Join(endings, " ") + ", and .gz behind all but the last"}
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
	end, packed, err := ending(name)
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
	switch end {
	case ".bvh":
		var r *bvh.Recording
		if r, err = bvh.Read(name, in); err == nil {
			r.Name = stem
			return r.Clip(o.BVH)
		}
	case ".csv":
		c, err = motion.ReadCSV(name, in)
	case ".npy":
		c, err = motion.ReadArray(name, in)
	default:
		c, err = readTensors(name, in)
	}
	if err != nil {
		var tooLong *motion.FileError
		if errors.As(err, &tooLong) {
			return nil, tooLong
		}
		return nil, fmt.Errorf("motion: %s: %w", name, err)
	}
	if c.Name == name {
		c.Name = stem
	}
	return c, nil
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
	end, packed, err := ending(filepath.ToSlash(name))
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
	switch end {
	case ".bvh":
		var r *bvh.Recording
		if r, err = bvh.FromClip(c); err == nil {
			err = bvh.Write(out, r)
		}
	case ".csv":
		err = motion.WriteCSV(out, c)
	case ".npy":
		err = motion.WriteArray(out, c)
	default:
		err = motion.WriteTensors(out, c)
	}
	if err == nil && packed {
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

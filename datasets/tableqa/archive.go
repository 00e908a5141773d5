package tableqa

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/graft-ml/graft/internal/bounded"
)

// Limits of what is read, in bytes unpacked. The largest published file has 9 MB, the
// largest table 50 kB, the largest set 30 MB.
const (
	maxFile   = 64 << 20
	maxTable  = 4 << 20
	maxUnzip  = 256 << 20 // of a zip file inside a zip file
	maxUnpack = 1 << 30   // of all files together
)

// archive is a folder of data files, or a zip file of one. Parts of it may be packed in zip
// files of their own: csv.zip stands for the folder csv, train.jsonl.zip for the file
// train.jsonl. Nothing is unpacked to disk.
type archive struct {
	name string // of the folder or zip file, for messages
	root fs.FS
	base string // the folder in root in which the paths of the set begin
	left int64  // how much may still be unpacked

	packed  map[string]fs.FS // zip files by their path below base; nil where there is none
	closers []io.Closer
}

// openArchive opens a folder or a zip file.
func openArchive(name string) (*archive, error) {
	a := &archive{name: name, base: ".", left: maxUnpack, packed: map[string]fs.FS{}}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		a.root = os.DirFS(name)
		return a, nil
	}
	file, err := zip.OpenReader(name)
	if err != nil {
		return nil, damaged(name, 0, err)
	}
	a.root, a.closers = file, []io.Closer{file}
	return a, nil
}

// Close lets go of all files.
func (a *archive) Close() {
	for _, c := range a.closers {
		c.Close() // only read from: closing cannot lose anything
	}
}

// settle finds the folder in which a file lies, the root or one right below it, and takes
// it as the base. It tells whether there is one.
func (a *archive) settle(file string) bool {
	bases := []string{"."}
	below, _ := fs.ReadDir(a.root, ".") // what cannot be listed has nothing below
	for _, entry := range below {
		if entry.IsDir() {
			bases = append(bases, entry.Name())
		}
	}
	for _, a.base = range bases {
		clear(a.packed)
		if a.has(file) {
			return true
		}
	}
	return false
}

// has tells whether a file is there. A damaged archive has none.
func (a *archive) has(file string) bool {
	in, _, err := a.open(file)
	if err != nil {
		return false
	}
	in.Close()
	return true
}

// read gives a file of at most limit bytes, and its name for messages.
func (a *archive) read(file string, limit int64) (data []byte, shown string, err error) {
	in, shown, err := a.open(file)
	if err != nil {
		return nil, shown, damaged(shown, 0, err)
	}
	defer in.Close()
	limit = min(limit, a.left)
	tooLarge := fmt.Errorf("it has more than %d bytes", limit)
	data, err = io.ReadAll(bounded.New(in, limit, tooLarge))
	if err != nil {
		return nil, shown, damaged(shown, 0, err)
	}
	a.left -= int64(len(data))
	return data, shown, nil
}

// open opens a file as it is, or out of the zip file that one of its folders or itself is
// packed in. The error wraps fs.ErrNotExist where there is none.
func (a *archive) open(file string) (in fs.File, shown string, err error) {
	shown = filepath.Join(a.name, filepath.FromSlash(path.Join(a.base, file)))
	if !fs.ValidPath(file) {
		return nil, shown, &fs.PathError{Op: "open", Path: file, Err: fs.ErrInvalid}
	}
	in, err = a.root.Open(path.Join(a.base, file))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return in, shown, err
	}
	steps := strings.Split(file, "/")
	for k := range steps {
		zipped := path.Join(steps[:k+1]...) + ".zip"
		inside, e := a.unpacked(zipped)
		if e != nil {
			return nil, filepath.Join(a.name, filepath.FromSlash(path.Join(a.base, zipped))), e
		}
		if inside == nil {
			continue
		}
		// Most archives hold the folder they are named for, some only what is in it.
		for _, from := range []int{k, k + 1} {
			if from == len(steps) {
				continue
			}
			rest := path.Join(steps[from:]...)
			if in, e := inside.Open(rest); e == nil {
				return in, filepath.Join(a.name, filepath.FromSlash(path.Join(a.base, zipped, rest))), nil
			}
		}
	}
	return nil, shown, err
}

// unpacked gives what is in a zip file, nil where there is no such file.
func (a *archive) unpacked(name string) (fs.FS, error) {
	if inside, done := a.packed[name]; done {
		return inside, nil
	}
	file, err := a.root.Open(path.Join(a.base, name))
	if errors.Is(err, fs.ErrNotExist) {
		a.packed[name] = nil
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	inside, err := a.openZip(file)
	if err != nil {
		file.Close()
		return nil, err
	}
	a.packed[name], a.closers = inside, append(a.closers, file)
	return inside, nil
}

// openZip reads a zip file in place where it lies in a folder, and from memory where it is
// itself in a zip file.
func (a *archive) openZip(file fs.File) (fs.FS, error) {
	if at, ok := file.(io.ReaderAt); ok {
		info, err := file.Stat()
		if err != nil {
			return nil, err
		}
		return zip.NewReader(at, info.Size())
	}
	limit := min(maxUnzip, a.left)
	data, err := io.ReadAll(bounded.New(file, limit, fmt.Errorf("it has more than %d bytes", limit)))
	if err != nil {
		return nil, err
	}
	a.left -= int64(len(data))
	return zip.NewReader(bytes.NewReader(data), int64(len(data)))
}

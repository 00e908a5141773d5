package checkpoint

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// FS is the little of a file system that checkpoints need. It exists so that tests can fail each single call; programs use
// [Disk]. Paths are those of package path/filepath.
type FS interface {
	// ReadDir returns the names in a folder.
	ReadDir(dir string) ([]string, error)
	// Create makes a new file for writing; it fails when the path exists.
	Create(path string) (Writer, error)
	// Open opens a file for reading.
	Open(path string) (Reader, error)
	// Rename gives a file another name, in place of the file that has it, atomically.
	Rename(from, to string) error
	// Remove deletes a file.
	Remove(path string) error
	// SyncDir returns when the names in a folder have reached the disk.
	SyncDir(dir string) error
}

// Writer is a file being written.
type Writer interface {
	io.WriteCloser
	// Sync returns when what was written has reached the disk.
	Sync() error
}

// Reader is a file being read.
type Reader interface {
	io.ReaderAt
	io.Closer
	// Size returns the file's length in bytes.
	Size() (int64, error)
}

// Disk is the file system of the machine.
type Disk struct{}

var _ FS = Disk{}

// ReadDir returns the names in a folder.
func (Disk) ReadDir(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

// Create makes a new file for writing.
func (Disk) Create(path string) (Writer, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// Open opens a file for reading.
func (Disk) Open(path string) (Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

// Rename gives a file another name.
func (Disk) Rename(from, to string) error { return os.Rename(from, to) }

// Remove deletes a file.
func (Disk) Remove(path string) error { return os.Remove(path) }

// SyncDir returns when the names in a folder have reached the disk. File systems that cannot do that for a folder are
// taken to need no such call.
func (Disk) SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

type diskFile struct{ *os.File }

func (f diskFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

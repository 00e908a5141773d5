package train

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/graft-ml/graft/train/checkpoint"
)

// The files of a run folder, beside [LogName].
const (
	ConfigName = "config.yaml"      // Options.Config, where there is one
	SchemaName = "schema.json"      // Options.Schema, where there is one
	LastName   = "last.safetensors" // the newest checkpoint: all that resuming needs
	BestName   = "best.safetensors" // the model at the best epoch
	CrashDir   = "crash"            // a file for each step whose loss or gradient was not finite

	olderName = "last-1.safetensors" // the checkpoint before the newest
	lockName  = "lock"               // held by the process that trains
)

// ErrRunExists is inside the error of [Fit] when its folder already holds a run.
var ErrRunExists = errors.New("the folder already holds a run")

// folder is the run folder of a run that this process alone may write to.
type folder struct {
	dir  string
	lock *os.File
}

// createFolder makes the folder of a new run and locks it.
func createFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, unwritable(dir, err)
	}
	f, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{ConfigName, SchemaName, LastName, olderName, BestName, LogName} {
		_, err := os.Lstat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		f.close()
		if err != nil {
			return nil, unwritable(dir, err)
		}
		return nil, fmt.Errorf("train: run folder %s: %w (it has %s): resume that run, or choose another folder", dir, ErrRunExists, name)
	}
	return f, nil
}

// openFolder locks the folder of a run that is to be resumed.
func openFolder(dir string) (*folder, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("not a folder")
	}
	if err != nil {
		return nil, fmt.Errorf("train: resume: run folder %s: %w: name the folder of a run that was begun before", dir, err)
	}
	return lockFolder(dir)
}

// lockFolder takes the folder's lock, which shows too whether the folder can be written to. The lock ends with the
// process, however that ends; the file stays.
func lockFolder(dir string) (*folder, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, unwritable(dir, err)
	}
	if err := tryLock(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("train: run folder %s: another process is training in it (%w): wait for it, or choose another folder", dir, err)
	}
	return &folder{dir: dir, lock: file}, nil
}

func unwritable(dir string, err error) error {
	return fmt.Errorf("train: run folder %s cannot be written: %w: choose a folder you may write to", dir, err)
}

// close gives the lock back.
func (f *folder) close() {
	if f != nil {
		f.lock.Close()
	}
}

// path returns the path of a file of the folder.
func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

// checkpoints gives access to the checkpoints of the folder.
func (f *folder) checkpoints() checkpoint.Dir { return checkpoint.Dir{Path: f.dir} }

// writeText writes configuration or schema, if there is one.
func (f *folder) writeText(name string, text []byte) error {
	if len(text) == 0 {
		return nil
	}
	return checkpoint.WriteFile(f.path(name), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// checkText compares the configuration or the schema of the folder, what it is called, with that of the options.
func (f *folder) checkText(name, what string, text []byte) error {
	was, err := os.ReadFile(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the run had none, or was killed before it was written; the checkpoint knows
	}
	if err != nil {
		return fmt.Errorf("train: resume: %w", err)
	}
	if !bytes.Equal(was, text) {
		return fmt.Errorf("train: resume: %s is not the %s asked for: %s", f.path(name), what, firstDifference(was, text))
	}
	return nil
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(was, now []byte) string {
	a, b := bytes.Split(was, []byte("\n")), bytes.Split(now, []byte("\n"))
	for i := 0; ; i++ {
		switch {
		case i >= len(a) && i >= len(b):
			return "they are equal"
		case i >= len(a):
			return fmt.Sprintf("line %d is new: %q", i+1, b[i])
		case i >= len(b):
			return fmt.Sprintf("line %d is missing: %q", i+1, a[i])
		case !bytes.Equal(a[i], b[i]):
			return fmt.Sprintf("line %d was %q and is now %q", i+1, a[i], b[i])
		}
	}
}

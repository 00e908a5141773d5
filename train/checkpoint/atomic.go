package checkpoint

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// WriteFile writes a file that is either there complete or not at all: write fills a temporary file in the same folder,
// which is synced and takes the place of path only when write and all else succeeded. Otherwise what was at path stays.
// The folder must exist.
func WriteFile(path string, write func(w io.Writer) error) error {
	return writeFile(Disk{}, path, write)
}

func writeFile(fsys FS, path string, write func(w io.Writer) error) error {
	if _, err := clean(fsys, path); err != nil {
		return err
	}
	temp, err := stage(fsys, path, write)
	if err != nil {
		return err
	}
	return publish(fsys, temp, path)
}

// clean removes what a killed run left of an earlier attempt to write path, and returns the names in its folder.
func clean(fsys FS, path string) ([]string, error) {
	dir, base := filepath.Split(path)
	names, err := fsys.ReadDir(filepath.Clean(dir))
	if err != nil {
		return nil, writeError(path, err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "."+base+".") && strings.HasSuffix(name, ".tmp") {
			_ = fsys.Remove(filepath.Join(dir, name)) // it only takes room; the next save tries again
		}
	}
	return names, nil
}

// stage writes and syncs a temporary file beside path and returns its path.
func stage(fsys FS, path string, write func(w io.Writer) error) (string, error) {
	dir, base := filepath.Split(path)
	temp := filepath.Join(dir, "."+base+"."+strconv.FormatUint(rand.Uint64(), 36)+".tmp")
	file, err := fsys.Create(temp)
	if err != nil {
		return "", writeError(path, err)
	}
	buffer := bufio.NewWriterSize(file, 32<<10)
	err = write(buffer)
	if err == nil {
		err = buffer.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	if e := file.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = fsys.Remove(temp) // the first error is the one to tell
		return "", writeError(path, err)
	}
	return temp, nil
}

// publish gives a staged file its name.
func publish(fsys FS, temp, path string) error {
	if err := fsys.Rename(temp, path); err != nil {
		_ = fsys.Remove(temp)
		return writeError(path, err)
	}
	if err := fsys.SyncDir(filepath.Dir(path)); err != nil {
		return writeError(path, err)
	}
	return nil
}

// writeError says which file could not be written and what to do.
func writeError(path string, err error) error {
	dir := filepath.Dir(path)
	hint := ""
	switch {
	case errors.Is(err, syscall.ENOSPC):
		hint = "; the disk is full: free some space, the earlier file is untouched"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		hint = "; make the folder " + dir + " writable or choose another"
	case errors.Is(err, fs.ErrNotExist):
		hint = "; create the folder " + dir + " first"
	case errors.Is(err, syscall.ENOTDIR):
		hint = "; " + dir + " is not a folder: choose another"
	}
	return fmt.Errorf("checkpoint: cannot write %s: %w%s", path, err, hint)
}

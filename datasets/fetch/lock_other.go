//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package fetch

import (
	"errors"
	"io/fs"
	"os"
)

// tryLock makes a file that must not be there, or gives errHeld while it is. A process
// that is killed leaves it; whoever waits is told which file to delete.
func tryLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil, errHeld
	}
	return f, err
}

// unlock gives the lock back by deleting the file.
func unlock(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}

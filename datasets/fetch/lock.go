package fetch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// errHeld says that another holds the lock.
var errHeld = errors.New("the lock is held by another")

// poll is how often a process that waits tries again.
const poll = 50 * time.Millisecond

// lock takes the lock of an item, waiting for whoever has it.
func (w *work) lock(ctx context.Context) (*os.File, error) {
	path := filepath.Join(w.cache, "."+w.item.Name+".lock")
	told := ""
	for {
		f, err := tryLock(path)
		if err == nil {
			sign(f)
			return f, nil
		}
		if !errors.Is(err, errHeld) {
			return nil, diskError(path, err)
		}
		holder := holderOf(path)
		if w.NoWait {
			return nil, &LockedError{Item: w.item.Name, Path: path, Holder: holder}
		}
		if holder != told {
			w.tell("", Waiting, 0, 0, "for "+holder)
			told = holder
		}
		if err := sleep(ctx, poll); err != nil {
			return nil, fmt.Errorf("fetch: %s: waiting for %s: %w", w.item.Name, holder, err)
		}
	}
}

// sign writes into the lock file who has it. That it fails only costs others a name.
func sign(f *os.File) {
	name, err := os.Hostname()
	if err != nil {
		name = "this machine"
	}
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt(fmt.Appendf(nil, "process %d on %s since %s\n", os.Getpid(), name, time.Now().Format(time.DateTime)), 0)
	}
}

// holderOf reads who has a lock.
func holderOf(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return "another process"
	}
	defer f.Close()
	var buf [200]byte
	n, _ := f.Read(buf[:])
	line, _, _ := strings.Cut(string(buf[:n]), "\n")
	if line == "" {
		return "another process"
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return '?'
		}
		return r
	}, line)
}

// sleep waits, but not longer than the context lasts.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

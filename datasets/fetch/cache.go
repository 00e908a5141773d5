package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/graft-ml/graft/datasets"
)

// Cache is a folder of fetched data sets. The zero value is the one of the user.
type Cache struct {
	// Dir is the folder, which is made where it is missing; "" means that of datasets.Cache.
	Dir string
	// Transport asks the servers; nil means one with the time limits of this package and
	// the proxy of the environment.
	Transport http.RoundTripper

	disk disk // nil but in tests
}

// work is one call of Get.
type work struct {
	Options
	item  Item
	cache string // folder
	disk  disk
	http  *http.Client
	asked int64 // bytes that came over the network
}

// Get makes an item complete and returns what is there. It looks first, and asks servers
// only for what is missing or wrong. See the package comment for promises and errors.
func (c Cache) Get(ctx context.Context, item Item, o Options) (*Result, error) {
	if err := item.check(); err != nil {
		return nil, err
	}
	if o.Force && o.Offline {
		return nil, fmt.Errorf("fetch: %s: Force wants servers asked, Offline forbids it: choose one", item.Name)
	}
	if o.Mirror != "" && !isAddress(o.Mirror) {
		return nil, fmt.Errorf("fetch: the mirror %q is no http or https address", o.Mirror)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = datasets.Cache(); err != nil {
			return nil, err
		}
	}
	w := &work{Options: o.filled(), item: item, cache: dir, disk: c.disk}
	if w.disk == nil {
		w.disk = realDisk{}
	}
	var closeIdle func()
	w.http, closeIdle = client(c.Transport)
	defer closeIdle()

	lock, err := w.open(ctx)
	if err != nil {
		if unwritable(err) && !o.Force {
			// A cache of the whole machine, perhaps: it will do if nothing needs to change.
			if files, e := w.complete(ctx); e == nil && files != nil {
				return &Result{Dir: w.path(""), Files: files}, nil
			}
		}
		return nil, err
	}
	defer unlock(lock)
	return w.run(ctx)
}

// open makes the folders and takes the lock.
func (w *work) open(ctx context.Context) (*os.File, error) {
	if err := os.MkdirAll(w.path(""), 0o755); err != nil {
		return nil, diskError(w.path(""), err)
	}
	return w.lock(ctx)
}

func unwritable(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// run does the work under the lock.
func (w *work) run(ctx context.Context) (*Result, error) {
	if !w.Force {
		files, err := w.complete(ctx)
		if err != nil {
			return nil, err
		}
		if files != nil {
			return &Result{Dir: w.path(""), Files: files}, nil
		}
	}
	// From here on files may be replaced: an interruption must not leave the impression
	// that all is well.
	if err := w.removeManifest(); err != nil {
		return nil, err
	}
	if w.Offline {
		if err := w.missing(); err != nil {
			return nil, err
		}
	}
	var stored []Stored
	for _, f := range w.item.Files {
		if err := w.clean(f); err != nil {
			return nil, err
		}
		s, err := w.file(ctx, f)
		if err != nil {
			return nil, err
		}
		stored = append(stored, Stored{f.Name, s.size, s.sha256})
	}
	for _, f := range w.item.Files {
		if f.Unpack == None {
			continue
		}
		members, err := w.unpack(ctx, f)
		if err != nil {
			return nil, err
		}
		stored = append(stored, members...)
	}
	if w.item.convert.run != nil {
		outputs, err := w.converted(ctx)
		if err != nil {
			return nil, err
		}
		stored = append(stored, outputs...)
	}
	if err := w.writeManifest(stored); err != nil {
		return nil, err
	}
	return &Result{Dir: w.path(""), Files: stored, Fetched: w.asked, Changed: true}, nil
}

// path is the place of a file of the item.
func (w *work) path(name string) string {
	return filepath.Join(w.cache, filepath.FromSlash(w.item.folder()), filepath.FromSlash(name))
}

// file gives a file its name: one that is there and right, or a new one.
func (w *work) file(ctx context.Context, f File) (sums, error) {
	if !w.Force {
		s, err := w.hash(ctx, w.path(f.Name), f.Name)
		switch {
		case ctx.Err() != nil:
			return sums{}, ctx.Err()
		case err == nil:
			err = w.verify(f, w.path(f.Name), s)
			if err == nil {
				return s, nil
			}
			if w.Offline {
				return sums{}, err
			}
		case !errors.Is(err, fs.ErrNotExist):
			return sums{}, diskError(w.path(f.Name), err)
		}
	}
	return w.download(ctx, f)
}

// missing lists all files that are not there, for somebody who will bring them.
func (w *work) missing() error {
	var all []error
	for _, f := range w.item.Files {
		if _, err := os.Stat(w.path(f.Name)); errors.Is(err, fs.ErrNotExist) {
			all = append(all, &FileError{Item: w.item.Name, File: f, Path: w.path(f.Name), Reason: "it is not in the cache, and offline no server is asked"})
		}
	}
	return errors.Join(all...)
}

// clean removes what a killed process left of unpacking a file.
func (w *work) clean(f File) error {
	path := w.path(f.Name)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return diskError(path, err)
	}
	prefix, suffix := stagePattern(filepath.Base(path))
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool {
		return !e.IsDir() || !strings.HasPrefix(e.Name(), prefix) || !strings.HasSuffix(e.Name(), suffix)
	})
	for _, e := range entries {
		left := filepath.Join(filepath.Dir(path), e.Name())
		if err := os.RemoveAll(left); err != nil {
			return diskError(left, err)
		}
	}
	return nil
}

// stagePattern is what names of folders begin and end with into which an archive is
// unpacked.
func stagePattern(base string) (prefix, suffix string) { return "." + base + ".", ".tmp" }

// tell reports progress.
func (w *work) tell(file string, stage Stage, done, total int64, note string) {
	w.Progress(Progress{Item: w.item.Name, File: file, Stage: stage, Done: done, Total: total, Note: note})
}

package checkpoint

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"syscall"
)

// inode is a file's content, as programs see it and as the disk has it.
type inode struct{ data, synced []byte }

// rename is a change of a folder that may not have reached the disk; from is empty for a new file, to for a removed one.
type rename struct {
	from, to string
	file     *inode
}

// memFS is a file system with one folder that tells what programs see from what a power cut leaves. It counts its calls
// and fails at one of them.
type memFS struct {
	files    map[string]*inode // as programs see them
	synced   map[string]*inode // as of the last SyncDir
	unsynced []rename          // changes since, in order
	calls    int
	failAt   int // the call that fails; 0: none
	fault    fault
}

// fault is how a call fails.
type fault int

const (
	errorBefore fault = iota // the call does nothing and returns an error
	errorAfter               // the call does its work and returns an error all the same
	shortWrite               // half of a write is done, others as errorBefore
	diskFull                 // half of a write is done, others as errorBefore, with ENOSPC
	crash                    // the process dies: half of a write is done
	faults
)

var errInjected = errors.New("injected")

// died is what a crash panics with.
type died struct{}

func newMemFS() *memFS {
	return &memFS{files: map[string]*inode{}, synced: map[string]*inode{}}
}

// clone copies the file system, with no fault set.
func (m *memFS) clone() *memFS {
	c := newMemFS()
	copies := map[*inode]*inode{}
	copied := func(n *inode) *inode {
		if copies[n] == nil && n != nil {
			copies[n] = &inode{bytes.Clone(n.data), bytes.Clone(n.synced)}
		}
		return copies[n]
	}
	for name, n := range m.files {
		c.files[name] = copied(n)
	}
	for name, n := range m.synced {
		c.synced[name] = copied(n)
	}
	for _, r := range m.unsynced {
		c.unsynced = append(c.unsynced, rename{r.from, r.to, copied(r.file)})
	}
	return c
}

// afterCut are the file systems that a power cut may leave: each subset of the unsynced changes of the folder, with the
// unsynced bytes of all files kept, lost, or lost by half.
func (m *memFS) afterCut() []*memFS {
	if len(m.unsynced) > 8 {
		panic("memFS: the folder was not synced for long, there are too many subsets")
	}
	var all []*memFS
	for subset := range 1 << len(m.unsynced) {
		for kept := range 3 {
			c := m.clone()
			c.files = maps.Clone(c.synced)
			for i, r := range c.unsynced {
				if subset>>i&1 == 1 {
					apply(c.files, r)
				}
			}
			for _, n := range c.files {
				switch kept {
				case 0:
					n.data = bytes.Clone(n.synced)
				case 1:
					half := len(n.synced) + (len(n.data)-len(n.synced))/2
					n.data = n.data[:half]
				}
				n.synced = bytes.Clone(n.data)
			}
			c.synced, c.unsynced = maps.Clone(c.files), nil
			all = append(all, c)
		}
	}
	return all
}

// apply carries out a change of a folder.
func apply(files map[string]*inode, r rename) {
	if r.from != "" && files[r.from] == r.file {
		delete(files, r.from)
	}
	if r.to != "" {
		files[r.to] = r.file
	}
}

func (m *memFS) change(r rename) {
	apply(m.files, r)
	m.unsynced = append(m.unsynced, r)
}

// call counts a call and does its work, or fails as was asked for. half is the work that a short write does.
func (m *memFS) call(work func(), half func()) error {
	m.calls++
	if m.calls != m.failAt {
		work()
		return nil
	}
	if half == nil {
		half = func() {}
	}
	switch m.fault {
	case errorAfter:
		work()
	case shortWrite:
		half()
		return io.ErrShortWrite
	case diskFull:
		half()
		return syscall.ENOSPC
	case crash:
		half()
		panic(died{})
	}
	return errInjected
}

// in returns a path's name in the one folder.
func (m *memFS) in(path string) (string, error) {
	if dir, name := filepath.Split(path); dir == "run/" {
		return name, nil
	}
	return "", &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

func (m *memFS) ReadDir(dir string) ([]string, error) {
	if dir != "run" {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrNotExist}
	}
	var names []string
	err := m.call(func() { names = slices.Sorted(maps.Keys(m.files)) }, nil)
	return names, err
}

func (m *memFS) Create(path string) (Writer, error) {
	name, err := m.in(path)
	if err != nil {
		return nil, err
	}
	if m.files[name] != nil {
		return nil, fs.ErrExist
	}
	n := &inode{}
	if err := m.call(func() { m.change(rename{"", name, n}) }, nil); err != nil {
		return nil, err
	}
	return &memWriter{m, n}, nil
}

func (m *memFS) Open(path string) (Reader, error) {
	name, err := m.in(path)
	if err != nil {
		return nil, err
	}
	n := m.files[name]
	if n == nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	if err := m.call(func() {}, nil); err != nil {
		return nil, err
	}
	return &memReader{m, n}, nil
}

func (m *memFS) Rename(from, to string) error {
	old, err := m.in(from)
	if err != nil {
		return err
	}
	name, err := m.in(to)
	if err != nil {
		return err
	}
	n := m.files[old]
	if n == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	return m.call(func() { m.change(rename{old, name, n}) }, nil)
}

func (m *memFS) Remove(path string) error {
	name, err := m.in(path)
	if err != nil {
		return err
	}
	n := m.files[name]
	if n == nil {
		return &fs.PathError{Op: "remove", Path: path, Err: fs.ErrNotExist}
	}
	return m.call(func() { m.change(rename{name, "", n}) }, nil)
}

func (m *memFS) SyncDir(string) error {
	return m.call(func() { m.synced, m.unsynced = maps.Clone(m.files), nil }, nil)
}

type memWriter struct {
	m *memFS
	n *inode
}

func (w *memWriter) Write(p []byte) (int, error) {
	before := len(w.n.data)
	err := w.m.call(
		func() { w.n.data = append(w.n.data, p...) },
		func() { w.n.data = append(w.n.data, p[:len(p)/2]...) })
	return len(w.n.data) - before, err
}

func (w *memWriter) Sync() error {
	return w.m.call(func() { w.n.synced = bytes.Clone(w.n.data) }, nil)
}

func (w *memWriter) Close() error { return w.m.call(func() {}, nil) }

type memReader struct {
	m *memFS
	n *inode
}

func (r *memReader) ReadAt(p []byte, off int64) (n int, err error) {
	read := func(p []byte) {
		n, err = bytes.NewReader(r.n.data).ReadAt(p, off)
	}
	if e := r.m.call(func() { read(p) }, func() { read(p[:len(p)/2]) }); e != nil {
		return n, e
	}
	return n, err
}

func (r *memReader) Close() error { return r.m.call(func() {}, nil) }

func (r *memReader) Size() (size int64, err error) {
	err = r.m.call(func() { size = int64(len(r.n.data)) }, nil)
	return size, err
}

package clips

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/open"
)

// Item is one clip of a set, before it is read.
type Item struct {
	Path    string // of its file in the file system
	Content string // what is done, such as walk; empty if nobody knows
	Style   string // how, such as elderly; empty if nobody knows
	Group   string // part of the data set, or the person; empty if there is none
	Take    int    // which time it is done; 0 if nobody counts
}

// Set is the clips of a folder, in the order of their paths.
type Set struct {
	Name  string
	Items []Item

	files fs.FS
	load  loader
}

// loader reads a clip of a file system.
type loader func(files fs.FS, path string) (*motion.Clip, error)

// Options say how clips are read.
type Options struct {
	EndSites bool  // keep the End Sites of BVH files as joints
	MaxBytes int64 // the largest file, unpacked; 0 means open.DefaultMaxBytes
}

// Len is the number of clips.
func (s *Set) Len() int { return len(s.Items) }

// Load reads clip i from its file. The error names the file.
func (s *Set) Load(i int) (*motion.Clip, error) {
	if i < 0 || i >= len(s.Items) {
		panic(fmt.Sprintf("clips: Load: clip %d of %d", i, len(s.Items)))
	}
	return s.load(s.files, s.Items[i].Path)
}

// Contents lists what is done in the clips, in alphabetical order: a class's number
// is its place here.
func (s *Set) Contents() []string {
	return s.values(func(i *Item) string { return i.Content })
}

// Styles lists how it is done, in alphabetical order.
func (s *Set) Styles() []string { return s.values(func(i *Item) string { return i.Style }) }

func (s *Set) values(of func(i *Item) string) []string {
	var list []string
	for i := range s.Items {
		if v := of(&s.Items[i]); v != "" {
			list = append(list, v)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Keep gives the set of those clips that a function wants.
func (s *Set) Keep(want func(i Item) bool) *Set {
	kept := *s
	kept.Items = nil
	for _, i := range s.Items {
		if want(i) {
			kept.Items = append(kept.Items, i)
		}
	}
	return &kept
}

// newSet lists the files of a file system that an item can be made of; item tells
// which are passed over.
func newSet(name string, files fs.FS, item func(path string) (i Item, ok bool, err error)) (*Set, error) {
	s := &Set{Name: name, files: files}
	err := fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("motion: %w", err)
		case d.IsDir() && p != "." && strings.HasPrefix(d.Name(), "."), d.IsDir() && d.Name() == "__MACOSX":
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		i, ok, err := item(p)
		if ok && err == nil {
			s.Items = append(s.Items, i)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(s.Items) == 0 {
		return nil, &motion.FileError{Reason: fmt.Sprintf("%s: there is no clip in the folder", name), Hint: "is it the right one, and unpacked?"}
	}
	slices.SortFunc(s.Items, func(a, b Item) int { return strings.Compare(a.Path, b.Path) })
	return s, nil
}

// isBVH tells whether a file is one, packed or not.
func isBVH(p string) bool {
	p = strings.TrimSuffix(strings.ToLower(p), ".gz")
	return path.Ext(p) == ".bvh"
}

// stem is the name of a file without folder and endings.
func stem(p string) string {
	p = path.Base(p)
	if e := path.Ext(p); strings.EqualFold(e, ".gz") {
		p = strings.TrimSuffix(p, e)
	}
	return strings.TrimSuffix(p, path.Ext(p))
}

// Folder is the set of all files that package open reads. Content is the folder that
// a file lies in, empty at the top.
func Folder(name string, files fs.FS, o Options) (*Set, error) {
	s, err := newSet(name, files, func(p string) (Item, bool, error) {
		i := Item{Path: p}
		if dir := path.Dir(p); dir != "." {
			i.Content = path.Base(dir)
		}
		return i, open.Readable(p), nil
	})
	if err != nil {
		return nil, err
	}
	s.load = folderLoader(o)
	return s, nil
}

// folderLoader reads a clip as it is.
func folderLoader(o Options) loader {
	return func(files fs.FS, p string) (*motion.Clip, error) { return open.Read(files, p, o.reader()) }
}

// reader is the options as package open wants them.
func (o Options) reader() open.Options {
	r := open.Options{MaxBytes: o.MaxBytes}
	r.BVH.EndSites = o.EndSites
	return r
}

// Open gives a folder, or what is in a zip archive, as a file system. Close it when
// no clip is to be read any more.
func Open(name string) (fs.FS, io.Closer, error) {
	stat, err := os.Stat(name)
	if err != nil {
		return nil, nil, fmt.Errorf("motion: %w", err)
	}
	if stat.IsDir() {
		return os.DirFS(name), io.NopCloser(nil), nil
	}
	if !strings.EqualFold(filepath.Ext(name), ".zip") {
		return nil, nil, &motion.FileError{File: name, Reason: "it is no folder and no zip archive", Hint: "unpack it"}
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, nil, &motion.FileError{File: name, Reason: err.Error(), Hint: "is it a zip archive, and complete?", Err: err}
	}
	return z, z, nil
}

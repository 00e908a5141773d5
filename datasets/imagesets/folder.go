package imagesets

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/vision/images"
)

// splitFolders are the names of folders of splits.
var splitFolders = map[string]datasets.Split{
	"train": datasets.Train, "training": datasets.Train,
	"val": datasets.Val, "valid": datasets.Val, "validation": datasets.Val,
	"test": datasets.Test, "testing": datasets.Test,
}

// Folder gives a set of image files in class folders, below a folder or in a zip file:
// CLASS/..., or train/CLASS/... with test/CLASS/... and val/CLASS/... where they are there.
// The class of an image is the name of its class folder, however deep it lies in that; an image
// is a file called .png, .jpg, .jpeg or .gif. Names that begin with a dot are passed over.
//
// Images come sorted by class and name, and are decoded when they are asked for. The set
// should be closed. The error is a *datasets.FileError, or says what makes no sense in o; one
// of an image is an *images.FileError.
func Folder(ctx context.Context, dir string, o OwnOptions) (*Set, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	tree, closer, err := openTree(dir)
	if err != nil {
		return nil, err
	}
	f := &folders{ctx: ctx, name: dir, tree: tree}
	set, err := f.read(o)
	if err != nil {
		if closer != nil {
			closer.Close() // only read from: closing cannot lose anything
		}
		return nil, err
	}
	set.file = closer
	return set, nil
}

// openTree opens a folder, or a zip file, which must be closed.
func openTree(name string) (fs.FS, io.Closer, error) {
	stat, err := os.Stat(name)
	if err != nil {
		return nil, nil, damaged(name, err)
	}
	if stat.IsDir() {
		return os.DirFS(name), nil, nil
	}
	file, err := zip.OpenReader(name)
	if err != nil {
		return nil, nil, damaged(name, err)
	}
	return file, file, nil
}

// folders reads a tree of class folders.
type folders struct {
	ctx   context.Context
	name  string
	tree  fs.FS
	found [3][]classFile
	other []string // files that are no images
}

// classFile is an image file.
type classFile struct{ class, name string }

func (f *folders) read(o OwnOptions) (*Set, error) {
	root, err := f.settle()
	if err != nil {
		return nil, err
	}
	splitNames, err := f.splitNames(root)
	if err != nil {
		return nil, err
	}
	s := splits{}
	if len(splitNames) == 0 {
		if err := f.classes(root, datasets.Train); err != nil {
			return nil, err
		}
	}
	for _, name := range splitNames {
		split := splitFolders[name]
		if s.named[split] {
			return nil, refused(f.name, 0, "leave one of them", "it has two folders of %v images", split)
		}
		s.named[split] = true
		if err := f.classes(path.Join(root, name), split); err != nil {
			return nil, err
		}
	}
	classes, err := f.classList(o.Classes)
	if err != nil {
		return nil, err
	}
	s.all = f.number(&s, classes, o.Decode)
	set, err := s.set(filepath.Base(f.name), classes, o)
	if err == nil && len(f.other) > 0 {
		set.Notes = append(set.Notes, fmt.Sprintf("%d files are no images by their names and were left out, the first %s", len(f.other), f.other[0]))
	}
	return set, err
}

// below lists what is in a folder, without hidden names, those of symbolic links that lead
// to folders as folders.
func (f *folders) below(dir string) (dirs, files []string, err error) {
	if err := f.ctx.Err(); err != nil {
		return nil, nil, err
	}
	entries, err := fs.ReadDir(f.tree, dir)
	if err != nil {
		return nil, nil, damaged(f.shown(dir), err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "__MACOSX" {
			continue
		}
		isDir := e.IsDir()
		if e.Type()&fs.ModeSymlink != 0 {
			to, err := fs.Stat(f.tree, path.Join(dir, e.Name()))
			if err != nil {
				return nil, nil, damaged(f.shown(path.Join(dir, e.Name())), err)
			}
			isDir = to.IsDir()
		}
		if isDir {
			dirs = append(dirs, e.Name())
		} else {
			files = append(files, e.Name())
		}
	}
	return dirs, files, nil
}

// shown is a name in the tree for messages.
func (f *folders) shown(name string) string { return filepath.Join(f.name, filepath.FromSlash(name)) }

// settle finds the folder that has the class folders: the root, or where that has nothing
// but one folder of folders, that.
func (f *folders) settle() (string, error) {
	dirs, files, err := f.below(".")
	if err != nil || len(dirs) != 1 || slices.ContainsFunc(files, images.IsName) || isSplit(dirs[0]) {
		return ".", err
	}
	inner, files, err := f.below(dirs[0])
	if err != nil || len(inner) == 0 || slices.ContainsFunc(files, images.IsName) {
		return ".", err
	}
	return dirs[0], nil
}

func isSplit(name string) bool {
	_, known := splitFolders[name]
	return known
}

// splitNames lists the folders of splits, none where class folders come first.
func (f *folders) splitNames(root string) ([]string, error) {
	dirs, files, err := f.below(root)
	if err != nil {
		return nil, err
	}
	if k := slices.IndexFunc(files, images.IsName); k >= 0 {
		return nil, refused(f.shown(path.Join(root, files[k])), 0, "put it into a folder named for its class", "the image lies beside the class folders")
	}
	if len(dirs) == 0 {
		return nil, refused(f.shown(root), 0, "put the images of each class into a folder of its own", "there are no class folders")
	}
	var names []string
	train := false
	for _, d := range dirs {
		if isSplit(d) {
			names, train = append(names, d), train || splitFolders[d] == datasets.Train
		}
	}
	switch {
	case len(names) == 0:
		return nil, nil
	case !train:
		return nil, refused(f.shown(root), 0, "add a folder train, or give the class another name", "it has a folder %s but none called train", names[0])
	case len(names) < len(dirs):
		k := slices.IndexFunc(dirs, func(d string) bool { return !isSplit(d) })
		return nil, refused(f.shown(root), 0, "move it into train, val or test", "the folder %s lies beside %s", dirs[k], names[0])
	}
	for _, name := range files {
		f.other = append(f.other, f.shown(path.Join(root, name)))
	}
	return names, nil
}

// classes reads the class folders of a split.
func (f *folders) classes(dir string, split datasets.Split) error {
	dirs, files, err := f.below(dir)
	if err != nil {
		return err
	}
	for _, name := range files {
		if images.IsName(name) {
			return refused(f.shown(path.Join(dir, name)), 0, "put it into a folder named for its class", "the image lies in no class folder")
		}
		f.other = append(f.other, f.shown(path.Join(dir, name)))
	}
	for _, class := range dirs {
		n := len(f.found[split])
		if err := f.files(path.Join(dir, class), class, split, 0); err != nil {
			return err
		}
		if len(f.found[split]) == n {
			return refused(f.shown(path.Join(dir, class)), 0, "remove the folder, or put images into it", "the class folder has no images")
		}
	}
	return nil
}

// maxDepth is how deep class folders may be nested; links may lead in circles.
const maxDepth = 16

// files reads the images of a class.
func (f *folders) files(dir, class string, split datasets.Split, depth int) error {
	if depth == maxDepth {
		return refused(f.shown(dir), 0, "does a link lead back?", "folders are nested more than %d deep", maxDepth)
	}
	dirs, files, err := f.below(dir)
	if err != nil {
		return err
	}
	for _, name := range files {
		name = path.Join(dir, name)
		if images.IsName(name) {
			f.found[split] = append(f.found[split], classFile{class, name})
		} else {
			f.other = append(f.other, f.shown(name))
		}
	}
	for _, d := range dirs {
		if err := f.files(path.Join(dir, d), class, split, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// classList gives the classes in order, those given or all of the training images, and
// refuses a folder that is none of them.
func (f *folders) classList(given []string) ([]string, error) {
	classes := slices.Clone(given)
	if classes == nil {
		for _, c := range f.found[datasets.Train] {
			classes = append(classes, c.class)
		}
		slices.Sort(classes)
		classes = slices.Compact(classes)
	}
	seen := map[string]bool{}
	for _, c := range classes {
		seen[c] = true
	}
	for split, found := range f.found {
		for _, c := range found {
			if !seen[c.class] {
				return nil, refused(f.shown(c.name), 0, fmt.Sprintf("did you mean %q?", nearest.To(c.class, classes)), "the folder %q of %v images is none of the %d classes", c.class, datasets.Split(split), len(classes))
			}
		}
	}
	return classes, nil
}

// number lays the files of all splits one after another.
func (f *folders) number(s *splits, classes []string, o images.DecodeOptions) Source {
	labels := map[string]int{}
	for k, c := range classes {
		labels[c] = k
	}
	all := treeFiles{tree: f.tree, root: f.name, options: o}
	for split, found := range f.found {
		slices.SortStableFunc(found, func(a, b classFile) int {
			if labels[a.class] != labels[b.class] {
				return labels[a.class] - labels[b.class]
			}
			return strings.Compare(a.name, b.name)
		})
		for _, c := range found {
			s.items[split] = append(s.items[split], len(all.names))
			all.names, all.labels = append(all.names, c.name), append(all.labels, labels[c.class])
		}
	}
	return all
}

// treeFiles are image files below a folder or in a zip file.
type treeFiles struct {
	tree    fs.FS
	root    string // for messages
	names   []string
	labels  []int
	options images.DecodeOptions
}

func (t treeFiles) Len() int { return len(t.names) }

func (t treeFiles) Label(i int) int { return t.labels[i] }

func (t treeFiles) Image(i int) (*images.Image, error) {
	return images.DecodeFS(t.tree, t.names[i], filepath.Join(t.root, filepath.FromSlash(t.names[i])), t.options)
}

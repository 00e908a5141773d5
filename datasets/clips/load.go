package clips

import (
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/motion"
)

// dances and mtvcrafter make the sets of these names of a folder.
func dances(files fs.FS, o Options) (*Set, error) {
	s, err := CMU(files, o)
	if err != nil {
		return nil, err
	}
	return s.Keep(func(i Item) bool { return slices.Contains([]string{"indian", "martial", "salsa"}, i.Content) }), nil
}

func mtvcrafter(files fs.FS, o Options) (*Set, error) {
	s, err := Folder("mtvcrafter-clips", files, o)
	if err != nil {
		return nil, err
	}
	return s.Keep(func(i Item) bool { ok, _ := path.Match("clip*.safetensors", i.Path); return ok }), nil
}

// Load gives a data set by name, from dir, its folder or one above it; "" means $GRAFT_DATA,
// and then the cache of package datasets. Clips are read when they are asked for; close the
// closer when no clip is to be read any more. An unknown name is a *datasets.UnknownError, a set
// that is not there a *datasets.MissingError.
func Load(name, dir string, o Options) (*Set, io.Closer, error) {
	e, err := find(name)
	if err != nil {
		return nil, nil, err
	}
	at, err := e.locate(dir)
	if err != nil {
		return nil, nil, err
	}
	files, closer, err := Open(at)
	if err != nil {
		return nil, nil, err
	}
	s, err := e.set(files, o)
	if err == nil && s.Len() == 0 {
		err = &motion.FileError{File: at, Reason: "it holds no clip of " + name, Hint: "is it the right one, and unpacked?"}
	}
	if err != nil {
		closer.Close()
		return nil, nil, err
	}
	s.Name = name
	return s, closer, nil
}

// locate gives the archive or the folder of a set: below a root itself, below its folder, or
// below the folder motion/folder of it. A root may be the archive itself.
func (e entry) locate(dir string) (string, error) {
	missing := &datasets.MissingError{Set: e.info.Name, File: e.signs[0],
		Info: datasets.Info{Name: e.info.Name, Title: e.info.Title, Origin: e.info.origin()}}
	if e.archive != "" {
		missing.File = e.archive
	}
	for _, root := range datasets.Folders(dir) {
		if e.archive != "" && filepath.Base(root) == e.archive && exists(root) {
			return root, nil
		}
		for _, at := range []string{root, filepath.Join(root, e.info.Folder), filepath.Join(root, "motion", e.info.Folder)} {
			if archive := filepath.Join(at, e.archive); e.archive != "" && exists(archive) {
				return archive, nil
			}
			for _, sign := range e.signs {
				if found, _ := fs.Glob(os.DirFS(at), sign); len(found) > 0 {
					return at, nil
				}
			}
			missing.Tried = append(missing.Tried, at)
		}
	}
	return "", missing
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// ReadFile reads a file as clips of the data set of a name are read, "" being those of any folder:
// with the unit of length of the set, and without what is left out of a clip.
func ReadFile(name, file string, o Options) (*motion.Clip, error) {
	load := folderLoader(o)
	if name != "" {
		e, err := find(name)
		if err != nil {
			return nil, err
		}
		load = e.load(o)
	}
	return load(disk{}, file)
}

// disk is all files of the system, by their names as users write them.
type disk struct{}

// Open opens a file.
func (disk) Open(name string) (fs.File, error) { return os.Open(name) }

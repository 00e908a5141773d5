package imagesets

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/bounded"
)

// locate gives the first of some files or folders that is there: below a root itself, below
// the set's folder, or below the folder images of it. A root may be the file itself.
func locate(dir string, info Info, names ...string) (string, error) {
	missing := &datasets.MissingError{Set: info.Name, File: names[0],
		Info: datasets.Info{Name: info.Name, Title: info.Title, Origin: info.origin()}}
	if info.Fetched() {
		missing.Command = datasets.FetchCommand(dir, info.Name)
	}
	for _, root := range datasets.Folders(dir) {
		for _, at := range []string{root, filepath.Join(root, info.Folder), filepath.Join(root, "images", info.Folder)} {
			for _, name := range names {
				if at == root && filepath.Base(root) == name {
					if _, err := os.Stat(root); err == nil {
						return root, nil
					}
				}
				path := filepath.Join(at, filepath.FromSlash(name))
				if _, err := os.Stat(path); err == nil {
					return path, nil
				}
			}
			missing.Tried = append(missing.Tried, at)
		}
	}
	return "", missing
}

// maxUnpacked is the most bytes that a file may unpack to: five times the largest published
// one.
const maxUnpacked = 1 << 30

// readOpen opens a file for reading, unpacked where its name ends in .gz, and calls read with it.
func readOpen(path string, read func(in io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return damaged(path, err)
	}
	defer file.Close() // only read from: closing cannot lose anything
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return damaged(path, err)
		}
	}
	in = bounded.New(in, maxUnpacked, refused(path, 0, again, "it has more than %d bytes", maxUnpacked))
	if err := read(in); err != nil {
		return damaged(path, err)
	}
	return nil
}

package tableqa

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/graft-ml/graft/datasets"
)

// findArchive opens the first folder or zip file that has a file: a root itself, or the set's
// folder, or that and .zip, below it or below the folder tables of it.
func findArchive(dir string, info Info, file string) (*archive, error) {
	missing := &datasets.MissingError{Set: info.Name, File: file, Info: datasets.Info{Name: info.Name, Title: info.Title, Origin: info.Origin}}
	for _, root := range datasets.Folders(dir) {
		below := filepath.Join(root, "tables", info.Folder)
		for _, at := range []string{root, filepath.Join(root, info.Folder), filepath.Join(root, info.Folder) + ".zip", below, below + ".zip"} {
			if _, err := os.Stat(at); err != nil {
				if at == root {
					missing.Tried = append(missing.Tried, at)
				}
				continue
			}
			a, err := openArchive(at)
			if err != nil {
				return nil, err
			}
			if a.settle(file) {
				return a, nil
			}
			a.Close()
			missing.Tried = append(missing.Tried, at)
		}
	}
	return nil, missing
}

// checkSize compares the number of questions in a file with the published one.
func checkSize(path string, got, want int, what string) error {
	if want > 0 && got != want {
		return notPublished(path, 0, "%d %s, expected %d", got, what, want)
	}
	return nil
}

// withoutFile is the note about a part of the data that is not there.
func withoutFile(file, consequence string) string {
	return fmt.Sprintf("%s is not there: %s", file, consequence)
}

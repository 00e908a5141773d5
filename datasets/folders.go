package datasets

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// MissingError is a data set whose files are nowhere to be found.
type MissingError struct {
	Set   string   // name of the data set
	File  string   // the file that was looked for
	Tried []string // folders; empty if none was named and there is no cache
	Info  Info     // of the set
	// Command fetches the file, or what it can be made of; empty where nothing does.
	Command string
	// Table is a table of SMILES strings that is there, which Options.Molecule reads
	// in place of the file; empty where there is none.
	Table string
	Hint  string // another way out; may be empty
}

// Error lists the folders and says how to get and name the data.
func (e *MissingError) Error() string {
	reason := "no data folder is named"
	if len(e.Tried) > 0 {
		reason = fmt.Sprintf("no %s in any of %s", e.File, list(e.Tried))
	}
	text := fmt.Sprintf("datasets: %s: %s; get %s, and name the folder above it with --data DIR or GRAFT_DATA", e.Set, reason, e.Info.Origin)
	if e.Hint != "" {
		text += "; or " + e.Hint
	}
	if e.Command != "" {
		text += "; or run: " + e.Command
	}
	return text
}

// Cache is the folder of downloaded data: graft below the user's cache folder,
// $XDG_CACHE_HOME/graft or ~/.cache/graft on Linux. The error says that the
// system names no such folder.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("datasets: no folder for caches is known (%w): set XDG_CACHE_HOME or HOME, or name a folder", err)
	}
	return filepath.Join(dir, "graft"), nil
}

// Folders lists the folders where data may be: dir if it is named, or else
// $GRAFT_DATA and the cache.
func Folders(dir string) []string {
	if dir != "" {
		return []string{dir}
	}
	var all []string
	if dir = os.Getenv("GRAFT_DATA"); dir != "" {
		all = append(all, dir)
	}
	if cache, err := Cache(); err == nil {
		all = append(all, cache)
	}
	return all
}

// dataFolder gives the first folder that has the file: a root itself, root/sub or
// root/graphs/sub.
func dataFolder(dir string, info Info, sub, file string) (string, error) {
	path, err := dataFile(dir, info, sub, file)
	return filepath.Dir(path), err
}

// dataFile gives the first of some files that is there, folder by folder.
func dataFile(dir string, info Info, sub string, files ...string) (string, error) {
	missing := &MissingError{Set: info.Name, File: files[0], Info: info, Command: fetching(dir, info)}
	for _, root := range Folders(dir) {
		for _, d := range []string{root, filepath.Join(root, sub), filepath.Join(root, "graphs", sub)} {
			for _, file := range files {
				path := filepath.Join(d, file)
				if _, err := os.Stat(path); err == nil {
					return path, nil
				}
			}
			missing.Tried = append(missing.Tried, d)
		}
	}
	return "", missing
}

// fetching is the command that fetches a set to where it is looked for, or "".
func fetching(dir string, info Info) string {
	if !info.Fetched {
		return ""
	}
	return FetchCommand(dir, info.Name)
}

// FetchCommand is the command that fetches a set into a folder, "" being the cache: for
// MissingError.Command.
func FetchCommand(dir, name string) string {
	if dir == "" {
		return "graft datasets get " + name
	}
	if strings.ContainsAny(dir, " '\"$") {
		dir = strconv.Quote(dir)
	}
	return "graft datasets get --data " + dir + " " + name
}

// unfetched names another way out in a MissingError of a file that cannot be fetched
// with its set.
func unfetched(err error, hint string) error {
	if missing, ok := err.(*MissingError); ok {
		missing.Hint, missing.Command = hint, ""
	}
	return err
}

// withTable says in a MissingError of stored graphs that the table of their
// molecules is there, if one of some files is.
func withTable(err error, dir, sub string, files ...string) error {
	missing, ok := err.(*MissingError)
	if !ok {
		return err
	}
	if path, e := dataFile(dir, missing.Info, sub, files...); e == nil {
		missing.Table, missing.Command = path, ""
		missing.Hint = "read the molecules from " + path + ", which is there: Options.Molecule of package datasets does, and LoadSet of datasets/files sets it"
	}
	return err
}

package fetch

import (
	"path"
	"path/filepath"
	"strings"
)

// The longest names that are accepted: those of common file systems.
const (
	longestName = 1024
	longestPart = 255
)

// badName says why a slash-separated name must not be used below a folder, or "".
func badName(name string) string {
	switch {
	case name == "":
		return "its name is empty"
	case len(name) > longestName:
		return "its name is too long"
	case strings.HasPrefix(name, "/"):
		return "its name is absolute"
	case strings.ContainsAny(name, `\:`):
		return "its name has a backslash or a colon, which lead elsewhere on some systems"
	}
	for _, r := range name {
		if r < 0x20 || r == 0x7f || r == '\uFFFD' {
			return "its name has control characters or is not UTF-8"
		}
	}
	for _, part := range strings.Split(name, "/") {
		switch {
		case part == "..":
			return "its name leads out of the folder"
		case part == "" || part == ".":
			return "its name has an empty part"
		case len(part) > longestPart:
			return "its name is too long"
		case strings.HasSuffix(part, " ") || strings.HasSuffix(part, "."):
			return "its name has a part that ends in a blank or a full stop, which some systems drop"
		}
	}
	if path.Clean(name) != name || !filepath.IsLocal(filepath.FromSlash(name)) {
		return "its name leads out of the folder"
	}
	return ""
}

// nameSet knows the names of an archive, to refuse those that would be the same file or
// a file and a folder at once; letters of both cases are the same on some systems.
type nameSet map[string]bool // true for files, false for folders

// add takes a name and says why it must not be used, or "".
func (s nameSet) add(name string, file bool) string {
	key := strings.ToLower(name)
	was, there := s[key]
	switch {
	case there && file && was:
		return "two members have this name"
	case there && file != was:
		return "it is a file and a folder at once"
	}
	s[key] = file
	for dir := path.Dir(key); dir != "."; dir = path.Dir(dir) {
		if isFile, there := s[dir]; there {
			if isFile {
				return "it lies in a file"
			}
			break // and so are all above
		}
		s[dir] = false
	}
	return ""
}

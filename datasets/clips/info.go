package clips

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
)

// Info is the table about a data set.
type Info struct {
	Name  string `json:"name"`
	Title string `json:"title"`

	Train int `json:"train"` // clips of each split by the first protocol
	Val   int `json:"val"`
	Test  int `json:"test"`

	Frames int     `json:"frames"` // of all clips of the splits together
	Joints int     `json:"joints"`
	FPS    float64 `json:"fps"`  // frames a second; 0 where nobody knows
	Unit   float64 `json:"unit"` // metres of the unit of length

	SplitRule string     `json:"split_rule"`
	Protocols []Protocol `json:"protocols"` // that data can be split by, the default first
	Folder    string     `json:"folder"`    // of the files, below that of data
	Files     []File     `json:"files"`
	Licence   string     `json:"licence"`
	Origin    string     `json:"origin"`
	Notes     string     `json:"notes"`
}

// File is a file of a data set.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// entry is a data set that Load knows: the archive or the files that tell it is there, what makes
// a set of a folder, and what reads a clip of it.
type entry struct {
	info    Info
	archive string   // a zip archive of all clips; may be empty
	signs   []string // patterns of names of files of an unpacked folder
	set     func(files fs.FS, o Options) (*Set, error)
	load    func(o Options) loader
}

// Names lists the data sets that [Load] knows.
func Names() []string {
	var names []string
	for _, e := range known() {
		names = append(names, e.info.Name)
	}
	return names
}

// List gives the tables about all data sets.
func List() []Info {
	var all []Info
	for _, e := range known() {
		all = append(all, e.info.clone())
	}
	return all
}

// Describe gives the table about a data set without loading it. The error is a
// *datasets.UnknownError.
func Describe(name string) (Info, error) {
	e, err := find(name)
	return e.info.clone(), err
}

func find(name string) (entry, error) {
	i, err := datasets.Number("data set of movements", name, Names())
	if err != nil {
		return entry{}, err
	}
	return known()[i], nil
}

// clone is a copy that the caller may change.
func (i Info) clone() Info {
	i.Protocols, i.Files = slices.Clone(i.Protocols), slices.Clone(i.Files)
	return i
}

// Protocol resolves the default and refuses a protocol that the set lacks.
func (i Info) Protocol(p Protocol) (Protocol, error) {
	if p == DefaultProtocol {
		return i.Protocols[0], nil
	}
	if slices.Contains(i.Protocols, p) {
		return p, nil
	}
	return p, fmt.Errorf("clips: %s: it has no split protocol %q; choose one of %v", i.Name, p, i.Protocols)
}

// origin says what to get, with sizes and sums, for a message.
func (i Info) origin() string {
	var files []string
	for _, f := range i.Files {
		files = append(files, fmt.Sprintf("%s (%d bytes, sha256 %s)", f.Name, f.Size, f.SHA256))
	}
	return i.Origin + ": " + strings.Join(files, ", ")
}

package imagesets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/vision/images"
)

// Info is the table about a data set.
type Info struct {
	Name  string `json:"name"`
	Title string `json:"title"`

	Train int `json:"train"` // images of each split by the first protocol
	Val   int `json:"val"`
	Test  int `json:"test"`

	Height   int      `json:"height"` // of all images; 0 where they differ
	Width    int      `json:"width"`
	Channels int      `json:"channels"`
	Classes  []string `json:"classes"`
	// Mean and Std are those of all training images, by channel, black being 0 and white 1.
	Mean []float64 `json:"mean"`
	Std  []float64 `json:"std"`

	Metric    string     `json:"metric"`
	SplitRule string     `json:"split_rule"`
	Protocols []Protocol `json:"protocols"` // that Options.Protocol may name, the default first
	Folder    string     `json:"folder"`    // of the files, below that of data
	Files     []File     `json:"files"`
	Published []Figure   `json:"published,omitempty"` // what others measured
	Licence   string     `json:"licence"`
	Origin    string     `json:"origin"`
	Notes     string     `json:"notes"`
}

// File is a published file.
type File struct {
	Name   string `json:"name"`
	URL    string `json:"url,omitempty"`
	Size   int64  `json:"size"` // bytes
	MD5    string `json:"md5,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	// UnpackedMD5 is that of what a gzip file unpacks to: a copy that was packed again has it,
	// though not the other sums.
	UnpackedMD5 string `json:"unpacked_md5,omitempty"`
}

// Figure is one published figure: test accuracy in percent.
type Figure struct {
	Model  string  `json:"model"`
	Value  float64 `json:"value"`
	Source string  `json:"source"`
}

// Normalisation brings images to the mean 0 and deviation 1 of the training images.
func (i Info) Normalisation() images.Normalisation {
	return images.Normalisation{Mean: slices.Clone(i.Mean), Std: slices.Clone(i.Std)}
}

// clone is a copy that the caller may change.
func (i Info) clone() Info {
	i.Classes, i.Mean, i.Std = slices.Clone(i.Classes), slices.Clone(i.Mean), slices.Clone(i.Std)
	i.Protocols, i.Files, i.Published = slices.Clone(i.Protocols), slices.Clone(i.Files), slices.Clone(i.Published)
	return i
}

// Fetched tells whether graft datasets get brings the files: whether all have an address.
func (i Info) Fetched() bool {
	return !slices.ContainsFunc(i.Files, func(f File) bool { return f.URL == "" })
}

// protocol resolves the default and refuses a protocol that the set lacks.
func (i Info) protocol(p Protocol) (Protocol, error) {
	if p == DefaultProtocol {
		return i.Protocols[0], nil
	}
	if slices.Contains(i.Protocols, p) {
		return p, nil
	}
	return p, fmt.Errorf("imagesets: %s: it has no split protocol %q; choose one of %v", i.Name, p, i.Protocols)
}

// origin says what to get, with sizes and sums, for a message.
func (i Info) origin() string {
	var files []string
	for _, f := range i.Files {
		text := f.Name
		if f.URL != "" {
			text = f.URL
		}
		text += fmt.Sprintf(" (%d bytes", f.Size)
		if f.SHA256 != "" {
			text += ", sha256 " + f.SHA256
		} else if f.MD5 != "" {
			text += ", md5 " + f.MD5
		}
		files = append(files, text+")")
	}
	return i.Origin + ": " + strings.Join(files, ", ")
}

package tableqa

import (
	"fmt"
	"slices"
)

// Task is what is to be answered.
type Task int

// The tasks.
const (
	Answering    Task = iota // short answers, from cells or computed from them
	Verification             // whether the table entails or refutes a statement
	FreeAnswer               // a sentence that answers
)

var taskNames = [...]string{"question answering", "fact verification", "free-form answers"}

// String names the task.
func (t Task) String() string {
	if t < Answering || t > FreeAnswer {
		return fmt.Sprintf("Task(%d)", int(t))
	}
	return taskNames[t]
}

// MarshalText gives the name, for JSON.
func (t Task) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Info is the table about a data set.
type Info struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Task  Task   `json:"task"`

	Train int `json:"train"` // questions of each split by the first protocol; 0 where there are none, or as many as one likes
	Val   int `json:"val"`
	Test  int `json:"test"`

	Metric    Metric     `json:"metric"`
	SplitRule string     `json:"split_rule"`
	Protocols []Protocol `json:"protocols"`           // that Options.Protocol may name, the default first
	Folds     int        `json:"folds"`               // of PublishedSplit; 0 where there is one split
	Generated bool       `json:"generated"`           // needs no files
	Folder    string     `json:"folder,omitempty"`    // of the files, below that of data, or the zip file of that name
	Files     []string   `json:"files,omitempty"`     // below the set's folder; each may be packed in a zip file
	Published []Figure   `json:"published,omitempty"` // what others measured
	Licence   string     `json:"licence"`
	Origin    string     `json:"origin"`
	Notes     string     `json:"notes"`
}

// Figure is one published figure, in percent.
type Figure struct {
	Model  string  `json:"model"`
	Part   string  `json:"part"` // of the set: "test", "val", "test, simple"
	Value  float64 `json:"value"`
	Source string  `json:"source"`
}

// clone is a copy that the caller may change.
func (i Info) clone() Info {
	i.Protocols, i.Files, i.Published = slices.Clone(i.Protocols), slices.Clone(i.Files), slices.Clone(i.Published)
	return i
}

// protocol resolves the default and refuses a protocol that the set lacks.
func (i Info) protocol(p Protocol) (Protocol, error) {
	if p == DefaultProtocol {
		return i.Protocols[0], nil
	}
	if slices.Contains(i.Protocols, p) {
		return p, nil
	}
	return p, fmt.Errorf("tableqa: %s: it has no split protocol %q; choose one of %v", i.Name, p, i.Protocols)
}

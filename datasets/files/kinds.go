package files

import (
	"slices"

	"github.com/graft-ml/graft/internal/nearest"
)

// Kind is a form that graphs come in.
type Kind int

// The kinds of files.
const (
	CSV       Kind = iota // a table of molecules, a SMILES string a row
	Graphs                // a table of edges, and one of nodes
	GraphML               // XML, one or more graphs a file
	Graph6                // McKay's text form, one graph a line
	JSONLines             // one graph a line, as graphs.Reader reads it
)

// Task is what is to be predicted.
type Task int

// The tasks. Several targets of a classification are questions with two answers each.
const (
	Regression         Task = iota // numbers of a graph
	Classification                 // a class of a graph
	NodeClassification             // a class of each node
	EdgeClassification             // a class of each edge
)

// labels tells whether nodes or edges have classes rather than graphs targets.
func (t Task) labels() bool { return t == NodeClassification || t == EdgeClassification }

// Delimiter separates the cells of a table.
type Delimiter int

// The delimiters. Auto takes the one that the first line has most of.
const (
	Auto Delimiter = iota
	Comma
	Semicolon
	Tab
)

// Impute is what to do about missing features.
type Impute int

// The ways: an error; the mean of the training split, of categories the most
// frequent one; the number 0, of categories the unknown one.
const (
	RefuseMissing Impute = iota
	ImputeMean
	ImputeZero
)

// Unknown is what to do about a category that the training split does not have.
type Unknown int

// The ways: an error; an id of its own, which all of them share. So that something
// is learned of that id, the categories that the training split has once only count
// as unknown too.
const (
	RefuseUnknown Unknown = iota
	UnknownRow
)

// SelfLoops is what to do about edges from a node to itself.
type SelfLoops int

// The ways: an error, an edge like others, or nothing of them.
const (
	RefuseLoops SelfLoops = iota
	KeepLoops
	DropLoops
)

// MultiEdges is what to do about several edges between two nodes.
type MultiEdges int

// The ways: an error, or one edge with the sum of the weights and the features of the
// first.
const (
	RefuseMultiEdges MultiEdges = iota
	MergeMultiEdges
)

var (
	kindNames      = []string{"csv", "graphs", "graphml", "graph6", "jsonl"}
	taskNames      = []string{"regression", "classification", "node-classification", "edge-classification"}
	delimiterNames = []string{"auto", "comma", "semicolon", "tab"}
	imputeNames    = []string{"refuse", "mean", "zero"}
	unknownNames   = []string{"refuse", "row"}
	loopNames      = []string{"refuse", "keep", "drop"}
	multiNames     = []string{"refuse", "merge"}
)

// KindNames lists the names of kinds in their order.
func KindNames() []string { return slices.Clone(kindNames) }

// TaskNames lists the names of tasks in their order.
func TaskNames() []string { return slices.Clone(taskNames) }

// String gives the name used in configurations.
func (k Kind) String() string { return nearest.Name("Kind", int(k), kindNames) }

// MarshalText gives the name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (k *Kind) UnmarshalText(text []byte) error {
	i, err := nearest.Index("kind of file", clip(string(text)), kindNames)
	*k = Kind(i)
	return err
}

// String gives the name used in configurations.
func (t Task) String() string { return nearest.Name("Task", int(t), taskNames) }

// MarshalText gives the name.
func (t Task) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (t *Task) UnmarshalText(text []byte) error {
	i, err := nearest.Index("task", clip(string(text)), taskNames)
	*t = Task(i)
	return err
}

// String gives the name used in configurations.
func (d Delimiter) String() string { return nearest.Name("Delimiter", int(d), delimiterNames) }

// MarshalText gives the name.
func (d Delimiter) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText accepts a name, or the character itself.
func (d *Delimiter) UnmarshalText(text []byte) error {
	if i := slices.Index([]string{"", ",", ";", "\t"}, string(text)); i >= 0 {
		*d = Delimiter(i)
		return nil
	}
	i, err := nearest.Index("delimiter", clip(string(text)), delimiterNames)
	*d = Delimiter(i)
	return err
}

// char is the character of a delimiter that is not Auto.
func (d Delimiter) char() rune { return []rune{0, ',', ';', '\t'}[d] }

// String gives the name used in configurations.
func (i Impute) String() string { return nearest.Name("Impute", int(i), imputeNames) }

// MarshalText gives the name.
func (i Impute) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (i *Impute) UnmarshalText(text []byte) error {
	k, err := nearest.Index("way to impute", clip(string(text)), imputeNames)
	*i = Impute(k)
	return err
}

// String gives the name used in configurations.
func (u Unknown) String() string { return nearest.Name("Unknown", int(u), unknownNames) }

// MarshalText gives the name.
func (u Unknown) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (u *Unknown) UnmarshalText(text []byte) error {
	k, err := nearest.Index("way with unknown categories", clip(string(text)), unknownNames)
	*u = Unknown(k)
	return err
}

// String gives the name used in configurations.
func (l SelfLoops) String() string { return nearest.Name("SelfLoops", int(l), loopNames) }

// MarshalText gives the name.
func (l SelfLoops) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (l *SelfLoops) UnmarshalText(text []byte) error {
	k, err := nearest.Index("way with self loops", clip(string(text)), loopNames)
	*l = SelfLoops(k)
	return err
}

// String gives the name used in configurations.
func (m MultiEdges) String() string { return nearest.Name("MultiEdges", int(m), multiNames) }

// MarshalText gives the name.
func (m MultiEdges) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (m *MultiEdges) UnmarshalText(text []byte) error {
	k, err := nearest.Index("way with parallel edges", clip(string(text)), multiNames)
	*m = MultiEdges(k)
	return err
}

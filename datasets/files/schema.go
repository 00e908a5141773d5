package files

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/graft-ml/graft/graphs/smiles"
)

// SchemaVersion is the version of the form of a Schema that is written, and read.
const SchemaVersion = 1

// Limits of a schema: bytes of its text, and categories of a column.
const (
	mostSchema     = 4 << 20
	mostCategories = 10_000
)

// Schema is what was read off the training split: what words and numbers in files
// mean to the model that was trained with them.
type Schema struct {
	Version int      `json:"version"`
	Kind    Kind     `json:"kind"`
	Task    Task     `json:"task"`
	Nodes   Features `json:"nodes"`
	Edges   Features `json:"edges"`
	Targets []Target `json:"targets"`
	// Files are those that the model was trained on.
	Files []File `json:"files"`
}

// Features are the feature columns of nodes, or of edges. In a graph the categories
// come first, as type ids in the order of their columns, then the numbers.
type Features struct {
	Columns []Column `json:"columns,omitempty"`
}

// Column is a feature.
type Column struct {
	Name string `json:"name"`
	// Categories are the words in the order of their ids; nil for a number.
	Categories []string `json:"categories,omitzero"`
	// Unknown says that one more id stands for every other word.
	Unknown bool `json:"unknown,omitempty"`
	// Common is the id of the most frequent category.
	Common int `json:"common,omitempty"`
	// Mean and SD are those of a number: a model reads (x-Mean)/SD.
	Mean float64 `json:"mean,omitempty"`
	SD   float64 `json:"sd,omitempty"`
}

// Types are the sizes of the vocabularies of categorical columns.
func (f Features) Types() []int {
	var sizes []int
	for _, c := range f.Columns {
		if c.Categories != nil {
			sizes = append(sizes, c.size())
		}
	}
	return sizes
}

// Numbers is the number of numeric columns.
func (f Features) Numbers() int {
	n := 0
	for _, c := range f.Columns {
		if c.Categories == nil {
			n++
		}
	}
	return n
}

// size is that of a vocabulary.
func (c *Column) size() int {
	if c.Unknown {
		return len(c.Categories) + 1
	}
	return len(c.Categories)
}

// String lists the columns with their kinds.
func (f Features) String() string {
	if len(f.Columns) == 0 {
		return "none"
	}
	var list []string
	for _, c := range f.Columns {
		what := "number"
		if c.Categories != nil {
			what = fmt.Sprintf("%d categories", c.size())
		}
		list = append(list, fmt.Sprintf("%s (%s)", clip(c.Name), what))
	}
	const most = 20
	if len(list) > most {
		list = append(list[:most], fmt.Sprintf("and %d more", len(list)-most))
	}
	return strings.Join(list, ", ")
}

// String says what the target is.
func (t Target) String() string {
	if t.Classes == nil {
		return fmt.Sprintf("%s (mean %.4g, standard deviation %.4g)", clip(t.Name), t.Mean, t.SD)
	}
	return fmt.Sprintf("%s (classes %s)", clip(t.Name), quoted(t.Classes))
}

// Outputs is the number of predictions that a model makes of a graph, or a node: one a
// target, or one a class where a target has more than two.
func (s *Schema) Outputs() int {
	if len(s.Targets) == 1 && len(s.Targets[0].Classes) > 2 {
		return len(s.Targets[0].Classes)
	}
	return len(s.Targets)
}

// moleculeFeatures are those of a featuriser, which need no training.
func moleculeFeatures(columns []smiles.Column) Features {
	f := Features{}
	for _, c := range columns {
		f.Columns = append(f.Columns, Column{Name: c.Name, Categories: c.Values})
	}
	return f
}

// Marshal gives the schema as JSON that people can read, and [ParseSchema].
func (s *Schema) Marshal() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return nil, fmt.Errorf("files: schema: %w", err)
	}
	if b.Len() > mostSchema {
		return nil, &FileError{Reason: fmt.Sprintf("categories and classes take %d bytes, at most %d can be stored with a model", b.Len(), mostSchema),
			Hint: "leave columns out with data.files.ignore"}
	}
	return b.Bytes(), nil
}

// ParseSchema reads what Marshal wrote. The error says what is wrong; a newer version
// than this program's is refused by name.
func ParseSchema(text []byte) (*Schema, error) {
	if len(text) > mostSchema {
		return nil, fmt.Errorf("files: schema: %d bytes, the limit is %d", len(text), mostSchema)
	}
	var version struct{ Version int }
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, fmt.Errorf("files: schema: %w", err)
	}
	if version.Version != SchemaVersion {
		return nil, fmt.Errorf("files: schema: version %d, this program reads version %d", version.Version, SchemaVersion)
	}
	s := new(Schema)
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(s); err != nil {
		return nil, fmt.Errorf("files: schema: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("files: schema: more text behind it")
	}
	if reason := s.check(); reason != "" {
		return nil, fmt.Errorf("files: schema: %s", reason)
	}
	return s, nil
}

// check tells what is wrong with a schema.
func (s *Schema) check() string {
	if len(s.Targets) == 0 {
		return "there are no targets"
	}
	for _, t := range s.Targets {
		switch {
		case !finite(t.Mean) || !(t.SD > 0) || !finite(t.SD):
			return fmt.Sprintf("target %q: mean %v and deviation %v", clip(t.Name), t.Mean, t.SD)
		case (t.Classes == nil) != (s.Task == Regression):
			return fmt.Sprintf("target %q does not fit a %v", clip(t.Name), s.Task)
		case t.Classes != nil && (len(t.Classes) < 2 || len(t.Classes) > mostClasses || len(s.Targets) > 1 && len(t.Classes) != 2):
			return fmt.Sprintf("target %q: %d classes", clip(t.Name), len(t.Classes))
		}
		if w, bad := repeated(t.Classes); bad {
			return fmt.Sprintf("target %q: the class %q comes twice", clip(t.Name), clip(w))
		}
	}
	for _, f := range []Features{s.Nodes, s.Edges} {
		var names []string
		for _, c := range f.Columns {
			names = append(names, c.Name)
			switch {
			case c.Categories == nil && (!finite(c.Mean) || !(c.SD > 0) || !finite(c.SD)):
				return fmt.Sprintf("column %q: mean %v and deviation %v", clip(c.Name), c.Mean, c.SD)
			case c.Categories != nil && (c.size() == 0 || len(c.Categories) > mostCategories || c.Common < 0 || c.Common >= c.size()):
				return fmt.Sprintf("column %q: %d categories, the most frequent being number %d", clip(c.Name), c.size(), c.Common)
			}
			if w, bad := repeated(c.Categories); bad {
				return fmt.Sprintf("column %q: the category %q comes twice", clip(c.Name), clip(w))
			}
		}
		if w, bad := repeated(names); bad {
			return fmt.Sprintf("the column %q comes twice", clip(w))
		}
	}
	return ""
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// repeated gives a word that comes twice.
func repeated(list []string) (string, bool) {
	seen := make(map[string]bool, len(list))
	for _, w := range list {
		if seen[w] {
			return w, true
		}
		seen[w] = true
	}
	return "", false
}

package records

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tokenize"
)

// SchemaVersion is the version of the form of a Schema that is written, and read.
const SchemaVersion = 1

// mostSchema is how many bytes the text of a schema may have.
const mostSchema = 64 << 20

// Schema is what was read off the training rows: what the cells of a table mean to the
// model that was trained with them.
type Schema struct {
	Version int      `json:"version"`
	Target  Target   `json:"target"`
	Columns []Column `json:"columns"` // that the model reads, in the order of the file
	// Others are columns of the file that the model does not read, beside the target.
	Others  []string `json:"others,omitempty"`
	MaxText int      `json:"maxText"` // tokens of a text
	// File is the one that the model was trained on.
	File files.File `json:"file"`
	// Vocabulary is the tokenizer, as tokenize.Parse reads it.
	Vocabulary json.RawMessage `json:"vocabulary"`

	tokenizer tokenize.Tokenizer
	places    []columnPlace
	classes   int32 // token of the first class
}

// columnPlace is where the tokens of a column are.
type columnPlace struct {
	first int32            // its name
	words map[string]int32 // tokens of a category
}

// specials are the names of the tokens that are no text, in the order of their ids: the
// marks of tables, classes, and those of each column.
func (s *Schema) specials() []string {
	list := slices.Clone(tables.MarkNames())
	for c := range s.Target.Classes {
		list = append(list, fmt.Sprintf("class %d", c))
	}
	for k := range s.Columns {
		list = append(list, s.Columns[k].tokenNames(k)...)
	}
	return list
}

// arrange works out where tokens are. It needs the tokenizer.
func (s *Schema) arrange() error {
	for k, name := range s.specials() {
		if id, ok := s.tokenizer.Special(name); !ok || int(id) != k {
			return fmt.Errorf("records: schema: the vocabulary has no token %q in place %d: it belongs to another table", name, k)
		}
	}
	s.classes = int32(len(tables.MarkNames()))
	next := s.classes + int32(len(s.Target.Classes))
	s.places = make([]columnPlace, len(s.Columns))
	for k := range s.Columns {
		c := &s.Columns[k]
		p := columnPlace{first: next}
		if c.Kind == Category {
			p.words = make(map[string]int32, len(c.Words))
			for w, word := range c.Words {
				p.words[word] = next + 3 + int32(w)
			}
		}
		s.places[k] = p
		next += int32(c.tokens())
	}
	return nil
}

// Tokenizer has a token for each class, bin and word, and those of texts.
func (s *Schema) Tokenizer() tokenize.Tokenizer { return s.tokenizer }

// ClassTokens are the tokens of the classes: from lo on, below hi.
func (s *Schema) ClassTokens() (lo, hi int32) {
	return s.classes, s.classes + int32(len(s.Target.Classes))
}

// Header is the first row of the small table that a model reads of a row: the token of each
// column's name.
func (s *Schema) Header() [][]int32 {
	cells := make([][]int32, len(s.places))
	for k, p := range s.places {
		cells[k] = []int32{p.first}
	}
	return cells
}

// texts tells whether some column is a text.
func (s *Schema) texts() bool {
	return slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Kind == Text })
}

// encode appends the tokens of a cell of column k. The error says what is wrong with it.
func (s *Schema) encode(to []int32, k int, cell string) ([]int32, string) {
	c, p := &s.Columns[k], &s.places[k]
	cell = strings.TrimSpace(cell)
	if missing(cell, c.Kind) {
		return append(to, p.first+1), ""
	}
	switch c.Kind {
	case Number:
		x, ok := number(cell)
		if !ok {
			return to, fmt.Sprintf("%q is no number, and the column has numbers", clip(cell))
		}
		return append(to, p.first+2+int32(bin(c.Edges, x))), ""
	case Category:
		if id, ok := p.words[cell]; ok {
			return append(to, id), ""
		}
		return append(to, p.first+2), ""
	}
	from := len(to)
	if to = s.tokenizer.Append(to, cell); len(to) == from {
		return append(to, p.first+1), ""
	}
	return to[:min(len(to), from+s.MaxText)], ""
}

// class gives the class of a cell of the target column, and whether there is such a class.
func (s *Schema) class(cell string) (int32, bool) {
	if s.Target.Edges != nil {
		x, ok := number(cell)
		return int32(bin(s.Target.Edges, x)), ok
	}
	k := slices.Index(s.Target.Classes, cell)
	return int32(k), k >= 0
}

// answer is the schema of the classes alone, as package files has it.
func (s *Schema) answer() *files.Schema {
	return &files.Schema{Task: files.Classification, Targets: []files.Target{{Name: s.Target.Name, Classes: s.Target.Classes, SD: 1}}}
}

// AnswerColumns names the columns that [Schema.Answer] fills: predicted_TARGET, and
// probability_TARGET_CLASS for each class.
func (s *Schema) AnswerColumns() []string { return s.answer().AnswerColumns() }

// Answer gives scores, one a class, as cells of a table: the name of the likeliest class and
// the probabilities of all.
func (s *Schema) Answer(scores []float32) []string { return s.answer().Answer(scores) }

// Marshal gives the schema as JSON that [ParseSchema] reads.
func (s *Schema) Marshal() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(s); err != nil {
		return nil, fmt.Errorf("records: schema: %w", err)
	}
	if b.Len() > mostSchema {
		return nil, &files.FileError{Reason: fmt.Sprintf("words and classes take %d bytes, at most %d can be stored with a model", b.Len(), mostSchema),
			Hint: "leave columns out with data.table.ignore, or lower data.table.maxCategories"}
	}
	return b.Bytes(), nil
}

// ParseSchema reads what Marshal wrote. The error says what is wrong; a newer version than
// this program's is refused by name.
func ParseSchema(text []byte) (*Schema, error) {
	if len(text) > mostSchema {
		return nil, fmt.Errorf("records: schema: more than %d bytes", mostSchema)
	}
	s := &Schema{}
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("records: schema: %w", err)
	}
	if s.Version > SchemaVersion {
		return nil, fmt.Errorf("records: schema: it is of version %d, this program reads %d: take a newer program", s.Version, SchemaVersion)
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	var err error
	if s.tokenizer, err = tokenize.Parse(s.Vocabulary); err != nil {
		return nil, fmt.Errorf("records: schema: %w", err)
	}
	return s, s.arrange()
}

// check looks for what no Load has written.
func (s *Schema) check() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("records: schema: "+format, args...)
	}
	t := &s.Target
	switch {
	case s.Version < 1:
		return fail("it has no version: it is no schema of a table")
	case t.Name == "" || len(t.Classes) < 2 || len(t.Classes) > mostClasses:
		return fail("target %q has %d classes, want 2 to %d", clip(t.Name), len(t.Classes), mostClasses)
	case t.Edges != nil && len(t.Edges) != len(t.Classes)-1, !rising(t.Edges):
		return fail("target %q has %d classes and %d edges between them that must rise", clip(t.Name), len(t.Classes), len(t.Edges))
	case len(s.Columns) == 0:
		return fail("it has no columns")
	case s.MaxText < 1:
		return fail("texts of %d tokens", s.MaxText)
	}
	seen := map[string]bool{t.Name: true}
	for k := range s.Columns {
		c := &s.Columns[k]
		if c.Name == "" || seen[c.Name] || !rising(c.Edges) || len(c.Edges) >= mostBins || len(c.Words) > mostCategories {
			return fail("column %d, %q, has no name of its own, or edges that do not rise", k, clip(c.Name))
		}
		seen[c.Name] = true
	}
	return nil
}

// rising tells whether numbers rise.
func rising(x []float64) bool {
	for k := range x {
		if k > 0 && !(x[k] > x[k-1]) {
			return false
		}
	}
	return true
}

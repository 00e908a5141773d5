package recipes

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tokenize"
)

// Questions say how questions about the tables of a data set are learned.
type Questions struct {
	// Protocol is the rule that cuts the set into splits, where it has several.
	Protocol tableqa.Protocol `yaml:"protocol"`
	// Vocabulary is the number of tokens that are learned from the training questions;
	// default 4,096. Generated sets have a token a word.
	Vocabulary int `yaml:"vocabulary"`
	// Together is the most questions of one table that are learned in one sequence, so that
	// the table is read once for all. Each sees the table and itself alone, as when it is asked;
	// more than one want model.question to be after. Default 1.
	Together int `yaml:"together"`
	// Long is what becomes of tables that are longer than model.maxTokens.
	Long LongTables `yaml:"long"`
	// Answer is how the trained model is asked when it is measured by graft eval.
	Answer AnswerKind `yaml:"answer"`

	// Sizes are those of the tables of a generated set, such as 4,6,8x16: rows, that of the
	// header included, and columns; empty is the set's own choice.
	Sizes string `yaml:"sizes"`
	// TestSizes are those of its test tables; empty is Sizes.
	TestSizes string `yaml:"testSizes"`
	// PerTable is how many questions a generated set has of each table; default 1.
	PerTable int `yaml:"perTable"`
}

const defaultVocabulary = 4096

// withDefaults fills in what zeros stand for.
func (q Questions) withDefaults() Questions {
	for _, f := range []struct {
		value    *int
		standard int
	}{{&q.Vocabulary, defaultVocabulary}, {&q.Together, 1}, {&q.PerTable, 1}} {
		if *f.value == 0 {
			*f.value = f.standard
		}
	}
	return q
}

// check looks at the settings without knowing the set.
func (q *Questions) check() *SettingError {
	for _, f := range []struct {
		key         string
		value       int
		least, most int
	}{{"vocabulary", q.Vocabulary, 300, 1 << 20}, {"together", q.Together, 1, 1 << 16}, {"perTable", q.PerTable, 1, 1 << 16}} {
		if f.value < f.least || f.value > f.most {
			return setting("data.questions."+f.key, "%d: want %d to %d", f.value, f.least, f.most)
		}
	}
	for _, f := range []struct{ key, text string }{{"sizes", q.Sizes}, {"testSizes", q.TestSizes}} {
		if _, err := tableSizes(f.text); err != nil {
			return setting("data.questions."+f.key, "%s", err)
		}
	}
	return nil
}

// proxy are the options of a generated set.
func (q *Questions) proxy() (o tableqa.ProxyOptions, err error) {
	o.QuestionsPerTable = q.PerTable
	if o.Sizes, err = tableSizes(q.Sizes); err == nil {
		o.TestSizes, err = tableSizes(q.TestSizes)
	}
	return o, err
}

// tableSizes reads sizes of tables: 4,6,8x16.
func tableSizes(text string) ([]tableqa.Size, error) {
	var list []tableqa.Size
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		rows, columns, two := strings.Cut(strings.TrimSpace(part), "x")
		if !two {
			columns = rows
		}
		r, err := strconv.Atoi(rows)
		if err == nil {
			var c int
			if c, err = strconv.Atoi(columns); err == nil && r > 0 && c > 0 {
				list = append(list, tableqa.Size{Rows: r, Columns: c})
				continue
			}
		}
		return nil, fmt.Errorf("%q is no size of a table: want rows and columns, such as 8x6, or 8 for both", clip(part))
	}
	return list, nil
}

// LongTables is what becomes of tables that are longer than a model reads.
type LongTables int

// The ways: an error that tells by how much, rows left out from the end, the question left
// out.
const (
	RefuseLong LongTables = iota
	CutRows
	LeaveOut
)

var longNames = []string{"refuse", "cut", "leave-out"}

// String gives the name used in configuration files.
func (l LongTables) String() string { return nearest.Name("LongTables", int(l), longNames) }

// MarshalText gives the name.
func (l LongTables) MarshalText() ([]byte, error) {
	return nearest.Text("LongTables", int(l), longNames)
}

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (l *LongTables) UnmarshalText(text []byte) error {
	k, err := nearest.Index("way with long tables", string(text), longNames)
	if err == nil {
		*l = LongTables(k)
	}
	return err
}

// decoder is the way as package decoder has it.
func (l LongTables) decoder() decoder.Long {
	return [...]decoder.Long{decoder.Refuse, decoder.CutRows, decoder.LeaveOut}[l]
}

// AnswerKind is how a model is asked.
type AnswerKind int

// The ways: the model writes; or it chooses the likeliest of the cells of the table.
// Statements are verified by the likelier of both verdicts in any case.
const (
	WriteAnswer AnswerKind = iota
	ChooseCell
)

var answerNames = []string{"write", "cells"}

// String gives the name used in configuration files.
func (a AnswerKind) String() string { return nearest.Name("AnswerKind", int(a), answerNames) }

// MarshalText gives the name.
func (a AnswerKind) MarshalText() ([]byte, error) {
	return nearest.Text("AnswerKind", int(a), answerNames)
}

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (a *AnswerKind) UnmarshalText(text []byte) error {
	k, err := nearest.Index("way to answer", string(text), answerNames)
	if err == nil {
		*a = AnswerKind(k)
	}
	return err
}

// lexicon is what is kept with a run of questions: its tokenizer.
type lexicon struct {
	Version    int             `json:"version"`
	Set        string          `json:"set"`
	Vocabulary json.RawMessage `json:"vocabulary"`

	tokenizer tokenize.Tokenizer
}

// parseLexicon reads what is kept.
func parseLexicon(text []byte) (*lexicon, error) {
	l := &lexicon{}
	if err := json.Unmarshal(text, l); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	if l.Version != 1 || l.Vocabulary == nil {
		return nil, fmt.Errorf("schema: version %d with %d bytes of a vocabulary: want version 1 and a vocabulary", l.Version, len(l.Vocabulary))
	}
	var err error
	l.tokenizer, err = tokenize.Parse(l.Vocabulary)
	return l, err
}

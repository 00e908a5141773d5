package decoder

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables"
)

// Question is a question of a table, or a statement, with what is to be answered.
type Question struct {
	Text    string
	Answers []string // one, or the items of a list in their order
}

// sheet is a table in tokens.
type sheet struct {
	prefix []int32     // <bos>, title, |, and the question where it stands before the table
	cells  [][][]int32 // header first
}

// sheet tokenizes a table.
func (m *Model) sheet(t *tables.Table) *sheet {
	prefix := m.Tokenizer.Append([]int32{m.Marks.BOS}, t.Title)
	return &sheet{prefix: append(prefix, m.Marks.Bar), cells: tables.Tokens(t, m.Tokenizer)}
}

// asked returns what stands before and after a table with a question.
func (m *Model) asked(s *sheet, text string) (prefix, suffix []int32) {
	// A mark of its own stands where the answer begins: were it one of the many bars, a model would have to tell it from
	// them by its place before it could learn anything else.
	answer := []int32{m.Marks.Answer}
	question := m.Tokenizer.Append(nil, text)
	if m.Config.Question == After {
		return s.prefix, append(question, answer...)
	}
	return slices.Concat(s.prefix, append(question, m.Marks.Bar)), answer
}

// answered returns the tokens of an answer with the mark that ends it.
func (m *Model) answered(items []string) []int32 {
	var ids []int32
	for i, item := range items {
		if i > 0 {
			ids = append(ids, m.Marks.Bar)
		}
		ids = m.Tokenizer.Append(ids, item)
	}
	return append(ids, m.Marks.EOS)
}

// turn is an answer and what stands between it and the table.
type turn struct{ question, answer []int32 }

// prompt lays out a table with a suffix: its tokens in the order of the reading, where they are, and what
// each of them is.
func (m *Model) prompt(s *sheet, suffix []int32) (ids []int32, p *sequences.Places, r *tables.Reading, err error) {
	if r, err = tables.Read(s.prefix, s.cells, suffix, m.Marks); err != nil {
		return nil, nil, nil, fmt.Errorf("decoder: %w", err)
	}
	end := r.Span[1]
	switch m.Config.Reading {
	case Columns:
		r = r.InColumnOrder()
	case Both:
		p = &sequences.Places{Orders: [][]int32{r.Row[:end], r.Column[:end]}, Cells: r.Span}
	case Plane:
		p = &sequences.Places{Rank: 2, Coords: r.Coordinates()[:2*end]}
	}
	return r.IDs, p, r, nil
}

// example lays out a table with questions and their answers, of which it learns the latter. Several questions are branches
// behind the table.
func (m *Model) example(s *sheet, turns []turn) (sequences.Example, error) {
	var suffix []int32
	var learned []bool
	for _, t := range turns {
		suffix = append(append(suffix, t.question...), t.answer...)
		for range t.question {
			learned = append(learned, false)
		}
		for range t.answer {
			learned = append(learned, true)
		}
	}
	ids, places, r, err := m.prompt(s, suffix)
	if err != nil {
		return sequences.Example{}, err
	}
	first := len(turns[0].question)
	e := sequences.Example{Prompt: ids[:r.Span[1]+first], Target: ids[r.Span[1]+first:], Places: places}
	if len(turns) > 1 {
		e.Learned = learned[first:]
		at := r.Span[1]
		for _, t := range turns {
			e.Branches = append(e.Branches, at)
			at += len(t.question) + len(t.answer)
		}
	}
	return e, nil
}

// RowTokens returns how many tokens a row of cells takes with its separators, for tables too long to be held. Cells are
// as in [tables.Table].
func (m *Model) RowTokens(cells []string) int {
	row := tables.Table{Header: cells}
	return tables.Length(tables.Tokens(&row, m.Tokenizer))
}

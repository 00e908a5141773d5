package tableqa

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/tables"
)

// The answers to statements of TabFact, in words.
const (
	Entailed = "entailed"
	Refuted  = "refuted"
)

// NoLabel is the label of a question that is no statement to be verified.
const NoLabel = -1

// Question is one question, or one statement to be verified, about one table.
type Question struct {
	// ID is what the files call the question, or what its place in them makes unique:
	// "nu-12" in WikiTableQuestions, "2-1859269-1.html.csv#3" in TabFact.
	ID   string
	Text string // the question, or the statement
	// Table is shared by all questions about it and must not be changed.
	Table *tables.Table
	// Answers is what is to be answered. Several are a set in WikiTableQuestions and a list
	// in HiTab; TabFact has Entailed or Refuted, a generated task one string of all numbers.
	Answers []string
	// Canon is the canonical form of each answer, such as "17.0" for "17 years"; nil where
	// the data have none. Only the evaluator of WikiTableQuestions wants it.
	Canon []string
	// Label is 1 for an entailed statement, 0 for a refuted one, NoLabel for a question.
	Label int
	// Simple and Small tell parts of TabFact: tables whose statements came from the simpler
	// of its two rounds of collecting, and tables of the small test set.
	Simple, Small bool
	// Cell is row (0 the header) and column of the one cell that is the answer, letter by
	// letter, or (-1, -1) where no cell is, or several are. In HiTab it is the cell that
	// annotators linked to the answer, where nothing was computed from it.
	Cell [2]int
}

// noCell is the Cell of a question whose answer is not exactly one cell.
func noCell() [2]int { return [2]int{-1, -1} }

// OneCell tells whether the answer is exactly one cell.
func (q *Question) OneCell() bool { return q.Cell[0] >= 0 }

// findCell gives row and column of the one cell that is the one answer, or noCell.
func findCell(t *tables.Table, answers []string) [2]int {
	found := noCell()
	if len(answers) != 1 {
		return found
	}
	for r := -1; r < len(t.Rows); r++ {
		row := t.Header
		if r >= 0 {
			row = t.Rows[r]
		}
		for c, cell := range row {
			if cell != answers[0] {
				continue
			}
			if found[0] >= 0 {
				return noCell()
			}
			found = [2]int{r + 1, c}
		}
	}
	return found
}

// Source hands out the questions of one split. At may be called by several goroutines, and
// panics for a number outside 0..Len()-1.
type Source interface {
	Len() int
	At(i int) Question
}

// Slice is a Source over questions in memory.
type Slice []Question

var _ Source = Slice(nil)

// Len is the number of questions.
func (s Slice) Len() int { return len(s) }

// At gives question i.
func (s Slice) At(i int) Question { return s[i] }

// Set is a data set, cut into splits.
type Set struct {
	Info             Info // of the whole set, whatever Limit cut off
	Protocol         Protocol
	Train, Val, Test Source
	// Notes is what must be said beside any figure measured on the set as it was loaded:
	// where it differs from the one that published figures are about.
	Notes []string
}

// Split gives one of the three sources.
func (s *Set) Split(split datasets.Split) Source {
	switch split {
	case datasets.Train:
		return s.Train
	case datasets.Val:
		return s.Val
	case datasets.Test:
		return s.Test
	}
	panic(fmt.Sprintf("tableqa: Split: %v, expected train, val or test", split))
}

// limited keeps the first questions of each split.
func (s *Set) limited(l datasets.Limit) *Set {
	for _, part := range []struct {
		source *Source
		n      int
	}{{&s.Train, l.Train}, {&s.Val, l.Val}, {&s.Test, l.Test}} {
		if part.n > 0 && part.n < (*part.source).Len() {
			*part.source = first{*part.source, part.n}
		}
	}
	return s
}

// first is the beginning of a source.
type first struct {
	Source
	n int
}

func (f first) Len() int { return f.n }

func (f first) At(i int) Question {
	if i < 0 || i >= f.n {
		panic(fmt.Sprintf("tableqa: At: question %d, expected 0..%d", i, f.n-1))
	}
	return f.Source.At(i)
}

package records

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Column is a column that a model reads.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Edges are the borders between the bins of a number, rising; a number that is an edge
	// belongs below it.
	Edges []float64 `json:"edges,omitempty"`
	// Words are those of a category that have a token, the most frequent first.
	Words []string `json:"words,omitempty"`
}

// tokens is how many tokens the column has for itself: its name, that of missing cells, and
// its bins, or unknown words and words.
func (c *Column) tokens() int {
	switch c.Kind {
	case Number:
		return 2 + len(c.Edges) + 1
	case Category:
		return 2 + 1 + len(c.Words)
	}
	return 2
}

// tokenNames are the names of these tokens; k is the number of the column.
func (c *Column) tokenNames(k int) []string {
	list := []string{fmt.Sprintf("column %d", k), fmt.Sprintf("column %d missing", k)}
	switch c.Kind {
	case Number:
		for b := range len(c.Edges) + 1 {
			list = append(list, fmt.Sprintf("column %d bin %d", k, b))
		}
	case Category:
		list = append(list, fmt.Sprintf("column %d unknown", k))
		for w := range c.Words {
			list = append(list, fmt.Sprintf("column %d word %d", k, w))
		}
	}
	return list
}

// String says what the column is.
func (c *Column) String() string {
	switch c.Kind {
	case Number:
		return fmt.Sprintf("%s (number, %d bins)", clip(c.Name), len(c.Edges)+1)
	case Category:
		return fmt.Sprintf("%s (category, %d words)", clip(c.Name), len(c.Words))
	}
	return clip(c.Name) + " (text)"
}

// mostCounted is how many different words of a column are counted; later ones are not.
const mostCounted = 1 << 17

// tally is what is found in the training rows of a column.
type tally struct {
	name    string
	wanted  Kind // -1: to be found out
	filled  int  // cells that say something
	words   int  // in all of them
	numbers *sample
	counts  map[string]int
	beyond  int // cells with words that are not counted
	not     string
}

// look tells of a cell whether it is a number, and remembers of the column that it has others.
func (t *tally) look(cell string) (float64, bool) {
	if t.numbers == nil || missing(cell, Number) {
		return 0, false
	}
	x, ok := number(cell)
	if !ok {
		t.numbers, t.not = nil, strings.Clone(cell)
	}
	return x, ok
}

// add counts a cell of a training row.
func (t *tally) add(cell string) {
	if x, ok := t.look(cell); ok {
		t.numbers.add(x)
	}
	if missing(cell, Category) {
		return
	}
	t.filled++
	if t.wanted == Number {
		return
	}
	t.words += strings.Count(cell, " ") + 1
	if n, known := t.counts[cell]; known || len(t.counts) < mostCounted {
		t.counts[strings.Clone(cell)] = n + 1
	} else {
		t.beyond++
	}
}

// What makes a column a text: words a cell in the mean, and that so many cells differ.
const (
	wordsOfText    = 3
	distinctOfText = 0.5
)

// kind is what the column is.
func (t *tally) kind() Kind {
	switch {
	case t.wanted >= 0:
		return t.wanted
	case t.numbers != nil && t.numbers.seen > 0:
		return Number
	case t.filled > 0 && t.words >= wordsOfText*t.filled && float64(len(t.counts)+t.beyond) > distinctOfText*float64(t.filled):
		return Text
	}
	return Category
}

// learn makes the column. The error says what is no number in a column that should be one.
func (t *tally) learn(o *Options) (Column, error) {
	c := Column{Name: t.name, Kind: t.kind()}
	switch c.Kind {
	case Number:
		if t.numbers == nil {
			return c, bad("numeric", "the column %q has %q, which is no number", clip(t.name), clip(t.not))
		}
		c.Edges = t.numbers.edges(o.Bins)
	case Category:
		c.Words = t.frequent(o)
	}
	return c, nil
}

// frequent are the words that get a token, the most frequent first.
func (t *tally) frequent(o *Options) []string {
	var words []string
	for w, n := range t.counts {
		if n >= o.MinCount {
			words = append(words, w)
		}
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(-cmp.Compare(t.counts[a], t.counts[b]), strings.Compare(a, b))
	})
	return words[:min(len(words), o.MaxCategories)]
}

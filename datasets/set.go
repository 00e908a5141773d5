package datasets

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/nearest"
)

// Split is a part of a data set.
type Split int

// The three parts: to learn from, to choose by, to report on.
const (
	Train Split = iota
	Val
	Test
)

var splitNames = [...]string{"train", "val", "test"}

// String is the name of the split, as [ParseSplit] takes it.
func (s Split) String() string {
	if s < Train || s > Test {
		return fmt.Sprintf("Split(%d)", int(s))
	}
	return splitNames[s]
}

// ParseSplit gives the split called "train", "val" or "test"; any other name is
// an *UnknownError.
func ParseSplit(name string) (Split, error) {
	for s, known := range splitNames {
		if name == known {
			return Split(s), nil
		}
	}
	return 0, &UnknownError{What: "split", Name: name, Known: splitNames[:]}
}

// Source hands out the graphs of one split. What it gives must not be changed.
type Source = graphs.Source

// Slice is a Source over graphs in memory.
type Slice = graphs.Slice

var _ Source = first{}

// first is the beginning of a source.
type first struct {
	Source
	n int
}

func (f first) Len() int { return f.n }

func (f first) Graph(i int) (*graphs.Graph, error) {
	if i < 0 || i >= f.n {
		panic(fmt.Sprintf("datasets: Graph: number %d, expected 0..%d", i, f.n-1))
	}
	return f.Source.Graph(i)
}

// Set is a data set, cut into splits.
type Set struct {
	Name             string
	Train, Val, Test Source
	Info             Info // of the whole set, whatever Limit cut off
}

// Split gives one of the three sources.
func (s *Set) Split(split Split) Source {
	switch split {
	case Train:
		return s.Train
	case Val:
		return s.Val
	case Test:
		return s.Test
	}
	panic(fmt.Sprintf("datasets: Split: %v, expected train, val or test", split))
}

// New makes a set of the caller's own graphs; a split may be empty. It checks
// every graph, and that all have the same kinds of features and targets, and
// derives what Info can say of them: sizes, means, vocabularies (one more than
// the largest id), number of classes where nodes have labels. Whether targets of
// graphs are numbers or classes it cannot know: it says GraphRegression, which the
// caller may correct. The error names
// split and number of the graph and wraps an *graphs.InvalidError.
func New(name string, train, val, test []*graphs.Graph) (*Set, error) {
	s := &Set{Name: name, Train: Slice(train), Val: Slice(val), Test: Slice(test)}
	s.Info = Info{Name: name, Train: len(train), Val: len(val), Test: len(test), SplitRule: "given by the caller"}
	var all []*graphs.Graph
	var model *graphs.Graph // the first graph with edges, or else the first
	for split, list := range [][]*graphs.Graph{train, val, test} {
		for i, g := range list {
			if g == nil {
				return nil, fmt.Errorf("datasets: %s: %v graph %d is nil", name, Split(split), i)
			}
			err := g.Validate()
			if err == nil && model != nil {
				err = g.SameKind(model)
			}
			if err != nil {
				return nil, fmt.Errorf("datasets: %s: %v graph %d: %w", name, Split(split), i, err)
			}
			if model == nil || len(model.Edges) == 0 && len(g.Edges) > 0 {
				model = g
			}
			all = append(all, g)
		}
	}
	s.Info.measure(all)
	return s, nil
}

// limited cuts the splits of a set to their first graphs.
func (s *Set) limited(l Limit) *Set {
	cut := func(src Source, n int) Source {
		if n == 0 || n >= src.Len() {
			return src
		}
		return first{src, n}
	}
	s.Train, s.Val, s.Test = cut(s.Train, l.Train), cut(s.Val, l.Val), cut(s.Test, l.Test)
	return s
}

// Number gives the place of a name among those that are known; the error of one that is not is an *UnknownError.
func Number(what, name string, known []string) (int, error) {
	if i := slices.Index(known, name); i >= 0 {
		return i, nil
	}
	return 0, &UnknownError{What: what, Name: name, Known: known}
}

// UnknownError is a name that is not known.
type UnknownError struct {
	What  string // "data set" or "split"
	Name  string
	Known []string
}

// Error gives the name, the nearest known one and all known ones.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("datasets: unknown %s %q; did you mean %q? Known are %s", e.What, e.Name, nearest.To(e.Name, e.Known), list(e.Known))
}

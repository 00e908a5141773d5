package speed

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
)

// Entry is a figure that can be measured.
type Entry struct {
	Name  string
	Unit  string // "fraction" and "allocations" are plain numbers
	About string
}

// Figure is a figure that was measured.
type Figure struct {
	Name string
	Unit string
	// Value is the median of the samples, Low the smallest and High the largest.
	Value, Low, High float64
	Repeats          int
	// OfPeak is the part of fma_peak, that of the same run, that a figure in GFLOP/s reaches, or the products of one in
	// images/s; 0 for other figures.
	OfPeak float64
	// Note says under which circumstances, where that is worth a word.
	Note string
}

// List returns all figures in the order of [Run].
func List() []Entry {
	var list []Entry
	for _, k := range kinds() {
		list = append(list, k.Entry)
	}
	return list
}

// Names returns the names of all figures in the order of [Run].
func Names() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.Name)
	}
	return names
}

// Select returns the entries that fit the patterns, names or as [path.Match] has them, in the order of [Run]; all of
// them without a pattern. A pattern that fits nothing is an [UnknownError].
func Select(patterns []string) ([]Entry, error) {
	chosen, err := choose(patterns)
	if err != nil {
		return nil, err
	}
	var list []Entry
	for _, k := range chosen {
		list = append(list, k.Entry)
	}
	return list, nil
}

func choose(patterns []string) ([]kind, error) {
	all := kinds()
	if len(patterns) == 0 {
		return all, nil
	}
	take := map[string]bool{}
	for _, p := range patterns {
		found := false
		for _, k := range all {
			fits, err := path.Match(p, k.Name)
			if err != nil {
				return nil, &UnknownError{Pattern: p, Reason: "the pattern is malformed; write * for any letters, ? for one, [ab] for a choice"}
			}
			if fits {
				found, take[k.Name] = true, true
			}
		}
		if !found {
			return nil, unknown(p)
		}
	}
	return slices.DeleteFunc(all, func(k kind) bool { return !take[k.Name] }), nil
}

// UnknownError is a name or pattern that fits no figure.
type UnknownError struct {
	Pattern string
	Nearest string // the known name nearest to it; empty for a pattern with wildcards
	Reason  string // what is wrong, where it is not that the name is unknown
}

func unknown(pattern string) *UnknownError {
	e := &UnknownError{Pattern: pattern}
	if strings.ContainsAny(pattern, "*?[") {
		e.Reason = "no figure fits it"
	} else {
		e.Nearest = nearest.To(pattern, Names())
	}
	return e
}

// Error says what was asked for and what there is.
func (e *UnknownError) Error() string {
	if e.Nearest == "" {
		return fmt.Sprintf("speed: pattern %q: %s", e.Pattern, e.Reason)
	}
	return fmt.Sprintf("speed: unknown figure %q; did you mean %q?", e.Pattern, e.Nearest)
}

// series is the samples of a figure.
type series []float64

// median returns the middle sample, or the mean of the two in the middle.
func (s series) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// figure sums the samples of k up.
func (s series) figure(k kind) Figure {
	return Figure{Name: k.Name, Unit: k.Unit, Value: s.median(), Low: slices.Min(s), High: slices.Max(s), Repeats: len(s)}
}

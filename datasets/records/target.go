package records

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/datasets/files"
)

// Target is what is predicted.
type Target struct {
	Name string `json:"name"`
	// Classes are the names, in the order of their numbers.
	Classes []string `json:"classes"`
	// Edges are the borders between classes that are bins of a number; see [Column].
	Edges []float64 `json:"edges,omitempty"`
}

// String says what the target is.
func (t *Target) String() string {
	const most = 10
	names := make([]string, 0, most+1)
	for k, c := range t.Classes {
		if k == most {
			names = append(names, fmt.Sprintf("and %d more", len(t.Classes)-most))
			break
		}
		names = append(names, clip(c))
	}
	return fmt.Sprintf("%s (%d classes: %s)", clip(t.Name), len(t.Classes), strings.Join(names, ", "))
}

// mostWhole is how many different whole numbers are taken for classes.
const mostWhole = 20

// answers collects the cells of the column to predict.
type answers struct {
	counts map[string]int
	lines  map[string]int // where each came first
	full   bool           // there are too many to be classes
	fails  string         // a cell that is no number
	split  bool           // a number that is not whole
}

func newAnswers() *answers { return &answers{counts: map[string]int{}, lines: map[string]int{}} }

func (a *answers) add(cell string, line int) {
	if x, ok := number(cell); !ok {
		a.fails = cell
	} else if x != math.Trunc(x) {
		a.split = true
	}
	if n, known := a.counts[cell]; known || len(a.counts) <= mostClasses {
		a.counts[strings.Clone(cell)] = n + 1
		if !known {
			a.lines[strings.Clone(cell)] = line
		}
	} else {
		a.full = true
	}
}

// classes gives the names of classes, numbers in their order and words in that of the
// alphabet. The error says why the column cannot be predicted.
func (a *answers) classes(file, column string) ([]string, error) {
	fail := func(hint, format string, args ...any) error {
		return &files.FileError{File: file, Reason: fmt.Sprintf("column %q: ", clip(column)) + fmt.Sprintf(format, args...), Hint: hint}
	}
	numbers := a.fails == "" && len(a.counts) > 0
	many := strconv.Itoa(len(a.counts))
	if a.full {
		many = fmt.Sprintf("more than %d", mostClasses)
	}
	switch {
	case numbers && (a.split || len(a.counts) > mostWhole || a.full):
		return nil, fail("--target-bins 5 makes five classes of its quantiles (data.table.targetBins)", "it has %s different numbers, which are no classes", many)
	case a.full:
		return nil, fail("name a column with fewer", "it has %s different words, and %d classes are the most", many, mostClasses)
	case len(a.counts) < 2:
		return nil, fail("name another column to predict", "all rows are of one class: there is nothing to learn")
	}
	var names []string
	for c := range a.counts {
		names = append(names, c)
	}
	slices.SortFunc(names, func(x, y string) int {
		if numbers {
			p, _ := number(x) // all are, see above
			q, _ := number(y)
			return cmp.Or(cmp.Compare(p, q), strings.Compare(x, y))
		}
		return strings.Compare(x, y)
	})
	return names, nil
}

// binned makes classes of the quantiles of numbers.
func binned(file, column string, s *sample, bins int) (Target, error) {
	t := Target{Name: column, Edges: s.edges(bins)}
	if len(t.Edges) == 0 {
		return t, &files.FileError{File: file, Reason: fmt.Sprintf("column %q: all training rows have the same number: there is nothing to learn", clip(column)), Hint: "name another column to predict"}
	}
	show := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	for k := range len(t.Edges) + 1 {
		switch {
		case k == 0:
			t.Classes = append(t.Classes, "up to "+show(t.Edges[0]))
		case k == len(t.Edges):
			t.Classes = append(t.Classes, "above "+show(t.Edges[k-1]))
		default:
			t.Classes = append(t.Classes, show(t.Edges[k-1])+" to "+show(t.Edges[k]))
		}
	}
	for k := range t.Classes { // edges that look alike with six digits
		if slices.Contains(t.Classes[:k], t.Classes[k]) {
			t.Classes[k] = fmt.Sprintf("%s (%d)", t.Classes[k], k+1)
		}
	}
	return t, nil
}

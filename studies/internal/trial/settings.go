package trial

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Whole is a setting of a study that is a whole number.
type Whole struct {
	Name    string
	Value   *int
	Least   int
	Default int // what 0 means; 0: nothing else
}

// Number is a setting of a study that is any number from 0 to Most.
type Number struct {
	Name    string
	Value   *float64
	Most    float64 // 0: there is no end
	Default float64 // what 0 means; 0: nothing else
}

// Settings are the numbers of a study.
type Settings struct {
	Wholes   []Whole
	Numbers  []Number
	Interval *time.Duration // between two times that a training is saved; 0 means 5 minutes
}

// Fill replaces zeros by what they mean.
func (s Settings) Fill() {
	for _, w := range s.Wholes {
		if *w.Value == 0 {
			*w.Value = w.Default
		}
	}
	for _, n := range s.Numbers {
		if *n.Value == 0 {
			*n.Value = n.Default
		}
	}
	if *s.Interval == 0 {
		*s.Interval = 5 * time.Minute
	}
}

// Check reports the first number that is out of its range.
func (s Settings) Check() error {
	for _, w := range s.Wholes {
		if *w.Value < w.Least {
			return fmt.Errorf("%s is %d: want at least %d", w.Name, *w.Value, w.Least)
		}
	}
	for _, n := range s.Numbers {
		most := n.Most
		if most == 0 {
			most = math.MaxFloat64
		}
		if !(*n.Value >= 0 && *n.Value <= most) {
			return fmt.Errorf("%s is %v: want a number from 0 to %v", n.Name, *n.Value, most)
		}
	}
	if *s.Interval < 0 {
		return fmt.Errorf("CheckpointInterval is %v: want a time", *s.Interval)
	}
	return nil
}

// Distinct refuses a list with something twice. What are they: "seed".
func Distinct(what string, list ...any) error {
	seen := map[any]bool{}
	for _, x := range list {
		if seen[x] {
			return fmt.Errorf("the %s %v is there twice", what, x)
		}
		seen[x] = true
	}
	return nil
}

// DistinctSeeds refuses a list with a seed twice.
func DistinctSeeds(seeds []uint64) error {
	list := make([]any, len(seeds))
	for i, s := range seeds {
		list[i] = s
	}
	return Distinct("seed", list...)
}

// Ascending refuses a list of sizes that do not come the smallest first, each once.
func Ascending(what string, sizes []int) error {
	for i := 1; i < len(sizes); i++ {
		if sizes[i] <= sizes[i-1] {
			return fmt.Errorf("%s %d after %d: want the smallest first, each once", what, sizes[i], sizes[i-1])
		}
	}
	return nil
}

// Exam is how many of some questions of a size were answered right.
type Exam struct{ Size, Right, Examples int }

// CheckExams reports what no results of sizes, the smallest first, can be. What the size is of: "length".
func CheckExams(what string, n int, at func(i int) Exam) error {
	if n == 0 {
		return errors.New("a result without scores")
	}
	for i := range n {
		e := at(i)
		if e.Examples < 1 || e.Right < 0 || e.Right > e.Examples || i > 0 && e.Size <= at(i-1).Size {
			return fmt.Errorf("%d of %d right at %s %d is no score that can follow those before", e.Right, e.Examples, what, e.Size)
		}
	}
	return nil
}

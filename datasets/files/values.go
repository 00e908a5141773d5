package files

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// missingNumber tells whether a cell stands for a number that is not given.
func missingNumber(cell string) bool {
	if len(cell) > 4 {
		return false
	}
	switch strings.ToLower(cell) {
	case "", "na", "n/a", "nan", "null", "none":
		return true
	}
	return false
}

// missingClass tells whether a cell stands for a class that is not given. A class may
// well be called none.
func missingClass(cell string) bool { return cell == "" || strings.EqualFold(cell, "nan") }

// number reads a number that a float32 can hold; ok is false for anything else.
func number(cell string) (v float64, ok bool) {
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > math.MaxFloat32 || strings.ContainsAny(cell, "_xXpP") {
		return 0, false
	}
	return v, true
}

// sortWords sorts by number where all words are numbers, else by the alphabet.
func sortWords(words []string) {
	numbers := map[string]float64{}
	for _, w := range words {
		v, ok := number(w)
		if !ok {
			slices.Sort(words)
			return
		}
		numbers[w] = v
	}
	slices.SortFunc(words, func(a, b string) int {
		if c := cmp.Compare(numbers[a], numbers[b]); c != 0 {
			return c
		}
		return cmp.Compare(a, b) // 1 and 1.0
	})
}

// moments adds up the mean and the squared deviations of numbers (Welford 1962).
type moments struct {
	n             int
	mean, squares float64
}

func (m *moments) add(v float64) {
	m.n++
	d := v - m.mean
	m.mean += d / float64(m.n)
	m.squares += d * (v - m.mean)
}

// scale gives the mean and the standard deviation of the population; where all
// numbers are alike, or there are none, the deviation is 1, for it divides.
func (m *moments) scale() (mean, sd float64) {
	if m.n == 0 {
		return 0, 1
	}
	sd = math.Sqrt(m.squares / float64(m.n))
	if !(sd > 1e-12*math.Abs(m.mean)) || sd < 1e-30 {
		sd = 1
	}
	return m.mean, sd
}

// words holds each different word once, so that cells that repeat take no memory.
type words map[string]string

// keep gives a word that shares no memory with a row.
func (w words) keep(cell string) string {
	if known, ok := w[cell]; ok {
		return known
	}
	cell = strings.Clone(cell)
	if len(w) < 1<<16 {
		w[cell] = cell
	}
	return cell
}

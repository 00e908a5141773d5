package records

import (
	"math"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
)

// Kind is what the cells of a column are.
type Kind int

// The kinds of columns.
const (
	Number Kind = iota
	Category
	Text
)

var kindNames = []string{"number", "category", "text"}

// String gives the name.
func (k Kind) String() string { return nearest.Name("Kind", int(k), kindNames) }

// MarshalText gives the name.
func (k Kind) MarshalText() ([]byte, error) { return nearest.Text("Kind", int(k), kindNames) }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (k *Kind) UnmarshalText(text []byte) error {
	i, err := nearest.Index("kind of column", string(text), kindNames)
	if err == nil {
		*k = Kind(i)
	}
	return err
}

// missing tells whether a cell without blanks around it says nothing.
func missing(cell string, k Kind) bool {
	if cell == "" {
		return true
	}
	if k != Number {
		return false
	}
	switch strings.ToLower(cell) {
	case "na", "n/a", "nan", "null", "none":
		return true
	}
	return false
}

// number reads a cell; the number is finite.
func number(cell string) (float64, bool) {
	x, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || strings.ContainsAny(cell, "xX_") {
		return 0, false
	}
	return x, true
}

// clip shortens a cell or a name for a message.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return s
}

package tableqa

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Evaluate tells whether predicted answers are those wanted, as the official evaluator of
// WikiTableQuestions does (evaluator.py, v1.0.2): both become sets of values ([ParseValue]),
// which must be of the same size, and each value wanted must match a predicted one. canon is
// the canonical form of each wanted answer from the tagged files; nil where there are none.
//
// Canonical forms of another number than answers panic.
func Evaluate(answers, canon, predicted []string) bool {
	if canon != nil && len(canon) != len(answers) {
		panic(fmt.Sprintf("tableqa: Evaluate: %d canonical forms of %d answers, expected one for each or none", len(canon), len(answers)))
	}
	wanted, given := valueSet(answers, canon), valueSet(predicted, nil)
	if len(wanted) != len(given) {
		return false
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(given, w.Matches) {
			return false
		}
	}
	return true
}

// valueSet makes values of texts, equal ones once.
func valueSet(texts, canon []string) []Value {
	var set []Value
	for i, text := range texts {
		form := ""
		if canon != nil {
			form = canon[i]
		}
		if v := ParseValue(text, form); !slices.ContainsFunc(set, v.equal) {
			set = append(set, v)
		}
	}
	return set
}

// Kind is what a [Value] is.
type Kind int

// The kinds of values.
const (
	Text Kind = iota
	Number
	Date
)

// Value is an answer as the evaluator of WikiTableQuestions understands it.
type Value struct {
	Kind             Kind
	Normalised       string  // of the text that the value came with
	Amount           float64 // of a Number
	Year, Month, Day int     // of a Date; -1 where it is open
}

// ParseValue makes a value of a text by its canonical form, which is the text itself where
// it is "": a number if Python's int or float reads it, without commas for thousands; a date
// if it is year-month-day, where xx is open, and just a number if only the year is given;
// else a text. Whole numbers beyond 2^53 are compared as floating point numbers, which the
// official evaluator does not do.
func ParseValue(text, canon string) Value {
	if canon == "" {
		canon = text
	}
	v := Value{Normalised: Normalise(text)}
	if amount, ok := parseNumber(canon); ok {
		v.Kind, v.Amount = Number, wholeIfNear(amount)
		return v
	}
	year, month, day, ok := parseDate(canon)
	switch {
	case !ok:
	case month < 0 && day < 0:
		v.Kind, v.Amount = Number, float64(year)
	default:
		v.Kind, v.Year, v.Month, v.Day = Date, year, month, day
	}
	return v
}

// Matches tells whether two values are taken for the same answer: their texts are the same
// once normalised, or both are numbers less than 1e-6 apart, or the same date.
func (v Value) Matches(w Value) bool {
	switch {
	case v.Normalised == w.Normalised:
		return true
	case v.Kind != w.Kind:
		return false
	case v.Kind == Number:
		return math.Abs(v.Amount-w.Amount) < 1e-6
	}
	return v.Kind == Date && v.sameDate(w)
}

// equal is the equality by which the evaluator makes sets.
func (v Value) equal(w Value) bool {
	switch {
	case v.Kind != w.Kind:
		return false
	case v.Kind == Number:
		return v.Amount == w.Amount
	case v.Kind == Date:
		return v.sameDate(w)
	}
	return v.Normalised == w.Normalised
}

func (v Value) sameDate(w Value) bool {
	return v.Year == w.Year && v.Month == w.Month && v.Day == w.Day
}

// wholeIfNear cuts off the fraction of a number that is within 1e-6 of a whole one. The
// evaluator truncates and does not round: 4.9999999 becomes 4.
func wholeIfNear(x float64) float64 {
	if math.Abs(x-math.Round(x)) < 1e-6 {
		return math.Trunc(x)
	}
	return x
}

// parseNumber reads what Python's int or float reads, but no infinity.
func parseNumber(s string) (float64, bool) {
	s = asciiDigits(trim(s))
	for _, r := range s {
		if !strings.ContainsRune("0123456789+-.eE", r) {
			return 0, false // what only Go takes for a number, or "nan" and "inf"
		}
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil
}

// parseDate reads year-month-day, where "xx", for years "xxxx" too, is open and read as -1.
func parseDate(s string) (year, month, day int, ok bool) {
	parts := strings.Split(strings.ToLower(s), "-")
	if len(parts) != 3 {
		return 0, 0, 0, false
	}
	if parts[0] == "xxxx" {
		parts[0] = "xx"
	}
	var ymd [3]int
	for k, part := range parts {
		if part == "xx" {
			ymd[k] = -1
			continue
		}
		n, err := strconv.Atoi(asciiDigits(trim(part)))
		if err != nil {
			return 0, 0, 0, false
		}
		ymd[k] = n
	}
	year, month, day = ymd[0], ymd[1], ymd[2]
	switch {
	case year == -1 && month == -1 && day == -1, month != -1 && (month < 1 || month > 12), day != -1 && (day < 1 || day > 31):
		return 0, 0, 0, false
	}
	return year, month, day, true
}

// asciiDigits writes decimal digits of all scripts as 0 to 9, which is how Python reads them.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII || !unicode.IsDigit(r) {
			return r
		}
		// Digits stand in runs that begin with a zero.
		for _, run := range unicode.Nd.R16 {
			if lo, hi := rune(run.Lo), rune(run.Hi); lo <= r && r <= hi {
				return '0' + (r-lo)%10
			}
		}
		for _, run := range unicode.Nd.R32 {
			if lo, hi := rune(run.Lo), rune(run.Hi); lo <= r && r <= hi {
				return '0' + (r-lo)%10
			}
		}
		return r
	}, s)
}

package lengths

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// additionDigits is the most digits of an operand: with more the sum would not fit the integers of a record.
const additionDigits = 18

func additionTasks() []*definition {
	return []*definition{{
		family: "addition", about: "add two numbers; lengths count the digits of the longer",
		train: Range{1, 8}, test: Range{9, 16}, possible: Range{1, additionDigits},
		markers: verboseMarkers("For digits", "==", "So, the rest is:"), variables: true,
		words: words("Compute + ?", answerWords, digits, scratchWords, "10 11 12 13 14 15 16 17 18 19 carry carry: =",
			verboseWords, "digits ( ) % //"),
		tight: words(". ,"),
		empty: func() Record { return new(AdditionRecord) }, draw: drawAddition, parts: additionParts, extract: extractNumber,
	}}
}

// AdditionRecord is two numbers and their sum.
type AdditionRecord struct {
	A        int64  `json:"a"`
	B        int64  `json:"b"`
	Sum      int64  `json:"sum"`
	Category string `json:"cat"` // digits of both: "9-by-6"
}

var _ Record = (*AdditionRecord)(nil)

// additionParts counts the pairs of digit counts of which the larger is length and none is below the shortest training
// length.
func additionParts(length int, o *Options) int { return 2*(length-o.Train.Min) + 1 }

func drawAddition(d drawing) Record {
	shorter := d.length - d.Train.Min // how many digit counts are below length
	a, b := d.length, d.length
	switch part := d.index % (2*shorter + 1); {
	case part < shorter:
		b = d.Train.Min + part
	case part > shorter:
		a = d.Train.Min + part - shorter - 1
	}
	random := d.stream(streamRecord, d.index)
	r := &AdditionRecord{A: drawDigits(random, a), B: drawDigits(random, b), Category: fmt.Sprintf("%d-by-%d", a, b)}
	r.Sum = r.A + r.B
	return r
}

// drawDigits draws a number of n digits, the first of which is not 0 unless it is the only one.
func drawDigits(random *rand.Rand, n int) int64 {
	end := int64(1)
	for range n {
		end *= 10
	}
	if n == 1 {
		return random.Int64N(end)
	}
	return end/10 + random.Int64N(end-end/10)
}

func (r *AdditionRecord) check(string) error {
	for _, n := range []int64{r.A, r.B} {
		if n < 0 || len(strconv.FormatInt(n, 10)) > additionDigits {
			return fmt.Errorf("the operand %d: want 0 or more, of at most %d digits", n, additionDigits)
		}
	}
	if r.Sum != r.A+r.B {
		return fmt.Errorf("the sum of %d and %d is not %d", r.A, r.B, r.Sum)
	}
	if want := fmt.Sprintf("%d-by-%d", len(strconv.FormatInt(r.A, 10)), len(strconv.FormatInt(r.B, 10))); r.Category != want {
		return fmt.Errorf("the category is %q, but the operands are %s", r.Category, want)
	}
	return nil
}

func (r *AdditionRecord) length() int      { return len(strconv.FormatInt(max(r.A, r.B), 10)) }
func (r *AdditionRecord) category() string { return r.Category }
func (r *AdditionRecord) prompt() string {
	return "Compute " + spaced(r.A) + " + " + spaced(r.B) + " ? "
}
func (r *AdditionRecord) target() string { return "The answer is " + spaced(r.Sum) + "." }
func (r *AdditionRecord) answer() string { return strconv.FormatInt(r.Sum, 10) }

// steps adds column by column, from the lowest digit, with one more step where a carry is left.
func (r *AdditionRecord) steps(verbose bool) []step {
	var all []step
	a, b, carry := r.A, r.B, int64(0)
	for column := r.length(); column > 0 || carry > 0; column-- {
		x, y := a%10, b%10
		a, b = a/10, b/10
		sum := x + y + carry
		s := step{input: fmt.Sprintf("%d, %d", x, y), output: strconv.FormatInt(sum%10, 10), remaining: " + "}
		if verbose {
			s.computation = fmt.Sprintf("( %d + %d + carry ) %% 10 = ( %d + %d ) %% 10 = %d %% 10", x, y, x+y, carry, sum)
			s.variables = fmt.Sprintf("carry: %d // 10 = %d", sum, sum/10)
		} else {
			s.computation = fmt.Sprintf("%d + %d + carry = %d + %d = %d", x, y, x+y, carry, sum)
			s.variables = fmt.Sprintf("carry: %d", sum/10)
		}
		carry = sum / 10
		if column > 1 {
			s.remaining = spaced(a) + " + " + spaced(b)
		}
		all = append(all, s)
	}
	return all
}

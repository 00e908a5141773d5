package lengths

import (
	"fmt"
	"strconv"
	"strings"
)

// The most that a record of poly may have, far above what is generated, so that sums fit.
const (
	polyCoefficient = 999
	polyDegree      = 9
	polyX           = 9
)

func polyTasks() []*definition {
	return []*definition{{
		family: "poly", about: "evaluate a polynomial modulo 10; lengths count terms",
		train: Range{1, 8}, test: Range{9, 16}, possible: Range{1, 4096},
		markers: verboseMarkers("For term", "==", "So, the rest is:"), variables: true,
		words: words("Evaluate at x = * ** + - ?", answerWords, digits, scratchWords, "sum:",
			verboseWords, "term % 10 (0 (1 (2 (3 (4 (5 (6 (7 (8 (9"),
		tight: words(". , )"),
		empty: func() Record { return new(PolyRecord) }, draw: drawPoly, extract: extractNumber,
	}}
}

// PolyRecord is a polynomial, where to evaluate it, and its value there, of which the task wants the remainder of 10.
type PolyRecord struct {
	Coefficients []int `json:"coeffs"`
	Degrees      []int `json:"degrees"`
	X            int   `json:"x"`
	Answer       int64 `json:"answer"`
	Category     int   `json:"cat"` // the number of terms
}

var _ Record = (*PolyRecord)(nil)

// drawPoly draws coefficients of -3 to 3, degrees of 0 to 3 and x of -2 to 2.
func drawPoly(d drawing) Record {
	random := d.stream(streamRecord, d.index)
	r := &PolyRecord{Coefficients: make([]int, d.length), Degrees: make([]int, d.length), Category: d.length}
	for i := range r.Coefficients {
		r.Coefficients[i], r.Degrees[i] = random.IntN(7)-3, random.IntN(4)
	}
	r.X = random.IntN(5) - 2
	r.Answer = r.value()
	return r
}

// power is x to the degree of term i.
func (r *PolyRecord) power(i int) int64 {
	p := int64(1)
	for range r.Degrees[i] {
		p *= int64(r.X)
	}
	return p
}

func (r *PolyRecord) value() int64 {
	sum := int64(0)
	for i, c := range r.Coefficients {
		sum += int64(c) * r.power(i)
	}
	return sum
}

func (r *PolyRecord) check(string) error {
	if len(r.Coefficients) != len(r.Degrees) {
		return fmt.Errorf("there are %d coefficients and %d degrees", len(r.Coefficients), len(r.Degrees))
	}
	if err := sameCount(r.Category, len(r.Coefficients), "terms"); err != nil {
		return err
	}
	for i, c := range r.Coefficients {
		if c < -polyCoefficient || c > polyCoefficient || r.Degrees[i] < 0 || r.Degrees[i] > polyDegree {
			return fmt.Errorf("term %d: coefficient %d, degree %d: want at most ±%d and 0 to %d", i+1, c, r.Degrees[i], polyCoefficient, polyDegree)
		}
	}
	if r.X < -polyX || r.X > polyX {
		return fmt.Errorf("x is %d: want at most ±%d", r.X, polyX)
	}
	if v := r.value(); modulo(v) != modulo(r.Answer) {
		return fmt.Errorf("the value is %d, not %d, nor is that its remainder of 10", v, r.Answer)
	}
	return nil
}

// term writes term i.
func (r *PolyRecord) term(i int) string {
	return spaced(int64(r.Coefficients[i])) + " * x ** " + strconv.Itoa(r.Degrees[i])
}

// terms writes the terms from the first on.
func (r *PolyRecord) terms(first int) string {
	var b strings.Builder
	for i := first; i < len(r.Coefficients); i++ {
		if i > first {
			b.WriteString(" + ")
		}
		b.WriteString(r.term(i))
	}
	return b.String()
}

func (r *PolyRecord) length() int      { return len(r.Coefficients) }
func (r *PolyRecord) category() string { return strconv.Itoa(r.Category) }
func (r *PolyRecord) target() string   { return "The answer is " + r.answer() + "." }
func (r *PolyRecord) answer() string   { return strconv.FormatInt(modulo(r.Answer), 10) }
func (r *PolyRecord) prompt() string {
	return "Evaluate at x = " + spaced(int64(r.X)) + " in " + r.terms(0) + " ? "
}

// steps adds up term after term, modulo 10.
func (r *PolyRecord) steps(verbose bool) []step {
	var all []step
	sum := int64(0)
	for i := range r.Coefficients {
		c, power := int64(r.Coefficients[i]), r.power(i)
		s := step{input: r.term(i), output: spaced(c * power), remaining: r.terms(i + 1)}
		s.computation = fmt.Sprintf("%s * %s ** %d = %s * %s", spaced(c), spaced(int64(r.X)), r.Degrees[i], spaced(c), spaced(power))
		next := modulo(sum + c*power)
		if verbose {
			s.variables = fmt.Sprintf("sum: (%d + %s) %% 10 = %d", sum, s.output, next)
		} else {
			s.variables = fmt.Sprintf("sum: %d + %s = %d", sum, s.output, next)
		}
		sum = next
		all = append(all, s)
	}
	return all
}

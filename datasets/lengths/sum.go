package lengths

import (
	"fmt"
	"strconv"
)

func sumTasks() []*definition {
	return []*definition{{
		family: "sum", about: "add up digits modulo 10; lengths count digits",
		train: Range{2, 8}, test: Range{9, 16}, possible: Range{1, 4096},
		separator: separatorWord,
		markers:   verboseMarkers("For number", "==", "So, the rest is:"), variables: true,
		words: words("Compute: + .", answerWords, digits, scratchWords, "sum sum: =", verboseWords, "number % 10"),
		tight: words(", [SEP]"), // the dot stands apart in this task
		empty: func() Record { return new(SumRecord) }, draw: drawSum, extract: extractNumber,
	}}
}

// SumRecord is numbers of one digit and their sum, of which the task wants the remainder of 10.
type SumRecord struct {
	Values   []int `json:"values"`
	Answer   int64 `json:"answer"`
	Category int   `json:"cat"` // how many numbers
}

var _ Record = (*SumRecord)(nil)

// drawSum draws digits of 1 to 9.
func drawSum(d drawing) Record {
	random := d.stream(streamRecord, d.index)
	r := &SumRecord{Values: make([]int, d.length), Category: d.length}
	for i := range r.Values {
		r.Values[i] = 1 + random.IntN(9)
	}
	r.Answer = r.value()
	return r
}

func (r *SumRecord) value() int64 {
	sum := int64(0)
	for _, v := range r.Values {
		sum += int64(v)
	}
	return sum
}

func (r *SumRecord) check(string) error {
	if err := sameCount(r.Category, len(r.Values), "values"); err != nil {
		return err
	}
	if err := inRange(r.Values, 0, 9); err != nil {
		return err
	}
	if v := r.value(); modulo(v) != modulo(r.Answer) {
		return fmt.Errorf("the sum is %d, not %d, nor is that its remainder of 10", v, r.Answer)
	}
	return nil
}

// inRange refuses values outside low to high.
func inRange(values []int, low, high int) error {
	for i, v := range values {
		if v < low || v > high {
			return fmt.Errorf("value %d is %d: want %d to %d", i+1, v, low, high)
		}
	}
	return nil
}

func (r *SumRecord) length() int      { return len(r.Values) }
func (r *SumRecord) category() string { return strconv.Itoa(r.Category) }
func (r *SumRecord) prompt() string   { return "Compute: " + joined(r.Values, " + ", spaced) + " ." }
func (r *SumRecord) target() string   { return "The answer is " + r.answer() + " ." }
func (r *SumRecord) answer() string   { return strconv.FormatInt(modulo(r.Answer), 10) }

// steps adds up number after number, modulo 10.
func (r *SumRecord) steps(verbose bool) []step {
	var all []step
	sum := int64(0)
	for i, v := range r.Values {
		total := int64(v) + sum
		s := step{input: strconv.Itoa(v), output: spaced(total), remaining: joined(r.Values[i+1:], " + ", spaced)}
		s.computation = fmt.Sprintf("%d + sum = %d + %d =", v, v, sum)
		sum = total % 10
		s.variables = fmt.Sprintf("sum: %s = %d", s.output, sum)
		if verbose {
			s.variables = fmt.Sprintf("sum: %s %% 10 = %d", s.output, sum)
		}
		all = append(all, s)
	}
	return all
}

package lengths

import (
	"fmt"
	"strconv"
)

func parityTasks() []*definition {
	return []*definition{{
		family: "parity", about: "is the number of ones even; lengths count bits",
		train: Range{4, 8}, test: Range{9, 16}, possible: Range{1, 4096},
		markers: verboseMarkers("For bit", "==", "So, the rest is:"), variables: true,
		words: words("Is the number of 1's even in sequence [ ] ? 0 1 Yes No", answerWords, scratchWords, "par par: ** =", verboseWords, "bit"),
		tight: words(". ,"),
		empty: func() Record { return new(ParityRecord) }, draw: drawParity, extract: extractWord, folded: true,
	}}
}

// ParityRecord is bits and whether an odd number of them is 1.
type ParityRecord struct {
	Values   []int `json:"values"`
	Answer   int   `json:"answer"` // 0 is even
	Category int   `json:"cat"`    // how many bits
}

var _ Record = (*ParityRecord)(nil)

func drawParity(d drawing) Record {
	random := d.stream(streamRecord, d.index)
	r := &ParityRecord{Values: make([]int, d.length), Category: d.length}
	for i := range r.Values {
		r.Values[i] = random.IntN(2)
	}
	r.Answer = r.odd()
	return r
}

func (r *ParityRecord) odd() int {
	odd := 0
	for _, v := range r.Values {
		odd ^= v
	}
	return odd
}

func (r *ParityRecord) check(string) error {
	if err := sameCount(r.Category, len(r.Values), "values"); err != nil {
		return err
	}
	if err := inRange(r.Values, 0, 1); err != nil {
		return err
	}
	if odd := r.odd(); odd != r.Answer {
		return fmt.Errorf("the number of ones is odd: %d, but the answer is %d", odd, r.Answer)
	}
	return nil
}

func (r *ParityRecord) length() int      { return len(r.Values) }
func (r *ParityRecord) category() string { return strconv.Itoa(r.Category) }
func (r *ParityRecord) target() string   { return "The answer is " + r.answer() + "." }
func (r *ParityRecord) prompt() string {
	return "Is the number of 1's even in the sequence [ " + joined(r.Values, ", ", spaced) + " ] ? "
}

func (r *ParityRecord) answer() string {
	if r.Answer == 0 {
		return "Yes"
	}
	return "No"
}

// steps carries the parity of the bits so far; the official strings write "**" for the exclusive or.
func (r *ParityRecord) steps(bool) []step {
	var all []step
	odd := 0
	for i, v := range r.Values {
		s := step{input: strconv.Itoa(v), computation: fmt.Sprintf("%d ** par = %d ** %d", v, v, odd)}
		odd ^= v
		s.output, s.variables = strconv.Itoa(odd), fmt.Sprintf("par: %d", odd)
		s.remaining = "[ " + joined(r.Values[i+1:], ", ", spaced) + " ]"
		all = append(all, s)
	}
	return all
}

package attention

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// RecurrentState is what a causal linear attention remembers of the tokens it has seen: sums of a fixed size for each of
// several sequences, however long they grow. [Linear.Decode] and [Additive.Decode] read it and carry it on; one state
// serves one attention of one layer.
//
// The zero value has no sequences; make one with [NewRecurrentState].
type RecurrentState struct {
	sequences int
	heads     int
	rows, dv  int // of a head: features or channels, and the width of the values
	logs      int // scales or log-masses of a head
	// sums [sequences, heads, rows*dv + rows] and tops [sequences, heads, logs] are there twice: a step reads one and
	// writes the other.
	sums [2][]float32
	tops [2][]float64
	now  int
	seen []int
}

// NewRecurrentState returns the state of sequences that have not begun.
func NewRecurrentState(sequences int) *RecurrentState {
	if sequences < 0 {
		panic(fmt.Sprintf("attention: NewRecurrentState: %d sequences", sequences))
	}
	return &RecurrentState{sequences: sequences, seen: make([]int, sequences)}
}

// Sequences returns the number of sequences.
func (s *RecurrentState) Sequences() int { return s.sequences }

// Seen returns the number of tokens of sequence b so far.
func (s *RecurrentState) Seen(b int) int { return s.seen[b] }

// Bytes returns the memory that one copy of the state takes: what a step reads, and writes.
func (s *RecurrentState) Bytes() int { return 4*len(s.sums[0]) + 8*len(s.tops[0]) }

// Reset lets all sequences begin anew.
func (s *RecurrentState) Reset() {
	clear(s.seen)
	s.heads = 0
}

// Select keeps the sequences that index names, in its order: finished ones are left out, and a name that comes twice
// makes a copy, as a beam search wants it.
func (s *RecurrentState) Select(index []int) {
	next := RecurrentState{sequences: len(index), heads: s.heads, rows: s.rows, dv: s.dv, logs: s.logs, seen: make([]int, len(index))}
	next.make()
	for n, b := range index {
		if b < 0 || b >= s.sequences {
			panic(fmt.Sprintf("attention: RecurrentState: Select: there is no sequence %d among %d", b, s.sequences))
		}
		next.seen[n] = s.seen[b]
		if s.heads > 0 {
			sums, tops := s.heads*s.size(), s.heads*s.logs
			copy(next.sums[0][n*sums:(n+1)*sums], s.sums[s.now][b*sums:])
			copy(next.tops[0][n*tops:(n+1)*tops], s.tops[s.now][b*tops:])
		}
	}
	*s = next
}

func (s *RecurrentState) size() int { return s.rows*s.dv + s.rows }

// make takes memory.
func (s *RecurrentState) make() {
	for i := range s.sums {
		s.sums[i] = make([]float32, s.sequences*s.heads*s.size())
		s.tops[i] = make([]float64, s.sequences*s.heads*s.logs)
	}
}

// fit makes the state that of an attention with these sizes, whose logs begin at start. It panics where the state
// belongs to another.
func (s *RecurrentState) fit(op string, sequences, heads, rows, dv, logs int, start float64) {
	if s.sequences != sequences {
		panic(fmt.Sprintf("attention: %s: the state has %d sequences, the batch %d", op, s.sequences, sequences))
	}
	if s.heads == 0 {
		s.heads, s.rows, s.dv, s.logs, s.now = heads, rows, dv, logs, 0
		s.make()
		for i := range s.tops[0] {
			s.tops[0][i] = start
		}
		return
	}
	if s.heads != heads || s.rows != rows || s.dv != dv || s.logs != logs {
		panic(fmt.Sprintf("attention: %s: the state is of %d heads of %d x %d, want %d of %d x %d", op, s.heads, s.rows, s.dv, heads, rows, dv))
	}
}

// of returns the sums and logs of a sequence and head before the step, or after it.
func (s *RecurrentState) of(b, h int, after bool) (sums []float32, tops []float64) {
	i, n := s.now, b*s.heads+h
	if after {
		i = 1 - i
	}
	return s.sums[i][n*s.size() : (n+1)*s.size()], s.tops[i][n*s.logs : (n+1)*s.logs]
}

// keep hands a sequence that got no token on.
func (s *RecurrentState) keep(b, h int) {
	sums, tops := s.of(b, h, true)
	from, fromTops := s.of(b, h, false)
	copy(sums, from)
	copy(tops, fromTops)
}

// step ends a step that gave every sequence its tokens.
func (s *RecurrentState) step(offsets []int) {
	s.now = 1 - s.now
	for b := range s.sequences {
		s.seen[b] += offsets[b+1] - offsets[b]
	}
}

// mustDecode panics unless a step of decoding is possible.
func mustDecode(op string, tp *tensor.Tape, state *RecurrentState) {
	if tp.Recording() {
		panic("attention: " + op + ": Decode wants a pass without Grad: gradients do not go back through a state")
	}
	if state == nil {
		panic("attention: " + op + ": Decode wants a state; make one with NewRecurrentState")
	}
}

// Decode computes the causal attention of further tokens of every sequence, any number of each, none included, after
// those that state has seen, and adds them to state. Token by token or many at a time, the results are those of Apply on
// the whole sequence but for rounding. It wants a pass without gradients.
func (o Linear) Decode(tp *tensor.Tape, state *RecurrentState, in LinearInput) *tensor.Var {
	mustDecode("Linear", tp, state)
	if !o.Causal {
		panic("attention: Linear: Decode wants Causal: without it every token would change all results before")
	}
	if in.Bias != nil {
		panic("attention: Linear: Decode has no state of fixed size for a relative bias; compute the sequence again with Apply")
	}
	return o.apply(tp, in, state)
}

package attention

import (
	"fmt"
	"slices"
)

// stretch is a piece of one sequence: its rows lo to hi of the batch.
type stretch struct {
	item, lo, hi int
	first, last  bool // the sequence begins, ends with it
	after        int  // the slot of what is known after it, -1 where nobody asks
}

// rows returns the number of rows of s.
func (s *stretch) rows() int { return s.hi - s.lo }

// stretches are the pieces of all sequences of a batch, in their order. They are what the linear kernels do at a time.
type stretches struct {
	list  []stretch
	item  []int // items+1 numbers: sequence b is list[item[b]:item[b+1]]
	slots int
}

// cut fills s with pieces of at most size rows, counted from the start of each sequence, so that a sequence is cut the
// same way in every batch. Every piece gets a slot, but for the last one of a sequence only if ends is set.
func (s *stretches) cut(offsets []int, size int, ends bool) {
	s.begin()
	for b := 0; b+1 < len(offsets); b++ {
		s.add(b, offsets[b], offsets[b+1], size)
		s.end()
	}
	for i := range s.list {
		if p := &s.list[i]; ends || !p.last {
			p.after = s.slots
			s.slots++
		}
	}
}

// begin empties s.
func (s *stretches) begin() { s.list, s.item, s.slots = s.list[:0], append(s.item[:0], 0), 0 }

// add appends the pieces of rows lo to hi of sequence b.
func (s *stretches) add(b, lo, hi, size int) {
	for at := lo; at < hi; at += size {
		s.list = append(s.list, stretch{item: b, lo: at, hi: min(at+size, hi), first: at == lo, last: at+size >= hi, after: -1})
	}
}

// end ends a sequence.
func (s *stretches) end() { s.item = append(s.item, len(s.list)) }

// of returns the pieces of sequence b.
func (s *stretches) of(b int) []stretch { return s.list[s.item[b]:s.item[b+1]] }

// items returns the number of sequences.
func (s *stretches) items() int { return len(s.item) - 1 }

// mustOffsets panics unless offsets rise from 0 to the number of rows.
func mustOffsets(op, name string, offsets []int, rows int) {
	if len(offsets) == 0 || offsets[0] != 0 || !slices.IsSorted(offsets) {
		panic(fmt.Sprintf("attention: %s: the %s offsets %v do not rise from 0", op, name, offsets))
	}
	if last := offsets[len(offsets)-1]; last != rows {
		panic(fmt.Sprintf("attention: %s: the %s offsets end at %d, but there are %d rows", op, name, last, rows))
	}
}

package attention_test

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
)

func TestFullPairs(t *testing.T) {
	p := attention.FullPairs([]int{0, 2, 2, 5})
	if want := []int{0, 2, 4, 7, 10, 13}; !slices.Equal(p.RowStart, want) || p.Keys != nil {
		t.Errorf("row starts %v and keys %v, want %v and none", p.RowStart, p.Keys, want)
	}
	if p.Tokens() != 5 || p.Rows() != 13 {
		t.Errorf("%d tokens and %d rows, want 5 and 13", p.Tokens(), p.Rows())
	}
	p.Full([]int{0, 1}) // in the same memory
	if want := []int{0, 1}; !slices.Equal(p.RowStart, want) || p.Tokens() != 1 || p.Rows() != 1 {
		t.Errorf("refilled: row starts %v, want %v", p.RowStart, want)
	}
}

// TestFullPairsReuse fills pairs of many sizes into the same memory: the second time costs no allocation.
func TestFullPairsReuse(t *testing.T) {
	p := attention.FullPairs([]int{0, 100, 130})
	offsets := []int{0, 30, 60, 120}
	if a := testing.AllocsPerRun(10, func() { p.Full(offsets) }); a > 0 {
		t.Errorf("%v allocations, want none", a)
	}
}

func TestSparsePairsErrors(t *testing.T) {
	for _, c := range []struct {
		name              string
		offsets, rowStart []int
		keys              []int32
		want              string // the whole message; "" for none
	}{
		{"good", []int{0, 2, 3}, []int{0, 1, 1, 2}, []int32{1, 2}, ""},
		{"a key twice", []int{0, 2}, []int{0, 2, 2}, []int32{1, 1}, ""},
		{"few starts", []int{0, 2}, []int{0, 1}, []int32{1}, "attention: the row starts do not cover 2 tokens and 1 pairs"},
		{"first start", []int{0, 2}, []int{1, 1, 1}, []int32{1}, "attention: the row starts do not cover 2 tokens and 1 pairs"},
		{"last start", []int{0, 2}, []int{0, 1, 1}, []int32{1, 1}, "attention: the row starts do not cover 2 tokens and 2 pairs"},
		{"falling", []int{0, 2}, []int{0, 2, 1}, []int32{1}, "attention: the rows of query 1 end before they start"},
		{"beyond and back", []int{0, 2}, []int{0, 7, 1}, []int32{1}, "attention: the rows of query 1 end before they start"},
		{"below", []int{0, 2, 3}, []int{0, 0, 0, 1}, []int32{1}, "attention: key 1 of query 2 is not a token of item 1"},
		{"above", []int{0, 2, 3}, []int{0, 1, 1, 1}, []int32{2}, "attention: key 2 of query 0 is not a token of item 0"},
		{"negative", []int{0, 1}, []int{0, 1}, []int32{-1}, "attention: key -1 of query 0 is not a token of item 0"},
		{"no offsets", nil, []int{0}, nil, "attention: the offsets are empty: want items+1 numbers, the first of them 0"},
		{"offsets fall", []int{0, 2, 1}, []int{0, 0}, nil, "attention: the offsets [0 2 1] do not rise from 0"},
		{"offsets start", []int{1, 2}, []int{0, 0, 0}, nil, "attention: the offsets [1 2] do not rise from 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := attention.SparsePairs(c.offsets, c.rowStart, c.keys)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("error %v", err)
			case c.want != "" && (err == nil || err.Error() != c.want):
				t.Errorf("error %v, want %s", err, c.want)
			case c.want == "" && (p.Tokens() != len(c.rowStart)-1 || p.Rows() != len(c.keys)):
				t.Errorf("%d tokens and %d rows", p.Tokens(), p.Rows())
			}
		})
	}
}

package attention_test

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// TestCacheContents: two passes of two sequences, of two heads each with keys of 2 channels and values of 1.
func TestCacheContents(t *testing.T) {
	cache := new(attention.Cache)
	tp := tensor.NewTape()
	for pass, offsets := range [][]int{{0, 1, 3}, {0, 1, 2}} {
		n := offsets[2]
		tp.Begin(tensor.Pass{})
		fill := func(width int, from float32) *tensor.Var {
			x := tensor.New(n, width)
			for i := range x.Data() {
				x.Data()[i] = from + float32(100*pass+i)
			}
			return tp.Const(x)
		}
		attention.Softmax{Heads: 2}.Apply(tp, attention.SoftmaxInput{Queries: offsets, Query: fill(4, 0), Key: fill(4, 0), Value: fill(2, 0.5), Cache: cache})
	}
	for _, c := range []struct {
		b, head      int
		keys, values []float32
	}{
		{0, 0, []float32{0, 1, 100, 101}, []float32{0.5, 100.5}},
		{0, 1, []float32{2, 3, 102, 103}, []float32{1.5, 101.5}},
		{1, 0, []float32{4, 5, 8, 9, 104, 105}, []float32{2.5, 4.5, 102.5}},
		{1, 1, []float32{6, 7, 10, 11, 106, 107}, []float32{3.5, 5.5, 103.5}},
	} {
		if got := cache.Keys(c.b, c.head); !slices.Equal(got, c.keys) {
			t.Errorf("keys of sequence %d, head %d: %v, want %v", c.b, c.head, got, c.keys)
		}
		if got := cache.Values(c.b, c.head); !slices.Equal(got, c.values) {
			t.Errorf("values of sequence %d, head %d: %v, want %v", c.b, c.head, got, c.values)
		}
	}
}

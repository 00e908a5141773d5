package attention_test

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// TestSoftmaxGroups holds that a short sequence gets the gradients of all heads behind one so long that the backward pass
// has memory for one of its heads at a time.
func TestSoftmaxGroups(t *testing.T) {
	const long, short, heads, dim = 18000, 5, 2, 64
	rng := rand.New(rand.NewPCG(1, 1))
	x := tensor.New(long+short, heads*dim)
	for i := range x.Data() {
		x.Data()[i] = float32(rng.NormFloat64())
	}
	gradient := func(rows *tensor.Tensor, queries []int) []float32 {
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Grad: true})
		q, k, v := tp.Leaf(rows), tp.Leaf(rows.Clone()), tp.Leaf(rows.Clone())
		in := attention.SoftmaxInput{Queries: queries, Query: q, Key: k, Value: v}
		in.Mask.Window = &attention.Window{Back: 3, Ahead: 3}
		tp.Backward(tp.Sum(tp.Square(attention.Softmax{Heads: heads}.Apply(tp, in).Tokens)))
		return append(append(append([]float32(nil), q.Grad()[len(q.Grad())-short*heads*dim:]...), k.Grad()[len(k.Grad())-short*heads*dim:]...),
			v.Grad()[len(v.Grad())-short*heads*dim:]...)
	}
	all := gradient(x, []int{0, long, long + short})
	alone := gradient(tensor.FromSlice(x.Data()[long*heads*dim:], short, heads*dim), []int{0, short})
	sameNumbers(t, "gradients of queries, keys and values", all, alone)
}

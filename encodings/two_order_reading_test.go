package encodings

import (
	"runtime"
	"slices"
	"testing"

	"github.com/graft-ml/graft/tensor"
)

// Tokens that are brought into reading order give what masks by places give, which attention weights that are kept, or a
// bias of the model's own, ask for; and forward and backward have the same bits for any number of workers.
func TestTwoOrderReads(t *testing.T) {
	m := newTwoOrderModel(t)
	offsets := []int{0, 1, 1, 141, 350}
	var rows, cols []int32
	for b := range len(offsets) - 1 {
		n := offsets[b+1] - offsets[b]
		for i := range n {
			rows, cols = append(rows, int32(n-1-i)), append(cols, int32((13*i+5)%n)) // 13 divides none of the lengths
		}
	}
	table, err := InOrders(offsets, rows, cols)
	table = layoutOf(t, table, err)
	x, dy := normalTensor(1, 350, 16), normalTensor(2, 350, 16)
	run := func(keep bool) (list [][]float32) {
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		p := beginOn(t, m.enc, tp, table)
		a := m.attention(tp, table, x)
		a.KeepWeights = keep
		y := a.Run(tp, p).Keep()
		tp.Backward(tp.Add(tp.Sum(tp.Mul(y, tp.Const(dy))), p.Loss(tp)))
		list = append(list, slices.Clone(y.Data()))
		for _, w := range []*tensor.Tensor{m.q.Weight, m.k.Weight, m.v.Weight, m.enc.routers[0].gate.Weight, m.enc.routers[0].down.Bias} {
			list = append(list, slices.Clone(tp.Grad(w)))
		}
		return list
	}
	want, got := run(true), run(false)
	for k := range want {
		most := float32(0)
		for _, v := range want[k] {
			most = max(most, v, -v)
		}
		if d := farthest(want[k], got[k]); d > 2e-5*float64(most) {
			t.Errorf("number %d differs by %v of %v", k, d, most)
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, workers := range []int{1, 3} {
		runtime.GOMAXPROCS(workers)
		for k, other := range run(false) {
			if !slices.Equal(other, got[k]) {
				t.Errorf("number %d has other bits with %d workers", k, workers)
			}
		}
	}
}

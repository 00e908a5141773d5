package nn_test

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestDropPath: whole items are dropped, about as often as was asked for; the others are scaled up, and the gradient does
// the same.
func TestDropPath(t *testing.T) {
	const items, p = 4000, 0.25
	offsets := make([]int, items+1)
	for b := range items {
		offsets[b+1] = offsets[b] + b%3
	}
	x := tensor.New(offsets[items], 2)
	for i := range x.Data() {
		x.Data()[i] = 1 + float32(i%7)
	}
	tp := tensor.NewTape()
	run := func(seed uint64, train bool) (y, g []float32) {
		tp.Begin(tensor.Pass{Train: train, Grad: true, Seed: seed})
		out := nn.DropPath(tp, tp.Leaf(x), offsets, p).Keep()
		tp.Backward(tp.Sum(tp.Square(out)))
		return append(y, out.Data()...), append(g, tp.Grad(x)...)
	}
	y, g := run(1, true)
	dropped := 0
	for b := range items {
		factor := float32(1 / (1 - p))
		if lo := 2 * offsets[b]; offsets[b] < offsets[b+1] && y[lo] == 0 {
			factor = 0
			dropped++
		}
		for i := 2 * offsets[b]; i < 2*offsets[b+1]; i++ {
			if want := x.Data()[i] * factor; y[i] != want || math.Abs(float64(g[i]-2*want*factor)) > 1e-5*float64(want) {
				t.Fatalf("item %d: %v and gradient %v of %v, want %v and %v", b, y[i], g[i], x.Data()[i], want, 2*want*factor)
			}
		}
	}
	if share := float64(dropped) / (items * 2 / 3); math.Abs(share-p) > 0.03 {
		t.Errorf("%v of the items are dropped, want about %v", share, p)
	}
	again, _ := run(1, true)
	other, _ := run(2, true)
	same := 0
	for i := range y {
		if y[i] != again[i] {
			t.Fatal("the same seed drops other items")
		}
		if y[i] == other[i] {
			same++
		}
	}
	if same == len(y) {
		t.Error("another seed drops the same items")
	}
	if y, _ := run(1, false); y[0] != x.Data()[0] {
		t.Error("an evaluation pass changes something")
	}
	wantPanic(t, "nn: DropPath: probability 1", func() { nn.DropPath(tp, tp.Leaf(x), offsets, 1) })
	wantPanic(t, "do not fit", func() {
		tp.Begin(tensor.Pass{Train: true})
		nn.DropPath(tp, tp.Leaf(x), []int{0, 1}, p)
	})
}

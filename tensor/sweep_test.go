package tensor

import "testing"

// TestSweep holds that inference in layers needs the memory of one layer, and that what is kept stays as it was.
func TestSweep(t *testing.T) {
	const size, layers = 1 << 12, 10
	run := func(sweep bool, p Pass) (y []float32, peak int64) {
		tp := NewTape()
		tp.arena.poison = true
		tp.Begin(p)
		x := tp.Leaf(random(1, size))
		kept := tp.Exp(x).Keep()
		mark := tp.Mark()
		for range layers {
			x = tp.Reshape(tp.Scale(tp.Tanh(tp.GELU(x)), 2), size) // lies in the memory of the Var below
			if sweep {
				tp.Sweep(mark, x)
			}
		}
		x = tp.Mul(x, kept)
		return clone(x.Data()), tp.PeakBytes()
	}
	plain, all := run(false, Pass{})
	swept, less := run(true, Pass{})
	if !sameBits(plain, swept) {
		t.Error("values differ where memory is swept")
	}
	if most := int64(4 * size * 6); less > most || all < 3*layers*4*size {
		t.Errorf("%d bytes with and %d without sweeping, want %d at most with", less, all, most)
	}
	if recorded, peak := run(true, Pass{Grad: true}); peak < all || !sameBits(recorded, plain) {
		t.Error("a pass that records gradients was swept")
	}
	tp := NewTape()
	tp.arena.poison = true
	mark := tp.Mark()
	x := tp.Const(row(1, 2, 3, 4))
	part := tp.Rows(tp.Reshape(tp.Scale(x, 2), 4, 1), 2, 3) // does not begin where the memory below does
	tp.Sweep(mark, part)
	tp.Scale(x, 3)
	if part.Data()[0] != 6 {
		t.Errorf("rows that were kept are %v, want 6", part.Data())
	}
	mark = tp.Mark()
	gone := tp.Exp(tp.Const(New(3)))
	tp.Sweep(mark)
	wantPanic(t, "tensor: Value: the memory of this Var was given back by Backward or Sweep", func() { gone.Value() })
}

package tensor

import (
	"math"
	"testing"
)

func TestWatchNamesTheOperation(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name string
		x    []float32 // [3, 2]
		f    func(tp *Tape, x *Var) *Var
		want string // "" for nothing
	}{
		{"all is well", []float32{1, 2, 3, 4, 5, 6}, func(tp *Tape, x *Var) *Var { return tp.Exp(x) }, ""},
		{"overflow", []float32{1, 2, 3, 4, 5, 100}, func(tp *Tape, x *Var) *Var { return tp.Exp(x) },
			"+Inf in the value of operation Exp of block.0, row 2"},
		{"in the input", []float32{1, 2, nan, 4, 5, 6}, func(tp *Tape, x *Var) *Var { return tp.Tanh(x) },
			"NaN in the value of operation Tanh of block.0, row 1"},
		{"the first counts", []float32{1, 2, 3, 4, 5, 6},
			func(tp *Tape, x *Var) *Var { return tp.Exp(tp.Log1p(tp.Scale(x, -1))) },
			"-Inf in the value of operation Log1p of block.0, row 0"},
		{"infinity times 0", []float32{-1, 2, 3, 4, 5, 6}, func(tp *Tape, x *Var) *Var { return tp.Scale(tp.ReLU(x), inf) },
			"NaN in the value of operation Scale of block.0, row 0"},
		{"only in the gradient", []float32{1, 2, 3, 4, 5, 6},
			func(tp *Tape, x *Var) *Var { return tp.Scale(tp.Scale(tp.Scale(x, 1e-30), 1e30), 1e30) },
			"+Inf in the gradient of operation Scale of block.0, row 0"},
	} {
		tp := NewTape()
		tp.Watch(true)
		tp.Begin(Pass{Grad: true})
		tp.Enter("block")
		tp.Enter("0")
		y := c.f(tp, tp.Leaf(FromSlice(c.x, 3, 2)))
		tp.Leave()
		tp.Leave()
		tp.Backward(tp.Sum(y))
		got := ""
		if bad := tp.FirstBad(); bad != nil {
			got = bad.String()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// steep is x whose gradient is not finite.
type steep struct {
	x, y *Var
	g    float32
}

func (f *steep) Backward(*Tape) {
	g := f.x.AccumulateZeroed()
	for i, dy := range f.y.OutGrad() {
		g[i] += dy
	}
	g[len(g)-1] = f.g
}

func TestWatchFindsGradients(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(-1)} {
		for _, watch := range []bool{true, false} {
			tp, x := NewTape(), New(4, 2)
			tp.Watch(watch)
			tp.Begin(Pass{Grad: true})
			h := tp.Tanh(tp.Leaf(x))
			tp.Enter("head")
			f := &steep{x: h, y: tp.Out(true, 4, 2), g: float32(bad)}
			copy(f.y.Data(), h.Data())
			tp.Record("Steep", f, f.y)
			tp.Leave()
			tp.Backward(tp.Sum(f.y))
			got := tp.FirstBad()
			if !watch {
				if got != nil {
					t.Errorf("found %v without watching", got)
				}
				continue
			}
			if got == nil || got.Op != "Steep" || got.Path != "head" || !got.Gradient || got.Row != 3 {
				t.Fatalf("found %v, want the gradient of Steep of head, row 3", got)
			}
			if want := formatBad(float32(bad)) + " in the gradient of operation Steep of head, row 3"; got.String() != want {
				t.Errorf("%q, want %q", got, want)
			}
			tp.Begin(Pass{})
			if tp.FirstBad() != nil {
				t.Error("a new pass remembers what the last one found")
			}
		}
	}
}

func TestWatchAtTheTop(t *testing.T) {
	tp := NewTape()
	tp.Watch(true)
	tp.Begin(Pass{})
	tp.Exp(tp.Const(FromSlice([]float32{1000}, 1)))
	if got, want := tp.FirstBad().String(), "+Inf in the value of operation Exp of the model, row 0"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

package tensor

import (
	"fmt"
	"strings"
	"testing"
)

// wantPanic fails t unless f panics with the message want.
func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
			t.Errorf("panic %q, want %q", got, want)
		}
	}()
	f()
}

// begin returns a tape in a training pass.
func begin() *Tape {
	tp := NewTape()
	tp.Begin(Pass{Train: true, Grad: true})
	return tp
}

func TestLeafUsedTwice(t *testing.T) {
	tp, x := begin(), FromSlice([]float32{2, 3}, 2)
	if first, second := tp.Leaf(x), tp.Leaf(x); first != second {
		t.Error("the same tensor gives two Vars")
	}
	tp.Backward(tp.Sum(tp.Add(tp.Mul(tp.Leaf(x), tp.Leaf(x)), tp.Leaf(x))))
	if g := tp.Grad(x); g[0] != 5 || g[1] != 7 {
		t.Errorf("gradient of x*x + x at 2 and 3 is %v, want 5 and 7", g)
	}
}

func TestGradOfWhatTheLossDoesNotReach(t *testing.T) {
	tp, x, unused, aside := begin(), New(3), New(3), New(3)
	y := tp.Leaf(x)
	tp.Exp(tp.Leaf(aside)) // used, but not by the loss
	tp.Backward(tp.Sum(y))
	if tp.Grad(x) == nil || tp.Grad(unused) != nil || tp.Grad(aside) != nil {
		t.Errorf("gradients %v, %v, %v, want only the first", tp.Grad(x), tp.Grad(unused), tp.Grad(aside))
	}
}

func TestConstGetsNoGradient(t *testing.T) {
	tp, x := begin(), New(3)
	c := tp.Const(x)
	if c.Needs() {
		t.Error("a constant wants a gradient")
	}
	loss := tp.Sum(tp.Exp(c))
	tp.Backward(loss) // of nothing: no error
	if tp.Grad(x) != nil || loss.Grad() != nil {
		t.Error("a constant got a gradient")
	}
	wantPanic(t, "tensor: Accumulate: no gradient of this Var is wanted", func() { c.Accumulate() })
}

func TestPassWithoutGradients(t *testing.T) {
	tp, x := NewTape(), New(3) // a new tape is in an evaluation pass
	if tp.Training() || tp.Recording() {
		t.Error("a new tape trains or records")
	}
	if tp.Leaf(x).Needs() {
		t.Error("a leaf wants a gradient in an evaluation pass")
	}
	wantPanic(t, "tensor: Backward: the pass was begun without Grad", func() { tp.Backward(tp.Sum(tp.Leaf(x))) })
	tp.Begin(Pass{Train: true, Grad: true})
	if !tp.Training() || !tp.Recording() || !tp.Leaf(x).Needs() {
		t.Error("the pass does not train or record")
	}
}

func TestBackwardRefuses(t *testing.T) {
	tp := begin()
	x := tp.Leaf(New(2, 3))
	wantPanic(t, "tensor: Backward: the loss has shape [2x3], want a single number", func() { tp.Backward(x) })
	first, second := tp.Sum(x), tp.Mean(x)
	tp.Backward(first)
	wantPanic(t, "tensor: Backward: this pass was differentiated already; add the losses, or begin a new pass", func() { tp.Backward(second) })
	tp.Begin(Pass{Grad: true})
	tp.Backward(tp.Sum(tp.Leaf(New(1))))
}

func TestBackwardOfALeaf(t *testing.T) {
	tp, x := begin(), Scalar(3)
	tp.Backward(tp.Leaf(x))
	if g := tp.Grad(x); len(g) != 1 || g[0] != 1 {
		t.Errorf("gradient of a number by itself is %v, want 1", g)
	}
}

func TestKeep(t *testing.T) {
	tp, x := begin(), FromSlice([]float32{1, 2}, 2)
	gone := tp.Scale(tp.Leaf(x), 2)
	kept := tp.Exp(gone).Keep()
	tp.Backward(tp.Sum(tp.Scale(kept, 3)))
	if g := kept.Grad(); len(g) != 2 || g[0] != 3 {
		t.Errorf("gradient of a kept Var is %v, want 3 and 3", g)
	}
	if v := kept.Value().At(0); v < 7.38 || v > 7.39 {
		t.Errorf("value of a kept Var is %v, want exp(2)", v)
	}
	if gone.Grad() != nil {
		t.Errorf("a Var that was not kept has gradient %v", gone.Grad())
	}
	wantPanic(t, "tensor: Value: the memory of this Var was given back by Backward", func() { gone.Value() })
}

// TestKeepReshaped keeps a Var that lies in the memory of another.
func TestKeepReshaped(t *testing.T) {
	tp, x := NewTape(), random(1, 2, 3)
	tp.arena.poison = true
	tp.Begin(Pass{Grad: true})
	kept := tp.Reshape(tp.Reshape(tp.Scale(tp.Leaf(x), 2), 3, 2), 6).Keep()
	want := clone(kept.Data())
	y := tp.Exp(kept)
	for range 3 {
		y = tp.Tanh(y)
	}
	tp.Backward(tp.Sum(y))
	if !sameBits(kept.Data(), want) {
		t.Errorf("the values of a kept Var were overwritten: %v, were %v", kept.Data(), want)
	}
}

func TestLossIsKept(t *testing.T) {
	tp := begin()
	loss := tp.Sum(tp.Leaf(FromSlice([]float32{1, 2}, 2)))
	tp.Backward(loss)
	if loss.Value().At() != 3 {
		t.Errorf("the loss is %v after Backward, want 3", loss.Value())
	}
}

func TestDraw(t *testing.T) {
	stream := func(seed, step uint64) string {
		tp := NewTape()
		tp.Begin(Pass{Train: true, Seed: seed, Step: step})
		out := ""
		for range 3 {
			key, counter := tp.Draw()
			out += fmt.Sprintln(key, counter)
		}
		return out
	}
	if first, second := stream(1, 2), stream(1, 2); first != second {
		t.Error("two tapes in the same pass draw other streams")
	}
	seen := map[string]string{}
	for seed := uint64(0); seed < 20; seed++ {
		for step := uint64(0); step < 20; step++ {
			s, name := stream(seed, step), fmt.Sprintf("seed %d step %d", seed, step)
			if seen[s] != "" {
				t.Errorf("%s draws the streams of %s", name, seen[s])
			}
			seen[s] = name
		}
	}
	tp := begin()
	_, a := tp.Draw()
	_, b := tp.Draw()
	tp.Begin(Pass{})
	if _, again := tp.Draw(); a == b || again != a {
		t.Errorf("counters %d and %d in one pass, %d at the start of the next; want two different and the first again", a, b, again)
	}
}

// TestDropoutStreams holds what dropout depends on: seed, step and the operation's place, and nothing else.
func TestDropoutStreams(t *testing.T) {
	x := New(200)
	x.Fill(1)
	masks := func(seed, step uint64) [2]string {
		tp := NewTape()
		tp.Begin(Pass{Train: true, Seed: seed, Step: step})
		return [2]string{fmt.Sprint(tp.Dropout(tp.Const(x), 0.5).Data()), fmt.Sprint(tp.Dropout(tp.Const(x), 0.5).Data())}
	}
	a := masks(1, 1)
	if a != masks(1, 1) {
		t.Error("the same pass gives other masks")
	}
	if a[0] == a[1] {
		t.Error("two dropouts of a pass have the same mask")
	}
	if a == masks(1, 2) || a == masks(2, 1) {
		t.Error("another step, or seed, has the same masks")
	}
	tp := NewTape()
	v := tp.Const(x)
	if tp.Dropout(v, 0.5) != v {
		t.Error("an evaluation pass drops")
	}
	tp.Begin(Pass{Train: true})
	if v = tp.Const(x); tp.Dropout(v, 0) != v {
		t.Error("a probability of 0 does not return the Var itself")
	}
}

func TestRecordRefuses(t *testing.T) {
	tp := begin()
	wantPanic(t, "tensor: Record: Many has 4 results, want 1 to 3", func() { tp.Record("Many", nil, make([]*Var, 4)...) })
	wantPanic(t, "tensor: Record: None has 0 results, want 1 to 3", func() { tp.Record("None", nil) })
}

// split is an operation of two results: the two halves of a vector.
type split struct{ x, low, high *Var }

func splitVector(tp *Tape, x *Var) (low, high *Var) {
	half := x.Value().Size() / 2
	f := &split{x: x, low: tp.Out(x.Needs(), half), high: tp.Out(x.Needs(), half)}
	copy(f.low.Data(), x.Data())
	copy(f.high.Data(), x.Data()[half:])
	tp.Record("Split", f, f.low, f.high)
	return f.low, f.high
}

func (f *split) Backward(*Tape) {
	g := f.x.AccumulateZeroed()
	for i, v := range f.low.OutGrad() {
		g[i] += v
	}
	if f.high.Reached() {
		for i, v := range f.high.OutGrad() {
			g[i+len(f.low.OutGrad())] += v
		}
	}
}

// TestSeveralResults differentiates an operation of two results where one or both are used.
func TestSeveralResults(t *testing.T) {
	for _, c := range []struct {
		name string
		loss func(tp *Tape, low, high *Var) *Var
		want []float32
	}{
		{"both", func(tp *Tape, low, high *Var) *Var { return tp.Sum(tp.Sub(high, low)) }, []float32{-1, -1, 1, 1}},
		{"low", func(tp *Tape, low, _ *Var) *Var { return tp.Sum(low) }, []float32{1, 1, 0, 0}},
		{"high", func(tp *Tape, _, high *Var) *Var { return tp.Sum(high) }, []float32{0, 0, 1, 1}},
	} {
		tp, x := NewTape(), random(1, 4)
		tp.arena.poison = true
		tp.Begin(Pass{Grad: true})
		low, high := splitVector(tp, tp.Leaf(x))
		tp.Backward(c.loss(tp, low, high))
		if !sameBits(tp.Grad(x), c.want) {
			t.Errorf("%s: gradient %v, want %v", c.name, tp.Grad(x), c.want)
		}
	}
}

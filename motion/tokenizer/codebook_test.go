package tokenizer

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

func book(reset Reset, codes, width, every int) *Codebook {
	return newCodebook(Config{Codes: codes, CodeWidth: width, Reset: reset, ResetEvery: every, Momentum: 0.9})
}

// pass is a training pass of the codebook alone, on a tape of its own.
func (b *Codebook) pass(x *tensor.Tensor, step int) []int32 {
	return b.passOn(tensor.NewTape(), x, step)
}

func (b *Codebook) passOn(tp *tensor.Tape, x *tensor.Tensor, step int) []int32 {
	tp.Begin(tensor.Pass{Train: true, Seed: 4, Step: uint64(step)})
	return slices.Clone(b.Apply(tp, tp.Const(x)).Codes)
}

// TestFill: the first pass fills the codebook with its rows, which then choose themselves; fewer rows come with noise.
func TestFill(t *testing.T) {
	b, x := book(ResetNever, 4, 3, 20), normal(1, 6, 3)
	if b.Filled() {
		t.Error("a new codebook is filled")
	}
	codes := b.pass(x, 0)
	if !slices.Equal(codes[:4], []int32{0, 1, 2, 3}) || !b.Filled() {
		t.Errorf("codes %v", codes)
	}
	few := book(ResetNever, 7, 3, 20)
	few.pass(normal(2, 2, 3), 0)
	if slices.Equal(few.Vectors.Row(0), few.Vectors.Row(2)) {
		t.Error("repeated rows have no noise")
	}
	none := book(ResetLasting, 3, 2, 1)
	for s := range 4 {
		none.pass(tensor.New(0, 2), s)
	}
	if v := none.Vectors.Data(); slices.ContainsFunc(v, func(x float32) bool { return x != x }) {
		t.Errorf("passes without rows made %v of the codebook", v)
	}
}

// TestReset: one code is far from all rows. The official reset brings it near for a step, the lasting one for good.
func TestReset(t *testing.T) {
	for _, c := range []struct {
		reset        Reset
		atOnce, next bool // whether the code is near after the reset, and one pass later
	}{{ResetOfficial, true, false}, {ResetLasting, true, true}, {ResetNever, false, false}} {
		b, x := book(c.reset, 3, 2, 4), normal(3, 12, 2)
		b.Vectors.CopyFrom(tensor.FromSlice([]float32{0, 0, 1, 1, 1000, 1000}, 3, 2))
		b.Sums.CopyFrom(b.Vectors)
		b.Counts.Fill(1)
		near := func() bool { return math.Abs(float64(b.Vectors.At(2, 0))) < 100 }
		for s := range 5 {
			b.pass(x, s)
		}
		if b.Calls.Data()[0] != 0 || near() != c.atOnce {
			t.Errorf("%v: after the reset the code is at %v, calls %v", c.reset, b.Vectors.Row(2), b.Calls.Data())
		}
		if b.pass(x, 5); near() != c.next {
			t.Errorf("%v: a pass later the code is at %v", c.reset, b.Vectors.Row(2))
		}
	}
}

// TestUnusedForLong: running counts that have come to nothing do not make a code NaN.
func TestUnusedForLong(t *testing.T) {
	b := book(ResetNever, 2, 1, 20)
	b.Vectors.CopyFrom(tensor.FromSlice([]float32{0, 50}, 2, 1))
	b.Sums.CopyFrom(b.Vectors)
	b.Counts.Fill(1)
	tp, x := tensor.NewTape(), tensor.FromSlice([]float32{0.25}, 1, 1)
	for s := range 1500 {
		b.passOn(tp, x, s)
	}
	if v := b.Vectors.Data(); math.Abs(float64(v[1])-50) > 0.01 || math.Abs(float64(v[0])-0.25) > 1e-4 {
		t.Errorf("codes at %v, want 0.25 and 50", v)
	}
}

// TestNearest: ties go to the first code, and the answer is that of a plain loop.
func TestNearest(t *testing.T) {
	b := book(ResetNever, 37, 5, 20)
	b.Vectors.CopyFrom(normal(5, 37, 5))
	copy(b.Vectors.Row(30), b.Vectors.Row(3))
	x := normal(6, 201, 5)
	copy(x.Row(0), b.Vectors.Row(30))
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	q := b.Apply(tp, tp.Const(x))
	sum := 0.0
	for r := range x.Rows() {
		best, at := math.Inf(1), 0
		for k := range b.Len() {
			d := 0.0
			for i, v := range x.Row(r) {
				e := float64(v) - float64(b.Vectors.Row(k)[i])
				d += e * e
			}
			if d < best {
				best, at = d, k
			}
		}
		if sum += best; int(q.Codes[r]) != at {
			t.Errorf("row %d has code %d, want %d", r, q.Codes[r], at)
		}
	}
	if got, want := float64(q.Commitment.Data()[0]), sum/float64(x.Size()); math.Abs(got-want) > 1e-6*want {
		t.Errorf("commitment %v, want %v", got, want)
	}
	if q.Codes[0] != 3 {
		t.Errorf("of equal codes %d was taken, want 3", q.Codes[0])
	}
}

func TestUse(t *testing.T) {
	if u := UseOf(8, []int32{1, 1}, []int32{5, 5}); u.Codes != 2 || math.Abs(u.Perplexity-2) > 1e-4 {
		t.Errorf("two codes alike: %+v", u)
	}
	if u := UseOf(8); u != (Use{Perplexity: 1}) {
		t.Errorf("no codes: %+v", u)
	}
}

// TestTrainingIsDeterministic: the same bits at one processor and at several, over resets.
func TestTrainingIsDeterministic(t *testing.T) {
	c := toy
	c.Reset, c.ResetEvery = ResetLasting, 3
	state := func() []float32 {
		m, _ := trained(t, c, 12)
		var all []float32
		for _, p := range nn.Collect(m).All() {
			all = append(all, p.Tensor.Data()...)
		}
		return all
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := state()
	runtime.GOMAXPROCS(4)
	if !slices.Equal(one, state()) {
		t.Error("the number of processors shows")
	}
}

// TestQuantiseAllocates: nothing in a steady state.
func TestQuantiseAllocates(t *testing.T) {
	b, x := book(ResetNever, 16, 8, 20), normal(9, 100, 8)
	tp := tensor.NewTape()
	step := func() {
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		q := b.Apply(tp, tp.Leaf(x))
		tp.Backward(tp.Add(q.Commitment, tp.Mean(q.Vectors)))
	}
	step()
	if n := testing.AllocsPerRun(10, step); n > 0 {
		t.Errorf("%v allocations a pass", n)
	}
}

// TestStraightThrough: latents get the gradient of the codes and that of the commitment.
func TestStraightThrough(t *testing.T) {
	b, x, probe := book(ResetNever, 5, 4, 20), normal(10, 9, 4), normal(11, 9, 4)
	b.Vectors.CopyFrom(normal(12, 5, 4))
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	q := b.Apply(tp, tp.Leaf(x))
	codes := slices.Clone(q.Codes)
	tp.Backward(tp.Add(tp.Sum(tp.Mul(q.Vectors, tp.Const(probe))), tp.Scale(q.Commitment, 3)))
	for i, g := range tp.Grad(x) {
		want := probe.Data()[i] + 3*2*(x.Data()[i]-b.Vectors.Row(int(codes[i/4]))[i%4])/36
		if math.Abs(float64(g-want)) > 1e-5 {
			t.Fatalf("gradient %d is %v, want %v", i, g, want)
		}
	}
}

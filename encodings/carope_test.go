package encodings

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// transposed turns a weight [in, out] into one of nn.Linear.
func transposed(w *tensor.Tensor) *tensor.Tensor {
	out := tensor.New(w.Cols(), w.Rows())
	for r := range w.Rows() {
		for c, v := range w.Row(r) {
			out.Row(c)[r] = v
		}
	}
	return out
}

// caropeLayer is one attention layer with projections and an encoder.
type caropeLayer struct {
	enc        Encoder
	q, k, v, o *nn.Linear
	heads      int
}

func (c *caropeLayer) apply(tp *tensor.Tape, p Positions, l *Layout, in *tensor.Var) *tensor.Var {
	a := &Attention{Input: in, Softmax: attention.Softmax{Heads: c.heads}}
	a.Queries, a.Mask.Causal = l.Offsets, true
	a.Query, a.Key, a.Value = c.q.Apply(tp, in), c.k.Apply(tp, in), c.v.Apply(tp, in)
	return c.o.Apply(tp, a.Run(tp, p))
}

// TestGoldenCARoPE is derived: an independent implementation of the paper's equations.
func TestGoldenCARoPE(t *testing.T) {
	for _, c := range golden.Files(t, "carope", "attention") {
		var config struct {
			Width int `json:"d_model"`
			Heads int
		}
		c.JSON(t, "config", &config)
		x := c.Tensor("x")
		items, tokens := x.Shape()[0], x.Shape()[1]
		l := mustLayout(t)(Sequences(evenOffsets(items, tokens)))
		linear := func(name string) *nn.Linear { return &nn.Linear{Weight: transposed(c.Tensor("w.W_" + name))} }
		for suffix, fromZero := range map[string]bool{"": false, "_exponents_from_0": true} {
			enc := mustEncoder(t, CARoPE{FromZero: fromZero}, Dims{Width: config.Width, Heads: config.Heads}).(*caropeEncoder)
			enc.speed[0] = linear("f")
			layer := &caropeLayer{enc: enc, heads: config.Heads, q: linear("q"), k: linear("k"), v: linear("v"), o: linear("o")}
			tp := tape(false)
			p := mustBegin(t, tp, enc, l).(*caropePass)
			rows := x.Reshape(l.Tokens(), config.Width)
			in := tp.Leaf(rows)
			c.CompareFlat(t, "phase"+suffix, unwound(p.phases(tp, 0, in).Data(), c.Tensor("phase"+suffix).Data()), golden.Forward)
			out := layer.apply(tp, p, l, in)
			c.CompareFlat(t, "out"+suffix, out.Data(), golden.Forward)
			if fromZero {
				continue
			}
			f := make([]float64, 0, l.Tokens()*config.Heads)
			for _, z := range enc.speed[0].Apply(tp, in).Data() {
				v, _ := speed(float64(z))
				f = append(f, v)
			}
			c.CompareFloat64s(t, "f", f, golden.Forward)
			tp.Backward(dotLoss(tp, out, c.Tensor("probe")))
			c.CompareFlat(t, "grad.x", tp.Grad(rows), golden.Gradient)
			for name, w := range map[string]*nn.Linear{"f": enc.speed[0], "q": layer.q, "k": layer.k, "v": layer.v, "o": layer.o} {
				g := tensor.FromSlice(tp.Grad(w.Weight), w.Weight.Shape()...)
				c.Compare(t, "grad.W_"+name, transposed(g), golden.Gradient)
			}
		}
	}
}

// unwound adds to every phase the turns that bring it nearest to what is wanted.
func unwound(got, want []float32) []float32 {
	out := make([]float32, len(got))
	for n, v := range got {
		out[n] = float32(float64(v) + 2*math.Pi*math.Round(float64(want[n]-v)/(2*math.Pi)))
	}
	return out
}

// caropeRun computes the phases of an encoder in one pass over rows of x.
func caropeRun(t *testing.T, enc Encoder, l *Layout, x *tensor.Tensor) []float32 {
	t.Helper()
	tp := tape(false)
	p := mustBegin(t, tp, enc, l)
	p.Tokens(tp, tp.Const(x))
	a := &Attention{Input: tp.Const(x)}
	p.Attend(tp, a)
	return slices.Clone(a.RotateKey.Angles.Data())
}

// TestCARoPEGoesOn: passes that continue sequences come to the phases of one pass, bit for bit, in ragged batches too.
func TestCARoPEGoesOn(t *testing.T) {
	const width = 6
	for _, e := range []CARoPE{{}, {FromZero: true, Bias: true}, {Shared: true}} {
		enc := mustEncoder(t, e, Dims{Width: width, Heads: 2, HeadDim: 4})
		x := tensor.New(11, width)
		nn.NewInit(2).Normal(x, 1)
		whole := caropeRun(t, enc, mustLayout(t)(Sequences([]int{0, 4, 11})), x)
		m := NewMemory(2)
		part := func(offsets, past []int, rows ...int) {
			sub := tensor.New(len(rows), width)
			for n, r := range rows {
				copy(sub.Row(n), x.Row(r))
			}
			got := caropeRun(t, enc, mustLayout(t)(ContinuedSequences(offsets, past, m)), sub)
			for n, r := range rows {
				for i := range 4 {
					if d := math.Abs(float64(got[n*4+i] - whole[r*4+i])); d > 1e-6 {
						t.Errorf("%+v: token %d is at phase %v, in one pass at %v", e, r, got[n*4+i], whole[r*4+i])
					}
				}
			}
		}
		part([]int{0, 3, 8}, []int{0, 0}, 0, 1, 2, 4, 5, 6, 7, 8)
		part([]int{0, 0, 1}, []int{3, 5}, 9)
		part([]int{0, 1, 2}, []int{3, 6}, 3, 10)
		part([]int{0, 1, 1}, []int{0, 7}, 0) // begins again
		if alone := caropeRun(t, enc, mustLayout(t)(Sequences([]int{0, 7})), tensor.FromSlice(x.Data()[4*width:], 7, width)); !slices.Equal(alone, whole[16:]) {
			t.Errorf("%+v: the second sequence alone differs from the batch", e)
		}
	}
	enc := mustEncoder(t, CARoPE{}, Dims{Width: 4, Heads: 1})
	if _, err := enc.Begin(tape(false), mustLayout(t)(ContinuedSequences([]int{0, 1}, []int{3}, nil))); err == nil || !strings.Contains(err.Error(), "Memory") {
		t.Errorf("a past without a memory: %v", err)
	}
}

// TestCARoPEStart: with the bias the phases begin as those of RoPE with the exponents 1, 2, ... or 0, 1, ....
func TestCARoPEStart(t *testing.T) {
	const dim = 8
	for _, fromZero := range []bool{false, true} {
		enc := mustEncoder(t, CARoPE{FromZero: fromZero, Bias: true}, Dims{Width: 5, Heads: 1, HeadDim: dim})
		x := tensor.New(9, 5)
		nn.NewInit(2).Normal(x, 1)
		got := caropeRun(t, enc, mustLayout(t)(Sequences([]int{0, 9})), x)
		want := make([]float32, len(got))
		for n := range got {
			i := n % (dim / 2)
			if !fromZero {
				i++
			}
			want[n] = float32(float64(n/(dim/2)+1) * math.Pow(10000, -2*float64(i)/dim))
		}
		for n, v := range unwound(got, want) {
			if math.Abs(float64(v-want[n])) > 1e-5 {
				t.Errorf("from zero %v: phase %d is %v, want %v", fromZero, n, v, want[n])
			}
		}
	}
}

// TestCARoPESharedHeads: heads of queries turn as the heads of keys that they share.
func TestCARoPESharedHeads(t *testing.T) {
	enc := mustEncoder(t, CARoPE{}, Dims{Width: 6, Heads: 4, KVHeads: 2, HeadDim: 4})
	tp := tape(false)
	x := tensor.New(3, 6)
	nn.NewInit(2).Normal(x, 1)
	a := &Attention{Input: tp.Const(x)}
	mustBegin(t, tp, enc, mustLayout(t)(Sequences([]int{0, 3}))).Attend(tp, a)
	for tok := range 3 {
		for h := range 4 {
			got, want := a.RotateQuery.Angles.Value().Row(tok)[h*2:h*2+2], a.RotateKey.Angles.Value().Row(tok)[h/2*2:h/2*2+2]
			if !slices.Equal(got, want) {
				t.Errorf("head %d turns by %v, its keys by %v", h, got, want)
			}
		}
	}
}

// TestCARoPEAlongTable: a table's first order decides what comes before what.
func TestCARoPEAlongTable(t *testing.T) {
	enc := mustEncoder(t, CARoPE{}, Dims{Width: 4, Heads: 1})
	x := tensor.New(4, 4)
	nn.NewInit(2).Normal(x, 1)
	order := []int32{2, 0, 3, 1}
	sorted := tensor.New(4, 4)
	for n, p := range order {
		copy(sorted.Row(int(p)), x.Row(n))
	}
	got := caropeRun(t, enc, mustLayout(t)(InOrders([]int{0, 4}, order)), x)
	want := caropeRun(t, enc, mustLayout(t)(Sequences([]int{0, 4})), sorted)
	for n, p := range order {
		if !slices.Equal(got[2*n:2*n+2], want[2*p:2*p+2]) {
			t.Errorf("token %d at place %d has phases %v, want %v", n, p, got[2*n:2*n+2], want[2*p:2*p+2])
		}
	}
}

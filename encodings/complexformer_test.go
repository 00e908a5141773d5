package encodings

import (
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// complexFile is an attention layer of a golden file.
type complexFile struct {
	enc        *complexEncoder
	q, k, v, o *nn.Linear
	x          *tensor.Tensor // [items * tokens, width]
	items      int
	tokens     int
	heads      int
	allow      []bool // [pairs]
}

func openComplex(t *testing.T, c *golden.Case) *complexFile {
	var config struct {
		Width int `json:"d_model"`
		Heads int
		Theta float64
		Eps   float64 `json:"magnitude_eps"`
	}
	c.JSON(t, "config", &config)
	if config.Theta != ropeBase || config.Eps != polarEps {
		t.Fatalf("the file has the base %v and eps %v", config.Theta, config.Eps)
	}
	x := c.Tensor("hidden_states")
	f := &complexFile{items: x.Shape()[0], tokens: x.Shape()[1], heads: config.Heads}
	f.x = x.Reshape(f.items*f.tokens, config.Width)
	f.enc = mustEncoder(t, ComplexFormer{}, Dims{Width: config.Width, Heads: config.Heads}).(*complexEncoder)
	copy(f.enc.delta[0].Data(), c.Tensor("w.delta_params").Data())
	copy(f.enc.bias[0].Data(), c.Tensor("w.bias_params").Data())
	for name, l := range map[string]**nn.Linear{"q": &f.q, "k": &f.k, "v": &f.v, "o": &f.o} {
		*l = &nn.Linear{Weight: c.Tensor("w.W_" + name + ".weight")}
	}
	for _, v := range c.Tensor("additive_mask").Data() {
		f.allow = append(f.allow, v == 0)
	}
	return f
}

// attend runs the layer's attention on rows.
func (f *complexFile) attend(tp *tensor.Tape, p Positions, offsets []int, in *tensor.Var) *Attention {
	a := &Attention{Input: in, Softmax: attention.Softmax{Heads: f.heads, KeepWeights: true}}
	a.Queries = offsets
	a.Query, a.Key, a.Value = f.q.Apply(tp, in), f.k.Apply(tp, in), f.v.Apply(tp, in)
	p.Attend(tp, a)
	return a
}

// TestGoldenComplexFormer: the layer with its gradients; the limit that is RoPE, and a step of decoding.
func TestGoldenComplexFormer(t *testing.T) {
	for _, c := range golden.Files(t, "complexformer", "") {
		t.Run(c.Name, func(t *testing.T) {
			f := openComplex(t, c)
			l := mustLayout(t)(Sequences(evenOffsets(f.items, f.tokens)))
			tp := tape(true)
			if c.Has("out_delta1_bias0") {
				cachedStep(t, c, f)
				f.enc.delta[0].Fill(1)
				f.enc.bias[0].Zero()
			}
			in := tp.Leaf(f.x)
			a := f.attend(tp, mustBegin(t, tp, f.enc, l), l.Offsets, in)
			a.Mask.Allow = f.allow
			out := f.o.Apply(tp, a.Kernel(tp))
			weights := weightBlocks(a.Weights, f.items, f.heads, f.tokens)
			if c.Has("out_delta1_bias0") {
				c.CompareFlat(t, "out_delta1_bias0", out.Data(), golden.Forward)
				c.CompareFlat(t, "weights_delta1_bias0", weights, golden.Forward)
				return
			}
			c.CompareFloat64s(t, "freqs", f.enc.turn.freqs, golden.Forward)
			c.CompareFlat(t, "out", out.Data(), golden.Forward)
			c.CompareFlat(t, "attention_weights", weights, golden.Forward)
			tp.Backward(dotLoss(tp, out, c.Tensor("probe")))
			c.CompareFlat(t, "grad.hidden_states", tp.Grad(f.x), golden.Gradient)
			c.CompareFlat(t, "grad.delta_params", tp.Grad(f.enc.delta[0]), golden.Gradient)
			c.CompareFlat(t, "grad.bias_params", tp.Grad(f.enc.bias[0]), golden.Gradient)
			for name, w := range map[string]*nn.Linear{"q": f.q, "k": f.k, "v": f.v, "o": f.o} {
				c.CompareFlat(t, "grad.W_"+name+".weight", tp.Grad(w.Weight), golden.Gradient)
			}
		})
	}
}

// cachedStep runs tokens 0 to 8 and then token 9 on the keys that are left, which this project keeps turned and the
// official code as they were projected.
func cachedStep(t *testing.T, c *golden.Case, f *complexFile) {
	const prefill = 9
	width := f.x.Cols()
	tp := tape(false)
	rows := func(from, n int) *tensor.Tensor {
		out := tensor.New(f.items*n, width)
		for b := range f.items {
			copy(out.Data()[b*n*width:], f.x.Data()[(b*f.tokens+from)*width:][:n*width])
		}
		return out
	}
	first := mustLayout(t)(Sequences(evenOffsets(f.items, prefill)))
	past := f.attend(tp, mustBegin(t, tp, f.enc, first), first.Offsets, tp.Const(rows(0, prefill)))
	next := mustLayout(t)(ContinuedSequences(evenOffsets(f.items, 1), slices.Repeat([]int{prefill}, f.items), nil))
	step := f.attend(tp, mustBegin(t, tp, f.enc, next), next.Offsets, tp.Const(rows(prefill, 1)))
	turn := func(a *Attention) *tensor.Var { return a.RotateKey.Apply(tp, a.Key, f.heads) }
	key, value := join(turn(past), turn(step), f.items), join(past.Value, step.Value, f.items)
	step.Key, step.Value, step.RotateKey = tp.Const(key), tp.Const(value), nil
	step.Keys = evenOffsets(f.items, prefill+1)
	c.CompareFlat(t, "cache_step_out", f.o.Apply(tp, step.Kernel(tp)).Data(), golden.Forward)

	raw := tp.Const(rows(0, prefill+1))
	for name, l := range map[string]*nn.Linear{"cache_k": f.k, "cache_v": f.v} {
		c.Compare(t, name, headBlocks(l.Apply(tp, raw).Data(), f.items, f.heads, prefill+1, width/f.heads), golden.Forward)
	}
}

// join puts the rows of every item of a and b one after another.
func join(a, b *tensor.Var, items int) *tensor.Tensor {
	n, m, w := a.Rows()/items, b.Rows()/items, a.Cols()
	out := tensor.New(items*(n+m), w)
	for i := range items {
		copy(out.Data()[i*(n+m)*w:], a.Data()[i*n*w:(i+1)*n*w])
		copy(out.Data()[(i*(n+m)+n)*w:], b.Data()[i*m*w:(i+1)*m*w])
	}
	return out
}

// TestPolarGradient: the change of phases with all its gradients against central differences, also for a bias that is
// not there.
func TestPolarGradient(t *testing.T) {
	const rows, heads, pairs = 70, 2, 3
	init := nn.NewInit(7)
	x, delta, bias, probe := tensor.New(rows, heads*2*pairs), tensor.New(heads, pairs), tensor.New(heads, pairs), tensor.New(rows, heads*2*pairs)
	for _, w := range []*tensor.Tensor{x, delta, bias, probe} {
		init.Normal(w, 1)
	}
	for _, with := range []bool{true, false} {
		run := func(grad bool) (*tensor.Tape, float64) {
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: grad})
			var b *tensor.Var
			if with {
				b = tp.Leaf(bias)
			}
			y := scalePhases(tp, tp.Leaf(x), tp.Leaf(delta), b)
			sum := 0.0
			for n, v := range y.Data() {
				sum += float64(v) * float64(probe.Data()[n])
			}
			if grad {
				tp.Backward(dotLoss(tp, y, probe))
			}
			return tp, sum
		}
		tp, _ := run(true)
		leaves := []*tensor.Tensor{x, delta}
		if with {
			leaves = append(leaves, bias)
		}
		for _, w := range leaves {
			g := tp.Grad(w)
			for n := 0; n < w.Size(); n += 1 + w.Size()/25 {
				const h = 1.0 / 1024
				old := w.Data()[n]
				w.Data()[n] = old + h
				_, up := run(false)
				w.Data()[n] = old - h
				_, down := run(false)
				w.Data()[n] = old
				if want := (up - down) / (2 * h); math.Abs(float64(g[n])-want) > 2e-3*max(1, math.Abs(want)) {
					t.Errorf("gradient %d of %v is %v, want %v", n, w.Shape(), g[n], want)
				}
			}
		}
	}
	tp := tape(false)
	zero := tensor.New(1, 2)
	y := scalePhases(tp, tp.Leaf(zero), tp.Leaf(tensor.FromSlice([]float32{0.5}, 1, 1)), nil)
	tp.Backward(tp.Sum(y))
	for _, v := range tp.Grad(zero) {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			t.Errorf("the gradient at 0 is %v", v)
		}
	}
}

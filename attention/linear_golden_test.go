package attention_test

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/tensor"
)

// goldenLayer assembles LightNet's layers of golden files from operations.
type goldenLayer struct {
	t  *testing.T
	c  *golden.Case
	tp *tensor.Tape
	by map[string]*tensor.Tensor
}

// open begins a pass over a case.
func open(t *testing.T, c *golden.Case) *goldenLayer {
	tape.Begin(tensor.Pass{Grad: true})
	return &goldenLayer{t: t, c: c, tp: tape, by: map[string]*tensor.Tensor{}}
}

// tensor returns a tensor of the case, always the same one.
func (l *goldenLayer) tensor(name string) *tensor.Tensor {
	if l.by[name] == nil {
		l.by[name] = l.c.Tensor(name)
	}
	return l.by[name]
}

// tokens returns an input [batch, tokens, width] as sequences laid end to end, and their offsets.
func (l *goldenLayer) tokens(name string) (x *tensor.Var, offsets []int) {
	t := l.tensor(name)
	batch, n := t.Shape()[0], t.Shape()[1]
	for b := range batch + 1 {
		offsets = append(offsets, b*n)
	}
	return l.tp.Reshape(l.tp.Leaf(t), batch*n, t.Shape()[2]), offsets
}

// leaf returns a parameter.
func (l *goldenLayer) leaf(name string) *tensor.Var { return l.tp.Leaf(l.tensor(name)) }

// linear is x Wᵀ.
func (l *goldenLayer) linear(x *tensor.Var, name string) *tensor.Var {
	return l.tp.Linear(x, l.leaf(name), nil)
}

// compare checks the result and, where the case has them, the gradients of what grads names by its tensor in the file.
func (l *goldenLayer) compare(out *tensor.Var, grads map[string]string) {
	l.c.CompareFlat(l.t, "out", out.Keep().Data(), golden.Forward)
	if !l.c.Has("probe") {
		return
	}
	probe := l.tp.Reshape(l.tp.Const(l.tensor("probe")), out.Shape()...)
	l.tp.Backward(l.tp.Sum(l.tp.Mul(out, probe)))
	for name, of := range grads {
		l.c.CompareFlat(l.t, name, l.tp.Grad(l.tensor(of)), golden.Gradient)
	}
}

// flaLayer is the causal layer of flash-linear-attention up to its result, for tokens x of sequences.
func (l *goldenLayer) flaLayer(x *tensor.Var, offsets []int, heads, expand int, eps float64) *tensor.Var {
	tp := l.tp
	q := tp.Scale(tp.SiLU(l.linear(x, "w.q_proj.weight")), float32(1/math.Sqrt(float64(expand))))
	o := attention.Additive{Heads: heads}.Apply(tp, attention.AdditiveInput{Offsets: offsets, Query: q,
		Key: l.linear(x, "w.k_proj.weight"), Value: l.linear(x, "w.v_proj.weight")})
	gate := tp.SiLU(l.linear(l.linear(x, "w.g_proj.0.weight"), "w.g_proj.1.weight"))
	return l.linear(tp.Mul(tp.RMSNorm(o, l.leaf("w.g_norm.weight"), eps), gate), "w.o_proj.weight")
}

// TestGoldenFLA is LightNetAttention of flash-linear-attention.
func TestGoldenFLA(t *testing.T) {
	for _, c := range golden.Files(t, "lightnet", "layer_fla") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Heads  int     `json:"heads"`
				Expand int     `json:"expand_ratio"`
				Eps    float64 `json:"norm_eps_used"`
			}
			c.JSON(t, "config", &config)
			l := open(t, c)
			if !c.Has("attention_mask") {
				x, offsets := l.tokens("hidden_states")
				out := l.flaLayer(x, offsets, config.Heads, config.Expand, config.Eps)
				grads := map[string]string{"grad.hidden_states": "hidden_states"}
				for _, name := range []string{"q_proj", "k_proj", "v_proj", "o_proj", "g_norm", "g_proj.0", "g_proj.1"} {
					grads["grad."+name+".weight"] = "w." + name + ".weight"
				}
				l.compare(out, grads)
				return
			}
			// Padded tokens are left out; the file has zeros there.
			var rows []int32
			offsets := []int{0}
			mask, n := c.Ints("attention_mask"), c.Shape("attention_mask")[1]
			for i, valid := range mask {
				if valid != 0 {
					rows = append(rows, int32(i))
				}
				if (i+1)%n == 0 {
					offsets = append(offsets, len(rows))
				}
			}
			x, _ := l.tokens("hidden_states")
			out := l.flaLayer(l.tp.Gather(x, rows), offsets, config.Heads, config.Expand, config.Eps)
			l.compare(l.tp.ScatterAdd(l.tp.Const(tensor.New(x.Shape()...)), out, rows), nil)
		})
	}
}

// cosine is LRPE's cosine form of the channels of every head, x [tokens * heads, dim] with the angles of each row:
// [x cos | x sin], as [tokens, heads * 2 dim].
func cosine(tp *tensor.Tape, x *tensor.Var, tokens int, angles []float64) *tensor.Var {
	dim := x.Cols()
	cos, sin := tensor.New(x.Rows(), dim), tensor.New(x.Rows(), dim)
	for n, a := range angles {
		cos.Data()[n], sin.Data()[n] = float32(math.Cos(a)), float32(math.Sin(a))
	}
	both := tp.Concat(tp.Mul(x, tp.Const(cos)), tp.Mul(x, tp.Const(sin)))
	return tp.Reshape(both, tokens, both.Value().Size()/tokens)
}

// TestGoldenXmixers is LightNetAttention of xmixers, with LRPE's cosine form and without.
func TestGoldenXmixers(t *testing.T) {
	for _, c := range golden.Files(t, "lightnet", "layer_xmixers") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Width int     `json:"embed_dim"`
				Heads int     `json:"heads"`
				LRPE  bool    `json:"use_lrpe"`
				Eps   float64 `json:"norm_eps"`
			}
			c.JSON(t, "config", &config)
			l := open(t, c)
			tp := l.tp
			x, offsets := l.tokens("x")
			tokens, dim := x.Rows(), config.Width/config.Heads
			q := tp.SiLU(l.linear(x, "w.q_proj.weight"))
			in := attention.AdditiveInput{Offsets: offsets, Query: q, Key: l.linear(x, "w.k_proj.weight"), Value: l.linear(x, "w.v_proj.weight")}
			if config.LRPE {
				theta := c.Float64s("theta")
				var angles []float64
				for r := range tokens * config.Heads {
					for ch := range dim {
						angles = append(angles, float64(r/config.Heads%offsets[1])*theta[ch])
					}
				}
				ones := tensor.New(tokens*config.Heads, dim)
				ones.Fill(1)
				in.Query = cosine(tp, tp.Reshape(q, tokens*config.Heads, dim), tokens, angles)
				in.KeyFactor = cosine(tp, tp.Const(ones), tokens, angles)
			}
			o := attention.Additive{Heads: config.Heads, UnitMass: true}.Apply(tp, in)
			gate := tp.Sigmoid(l.linear(l.linear(x, "w.output_gate.0.weight"), "w.output_gate.1.weight"))
			// Its norm divides by the root of the sum of squares plus eps, and multiplies by that of the width.
			normed := tp.RMSNorm(tp.Mul(o, gate), l.leaf("w.norm.weight"), config.Eps/float64(config.Width))
			grads := map[string]string{"grad.x": "x"}
			for _, name := range []string{"q_proj", "k_proj", "v_proj", "o_proj", "norm", "output_gate.0", "output_gate.1"} {
				grads["grad."+name+".weight"] = "w." + name + ".weight"
			}
			l.compare(l.linear(normed, "w.o_proj.weight"), grads)
		})
	}
}

// TestGoldenImageLayer is LightNet's layer for images; the file is derived: the figures are of an independent
// implementation of the equations, not of the authors' code.
func TestGoldenImageLayer(t *testing.T) {
	for _, c := range golden.Files(t, "lightnet", "image_layer") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Width int     `json:"dim"`
				Heads int     `json:"heads"`
				Grid  []int   `json:"grid"`
				Axis  int     `json:"channels_per_axis"`
				Eps   float64 `json:"eps"`
			}
			c.JSON(t, "config", &config)
			l := open(t, c)
			tp := l.tp
			x, offsets := l.tokens("x")
			tokens, dim, theta := x.Rows(), config.Width/config.Heads, c.Float64s("theta")
			var angles []float64
			for r := range tokens * config.Heads {
				cell, h := r/config.Heads%offsets[1], r%config.Heads
				for ch := range dim {
					place := cell / config.Grid[1]
					if ch >= config.Axis {
						place = cell % config.Grid[1]
					}
					angles = append(angles, float64(place)*theta[h*config.Axis+ch%config.Axis])
				}
			}
			rotate := func(v *tensor.Var) *tensor.Var {
				return cosine(tp, tp.Reshape(v, tokens*config.Heads, dim), tokens, angles)
			}
			times := func(v *tensor.Var, name string) *tensor.Var { return tp.MatMul(v, l.leaf(name)) }
			o := attention.Linear{Heads: config.Heads, Unnormalized: true}.Apply(tp, attention.LinearInput{Queries: offsets,
				Query: rotate(tp.SiLU(times(x, "w.W_q"))),
				Key:   rotate(attention.TokenSoftmax(tp, times(x, "w.W_k"), offsets)), Value: times(x, "w.W_v")})
			gate := tp.SiLU(times(times(x, "w.W_g1"), "w.W_g2"))
			out := times(tp.Mul(tp.RMSNorm(o, l.leaf("w.norm"), config.Eps), gate), "w.W_o")
			grads := map[string]string{"grad.x": "x", "grad.norm": "w.norm"}
			for _, name := range []string{"W_q", "W_k", "W_v", "W_o", "W_g1", "W_g2"} {
				grads["grad."+name] = "w." + name
			}
			l.compare(out, grads)
		})
	}
}

// headsOfTokens turns [batch, heads, tokens, dim] into rows of tokens, [batch * tokens, heads * dim], or back.
func headsOfTokens(x []float32, batch, heads, n, dim int, back bool) []float32 {
	y := make([]float32, len(x))
	for b := range batch {
		for h := range heads {
			for i := range n {
				from, to := ((b*heads+h)*n+i)*dim, ((b*n+i)*heads+h)*dim
				if back {
					from, to = to, from
				}
				copy(y[to:to+dim], x[from:from+dim])
			}
		}
	}
	return y
}

// TestGoldenNPRF is kernelised attention with positive random features, with and without a relative bias, by both ways
// to compute it. All files are derived: from the equations of the paper, in float64, for its code is not public.
func TestGoldenNPRF(t *testing.T) {
	for _, prefix := range []string{"nprf_", "prf_"} {
		for _, c := range golden.Files(t, "nprf", prefix) {
			t.Run(c.Name, func(t *testing.T) {
				for _, from := range []int{1 << 30, 1} {
					goldenNPRF(t, c, from)
				}
			})
		}
	}
}

func goldenNPRF(t *testing.T, c *golden.Case, from int) {
	var config struct {
		Heads     int     `json:"heads"`
		N         int     `json:"L"`
		Dim       int     `json:"head_dim"`
		Features  int     `json:"features"`
		Batch     int     `json:"batch"`
		Normalize bool    `json:"normalize_qk"`
		RPE       bool    `json:"rpe"`
		Causal    bool    `json:"causal"`
		Scale     float64 `json:"scale"`
	}
	c.JSON(t, "config", &config)
	tokens := func(name string) *tensor.Tensor {
		return tensor.FromSlice(headsOfTokens(c.Tensor(name).Data(), config.Batch, config.Heads, config.N, config.Dim, false),
			config.Batch*config.N, config.Heads*config.Dim)
	}
	q, k, v, probe := tokens("q"), tokens("k"), tokens("v"), tokens("probe")
	features := &attention.RandomFeatures{Projection: c.Tensor("random_features"), Normalize: config.Normalize, Scale: config.Scale}
	op := attention.Linear{Heads: config.Heads, Causal: config.Causal, Map: features, FFTFrom: from}
	tp := tape
	tp.Begin(tensor.Pass{Grad: true})
	in := attention.LinearInput{Queries: joined(config.N, config.N), Query: tp.Leaf(q), Key: tp.Leaf(k), Value: tp.Leaf(v)}
	var bias *tensor.Tensor
	if config.RPE {
		bias = c.Tensor("b")
		in.Bias = tp.Leaf(bias)
	}
	compare := func(name string, got []float32, dim int, tol float64) {
		c.CompareFlat(t, name, headsOfTokens(got, config.Batch, config.Heads, config.N, dim, true), tol)
	}
	for name, x := range map[string]*tensor.Var{"phi_q": in.Query, "phi_k": in.Key} {
		m := features.Map(tp, x, config.Heads)
		phi := make([]float32, 0, m.Features.Value().Size())
		for n, f := range m.Features.Data() {
			phi = append(phi, f*float32(math.Exp(float64(m.LogScale.Data()[n/config.Features]))))
		}
		compare(name, phi, config.Features, golden.Forward)
	}
	out := op.Apply(tp, in).Keep()
	compare("out", out.Data(), config.Dim, golden.Forward)
	tp.Backward(tp.Sum(tp.Mul(out, tp.Const(probe))))
	compare("grad.q", tp.Grad(q), config.Dim, golden.Gradient)
	compare("grad.k", tp.Grad(k), config.Dim, golden.Gradient)
	compare("grad.v", tp.Grad(v), config.Dim, golden.Gradient)
	if bias != nil {
		c.CompareFlat(t, "grad.b", tp.Grad(bias), golden.Gradient)
	}
}

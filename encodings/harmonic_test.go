package encodings

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestGoldenHarmonic is derived: an independent implementation of this project's two readings.
func TestGoldenHarmonic(t *testing.T) {
	for _, c := range golden.Files(t, "genai_opt", "rope_") {
		q, k, v, probe := c.Tensor("in.q"), c.Tensor("in.k"), c.Tensor("in.v"), headRows(c.Tensor("probe"))
		s := q.Shape()
		heads, n := s[1], s[2]
		for name, form := range map[string]HarmonicForm{"harmonic_slopes": HarmonicSlopes, "harmonic_distance": HarmonicDistance} {
			factor := c.Float64s("in." + name + ".factor")[0]
			enc := mustEncoder(t, Harmonic{Form: form, Factor: factor, Learn: true}, Dims{Width: heads * s[3], Heads: heads}).(*harmonicEncoder)
			l := mustLayout(t)(Sequences(evenOffsets(s[0], n)))
			tp := tape(false)
			rows := []*tensor.Tensor{headRows(q), headRows(k), headRows(v)}
			a := &Attention{Softmax: attention.Softmax{Heads: heads, KeepWeights: true}}
			a.Queries, a.Mask.Causal = l.Offsets, true
			a.Query, a.Key, a.Value = tp.Leaf(rows[0]), tp.Leaf(rows[1]), tp.Leaf(rows[2])
			out := a.Run(tp, mustBegin(t, tp, enc, l))
			c.Compare(t, "out."+name+".y", headBlocks(out.Data(), s[0], heads, n, s[3]), golden.Forward)
			c.CompareFlat(t, "out."+name+".attn", weightBlocks(a.Weights, s[0], heads, n), golden.Forward)
			c.Compare(t, "out."+name+".slopes", enc.slopes, golden.Forward)
			bias := make([]float32, heads*n*n)
			for h := range heads {
				for i := range n {
					for j := range i {
						far := float32(i - j)
						if form == HarmonicDistance {
							far = enc.numbers(n)[i-j]
						}
						bias[(h*n+i)*n+j] = -enc.slopes.Data()[h] * far
					}
				}
			}
			c.CompareFlat(t, "out."+name+".bias", bias, golden.Forward)
			if form == HarmonicDistance {
				c.CompareFlat(t, "out.harmonic_numbers", enc.numbers(n)[:n], golden.Forward)
			}
			tp.Backward(dotLoss(tp, out, probe))
			for i, x := range []string{"q", "k", "v"} {
				c.Compare(t, "grad."+name+"."+x, headBlocks(tp.Grad(rows[i]), s[0], heads, n, s[3]), golden.Gradient)
			}
			checkFactor(t, enc, rows, probe, l, heads, tp.Grad(enc.factors[0])[0])
		}
	}
}

// checkFactor compares the gradient of the learned factor with central differences.
func checkFactor(t *testing.T, enc *harmonicEncoder, rows []*tensor.Tensor, probe *tensor.Tensor, l *Layout, heads int, got float32) {
	t.Helper()
	loss := func(move float32) float64 {
		old := enc.factors[0].Data()[0]
		defer func() { enc.factors[0].Data()[0] = old }()
		enc.factors[0].Data()[0] += move
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{})
		a := &Attention{Softmax: attention.Softmax{Heads: heads}}
		a.Queries, a.Mask.Causal = l.Offsets, true
		a.Query, a.Key, a.Value = tp.Const(rows[0]), tp.Const(rows[1]), tp.Const(rows[2])
		out, sum := a.Run(tp, mustBegin(t, tp, enc, l)), 0.0
		for n, v := range out.Data() {
			sum += float64(v) * float64(probe.Data()[n])
		}
		return sum
	}
	const h = 1.0 / 256
	if want := (loss(h) - loss(-h)) / (2 * h); math.Abs(float64(got)-want) > 1e-3*max(1, math.Abs(want)) {
		t.Errorf("the gradient of the factor is %v, want %v", got, want)
	}
}

// TestHarmonicPlain: plain slopes are 2^(-8h/H) for any number of heads, and a fixed factor is in them.
func TestHarmonicPlain(t *testing.T) {
	enc := mustEncoder(t, Harmonic{Form: PlainSlopes, Factor: 2}, Dims{Width: 12, Heads: 3}).(*harmonicEncoder)
	for h, got := range enc.slopes.Data() {
		if want := 2 * math.Exp2(-8*float64(h+1)/3); math.Abs(float64(got)-want) > 1e-7 {
			t.Errorf("head %d has slope %v, want %v", h, got, want)
		}
	}
	if n := nn.Collect(enc).Count(); n != 0 {
		t.Errorf("%d parameters without Learn", n)
	}
	for want, e := range map[string]Harmonic{"Form": {Form: 7}, "Factor": {Factor: math.Inf(1)}, "Partial": {RoPE: RoPE{Partial: 2}}} {
		if _, err := e.New(Dims{Width: 12, Heads: 3}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: the error is %v, want one that names %s", e, err, want)
		}
	}
}

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

// headRows lays t [items, heads, tokens, dim] out as token rows [items * tokens, heads * dim].
func headRows(t *tensor.Tensor) *tensor.Tensor {
	s := t.Shape()
	out := tensor.New(s[0]*s[2], s[1]*s[3])
	for b := range s[0] {
		for h := range s[1] {
			for l := range s[2] {
				copy(out.Row(b*s[2] + l)[h*s[3]:][:s[3]], t.Data()[((b*s[1]+h)*s[2]+l)*s[3]:])
			}
		}
	}
	return out
}

// headBlocks is the inverse of headRows for rows given as values.
func headBlocks(rows []float32, items, heads, tokens, dim int) *tensor.Tensor {
	out := tensor.New(items, heads, tokens, dim)
	for b := range items {
		for h := range heads {
			for l := range tokens {
				copy(out.Data()[((b*heads+h)*tokens+l)*dim:][:dim], rows[(b*tokens+l)*heads*dim+h*dim:])
			}
		}
	}
	return out
}

// evenOffsets are those of items of the same length.
func evenOffsets(items, tokens int) []int {
	o := make([]int, items+1)
	for b := range o {
		o[b] = b * tokens
	}
	return o
}

// mustEncoder makes an encoder that must exist.
func mustEncoder(t testing.TB, e Encoding, d Dims) Encoder {
	t.Helper()
	enc, err := e.New(d, nn.NewInit(1))
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

// mustLayout fails the test on an error.
func mustLayout(t testing.TB) func(*Layout, error) *Layout {
	return func(l *Layout, err error) *Layout {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
}

// mustBegin begins a pass that must be served.
func mustBegin(t testing.TB, tp *tensor.Tape, enc Encoder, l *Layout) Positions {
	t.Helper()
	p, err := enc.Begin(tp, l)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rotations returns what a pass turns queries and keys by.
func rotations(tp *tensor.Tape, p Positions) (query, key *attention.Rotation) {
	var a Attention
	p.Attend(tp, &a)
	return a.RotateQuery, a.RotateKey
}

// twice repeats the columns of a table of pairs: side by side, or each after itself.
func twice(t *tensor.Tensor, interleaved bool) *tensor.Tensor {
	out := tensor.New(t.Rows(), 2*t.Cols())
	for r := range t.Rows() {
		for i, v := range t.Row(r) {
			if interleaved {
				out.Row(r)[2*i], out.Row(r)[2*i+1] = v, v
			} else {
				out.Row(r)[i], out.Row(r)[i+t.Cols()] = v, v
			}
		}
	}
	return out
}

func tape(train bool) *tensor.Tape {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true, Train: train, Seed: 3})
	return tp
}

// dotLoss is the sum of x times a probe, the loss of all golden files here.
func dotLoss(tp *tensor.Tape, x *tensor.Var, probe *tensor.Tensor) *tensor.Var {
	return tp.Sum(tp.Mul(x, tp.Const(probe.Reshape(x.Shape()...))))
}

// pairScores returns scale q·k [items, heads, tokens, tokens] of turned queries and keys, and the gradients of these
// where the loss is the sum of the scores times probe.
func pairScores(q, k, probe *tensor.Tensor, scale float64) (scores, dq, dk *tensor.Tensor) {
	s := q.Shape()
	n, d := s[2], s[3]
	scores = tensor.New(s[0], s[1], n, n)
	dq, dk = tensor.New(s...), tensor.New(s...)
	for g := range s[0] * s[1] {
		for i := range n {
			for j := range n {
				at, sum := (g*n+i)*n+j, 0.0
				for c := range d {
					x, y := (g*n+i)*d+c, (g*n+j)*d+c
					sum += float64(q.Data()[x]) * float64(k.Data()[y])
					if probe != nil {
						w := float32(scale) * probe.Data()[at]
						dq.Data()[x] += w * k.Data()[y]
						dk.Data()[y] += w * q.Data()[x]
					}
				}
				scores.Data()[at] = float32(scale * sum)
			}
		}
	}
	return scores, dq, dk
}

// TestGoldenRoPE1D: half-split (LLaMA) and interleaved (RoFormer) pairs at given places.
func TestGoldenRoPE1D(t *testing.T) {
	for _, c := range slices.Concat(golden.Files(t, "rope", "rope1d_half"), golden.Files(t, "rope", "rope1d_inter"), golden.Files(t, "rope", "rope1d_part")) {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Dim    int     `json:"head_dim"`
				Rotary int     `json:"rotary_dim"`
				Theta  float64 `json:"theta"`
				Table  int     `json:"table_len"`
			}
			c.JSON(t, "config", &config)
			q, k := c.Tensor("q"), c.Tensor("k")
			s := q.Shape()
			e := RoPE{Base: config.Theta, Interleaved: c.Has("perm")}
			if config.Rotary != 0 {
				e.Partial = float64(config.Rotary) / float64(config.Dim)
			}
			enc := mustEncoder(t, e, Dims{Width: s[1] * s[3], Heads: s[1]})
			var places []float64
			for _, p := range c.Ints("positions") {
				places = append(places, float64(p))
			}
			tp := tape(false)
			l := mustLayout(t)(AtPoints(evenOffsets(s[0], s[2]), 0, 1, places))
			turn, _ := rotations(tp, mustBegin(t, tp, enc, l))
			rowsQ, rowsK := headRows(q), headRows(k)
			qr, kr := turn.Apply(tp, tp.Leaf(rowsQ), s[1]).Keep(), turn.Apply(tp, tp.Leaf(rowsK), s[1]).Keep()
			turnedQ, turnedK := headBlocks(qr.Data(), s[0], s[1], s[2], s[3]), headBlocks(kr.Data(), s[0], s[1], s[2], s[3])
			c.Compare(t, "q_rot", turnedQ, golden.Forward)
			c.Compare(t, "k_rot", turnedK, golden.Forward)
			if !c.Has("scores") {
				return
			}
			scores, dq, dk := pairScores(turnedQ, turnedK, c.Tensor("probe"), 1/math.Sqrt(float64(s[3])))
			c.Compare(t, "scores", scores, golden.Forward)
			tp.Backward(tp.Add(dotLoss(tp, qr, headRows(dq)), dotLoss(tp, kr, headRows(dk))))
			c.Compare(t, "grad.q", headBlocks(tp.Grad(rowsQ), s[0], s[1], s[2], s[3]), golden.Gradient)
			c.Compare(t, "grad.k", headBlocks(tp.Grad(rowsK), s[0], s[1], s[2], s[3]), golden.Gradient)

			table, _ := rotations(tp, mustBegin(t, tp, enc, mustLayout(t)(Sequences([]int{0, config.Table}))))
			if c.Has("cos") {
				c.Compare(t, "cos", twice(table.Cos, false), golden.Forward)
				c.Compare(t, "sin", twice(table.Sin, false), golden.Forward)
				return
			}
			both := tensor.New(config.Table, s[3])
			for r := range config.Table {
				copy(both.Row(r), table.Sin.Row(r))
				copy(both.Row(r)[s[3]/2:], table.Cos.Row(r))
			}
			c.Compare(t, "sin_cos_table", both, golden.Forward)
			perm := make([]int64, s[3])
			for ch := range perm {
				perm[ch] = int64(ch/2 + ch%2*s[3]/2)
			}
			c.CompareInts(t, "perm", perm)
			checkPermutation(t, q, turnedQ, perm, l)
		})
	}
}

// checkPermutation: the interleaved rotation of permuted channels is the permuted half-split rotation. turned is the
// interleaved rotation of q.
func checkPermutation(t *testing.T, q, turned *tensor.Tensor, perm []int64, l *Layout) {
	t.Helper()
	s := q.Shape()
	tp := tape(false)
	turn, _ := rotations(tp, mustBegin(t, tp, mustEncoder(t, RoPE{}, Dims{Width: s[1] * s[3], Heads: s[1]}), l))
	back := headRows(q).Clone() // x with x[perm] = q
	permute := func(dst, src []float32, inverse bool) {
		for at := 0; at < len(src); at += s[3] {
			for c, p := range perm {
				if inverse {
					dst[at+int(p)] = src[at+c]
				} else {
					dst[at+c] = src[at+int(p)]
				}
			}
		}
	}
	permute(back.Data(), headRows(q).Data(), true)
	half := turn.Apply(tp, tp.Const(back), s[1])
	got := make([]float32, len(half.Data()))
	permute(got, half.Data(), false)
	for n, want := range headRows(turned).Data() {
		if math.Abs(float64(got[n]-want)) > 1e-6 {
			t.Fatalf("half-split and interleaved differ beyond the permutation at %d: %v and %v", n, got[n], want)
		}
	}
}

// TestGoldenRoPEScaled: the linear and dynamic NTK tables of the LLaMA modules.
func TestGoldenRoPEScaled(t *testing.T) {
	for _, c := range golden.Files(t, "rope", "rope1d_scaled") {
		var config struct {
			Dim       int     `json:"head_dim"`
			Linear    float64 `json:"linear_factor"`
			LinearLen int     `json:"linear_len"`
			NTK       float64 `json:"ntk_factor"`
			Trained   int     `json:"ntk_trained_len"`
			NTKLen    int     `json:"ntk_len"`
		}
		c.JSON(t, "config", &config)
		for name, s := range map[string]struct {
			of     Scaling
			length int
		}{
			"linear": {Scaling{Linear: config.Linear}, config.LinearLen},
			"ntk":    {Scaling{NTK: NTK{Factor: config.NTK, Trained: config.Trained}}, config.NTKLen},
		} {
			tp := tape(false)
			enc := mustEncoder(t, RoPE{Scaling: s.of}, Dims{Width: config.Dim, Heads: 1})
			turn, _ := rotations(tp, mustBegin(t, tp, enc, mustLayout(t)(Sequences([]int{0, s.length}))))
			c.Compare(t, name+"_cos", twice(turn.Cos, false), golden.Forward)
			c.Compare(t, name+"_sin", twice(turn.Sin, false), golden.Forward)
		}
	}
}

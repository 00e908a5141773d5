package attention_test

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/tensor"
)

// TestGoldenDecay is derived: the figures come from an independent implementation of UltraViCo's equations and rules, not
// from its kernels.
func TestGoldenDecay(t *testing.T) {
	for _, c := range golden.Files(t, "ultravico", "decay") {
		var config struct {
			Heads       int
			HeadDim     int `json:"head_dim"`
			FrameTokens int `json:"frame_tokens"`
			Trained     int `json:"train_frames"`
			Alpha, Beta float64
			Period      int `json:"T"`
			Gamma       int
		}
		c.JSON(t, "config", &config)
		heads, dim, frame := config.Heads, config.HeadDim, config.FrameTokens
		rows := func(name string) *tensor.Tensor { return headsLast(c.Tensor(name)) }
		q, k, v, probe := rows("q"), rows("k"), rows("v"), rows("probe")
		n := q.Rows()
		alpha := attention.Decay{Window: frame * config.Trained / 2, Factor: config.Alpha}
		beta := alpha
		beta.Period, beta.Radius, beta.RiskFactor = config.Period*frame, config.Gamma*frame, config.Beta
		allow := make([]bool, n*n)
		for i := range n {
			for j := range n {
				allow[i*n+j] = !(i <= frame && j > config.Trained*frame)
			}
		}
		for _, form := range []struct {
			name   string
			decay  attention.Decay
			allow  []bool
			smooth bool
		}{{"plain", attention.Decay{}, nil, false}, {"alpha", alpha, nil, false}, {"alpha_beta", beta, nil, false},
			{"wan", alpha, allow, false}, {"smooth_k", alpha, nil, true}} {
			tp := tape
			tp.Begin(tensor.Pass{Grad: true})
			in := attention.SoftmaxInput{Queries: []int{0, n}, Query: tp.Leaf(q), Key: tp.Leaf(k), Value: tp.Leaf(v)}
			in.Mask.Allow = form.allow
			if form.smooth {
				mean := tp.Pool(in.Key, in.Queries, tensor.PoolMean)
				in.Key = tp.AddRow(in.Key, tp.Reshape(tp.Scale(mean, -1), heads*dim))
			}
			keys := in.Key.Keep().Data()
			out := attention.Softmax{Heads: heads, Decay: form.decay}.Apply(tp, in).Tokens.Keep()
			tp.Backward(tp.Sum(tp.Mul(out, tp.Const(probe))))
			compareHeads := func(name string, x []float32, tol float64) {
				c.Compare(t, name, headsFirst(tensor.FromSlice(x, n, heads*dim), heads), tol)
			}
			compareHeads("out_"+form.name, out.Data(), golden.Forward)
			if form.name == "plain" {
				continue
			}
			compareHeads("grad.q_"+form.name, tp.Grad(q), golden.Gradient)
			compareHeads("grad.k_"+form.name, tp.Grad(k), golden.Gradient)
			compareHeads("grad.v_"+form.name, tp.Grad(v), golden.Gradient)
			lambda := tensor.New(heads, n, n)
			for h := range heads {
				for i := range n {
					for j := range n {
						f, s := float32(1), 0.0
						for e := range dim {
							s += float64(q.Row(i)[h*dim+e]) * float64(keys[(j*heads+h)*dim+e])
						}
						if s > 0 {
							f = float32(decayFactor(form.decay, int(math.Abs(float64(i-j)))))
						}
						lambda.Set(f, h, i, j)
					}
				}
			}
			c.Compare(t, "lambda_"+form.name, lambda, golden.Forward)
		}
	}
}

// decayFactor is the factor of positive scores at a distance, by trying every period.
func decayFactor(d attention.Decay, distance int) float64 {
	if d.Factor == 0 || distance <= d.Window {
		return 1
	}
	for m := 1; d.Period > 0 && m*d.Period <= distance+d.Radius; m++ {
		if distance >= m*d.Period-d.Radius && distance <= m*d.Period+d.Radius {
			return d.RiskFactor
		}
	}
	return d.Factor
}

// headsLast makes [tokens, heads*dim] of [heads, tokens, dim]; headsFirst undoes it.
func headsLast(x *tensor.Tensor) *tensor.Tensor {
	heads, n, dim := x.Shape()[0], x.Shape()[1], x.Shape()[2]
	out := tensor.New(n, heads*dim)
	for h := range heads {
		for i := range n {
			copy(out.Row(i)[h*dim:], x.Data()[(h*n+i)*dim:(h*n+i+1)*dim])
		}
	}
	return out
}

func headsFirst(x *tensor.Tensor, heads int) *tensor.Tensor {
	n, dim := x.Rows(), x.Cols()/heads
	out := tensor.New(heads, n, dim)
	for h := range heads {
		for i := range n {
			copy(out.Data()[(h*n+i)*dim:], x.Row(i)[h*dim:(h+1)*dim])
		}
	}
	return out
}

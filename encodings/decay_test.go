package encodings

import (
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestGoldenDecayed is derived: an independent implementation of UltraViCo's equations. Here the encoding that sets the
// decay is compared; the factors themselves are the kernel's, whose test goes through the file too.
func TestGoldenDecayed(t *testing.T) {
	for _, c := range golden.Files(t, "ultravico", "decay") {
		var config struct {
			Heads       int
			Dim         int `json:"head_dim"`
			FrameTokens int `json:"frame_tokens"`
			Trained     int `json:"train_frames"`
			Alpha, Beta float64
			Period      int `json:"T"`
			Radius      int `json:"gamma"`
		}
		c.JSON(t, "config", &config)
		q, k, v, probe := c.Tensor("q"), c.Tensor("k"), c.Tensor("v"), c.Tensor("probe")
		n := q.Shape()[1]
		item := func(x *tensor.Tensor) *tensor.Tensor { return headRows(x.Reshape(1, config.Heads, n, config.Dim)) }
		allow := make([]bool, n*n) // of the Wan models: the first frame does not see what is past the length of training
		for i := range allow {
			allow[i] = i/n > config.FrameTokens || i%n <= config.Trained*config.FrameTokens
		}
		plain := Decayed{Of: still{}, FrameTokens: config.FrameTokens, Trained: config.Trained, Alpha: config.Alpha}
		bands, smooth := plain, plain
		bands.Period, bands.Radius, bands.Beta = config.Period, config.Radius, config.Beta
		smooth.SmoothKeys = true
		for name, e := range map[string]Encoding{"plain": still{}, "alpha": plain, "alpha_beta": bands, "wan": plain, "smooth_k": smooth} {
			tp := tape(false)
			l := mustLayout(t)(Sequences([]int{0, n}))
			rows := []*tensor.Tensor{item(q), item(k), item(v)}
			a := &Attention{Softmax: attention.Softmax{Heads: config.Heads}}
			a.Queries = l.Offsets
			a.Query, a.Key, a.Value = tp.Leaf(rows[0]), tp.Leaf(rows[1]), tp.Leaf(rows[2])
			if name == "wan" {
				a.Mask.Allow = allow
			}
			out := a.Run(tp, mustBegin(t, tp, mustEncoder(t, e, Dims{Width: config.Heads * config.Dim, Heads: config.Heads}), l))
			c.CompareFlat(t, "out_"+name, headBlocks(out.Data(), 1, config.Heads, n, config.Dim).Data(), golden.Forward)
			if name == "plain" {
				continue
			}
			tp.Backward(dotLoss(tp, out, item(probe)))
			for i, x := range []string{"q", "k", "v"} {
				c.CompareFlat(t, "grad."+x+"_"+name, headBlocks(tp.Grad(rows[i]), 1, config.Heads, n, config.Dim).Data(), golden.Gradient)
			}
			c.Ignore("lambda_"+name, "factors are formed inside the kernel and never come out of it; outputs and gradients show them")
		}
	}
}

// still is an encoding that says nothing.
type still struct{}

func (still) Name() string                                   { return "still" }
func (still) New(Dims, *nn.Init) (Encoder, error)            { return still{}, nil }
func (still) Params(*nn.Params)                              {}
func (still) Begin(*tensor.Tape, *Layout) (Positions, error) { return Silent{}, nil }

// TestDecayed: smoothing comes after the rotation of keys, item by item; the rest is passed on.
func TestDecayed(t *testing.T) {
	d := Dims{Width: 8, Heads: 2, KVHeads: 1}
	enc := mustEncoder(t, Decayed{Of: RoPE{}, Trained: 4, SmoothKeys: true, Exempt: 3}, d)
	if r, ok := enc.(interface{ Relative() bool }); !ok || !r.Relative() {
		t.Error("a decayed RoPE is not relative")
	}
	l := mustLayout(t)(Sequences([]int{0, 2, 2, 5}))
	tp := tape(false)
	x := tensor.New(5, 4)
	nn.NewInit(1).Normal(x, 1)
	a := &Attention{}
	a.Key = tp.Const(x)
	mustBegin(t, tp, enc, l).Attend(tp, a)
	if want := (attention.Decay{Window: 2, Factor: 0.9, Exempt: 3}); a.Decay != want {
		t.Errorf("the decay is %+v, want %+v", a.Decay, want)
	}
	if a.RotateKey != nil || a.RotateQuery == nil {
		t.Error("keys are smoothed before their rotation")
	}
	turned := a.RotateQuery.Apply(tp, tp.Const(x), 1)
	for c := range 4 {
		mean := (turned.Value().Row(0)[c] + turned.Value().Row(1)[c]) / 2
		if got, want := a.Key.Value().Row(1)[c], turned.Value().Row(1)[c]-mean; got-want > 1e-6 || want-got > 1e-6 {
			t.Errorf("channel %d is %v, want %v", c, got, want)
		}
	}
	if _, err := enc.Begin(tp, mustLayout(t)(ContinuedSequences([]int{0, 1}, []int{2}, nil))); err == nil || !strings.Contains(err.Error(), "SmoothKeys") {
		t.Errorf("smoothing with a cache: %v", err)
	}
	for want, e := range map[string]Decayed{"Of": {Trained: 4}, "Trained": {Of: RoPE{}}, "Alpha": {Of: RoPE{}, Trained: 4, Alpha: 2}, "Beta": {Of: RoPE{}, Trained: 4, Beta: -1}} {
		if _, err := e.New(d, nn.NewInit(1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: the error is %v, want one that names %s", e, err, want)
		}
	}
}

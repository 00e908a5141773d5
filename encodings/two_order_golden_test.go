package encodings

import (
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// unpadded copies the rows of x, [items * padded, ...], that are no padding.
func unpadded(x []float32, width int, mask []int64) []float32 {
	var out []float32
	for r, m := range mask {
		if m != 0 {
			out = append(out, x[r*width:(r+1)*width]...)
		}
	}
	return out
}

// padded is the inverse of unpadded: rows of padding are zeros.
func padded(x []float32, width int, mask []int64) []float32 {
	out := make([]float32, len(mask)*width)
	for r, m := range mask {
		if m != 0 {
			copy(out[r*width:(r+1)*width], x)
			x = x[width:]
		}
	}
	return out
}

func TestGoldenTwoOrder(t *testing.T) {
	for _, c := range golden.Files(t, "2d_tpe", "attention") {
		var config struct {
			Hidden  int     `json:"hidden"`
			Heads   int     `json:"heads"`
			KVHeads int     `json:"kv_heads"`
			HeadDim int     `json:"head_dim"`
			Theta   float64 `json:"rope_theta"`
			Entropy float64 `json:"entropy_coef"`
			Marker  int     `json:"start_marker_len"`
		}
		c.JSON(t, "config", &config)
		width := config.Hidden
		d := Dims{Width: width, Heads: config.Heads, KVHeads: config.KVHeads, HeadDim: config.HeadDim}
		enc, err := TwoOrder{Base: config.Theta, EntropyWeight: config.Entropy}.New(d, nn.NewInit(1))
		if err != nil {
			t.Fatal(err)
		}
		router := enc.(*twoOrder).routers[0]
		linear := func(in, out int) *nn.Linear { return nn.NewLinearNoBias(in, out, nn.NewInit(1)) }
		q, k, v, o := linear(width, width), linear(width, config.KVHeads*config.HeadDim), linear(width, config.KVHeads*config.HeadDim), linear(width, width)
		official := []officialTensor{
			{"q_proj.weight", q.Weight, false}, {"k_proj.weight", k.Weight, false}, {"v_proj.weight", v.Weight, false}, {"o_proj.weight", o.Weight, false},
			{"gate_1.weight", router.gate.Weight, false}, {"gate_1.bias", router.gate.Bias, false}, {"gate_2.weight", router.up.Weight, false},
			{"gate_2.bias", router.up.Bias, false}, {"gate_3.weight", router.down.Weight, false}, {"gate_3.bias", router.down.Bias, false},
		}
		loadOfficial(c, official)

		// Items are padded on the right; token_ids holds the row order of an item, then its column order.
		mask, ids, from, to := c.Ints("padding_mask"), c.Ints("token_ids"), c.Ints("pos_A"), c.Ints("pos_B")
		items := c.Shape("padding_mask")[0]
		long := len(mask) / items
		offsets, spans := []int{0}, [][2]int(nil)
		var orders [2][]int32
		for b := range items {
			n := 0
			for t := range long {
				if mask[b*long+t] != 0 {
					for j := range orders {
						orders[j] = append(orders[j], int32(ids[(2*b+j)*long+t]))
					}
					n++
				}
			}
			offsets = append(offsets, offsets[b]+n)
			spans = append(spans, [2]int{int(from[b]) + config.Marker, int(to[b])})
		}
		l, err := InOrders(offsets, orders[:]...)
		if err != nil {
			t.Fatal(err)
		}
		if l, err = l.WithSpans(spans); err != nil {
			t.Fatal(err)
		}

		hidden := tensor.FromSlice(unpadded(c.Tensor("hidden_states").Data(), width, mask), l.Tokens(), width)
		probe := tensor.FromSlice(unpadded(c.Tensor("probe").Data(), width, mask), l.Tokens(), width)
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		p, err := enc.Begin(tp, l)
		if err != nil {
			t.Fatal(err)
		}
		x := tp.Leaf(hidden)
		a := &Attention{Input: x, Softmax: attention.Softmax{Heads: d.Heads, KVHeads: d.KVHeads}, SoftmaxInput: attention.SoftmaxInput{
			Queries: offsets, Query: q.Apply(tp, x), Key: k.Apply(tp, x), Value: v.Apply(tp, x)}}
		out := o.Apply(tp, a.Run(tp, p)).Keep()
		entropy := p.Loss(tp).Keep()
		tp.Backward(tp.Add(tp.Sum(tp.Mul(out, tp.Const(probe))), entropy))
		c.CompareFlat(t, "attn_output", padded(out.Data(), width, mask), golden.Forward)
		c.CompareFlat(t, "entropy", []float32{entropy.Data()[0] / float32(config.Entropy)}, golden.Forward)
		c.CompareFlat(t, "grad.hidden_states", padded(tp.Grad(hidden), width, mask), golden.Gradient)
		compareGradients(t, c, tp, official)
		r := p.(Routed).Routing(0)
		c.CompareFlat(t, "routing_weights", goldenRouting(c.Tensor("routing_weights").Data(), r.Data(), 2*d.Heads, mask), golden.Forward)
	}
}

// goldenRouting returns our weights with the file's own in the rows of padding, for which the official code computes
// weights that nothing reads.
func goldenRouting(file, ours []float32, width int, mask []int64) []float32 {
	out := append([]float32(nil), file...)
	full := padded(ours, width, mask)
	for r, m := range mask {
		if m != 0 {
			copy(out[r*width:(r+1)*width], full[r*width:(r+1)*width])
		}
	}
	return out
}

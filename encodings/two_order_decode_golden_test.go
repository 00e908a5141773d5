package encodings

import (
	"fmt"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestGoldenTwoOrderDecode: a table is read, then two tokens one by one, with the keys of both orders kept.
func TestGoldenTwoOrderDecode(t *testing.T) {
	for _, c := range golden.Files(t, "2d_tpe", "decode") {
		var config struct {
			Width   int     `json:"hidden"`
			Heads   int     `json:"heads"`
			KVHeads int     `json:"kv_heads"`
			HeadDim int     `json:"head_dim"`
			Theta   float64 `json:"rope_theta"`
			Prefill int     `json:"prefill_len"`
			Steps   int     `json:"steps"`
		}
		c.JSON(t, "config", &config)
		d := Dims{Width: config.Width, Heads: config.Heads, KVHeads: config.KVHeads, HeadDim: config.HeadDim}
		setting := TwoOrder{Base: config.Theta}
		enc, err := setting.New(d, nn.NewInit(1))
		if err != nil {
			t.Fatal(err)
		}
		d = enc.(*twoOrder).d
		for _, l := range setting.LLaMATensors(d) { // of the one layer, without its prefix
			nn.Collect(enc).Find(l.Path).CopyFrom(c.Tensor("w." + l.Name[len("model.layers.0.self_attn."):]))
		}
		project := func(name string) *nn.Linear { return &nn.Linear{Weight: c.Tensor("w." + name + "_proj.weight")} }
		q, k, v, o := project("q"), project("k"), project("v"), project("o")

		// Both orders of the table lie one after another; those of the whole go on with the place of a token in both.
		long := config.Prefill + config.Steps
		whole, prefill := narrowed(c.Ints("token_ids_full")), narrowed(c.Ints("token_ids_prefill"))
		for j := range orders {
			for n, place := range whole[j*long:][:long] {
				want := int32(n)
				if n < config.Prefill {
					want = prefill[j*config.Prefill+n]
				}
				if place != want {
					t.Errorf("order %d has token %d at %d, want %d", j, n, place, want)
				}
			}
		}
		first, err := InOrders([]int{0, config.Prefill}, prefill[:config.Prefill], prefill[config.Prefill:])
		first = layoutOf(t, first, err)
		first.Past, first.Memory = []int{0}, NewMemory(1)

		hidden, cache := c.Tensor("hidden_states"), new(attention.Cache)
		tp := tensor.NewTape()
		done := 0
		for pass := range 1 + config.Steps {
			l, n, name := first, config.Prefill, "out_prefill"
			if pass > 0 {
				n, name = 1, fmt.Sprintf("out_step%d", pass)
				l, err = ContinuedSequences([]int{0, n}, []int{done}, first.Memory)
				l = layoutOf(t, l, err)
			}
			tp.Begin(tensor.Pass{})
			x := tp.Const(tensor.FromSlice(hidden.Data()[done*d.Width:][:n*d.Width], n, d.Width))
			a := &Attention{Input: x, Softmax: attention.Softmax{Heads: d.Heads, KVHeads: d.KVHeads}, SoftmaxInput: attention.SoftmaxInput{
				Queries: l.Offsets, Query: q.Apply(tp, x), Key: k.Apply(tp, x), Value: v.Apply(tp, x), Cache: cache}}
			out := o.Apply(tp, a.Run(tp, beginOn(t, enc, tp, l)))
			c.CompareFlat(t, name, out.Data(), golden.Forward)
			done += n
		}

		// Ours has the keys of both orders side by side, [tokens, 2 head dim].
		var keys [orders][]float32
		var values []float32
		for h := range d.KVHeads {
			for at := range cache.Len(0) * orders {
				keys[at%orders] = append(keys[at%orders], cache.Keys(0, h)[at*d.HeadDim:][:d.HeadDim]...)
			}
			values = append(values, cache.Values(0, h)...)
		}
		c.CompareFlat(t, "cache_k_row", keys[0], golden.Forward)
		c.CompareFlat(t, "cache_k_col", keys[1], golden.Forward)
		c.CompareFlat(t, "cache_v", values, golden.Forward)
	}
}

func narrowed(from []int64) []int32 {
	to := make([]int32, len(from))
	for i, v := range from {
		to[i] = int32(v)
	}
	return to
}

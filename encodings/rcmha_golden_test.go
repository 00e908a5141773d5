package encodings_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/tensor"
)

// The files have tokens first, then items: [tokens, items, ...].

// itemsFirst lays t [tokens, items, ...] out as rows, item after item.
func itemsFirst(t *tensor.Tensor) *tensor.Tensor {
	s := t.Shape()
	rows := tensor.New(s[0]*s[1], t.Size()/(s[0]*s[1]))
	for i := range s[0] {
		for b := range s[1] {
			copy(rows.Row(b*s[0]+i), t.Data()[(i*s[1]+b)*rows.Cols():])
		}
	}
	return rows
}

// tokensFirst is the inverse of itemsFirst for values of that shape.
func tokensFirst(rows []float32, s []int) *tensor.Tensor {
	t := tensor.New(s...)
	width := t.Size() / (s[0] * s[1])
	for i := range s[0] {
		for b := range s[1] {
			copy(t.Data()[(i*s[1]+b)*width:][:width], rows[(b*s[0]+i)*width:])
		}
	}
	return t
}

// segment is a piece of text and what a model remembers of the text before.
type segment struct {
	items, queries, memory int // sequences, and their tokens now and before
}

func (s segment) keys() int { return s.memory + s.queries }

func (s segment) offsets(each int) []int {
	offsets := make([]int, s.items+1)
	for b := range offsets {
		offsets[b] = b * each
	}
	return offsets
}

// join returns the rows of each item's memory followed by its tokens.
func (s segment) join(tp *tensor.Tape, memory, x *tensor.Var) *tensor.Var {
	if s.memory == 0 {
		return x
	}
	var index []int32
	for b := range s.items {
		for i := range s.memory {
			index = append(index, int32(b*s.memory+i))
		}
		for i := range s.queries {
			index = append(index, int32(s.items*s.memory+b*s.queries+i))
		}
	}
	return tp.Gather(tp.ConcatRows(memory, x), index)
}

// attend returns an attention of queries to the keys of memory and tokens.
func (s segment) attend(heads, layer int, q, k, v *tensor.Var) *encodings.Attention {
	a := &encodings.Attention{Layer: layer}
	a.Heads, a.Queries = heads, s.offsets(s.queries)
	if s.memory > 0 {
		a.Keys = s.offsets(s.keys())
	}
	a.Query, a.Key, a.Value = q, k, v
	return a
}

// recentRows takes the rows of a table of relative places -distance, ..., 0 out of the official one, whose row n is place
// n - first; later places are hidden by the causal mask.
func recentRows(t *tensor.Tensor, first int) *tensor.Tensor {
	return tensor.FromSlice(t.Data()[:(first+1)*t.Cols()], first+1, t.Cols())
}

// withZeros is the inverse of recentRows for gradients.
func withZeros(rows []float32, shape []int) *tensor.Tensor {
	t := tensor.New(shape...)
	copy(t.Data(), rows)
	return t
}

// TestGoldenRCMHA is the official attention, without and with memory, and the two forms of MDHA.
func TestGoldenRCMHA(t *testing.T) {
	cases := append(golden.Files(t, "rcmha", "attention"), golden.Files(t, "rcmha", "mdha")...)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Heads int
				Width int `json:"d_model"`
				Mem   int
			}
			c.JSON(t, "config", &config)
			heads, dim := config.Heads, config.Width/config.Heads
			shape := c.Shape("in.x")
			s := segment{items: shape[1], queries: shape[0], memory: config.Mem}
			relative := c.Has("w.query_pos_bias")

			e := encodings.RCMHA{NoRelative: !relative, PerHead: strings.Contains(c.Metadata["class"], "DPH"), MaxDistance: s.keys()}
			ours := map[string]string{} // our parameters by the official names
			for _, x := range []string{"query", "key", "value"} {
				for _, p := range []string{"weight", "bias"} {
					ours[x+".1.conv."+p] = "layer.0." + x + "." + p
				}
			}
			if relative {
				ours["query_pos_bias"] = "layer.0.query_bias"
				ours["key_pos_embeddings.used"], ours["key_pos_bias.used"] = "layer.0.keys", "layer.0.bias"
			}
			values := map[string]*tensor.Tensor{}
			for official, path := range ours {
				values[path] = c.Tensor("w." + official)
				if strings.HasSuffix(official, ".used") {
					values[path] = recentRows(values[path], s.keys())
				}
			}
			encoder, params := encoderOf(t, e, encodings.Dims{Width: config.Width, Heads: heads}, values)

			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			weights := map[string]*tensor.Tensor{}
			linear := func(name string, x *tensor.Var) *tensor.Var {
				weights[name+".weight"] = c.Tensor("w." + name + ".weight")
				var bias *tensor.Var
				if c.Has("w." + name + ".bias") {
					weights[name+".bias"] = c.Tensor("w." + name + ".bias")
					bias = tp.Leaf(weights[name+".bias"])
				}
				return tp.Linear(x, tp.Leaf(weights[name+".weight"]), bias)
			}
			x := itemsFirst(c.Tensor("in.x"))
			all := tp.Leaf(x)
			var memory *tensor.Tensor
			if s.memory > 0 {
				memory = itemsFirst(c.Tensor("in.mem"))
				all = s.join(tp, tp.Leaf(memory), all)
			}
			a := s.attend(heads, 0, linear("query.0.linear", tp.Leaf(x)), linear("key.0.linear", all), linear("value.0.linear", all))
			a.KeepWeights = true
			out := a.Run(tp, begin(t, tp, encoder, layoutOf(t)(encodings.Sequences(a.Queries))))
			y := linear("output", out).Keep()
			c.Compare(t, "out.y", tokensFirst(y.Data(), shape), golden.Forward)
			if c.Has("in.mask") {
				c.CompareInts(t, "in.mask", causalMask(s))
			}
			convolved := a.Query
			if relative {
				convolved = a.Relative.Query // before u
			}
			c.Compare(t, "out.q_conv", tokensFirst(convolved.Data(), c.Shape("out.q_conv")), golden.Forward)
			c.Compare(t, "out.k_conv", tokensFirst(a.Key.Data(), c.Shape("out.k_conv")), golden.Forward)
			c.Compare(t, "out.v_conv", tokensFirst(a.Value.Data(), c.Shape("out.v_conv")), golden.Forward)

			attn, scores := tensor.New(c.Shape("out.attn")...), tensor.New(c.Shape("out.attn")...) // [queries, keys, items, heads]
			for b := range s.items {
				for i := range s.queries {
					for j := range s.keys() {
						for h := range heads {
							attn.Set(a.Weights.Row((b*s.queries+i)*s.keys() + j)[h], i, j, b, h)
							head := func(v *tensor.Var, row int) []float32 { return v.Value().Row(row)[h*dim:][:dim] }
							score := dot(head(a.Query, b*s.queries+i), head(a.Key, b*s.keys()+j))
							if relative {
								// The official table has rows for later places too.
								row := j - s.memory - i + s.keys()
								score += dot(head(convolved, b*s.queries+i), c.Tensor("w.key_pos_embeddings.used").Row(row)[h*dim:][:dim])
								score += float64(c.Tensor("w.key_pos_bias.used").At(row, h))
							}
							scores.Set(float32(score), i, j, b, h)
						}
					}
				}
			}
			c.Compare(t, "out.attn", attn, golden.Forward)
			if relative {
				c.Compare(t, "out.scores_unscaled", scores, golden.Forward)
			}

			tp.Backward(tp.Sum(tp.Mul(y, tp.Const(itemsFirst(c.Tensor("probe"))))))
			c.Compare(t, "grad.x", tokensFirst(tp.Grad(x), shape), golden.Gradient)
			if memory != nil {
				c.Compare(t, "grad.mem", tokensFirst(tp.Grad(memory), c.Shape("in.mem")), golden.Gradient)
			}
			for name, w := range weights {
				c.CompareFlat(t, "grad."+name, tp.Grad(w), golden.Gradient)
			}
			for official, path := range ours {
				compareEncoderGradient(t, c, official, tp.Grad(params.Find(path)))
			}
		})
	}
}

// compareEncoderGradient compares the gradient of one of the encoder's parameters with the official one.
func compareEncoderGradient(t *testing.T, c *golden.Case, official string, grad []float32) {
	name := "grad." + official
	switch {
	case strings.HasSuffix(official, ".used"):
		c.Compare(t, name, withZeros(grad, c.Shape(name)), golden.Gradient)
	case strings.HasSuffix(official, "key.1.conv.bias"):
		// It moves all scores of a query alike, which softmax does not see: the gradient is 0, and the file has what
		// rounding leaves of it.
		for i, x := range c.Tensor(name).Data() {
			if math.Abs(float64(x)) > 1e-6 || math.Abs(float64(grad[i])) > 1e-6 {
				t.Errorf("%s[%d]: got %v, the file has %v, want 0 up to rounding", name, i, grad[i], x)
			}
		}
	default:
		c.CompareFlat(t, name, grad, golden.Gradient)
	}
}

// causalMask has 1 where a query may attend to a key, [queries, keys].
func causalMask(s segment) []int64 {
	var mask []int64
	for i := range s.queries {
		for j := range s.keys() {
			allowed := int64(0)
			if j <= i+s.memory {
				allowed = 1
			}
			mask = append(mask, allowed)
		}
	}
	return mask
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// TestGoldenTransformerXL is the official attention with its residual and layer norm.
func TestGoldenTransformerXL(t *testing.T) {
	for _, c := range golden.Files(t, "rcmha", "transformer_xl") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Heads int
				Dim   int  `json:"d_head"`
				Width int  `json:"d_model"`
				Pre   bool `json:"pre_lnorm"`
			}
			c.JSON(t, "config", &config)
			heads, dim := config.Heads, config.Dim
			shape := c.Shape("in.w")
			s := segment{items: shape[1], queries: shape[0], memory: c.Shape("in.mems")[0]}
			encoder, params := encoderOf(t, encodings.TransformerXL{}, encodings.Dims{Width: config.Width, Heads: heads, HeadDim: dim}, map[string]*tensor.Tensor{
				"content": c.Tensor("w.r_w_bias"), "place": c.Tensor("w.r_r_bias"), "key.0.weight": c.Tensor("w.r_net.weight")})

			// The official caller makes the sinusoids of distances keys-1, ..., 0.
			r := features(t, encodings.Sinusoidal{Halves: true}, config.Width, layoutOf(t)(encodings.Sequences([]int{0, s.keys()})))
			falling := tensor.New(c.Shape("in.r")...)
			for i := range s.keys() {
				copy(falling.Row(i), r.Row(s.keys()-1-i))
			}
			c.Compare(t, "in.r", falling, golden.Forward)
			mask := causalMask(s)
			for k := range mask {
				mask[k] = 1 - mask[k] // 1 forbids here
			}
			c.CompareInts(t, "in.mask", mask)

			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			x, memory := itemsFirst(c.Tensor("in.w")), itemsFirst(c.Tensor("in.mems"))
			qkv, o := c.Tensor("w.qkv_net.weight"), c.Tensor("w.o_net.weight")
			normWeight, normBias := c.Tensor("w.layer_norm.weight"), c.Tensor("w.layer_norm.bias")
			norm := func(x *tensor.Var) *tensor.Var { return tp.LayerNorm(x, tp.Leaf(normWeight), tp.Leaf(normBias), 1e-5) }
			all := s.join(tp, tp.Leaf(memory), tp.Leaf(x))
			if config.Pre {
				all = norm(all)
			}
			heights := tp.Linear(all, tp.Leaf(qkv), nil)
			width := heads * dim
			var last []int32 // the rows of the queries
			for b := range s.items {
				for i := range s.queries {
					last = append(last, int32(b*s.keys()+s.memory+i))
				}
			}
			a := s.attend(heads, 0, tp.Gather(tp.Columns(heights, 0, width), last), tp.Columns(heights, width, 2*width), tp.Columns(heights, 2*width, 3*width))
			y := tp.Add(tp.Leaf(x), tp.Linear(a.Run(tp, begin(t, tp, encoder, layoutOf(t)(encodings.Sequences(a.Queries)))), tp.Leaf(o), nil))
			if !config.Pre {
				y = norm(y)
			}
			y.Keep()
			c.Compare(t, "out.y", tokensFirst(y.Data(), shape), golden.Forward)

			// What the official code computes for all distances and then shifts, entries beyond the diagonal included.
			if a.Relative.Min != 1-s.keys() || a.Relative.Keys.Rows() != s.keys() {
				t.Fatalf("keys of %d distances from %d", a.Relative.Keys.Rows(), a.Relative.Min)
			}
			before, after := tensor.New(c.Shape("out.bd_before_shift")...), tensor.New(c.Shape("out.bd_after_shift")...)
			for b := range s.items {
				for h := range heads {
					flat := make([]float32, 0, s.queries*(s.keys()+1))
					for i := range s.queries {
						flat = append(flat, 0)
						for j := range s.keys() {
							v := float32(dot(a.Relative.Query.Value().Row(b*s.queries + i)[h*dim:][:dim], a.Relative.Keys.Value().Row(j)[h*dim:][:dim]))
							before.Set(v, i, j, b, h)
							flat = append(flat, v)
						}
					}
					for k, v := range flat[s.queries:] {
						after.Set(v, k/s.keys(), k%s.keys(), b, h)
					}
				}
			}
			c.Compare(t, "out.bd_before_shift", before, golden.Forward)
			c.Compare(t, "out.bd_after_shift", after, golden.Forward)

			tp.Backward(tp.Sum(tp.Mul(y, tp.Const(itemsFirst(c.Tensor("probe"))))))
			c.Compare(t, "grad.w", tokensFirst(tp.Grad(x), shape), golden.Gradient)
			c.Compare(t, "grad.mems", tokensFirst(tp.Grad(memory), c.Shape("in.mems")), golden.Gradient)
			for name, w := range map[string]*tensor.Tensor{"qkv_net.weight": qkv, "o_net.weight": o, "layer_norm.weight": normWeight, "layer_norm.bias": normBias,
				"r_w_bias": params.Find("content"), "r_r_bias": params.Find("place"), "r_net.weight": params.Find("key.0.weight")} {
				c.CompareFlat(t, "grad."+name, tp.Grad(w), golden.Gradient)
			}
		})
	}
}

// TestGoldenRCMHAModel is the official language model over three segments with a memory of the segments before.
func TestGoldenRCMHAModel(t *testing.T) {
	for _, c := range golden.Files(t, "rcmha", "model") {
		var config struct {
			Width  int `json:"d_model"`
			Heads  int
			Layers int
			MemLen int `json:"mem_len"`
			Seq    int
		}
		c.JSON(t, "config", &config)
		m := newRCMHAModel(t, c, config.Width, config.Heads, config.Layers, config.MemLen+config.Seq)
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Grad: true})
		memory := make([]*tensor.Tensor, config.Layers) // [tokens, items, width]
		var loss *tensor.Var
		for n := range 3 {
			shape := c.Shape(fmt.Sprintf("in.ids.%d", n))
			logits := m.forward(t, tp, c.Ints(fmt.Sprintf("in.ids.%d", n)), shape, memory, config.MemLen).Keep()
			c.Compare(t, fmt.Sprintf("out.logits.%d", n), tokensFirst(logits.Data(), c.Shape(fmt.Sprintf("out.logits.%d", n))), golden.Forward)
			for i, kept := range memory {
				c.Compare(t, fmt.Sprintf("out.mem.%d.layer%d", n, i), kept, golden.Forward)
			}
			one := crossEntropy(tp, logits, c.Ints(fmt.Sprintf("in.targets.%d", n)), shape)
			if loss == nil {
				loss = one
			} else {
				loss = tp.Add(loss, one)
			}
		}
		c.CompareFlat(t, "out.loss", loss.Data(), golden.Forward)
		tp.Backward(loss)
		m.compare(t, tp)
	}
}

package encodings_test

import (
	"fmt"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// encoderOf makes an encoder and gives its parameters the values of a golden file.
func encoderOf(t testing.TB, e encodings.Encoding, d encodings.Dims, values map[string]*tensor.Tensor) (encodings.Encoder, *nn.Params) {
	t.Helper()
	encoder, err := e.New(d, nn.NewInit(1))
	if err != nil {
		t.Fatal(err)
	}
	params := nn.Collect(encoder)
	for path, v := range values {
		p := params.Find(path)
		if p == nil {
			t.Fatalf("%s has no parameter %s", e.Name(), path)
		}
		p.CopyFrom(v.Reshape(p.Shape()...))
	}
	return encoder, params
}

func begin(t testing.TB, tp *tensor.Tape, e encodings.Encoder, l *encodings.Layout) encodings.Positions {
	t.Helper()
	p, err := e.Begin(tp, l)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func layoutOf(t testing.TB) func(*encodings.Layout, error) *encodings.Layout {
	return func(l *encodings.Layout, err error) *encodings.Layout {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
}

// features returns what an encoding adds to tokens of zeros.
func features(t testing.TB, e encodings.Encoding, width int, l *encodings.Layout) *tensor.Tensor {
	t.Helper()
	encoder, _ := encoderOf(t, e, encodings.Dims{Width: width, Heads: 1}, nil)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	return begin(t, tp, encoder, l).Tokens(tp, tp.Const(tensor.New(l.Tokens(), width))).Value().Clone()
}

func TestGoldenSinusoidal(t *testing.T) {
	for _, c := range golden.Files(t, "positional_bias", "sinusoidal") {
		lay := layoutOf(t)
		fifty := lay(encodings.Sequences([]int{0, 50}))
		c.Compare(t, "interleaved_50x12", features(t, encodings.Sinusoidal{}, 12, fifty), golden.Forward)
		c.Compare(t, "halves_50x12", features(t, encodings.Sinusoidal{Halves: true}, 12, fifty), golden.Forward)
		c.Compare(t, "mae_2d_16x3x3_cls", features(t, encodings.Sinusoidal{}, 16, lay(encodings.OnGrid(1, 1, 3, 3))), golden.Forward)
	}
}

// biases returns what an encoding tells the attention of a layer about queries and keys of one head dim.
func biases(t testing.TB, tp *tensor.Tape, e encodings.Encoder, l *encodings.Layout, d encodings.Dims) *encodings.Attention {
	t.Helper()
	a := &encodings.Attention{}
	a.Heads, a.Queries = d.Heads, l.Offsets
	zeros := tp.Const(tensor.New(l.Tokens(), d.Width))
	a.Input, a.Query, a.Key, a.Value = zeros, zeros, zeros, zeros
	begin(t, tp, e, l).Attend(tp, a)
	return a
}

func TestGoldenALiBi(t *testing.T) {
	for _, c := range golden.Files(t, "positional_bias", "alibi") {
		var config struct {
			Heads      []int `json:"slope_heads"`
			BiasHeads  int   `json:"bias_heads"`
			BiasLen    int   `json:"bias_len"`
			BloomHeads int   `json:"bloom_heads"`
			BloomLen   int   `json:"bloom_len"`
		}
		c.JSON(t, "config", &config)
		for _, h := range config.Heads {
			c.CompareFlat(t, fmt.Sprintf("slopes.h%d", h), encodings.ALiBi{}.Slopes(h), golden.Forward)
			c.CompareFlat(t, fmt.Sprintf("mpt_slopes.h%d", h), encodings.ALiBi{MPT: true}.Slopes(h), golden.Forward)
		}

		n, heads := config.BiasLen, config.BiasHeads
		d := encodings.Dims{Width: heads, Heads: heads}
		encoder, _ := encoderOf(t, encodings.ALiBi{}, d, nil)
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{})
		a := biases(t, tp, encoder, layoutOf(t)(encodings.Sequences([]int{0, n})), d)
		bias := a.Biases[0].(attention.DistanceBias)
		if len(a.Biases) != 1 || bias.Distance != nil {
			t.Fatalf("biases %v, want one that is linear in the distance", a.Biases)
		}
		slopes := bias.Slopes.Data()
		symmetric, causal := tensor.New(heads, n, n), tensor.New(heads, n, n)
		keyOnly := tensor.New(heads, 1, n) // the official form: the same but for what a query's keys have in common
		for h := range heads {
			for i := range n {
				for j := range n {
					symmetric.Set(-slopes[h]*float32(max(i-j, j-i)), h, i, j)
					if j <= i { // the file has zeros where the causal mask hides keys
						causal.Set(symmetric.At(h, i, j), h, i, j)
					}
				}
			}
			for j := range n {
				keyOnly.Set(symmetric.At(h, n-1, j)-symmetric.At(h, n-1, 0), h, 0, j)
			}
		}
		c.Compare(t, "bias_symmetric_h6", symmetric, golden.Forward)
		c.Compare(t, "bias_causal_h6", causal, golden.Forward)
		c.Compare(t, "bias_key_only_h6", keyOnly, golden.Forward)

		// BLOOM counts places without the padding, as ragged sequences do by themselves.
		mask := c.Ints("bloom.attention_mask")
		bloom := encodings.ALiBi{}.Slopes(config.BloomHeads)
		var want []float32
		for b := range len(mask) / config.BloomLen {
			for _, slope := range bloom {
				place := 0
				for _, there := range mask[b*config.BloomLen : (b+1)*config.BloomLen] {
					if there == 0 {
						want = append(want, 0)
						continue
					}
					want = append(want, slope*float32(place))
					place++
				}
			}
		}
		c.CompareFlat(t, "bloom.alibi_h6", want, golden.Forward)
	}
}

// bucketsOf returns the bias of relative places that T5Bias gives the kernel.
func bucketsOf(t testing.TB, tp *tensor.Tape, e encodings.T5Bias, heads int, table *tensor.Tensor) (attention.RelativeBias, *nn.Params) {
	t.Helper()
	var values map[string]*tensor.Tensor
	if table != nil {
		values = map[string]*tensor.Tensor{"table": table}
	}
	d := encodings.Dims{Width: heads, Heads: heads}
	encoder, params := encoderOf(t, e, d, values)
	a := biases(t, tp, encoder, layoutOf(t)(encodings.Sequences([]int{0, 3})), d)
	if a.Scale != 1 {
		t.Errorf("T5 has scale %v, want 1", a.Scale)
	}
	return a.Biases[0].(attention.RelativeBias), params
}

func rowOf(b attention.RelativeBias, difference int) int32 {
	return b.Rows[min(max(difference-b.Min, 0), len(b.Rows)-1)]
}

func TestGoldenT5Buckets(t *testing.T) {
	for _, c := range golden.Files(t, "positional_bias", "t5_buckets") {
		var config struct{ Cases [][2]int }
		c.JSON(t, "config", &config)
		relative := c.Ints("relative_position")
		for _, k := range config.Cases {
			for direction, causal := range map[string]bool{"bi": false, "causal": true} {
				tp := tensor.NewTape()
				tp.Begin(tensor.Pass{})
				b, _ := bucketsOf(t, tp, encodings.T5Bias{Buckets: k[0], MaxDistance: k[1], Causal: causal}, 1, nil)
				got := make([]int64, len(relative))
				for i, r := range relative {
					got[i] = int64(rowOf(b, int(r)))
				}
				c.CompareInts(t, fmt.Sprintf("bucket.%s.n%d.d%d", direction, k[0], k[1]), got)
			}
		}
	}
}

func TestGoldenT5Bias(t *testing.T) {
	for _, c := range golden.Files(t, "positional_bias", "t5_bias") {
		var config struct {
			Buckets     int `json:"num_buckets"`
			MaxDistance int `json:"max_distance"`
			Heads       int
			Queries     int `json:"query_len"`
			Keys        int `json:"key_len"`
		}
		c.JSON(t, "config", &config)
		for direction, causal := range map[string]bool{"bi": false, "causal": true} {
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			b, params := bucketsOf(t, tp, encodings.T5Bias{Buckets: config.Buckets, MaxDistance: config.MaxDistance, Causal: causal},
				config.Heads, c.Tensor("w.relative_attention_bias.weight"))
			var index []int32
			for i := range config.Queries {
				for j := range config.Keys {
					index = append(index, rowOf(b, j-i))
				}
			}
			bias := tp.Transpose(tp.Gather(b.Table, index)) // [heads, queries * keys]
			c.CompareFlat(t, "bias."+direction, bias.Data(), golden.Forward)
			probe := c.Tensor("probe." + direction)
			tp.Backward(tp.Sum(tp.Mul(bias, tp.Const(probe.Reshape(bias.Shape()...)))))
			c.CompareFlat(t, "grad."+direction, tp.Grad(params.Find("table")), golden.Gradient)
		}
	}
}

// The file is derived: plain softmax attention around the official slopes and buckets, not the run of an official class.
func TestGoldenAttentionWithBiases(t *testing.T) {
	for _, c := range golden.Files(t, "positional_bias", "attention_with_biases") {
		var config struct {
			B, Heads, L int
			HeadDim     int `json:"head_dim"`
			Buckets     int `json:"t5_buckets"`
			MaxDistance int `json:"t5_max_distance"`
		}
		c.JSON(t, "config", &config)
		items, heads, n, dim := config.B, config.Heads, config.L, config.HeadDim
		c.CompareFlat(t, "slopes", encodings.ALiBi{}.Slopes(heads), golden.Forward)
		t5 := encodings.T5Bias{Buckets: config.Buckets, MaxDistance: config.MaxDistance}
		t5Causal := t5
		t5Causal.Causal = true
		for name, k := range map[string]struct {
			encoding encodings.Encoding
			causal   bool
		}{
			"nope":      {encodings.None{}, true},
			"alibi":     {encodings.ALiBi{}, true},
			"alibi_bi":  {encodings.ALiBi{}, false},
			"t5":        {t5, false},
			"t5_causal": {t5Causal, true},
		} {
			var values map[string]*tensor.Tensor
			if c.Has("grad.t5_table." + name) {
				values = map[string]*tensor.Tensor{"table": c.Tensor("t5_table")}
			}
			encoder, params := encoderOf(t, k.encoding, encodings.Dims{Width: heads * dim, Heads: heads}, values)
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			q, key, v := tokenRows(c.Tensor("q")), tokenRows(c.Tensor("k")), tokenRows(c.Tensor("v"))
			offsets := make([]int, items+1)
			for b := range offsets {
				offsets[b] = b * n
			}
			a := &encodings.Attention{}
			a.Heads, a.Queries = heads, offsets
			a.Query, a.Key, a.Value = tp.Leaf(q), tp.Leaf(key), tp.Leaf(v)
			a.Mask.Causal = k.causal
			out := a.Run(tp, begin(t, tp, encoder, layoutOf(t)(encodings.Sequences(offsets)))).Keep()
			tp.Backward(tp.Sum(tp.Mul(out, tp.Const(tokenRows(c.Tensor("probe"))))))
			shape := c.Shape("q")
			c.Compare(t, "out."+name, headsFirst(out.Data(), shape), golden.Forward)
			c.Compare(t, "grad.q."+name, headsFirst(tp.Grad(q), shape), golden.Gradient)
			c.Compare(t, "grad.k."+name, headsFirst(tp.Grad(key), shape), golden.Gradient)
			c.Compare(t, "grad.v."+name, headsFirst(tp.Grad(v), shape), golden.Gradient)
			if values != nil {
				c.CompareFlat(t, "grad.t5_table."+name, tp.Grad(params.Find("table")), golden.Gradient)
			}
		}
	}
}

// tokenRows lays t [items, heads, tokens, dim] out as [items * tokens, heads * dim].
func tokenRows(t *tensor.Tensor) *tensor.Tensor {
	s := t.Shape()
	rows := tensor.New(s[0]*s[2], s[1]*s[3])
	for b := range s[0] {
		for h := range s[1] {
			for i := range s[2] {
				copy(rows.Row(b*s[2] + i)[h*s[3]:(h+1)*s[3]], t.Data()[((b*s[1]+h)*s[2]+i)*s[3]:])
			}
		}
	}
	return rows
}

// headsFirst is the inverse of tokenRows for values of that shape.
func headsFirst(rows []float32, s []int) *tensor.Tensor {
	t := tensor.New(s...)
	width := s[1] * s[3]
	for b := range s[0] {
		for h := range s[1] {
			for i := range s[2] {
				copy(t.Data()[((b*s[1]+h)*s[2]+i)*s[3]:][:s[3]], rows[(b*s[2]+i)*width+h*s[3]:])
			}
		}
	}
	return t
}

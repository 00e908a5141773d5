package encodings

import (
	"fmt"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// readerConfig is the configuration of the official transformer.
type readerConfig struct {
	Width       int     `json:"pe_embed_dim"`
	PEWidth     int     `json:"pe_dim"` // its name in train_step_2d
	Heads       int     `json:"heads"`
	Layers      int     `json:"layers"`
	MaxDigits   int     `json:"max_digits"`
	Axes        int     `json:"data_dim"`
	Out         int     `json:"out_proj_dim"`
	Direction   string  `json:"attn_direction"`
	MaskPadding bool    `json:"mask_padding"`
	Temperature float64 `json:"temperature"`
}

// settings returns the reader's settings; everything that draws is off.
func (c readerConfig) settings() SeqPE {
	return SeqPE{Axes: c.Axes, Width: max(c.Width, c.PEWidth), Heads: c.Heads, Layers: c.Layers, MaxDigits: c.MaxDigits, MaxPosition: int(power(10, c.MaxDigits)),
		Bidirectional: c.Direction == "bi", MaskPadding: c.MaskPadding, Temperature: c.Temperature,
		Contrastive: SeqPEContrastive{Off: true}, Transfer: SeqPETransfer{Off: true}, Shift: SeqPEShift{Off: true}}
}

// officialTensor is a parameter of ours, by its official name. GPT-2 keeps the weights of its blocks as [in, out].
type officialTensor struct {
	name   string
	t      *tensor.Tensor
	turned bool
}

func officialReader(r *digitReader, prefix string) []officialTensor {
	list := []officialTensor{{"token_of_seqpe_embed.weight", r.token, false}, {"pos_of_seqpe_embed.weight", r.position, false}, {"cls_token_embed", r.class, false},
		{"layernorm.weight", r.norm.Weight, false}, {"layernorm.bias", r.norm.Bias, false}, {"out_proj.weight", r.out.Weight, false}, {"out_proj.bias", r.out.Bias, false}}
	if r.axis != nil {
		list = append(list, officialTensor{"dim_token_embed", r.axis, false})
	}
	for i, b := range r.blocks {
		at := func(name string, t *tensor.Tensor, turned bool) {
			list = append(list, officialTensor{fmt.Sprintf("transformers.%d.%s", i, name), t, turned})
		}
		at("layernorm_1.weight", b.norm1.Weight, false)
		at("layernorm_1.bias", b.norm1.Bias, false)
		at("layernorm_2.weight", b.norm2.Weight, false)
		at("layernorm_2.bias", b.norm2.Bias, false)
		for name, l := range map[string]*nn.Linear{"attn.c_attn": b.qkv, "attn.c_proj": b.project, "mlp.c_fc": b.up, "mlp.c_proj": b.down} {
			at(name+".weight", l.Weight, true)
			at(name+".bias", l.Bias, false)
		}
	}
	for i := range list {
		list[i].name = prefix + list[i].name
	}
	return list
}

// loadOfficial fills our tensors from a golden file.
func loadOfficial(c *golden.Case, list []officialTensor) {
	for _, o := range list {
		from := c.Tensor("w." + o.name)
		for i := range o.t.Data() {
			at := i
			if o.turned {
				at = i%o.t.Cols()*o.t.Rows() + i/o.t.Cols()
			}
			o.t.Data()[i] = from.Data()[at]
		}
	}
}

// compareGradients compares the gradients of our tensors with a golden file.
func compareGradients(t *testing.T, c *golden.Case, tp *tensor.Tape, list []officialTensor) {
	t.Helper()
	for _, o := range list {
		g := tp.Grad(o.t)
		if g == nil {
			g = make([]float32, o.t.Size())
		}
		if o.turned {
			turned := make([]float32, len(g))
			for i, v := range g {
				turned[i%o.t.Cols()*o.t.Rows()+i/o.t.Cols()] = v
			}
			g = turned
		}
		c.CompareFlat(t, "grad."+o.name, g, golden.Gradient)
	}
}

func intsOf(list []int64) []int {
	out := make([]int, len(list))
	for i, x := range list {
		out[i] = int(x)
	}
	return out
}

func TestGoldenSeqPEReader(t *testing.T) {
	for _, c := range golden.Files(t, "seqpe", "encoder_") {
		t.Run(c.Name, func(t *testing.T) {
			var config readerConfig
			c.JSON(t, "config", &config)
			s, err := config.settings().fill(1)
			if err != nil {
				t.Fatal(err)
			}
			r := newDigitReader(s, config.Out, nn.NewInit(1))
			official := officialReader(r, "")
			loadOfficial(c, official)
			coords := intsOf(c.Ints("positions"))
			var digits []int64
			var mask []float32
			for i := 0; i < len(coords); i += s.Axes {
				d, padding, err := s.Digits(coords[i : i+s.Axes]...)
				if err != nil {
					t.Fatal(err)
				}
				for k := range d {
					digits = append(digits, int64(d[k]))
					mask = append(mask, map[bool]float32{false: 1}[padding[k]])
				}
			}
			c.CompareInts(t, "digits", digits)
			c.CompareFlat(t, "pad_mask", mask, 0)
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Train: true, Grad: true})
			out := r.read(tp, coords).Keep()
			tp.Backward(tp.Sum(tp.Mul(out, tp.Const(c.Tensor("probe")))))
			c.Compare(t, "out", out.Value(), golden.Forward)
			compareGradients(t, c, tp, official)
		})
	}
}

func TestGoldenSeqPEDigits(t *testing.T) {
	for _, c := range golden.Files(t, "seqpe", "digits") {
		var masks struct {
			Positions []int `json:"attn_mask_positions"`
			MaxDigits int   `json:"attn_mask_max_digits"`
		}
		c.JSON(t, "config", &masks)
		var all map[string]any
		c.JSON(t, "config", &all)
		for _, tag := range []string{"d1_left", "d1_right", "d2_left"} {
			settings := all[tag].(map[string]any)
			axes := int(tag[1] - '0')
			digits := int(settings["max_digits"].(float64))
			s := SeqPE{Axes: axes, MaxDigits: digits, MaxPosition: int(power(10, digits)), RightPadding: !settings["left_padding"].(bool)}
			positions := intsOf(c.Ints(tag + ".positions"))
			var got []int64
			var mask []float32
			for i := 0; i < len(positions); i += axes {
				d, padding, err := s.Digits(positions[i : i+axes]...)
				if err != nil {
					t.Fatal(err)
				}
				for k := range d {
					got, mask = append(got, int64(d[k])), append(mask, map[bool]float32{false: 1}[padding[k]])
				}
			}
			c.CompareInts(t, tag+".digits", got)
			c.CompareFlat(t, tag+".mask", mask, 0)
			s, _ = s.fill(1)
			for i, d := range s.write(positions).digit {
				if int64(d) != got[i] {
					t.Errorf("%s: the reader gets digit %d where %d is written", tag, d, got[i])
				}
			}
		}
		compareMasks(t, c, masks.Positions, masks.MaxDigits)
	}
}

// compareMasks compares what digits may attend to. Where padding is masked the reader leaves it out: there is no row for
// it to compare, and what the official code computes there, nothing reads.
func compareMasks(t *testing.T, c *golden.Case, positions []int, maxDigits int) {
	for _, bidirectional := range []bool{false, true} {
		for _, masked := range []bool{false, true} {
			s, err := SeqPE{MaxDigits: maxDigits, MaxPosition: int(power(10, maxDigits)), MaskPadding: masked, Bidirectional: bidirectional}.fill(1)
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("attn_mask.%s.maskpad%d", map[bool]string{false: "causal", true: "bi"}[bidirectional], map[bool]int{true: 1}[masked])
			want, w := c.Tensor(name), s.write(positions)
			for p := range positions {
				read := map[int]bool{maxDigits: true} // the class token
				for _, place := range w.place[w.offsets[p]:w.offsets[p+1]] {
					read[int(place)] = true
				}
				for i := range maxDigits + 1 {
					for j := range maxDigits + 1 {
						may := read[j] && (bidirectional || j <= i)
						if read[i] && may != (want.At(p, i, j) == 1) {
							t.Errorf("%s: position %d: digit %d may attend to %d: %v", name, positions[p], i, j, may)
						}
					}
				}
			}
		}
	}
}

// attentionConfig is the configuration of the official attention.
type attentionConfig struct {
	Dim       int    `json:"dim"`
	Heads     int    `json:"heads"`
	PEDim     int    `json:"pe_dim"`
	Use       string `json:"pe_apply_method"`
	MultiHead bool   `json:"use_pe_multi_head"`
}

func (c attentionConfig) use(t *testing.T) SeqPEUse {
	var u SeqPEUse
	if err := u.UnmarshalText([]byte(strings.TrimPrefix(c.Use, "attn_"))); err != nil {
		t.Fatal(err)
	}
	return u
}

// goldenAttention is the official layer around the kernel: one projection to queries, keys and values, and one after.
func goldenAttention(tp *tensor.Tape, x *tensor.Var, offsets []int, heads int, qkv, out *nn.Linear, p Positions) *tensor.Var {
	d := x.Cols()
	all := qkv.Apply(tp, x)
	a := &Attention{Input: x, Softmax: attention.Softmax{Heads: heads}, SoftmaxInput: attention.SoftmaxInput{
		Queries: offsets, Query: tp.Columns(all, 0, d), Key: tp.Columns(all, d, 2*d), Value: tp.Columns(all, 2*d, 3*d)}}
	return out.Apply(tp, a.Run(tp, p))
}

func emptyLinear(in, out int) *nn.Linear {
	return &nn.Linear{Weight: tensor.New(out, in), Bias: tensor.New(out)}
}

func TestGoldenSeqPEAttention(t *testing.T) {
	for _, c := range golden.Files(t, "seqpe", "attn_") {
		t.Run(c.Name, func(t *testing.T) {
			var config attentionConfig
			c.JSON(t, "config", &config)
			enc, err := SeqPE{Use: config.use(t), SharedHead: !config.MultiHead}.New(Dims{Width: config.Dim, Heads: config.Heads}, nn.NewInit(1))
			if err != nil {
				t.Fatal(err)
			}
			e := enc.(*seqPE)
			qkv, proj := emptyLinear(config.Dim, 3*config.Dim), emptyLinear(config.Dim, config.Dim)
			official := []officialTensor{{"qkv.weight", qkv.Weight, false}, {"qkv.bias", qkv.Bias, false}, {"proj.weight", proj.Weight, false}, {"proj.bias", proj.Bias, false},
				{"pe_qk.weight", e.maps[0].Weight, false}, {"pe_qk.bias", e.maps[0].Bias, false}}
			loadOfficial(c, official)
			x, pe := c.Tensor("x"), c.Tensor("pe")
			items, tokens := x.Shape()[0], x.Shape()[1]
			offsets := make([]int, items+1)
			for b := range offsets {
				offsets[b] = b * tokens
			}
			layout, err := Sequences(offsets)
			if err != nil {
				t.Fatal(err)
			}
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			p := &seqPEPass{seqPE: e, layout: layout, vectors: tp.Reshape(tp.Leaf(pe), items*tokens, config.PEDim), rows: make([]int32, items*tokens)}
			for i := range p.rows {
				p.rows[i] = int32(i)
			}
			out := goldenAttention(tp, tp.Reshape(tp.Leaf(x), items*tokens, config.Dim), offsets, config.Heads, qkv, proj, p).Keep()
			tp.Backward(tp.Sum(tp.Mul(out, tp.Reshape(tp.Const(c.Tensor("probe")), items*tokens, config.Dim))))
			c.CompareFlat(t, "out", out.Data(), golden.Forward)
			c.CompareFlat(t, "grad.x", tp.Grad(x), golden.Gradient)
			c.CompareFlat(t, "grad.pe", tp.Grad(pe), golden.Gradient)
			compareGradients(t, c, tp, official)
		})
	}
}

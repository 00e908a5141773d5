package tokenizer

import (
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// officialConfig is the configuration in the metadata of a file.
type officialConfig struct {
	Widths     [2]int    `json:"mid_channels"`
	CodeDim    int       `json:"code_dim"`
	Codes      int       `json:"nb_code"`
	TimeDown   [2]int    `json:"downsample_time"`
	JointDown  [2]int    `json:"downsample_joint"`
	TimeUp     []float64 `json:"frame_upsample_rate"`
	Groups     int       `json:"group_num"`
	Max        int       `json:"max_channels"`
	Momentum   float64   `json:"mu"`
	In         int       `json:"in_channels"`
	Out        int       `json:"out_channels"`
	Joints     int       `json:"joints"`
	Batch      int       `json:"batch"`
	Frames     int       `json:"frames"`
	Commitment float64   `json:"commit_weight"`
	Every      int       `json:"reset_every"`
	Steps      int       `json:"steps"`
}

// config is ours.
func (o officialConfig) config() Config {
	return Config{Joints: o.Joints, Widths: o.Widths, CodeWidth: o.CodeDim, Codes: o.Codes, Groups: o.Groups, DilationWidth: o.Max,
		TimeStrides: o.TimeDown, JointStrides: o.JointDown, Momentum: o.Momentum, Commitment: o.Commitment}.WithDefaults()
}

// channelsLast gives the rows [items * frames * joints, channels] of a golden tensor [items, channels, frames, joints].
func channelsLast(x *tensor.Tensor) *tensor.Tensor {
	items, channels := x.Shape()[0], x.Shape()[1]
	pixels := x.Size() / (items * channels)
	out := tensor.New(items*pixels, channels)
	for b := range items {
		for c := range channels {
			for p := range pixels {
				out.Data()[(b*pixels+p)*channels+c] = x.Data()[(b*channels+c)*pixels+p]
			}
		}
	}
	return out
}

// channelsFirst is the inverse, in the shape of a golden tensor.
func channelsFirst(data []float32, shape []int) *tensor.Tensor {
	items, channels := shape[0], shape[1]
	out := tensor.New(shape...)
	pixels := out.Size() / (items * channels)
	for b := range items {
		for c := range channels {
			for p := range pixels {
				out.Data()[(b*channels+c)*pixels+p] = data[(b*pixels+p)*channels+c]
			}
		}
	}
	return out
}

func load(c *golden.Case, table []OfficialTensor) {
	for _, line := range table {
		line.Tensor.CopyFrom(c.Tensor("w." + line.Name))
	}
}

func compareGradients(t *testing.T, c *golden.Case, tp *tensor.Tape, table []OfficialTensor) {
	t.Helper()
	for _, line := range table {
		c.CompareFlat(t, "grad."+line.Name, tp.Grad(line.Tensor), golden.Gradient)
	}
}

// one slice an item, as the official halves take it.
func wholeGrid(shape []int) tensor.Grid {
	return tensor.NewGrid(shape[0], tensor.Size{Height: shape[2], Width: shape[3]})
}

// half is the encoder or the decoder.
type half interface {
	nn.Module
	Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) (*tensor.Var, tensor.Grid)
	Official(prefix string) []OfficialTensor
}

// TestGoldenHalves: the encoder and the decoder by themselves.
func TestGoldenHalves(t *testing.T) {
	halves := func(t *testing.T, c *golden.Case) {
		var o officialConfig
		c.JSON(t, "config", &o)
		o.Joints, o.Codes, o.CodeDim = 4, 1, o.Out
		decoder := strings.HasPrefix(c.Name, "decoder")
		if decoder {
			o.CodeDim, o.Widths = o.In, [2]int{o.Widths[1], o.Widths[0]}
		}
		m, err := New(o.config(), 1)
		if err != nil {
			t.Fatal(err)
		}
		var h half = m.Encoder
		if decoder {
			h = m.Decoder
		}
		load(c, h.Official(""))
		x := channelsLast(c.Tensor("x"))
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Grad: true})
		y, grid := h.Apply(tp, tp.Leaf(x), wholeGrid(c.Shape("x")))
		if want := wholeGrid(c.Shape("y")); !grid.Equal(want) {
			t.Errorf("grid %v, want %v", grid, want)
		}
		c.Compare(t, "y", channelsFirst(y.Data(), c.Shape("y")), golden.Forward)
		tp.Backward(tp.Sum(tp.Mul(y, tp.Const(channelsLast(c.Tensor("probe"))))))
		compareGradients(t, c, tp, h.Official(""))
		if c.Has("grad.x") {
			c.Compare(t, "grad.x", channelsFirst(tp.Grad(x), c.Shape("x")), golden.Gradient)
		}
		if c.Has("x_even") {
			tp.Begin(tensor.Pass{})
			y, _ := h.Apply(tp, tp.Const(channelsLast(c.Tensor("x_even"))), wholeGrid(c.Shape("x_even")))
			c.Compare(t, "y_even", channelsFirst(y.Data(), c.Shape("y_even")), golden.Forward)
		}
	}
	for _, prefix := range []string{"encoder_", "decoder_"} {
		for _, c := range golden.Files(t, "mtvcrafter", prefix) {
			t.Run(c.Name, func(t *testing.T) { halves(t, c) })
		}
	}
}

// clipGrid are the slices of a batch of clips of one length.
func clipGrid(c Config, items, frames int) tensor.Grid {
	var sizes []tensor.Size
	for range items {
		sizes = appendSlices(sizes, frames, c.SliceFrames, c.Joints)
	}
	return tensor.RaggedGrid(sizes)
}

// TestGolden4DMoT: the whole tokenizer, a training step with the gradient of its loss and the codebook after it, or an
// evaluation.
func TestGolden4DMoT(t *testing.T) {
	for _, c := range golden.Files(t, "mtvcrafter", "4dmot_") {
		t.Run(c.Name, func(t *testing.T) {
			var o officialConfig
			c.JSON(t, "config", &o)
			m, err := New(o.config(), 1)
			if err != nil {
				t.Fatal(err)
			}
			load(c, m.Official())
			grid := clipGrid(m.Config, o.Batch, o.Frames)
			x := c.Tensor("x").Reshape(grid.Rows(), 3)
			if c.Has("codebook_before") {
				goldenStep(t, c, m, x, grid)
			} else {
				goldenEval(t, c, m, x, grid)
			}
		})
	}
}

func goldenStep(t *testing.T, c *golden.Case, m *Model, x *tensor.Tensor, grid tensor.Grid) {
	m.Codebook.Vectors.CopyFrom(c.Tensor("codebook_before"))
	m.Codebook.Sums.CopyFrom(m.Codebook.Vectors)
	m.Codebook.Counts.Fill(1)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	r := m.Reconstruct(tp, tp.Leaf(x), grid)
	c.CompareFlat(t, "recon", r.Places.Data(), golden.Forward)
	c.CompareFlat(t, "commit_loss", r.Commitment.Data(), golden.Forward)
	c.CompareFloat64s(t, "perplexity", []float64{r.Use.Perplexity}, golden.Forward)
	c.CompareInts(t, "code_idx", whole(r.Codes))
	if c.Has("latent") {
		c.CompareFlat(t, "latent", latentAs(r.Latent.Data(), c.Shape("latent"), m.Config.CodeWidth), golden.Forward)
	}
	c.Compare(t, "codebook_after", m.Codebook.Vectors, golden.Forward)
	c.Compare(t, "code_sum_after", m.Codebook.Sums, golden.Forward)
	c.Compare(t, "code_count_after", m.Codebook.Counts, golden.Forward)
	loss := tp.Add(nn.L1{}.Loss(tp, r.Places, x), tp.Scale(r.Commitment, float32(m.Config.Commitment)))
	c.CompareFlat(t, "loss", loss.Data(), golden.Forward)
	tp.Backward(loss)
	compareGradients(t, c, tp, m.Official())
	c.CompareFlat(t, "grad.x", tp.Grad(x), golden.Gradient)
}

// latentAs gives latents in the order of a golden tensor: rows, or channels first.
func latentAs(rows []float32, shape []int, width int) []float32 {
	if len(shape) == 4 && shape[1] == width {
		return channelsFirst(rows, shape).Data()
	}
	return rows
}

func goldenEval(t *testing.T, c *golden.Case, m *Model, x *tensor.Tensor, grid tensor.Grid) {
	m.Codebook.Vectors.CopyFrom(c.Tensor("codebook"))
	m.Codebook.Counts.Fill(1)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	r := m.Reconstruct(tp, tp.Const(x), grid)
	c.CompareFlat(t, "recon", r.Places.Data(), golden.Forward)
	c.CompareFlat(t, "tokens", r.Vectors.Data(), golden.Forward)
	c.CompareFlat(t, "commit_loss", r.Commitment.Data(), golden.Forward)
	if want := clipGrid(m.Config, c.Shape("x")[0], c.Shape("x")[1]); !r.Grid.Equal(want) {
		t.Errorf("grid %v, want %v", r.Grid, want)
	}
}

func whole(codes []int32) []int64 {
	out := make([]int64, len(codes))
	for i, k := range codes {
		out[i] = int64(k)
	}
	return out
}

// TestGoldenCodebook: successive training passes of the codebook alone, with a reset that lasts one step.
func TestGoldenCodebook(t *testing.T) {
	for _, c := range golden.Files(t, "mtvcrafter", "vq_") {
		t.Run(c.Name, func(t *testing.T) {
			var o officialConfig
			c.JSON(t, "config", &o)
			b := newCodebook(o.config())
			if b.ResetEvery != o.Every {
				t.Errorf("a reset every %d steps, want %d", b.ResetEvery, o.Every)
			}
			x, before := c.Tensor("x"), c.Tensor("codebook")
			copy(b.Vectors.Data(), before.Row(0))
			b.Sums.CopyFrom(b.Vectors)
			b.Counts.Fill(1)
			perm := c.Ints("randperm")
			var got struct {
				codes, calls                                    []int64
				vectors, sums, counts, used, commitment, choice []float32
			}
			got.vectors = append(got.vectors, before.Row(0)...)
			for s := range o.Steps {
				rows := channelsLast(tensor.FromSlice(x.Row(s), append([]int{1}, x.Shape()[1:]...)...))
				tp := tensor.NewTape()
				tp.Begin(tensor.Pass{})
				q := b.Apply(tp, tp.Const(rows))
				got.codes = append(got.codes, whole(q.Codes)...)
				got.commitment = append(got.commitment, q.Commitment.Data()...)
				got.choice = append(got.choice, float32(q.Use.Perplexity))
				order := make([]int, 0, len(q.Codes))
				for _, p := range perm[s*len(q.Codes):][:len(q.Codes)] {
					order = append(order, int(p))
				}
				follow(b, rows.Data(), q.Codes, order)
				got.vectors = append(got.vectors, b.Vectors.Data()...)
				got.sums = append(got.sums, b.Sums.Data()...)
				got.counts = append(got.counts, b.Counts.Data()...)
				got.used = append(got.used, b.Used.Data()...)
				got.calls = append(got.calls, int64(b.Calls.Data()[0]))
			}
			c.CompareInts(t, "code_idx", got.codes)
			c.CompareInts(t, "reset_count", got.calls)
			c.CompareFlat(t, "codebook", got.vectors, golden.Forward)
			c.CompareFlat(t, "code_sum", got.sums, golden.Forward)
			c.CompareFlat(t, "code_count", got.counts, golden.Forward)
			c.CompareFlat(t, "usage", got.used, golden.Forward)
			c.CompareFlat(t, "commit_loss", got.commitment, golden.Forward)
			c.CompareFlat(t, "perplexity", got.choice, golden.Forward)
		})
	}
}

// follow is a training pass whose reset takes its rows in a given order.
func follow(b *Codebook, x []float32, codes []int32, order []int) {
	sums, counts := make([]float32, b.Vectors.Size()), make([]float32, b.Len())
	due := int(b.Calls.Data()[0]) == b.ResetEvery
	kept := b.Reset
	b.Reset = ResetNever
	b.follow(x, codes, sums, counts, stream{})
	if b.Reset = kept; due {
		b.replace(x, order)
	}
}

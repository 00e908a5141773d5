package dit

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// angleTolerance is for cosines, sines and what is turned by them: the official angles are products of hundreds of
// millimetres in float32, and ours are float64.
const angleTolerance = 1e-4

type officialConfig struct {
	HeadDim int   `json:"head_dim"`
	Frames  int   `json:"frames"`
	Rows    int   `json:"grid_h"`
	Columns int   `json:"grid_w"`
	Grid    []int `json:"grid"`
	Vision  []int `json:"vision_axis_dims"`
	Motion  []int `json:"motion_axis_dims"`
	Dim     int   `json:"dim"`
	Heads   int   `json:"heads"`
	Batch   int   `json:"batch"`
	Time    int   `json:"time_embed_dim"`
	Inner   int   `json:"ff_inner_dim"`
	Frame   int   `json:"k_frame"`
	Length  int   `json:"motion_len"`
}

func mustLayout(t *testing.T) func(*encodings.Layout, error) *encodings.Layout {
	return func(l *encodings.Layout, err error) *encodings.Layout {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
}

// rotations gives the turns of vision and motion tokens.
func rotations(tp *tensor.Tape, p *Places) (vision, moving *attention.Rotation) {
	var a encodings.Attention
	p.Crossed().Attend(tp, &a)
	return a.RotateQuery, a.RotateKey
}

// twice gives every number of a table two times, as the official tables have the pairs of channels.
func twice(table *tensor.Tensor) []float32 {
	var out []float32
	for _, v := range table.Data() {
		out = append(out, v, v)
	}
	return out
}

// rows gives the rows lo to hi of a rotation.
func rows(r *attention.Rotation, lo, hi int) *attention.Rotation {
	cut := func(t *tensor.Tensor) *tensor.Tensor {
		return tensor.FromSlice(t.Data()[lo*t.Cols():hi*t.Cols()], hi-lo, t.Cols())
	}
	return &attention.Rotation{Cos: cut(r.Cos), Sin: cut(r.Sin), Pairs: r.Pairs, Interleaved: r.Interleaved}
}

// turned gives x [items, heads, tokens, head dim], or [items, tokens, heads, head dim] where tokens come first, turned.
func turned(tp *tensor.Tape, r *attention.Rotation, x *tensor.Tensor, tokensFirst bool) []float32 {
	shape := x.Shape()
	heads, tokens, dim := shape[1], shape[2], shape[3]
	if tokensFirst {
		heads, tokens = tokens, heads
	}
	at := func(t, h int) int {
		if tokensFirst {
			return (t*heads + h) * dim
		}
		return (h*tokens + t) * dim
	}
	flat := tensor.New(tokens, heads*dim)
	for t := range tokens {
		for h := range heads {
			copy(flat.Row(t)[h*dim:(h+1)*dim], x.Data()[at(t, h):])
		}
	}
	y := r.Apply(tp, tp.Const(flat), heads)
	out := make([]float32, x.Size())
	for t := range tokens {
		for h := range heads {
			copy(out[at(t, h):][:dim], y.Data()[(t*heads+h)*dim:])
		}
	}
	return out
}

// TestGoldenRotary: tables of both kinds of tokens for the mean pose of the published data, and turned vectors.
func TestGoldenRotary(t *testing.T) {
	var pose [][3]float64
	for _, c := range golden.Files(t, "mtvcrafter", "rope_7b") {
		pose = Pose(motion.Moments{Mean: c.Tensor("joint_mean").Data(), Std: c.Tensor("joint_std").Data()})
		t.Run(c.Name, func(t *testing.T) {
			var o officialConfig
			c.JSON(t, "config", &o)
			s := Split7B(o.HeadDim)
			checkSplit(t, s, o)
			tp, p := places(t, s, 1, o.HeadDim, mustLayout(t)(VisionLayout(1, o.Frames, o.Rows, o.Columns)), mustLayout(t)(MotionLayout(1, o.Frames, pose)))
			vision, moving := rotations(tp, p)
			c.CompareFlat(t, "vision_cos", twice(vision.Cos), golden.Forward)
			c.CompareFlat(t, "vision_sin", twice(vision.Sin), golden.Forward)
			c.CompareFlat(t, "motion_cos", twice(moving.Cos), angleTolerance)
			c.CompareFlat(t, "motion_sin", twice(moving.Sin), angleTolerance)
			c.CompareFlat(t, "q_rot", turned(tp, vision, c.Tensor("q"), false), golden.Forward)
			k := c.Tensor("k")
			joints := k.Shape()[2]
			c.CompareFlat(t, "k_rot", turned(tp, rows(moving, o.Frame*joints, (o.Frame+1)*joints), k, false), angleTolerance)
		})
	}
	for _, c := range golden.Files(t, "mtvcrafter", "rope_17b") {
		t.Run(c.Name, func(t *testing.T) {
			var o officialConfig
			c.JSON(t, "config", &o)
			s := Split17B(o.HeadDim)
			checkSplit(t, s, o)
			tp, p := places(t, s, 1, o.HeadDim, mustLayout(t)(VisionLayout(1, o.Grid[0], o.Grid[1], o.Grid[2])), mustLayout(t)(MotionLayout(1, 2, pose)))
			vision, moving := rotations(tp, p)
			first := rows(moving, len(pose), 2*len(pose))
			c.CompareFlat(t, "motion_cos_frame1", twice(first.Cos), angleTolerance)
			c.CompareFlat(t, "motion_sin_frame1", twice(first.Sin), angleTolerance)
			c.CompareFlat(t, "q_rot", turned(tp, vision, c.Tensor("q"), true), golden.Forward)
			c.CompareFlat(t, "k_rot", turned(tp, first, c.Tensor("k"), false), angleTolerance)
		})
	}
}

func checkSplit(t *testing.T, s Split, o officialConfig) {
	t.Helper()
	if !slices.Equal(s.Vision[:], o.Vision) || !slices.Equal(s.Motion[:], o.Motion) {
		t.Errorf("split %v, want %v and %v", s, o.Vision, o.Motion)
	}
}

// places begins a pass with gradients.
func places(t *testing.T, s Split, heads, headDim int, vision, moving *encodings.Layout) (*tensor.Tape, *Places) {
	t.Helper()
	r, err := NewRotary(s, heads, headDim)
	if err != nil {
		t.Fatal(err)
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	p, err := r.Begin(tp, vision, moving)
	if err != nil {
		t.Fatal(err)
	}
	return tp, p
}

// load copies the parameters of a case into the tensors of an import table.
func load(c *golden.Case, table []OfficialTensor) {
	for _, line := range table {
		copy(line.Tensor.Data(), c.Tensor("w."+line.Name).Data())
	}
}

// compareGradients compares all gradients of an import table. What the official code does not use has gradients of zero.
func compareGradients(t *testing.T, c *golden.Case, tp *tensor.Tape, table []OfficialTensor) {
	t.Helper()
	for _, line := range table {
		g := slices.Clone(tp.Grad(line.Tensor))
		if line.Half {
			g = append(g, make([]float32, len(g))...)
		}
		c.CompareFlat(t, "grad."+line.Name, g, golden.Gradient)
	}
}

// flat gives a golden tensor [items, tokens, width] as rows.
func flat(x *tensor.Tensor) *tensor.Tensor {
	width := x.Shape()[len(x.Shape())-1]
	return x.Reshape(x.Size()/width, width)
}

// fixed turns by tables from a file [tokens, head dim], in which every number is there twice.
type fixed struct {
	encodings.Silent
	turn attention.Rotation
}

func (f fixed) Attend(_ *tensor.Tape, a *encodings.Attention) {
	a.RotateQuery, a.RotateKey = &f.turn, &f.turn
}

func tables(c *golden.Case, cos, sin string, items int) fixed {
	half := func(name string) *tensor.Tensor {
		all := c.Tensor(name)
		out := tensor.New(items*all.Rows(), all.Cols()/2)
		for r := range out.Rows() {
			for i := range out.Cols() {
				out.Row(r)[i] = all.Row(r % all.Rows())[2*i]
			}
		}
		return out
	}
	f := fixed{turn: attention.Rotation{Cos: half(cos), Sin: half(sin), Interleaved: true}}
	f.turn.Pairs = f.turn.Cos.Cols()
	return f
}

func offsets(items, tokens int) []int {
	o := make([]int, items+1)
	for b := range items {
		o[b+1] = o[b] + tokens
	}
	return o
}

// TestGoldenMotionAttention: the attention of vision tokens to motion tokens of both models, the keys of one mixed.
func TestGoldenMotionAttention(t *testing.T) {
	for _, c := range golden.Files(t, "mtvcrafter", "motion_attention_7b") {
		t.Run(c.Name, func(t *testing.T) {
			var o officialConfig
			c.JSON(t, "config", &o)
			pose := Pose(motion.Moments{Mean: c.Tensor("joint_mean").Data()})
			tp, p := places(t, Split7B(o.HeadDim), o.Heads, o.HeadDim, mustLayout(t)(VisionLayout(o.Batch, o.Frames, o.Rows, o.Columns)),
				mustLayout(t)(MotionLayout(o.Batch, o.Frames, pose)))
			vision, moving := rotations(tp, p)
			c.CompareFlat(t, "vision_cos", twice(rows(vision, 0, p.Vision.Offsets[1]).Cos), golden.Forward)
			c.CompareFlat(t, "vision_sin", twice(rows(vision, 0, p.Vision.Offsets[1]).Sin), golden.Forward)
			c.CompareFlat(t, "motion_cos", twice(rows(moving, 0, p.Motion.Offsets[1]).Cos), angleTolerance)
			c.CompareFlat(t, "motion_sin", twice(rows(moving, 0, p.Motion.Offsets[1]).Sin), angleTolerance)
			a := NewAttention(o.Dim, o.Heads, nn.NewInit(1))
			load(c, a.Official(""))
			x, m := flat(c.Tensor("hidden")), flat(c.Tensor("motion"))
			y := a.Apply(tp, tp.Const(x), tp.Const(m), p.Vision.Offsets, p.Motion.Offsets, p.Crossed())
			c.CompareFlat(t, "y", y.Data(), angleTolerance) // with angles of ours; below with those of the file
			compareAttention(t, c, tp, a, "hidden", p.Vision.Offsets, p.Motion.Offsets,
				crossed{query: p.vision, key: tables(c, "motion_cos", "motion_sin", o.Batch)})
		})
	}
	for _, c := range golden.Files(t, "mtvcrafter", "motion_attention_17b") {
		t.Run(c.Name, func(t *testing.T) {
			var o officialConfig
			c.JSON(t, "config", &o)
			vision := mustLayout(t)(VisionLayout(o.Batch, o.Grid[0], o.Grid[1], o.Grid[2]))
			s := Split17B(o.HeadDim)
			if !slices.Equal(s.Vision[:], o.Vision) {
				t.Errorf("split %v, want %v", s.Vision, o.Vision)
			}
			s.Motion = [4]int{2, 2, 2, 2} // not asked for: the file brings its own angles
			tp, p := places(t, s, o.Heads, o.HeadDim, vision, mustLayout(t)(MotionLayout(o.Batch, o.Length, make([][3]float64, 1))))
			a := NewWholeNormAttention(o.Dim, o.Heads, nn.NewInit(1))
			a.MixedKeys = true
			load(c, a.Official(""))
			compareAttention(t, c, tp, a, "x", vision.Offsets, offsets(o.Batch, o.Length), crossed{query: p.vision, key: tables(c, "pe_cos", "pe_sin", o.Batch)})
		})
	}
}

func compareAttention(t *testing.T, c *golden.Case, tp *tensor.Tape, a *Attention, input string, queries, keys []int, p encodings.Positions) {
	t.Helper()
	x, m := flat(c.Tensor(input)), flat(c.Tensor("motion"))
	y := a.Apply(tp, tp.Leaf(x), tp.Leaf(m), queries, keys, p)
	c.CompareFlat(t, "y", y.Data(), golden.Forward)
	tp.Backward(tp.Sum(tp.Mul(y, tp.Const(flat(c.Tensor("probe"))))))
	c.CompareFlat(t, "grad."+input, tp.Grad(x), golden.Gradient)
	c.CompareFlat(t, "grad.motion", tp.Grad(m), golden.Gradient)
	compareGradients(t, c, tp, a.Official(""))
}

// TestGoldenBlock: the whole block of the 7B model.
func TestGoldenBlock(t *testing.T) {
	for _, c := range golden.Files(t, "mtvcrafter", "mvdit_block") {
		t.Run(c.Name, func(t *testing.T) {
			var o officialConfig
			c.JSON(t, "config", &o)
			vision := mustLayout(t)(VisionLayout(o.Batch, o.Frames, o.Rows, o.Columns))
			moving := mustLayout(t)(MotionLayout(o.Batch, c.Shape("motion")[1], make([][3]float64, 1)))
			tp, p := places(t, Split7B(o.HeadDim), o.Heads, o.HeadDim, vision, moving)
			turn, _ := rotations(tp, p)
			c.CompareFlat(t, "vision_cos", twice(rows(turn, 0, vision.Offsets[1]).Cos), golden.Forward)
			c.CompareFlat(t, "vision_sin", twice(rows(turn, 0, vision.Offsets[1]).Sin), golden.Forward)
			p.motion = tables(c, "motion_cos", "motion_sin", o.Batch) // the file does not say of which pose
			b, err := NewBlock(Config{Width: o.Dim, Heads: o.Heads, TimeWidth: o.Time, FFNWidth: o.Inner}, nn.NewInit(1))
			if err != nil {
				t.Fatal(err)
			}
			load(c, b.Official(""))
			x, m, time := flat(c.Tensor("hidden")), flat(c.Tensor("motion")), c.Tensor("temb")
			y := b.Apply(tp, tp.Leaf(x), tp.Leaf(m), tp.Leaf(time), p)
			c.CompareFlat(t, "y", y.Data(), golden.Forward)
			tp.Backward(tp.Sum(tp.Mul(y, tp.Const(flat(c.Tensor("probe"))))))
			c.CompareFlat(t, "grad.hidden", tp.Grad(x), golden.Gradient)
			c.CompareFlat(t, "grad.motion", tp.Grad(m), golden.Gradient)
			c.CompareFlat(t, "grad.temb", tp.Grad(time), golden.Gradient)
			compareGradients(t, c, tp, b.Official(""))
		})
	}
}

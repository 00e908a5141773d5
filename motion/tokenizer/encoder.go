package tokenizer

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Encoder makes latents of the places of joints: a convolution, three residual blocks, a down-sampling, a block that
// changes the width, three more, a second down-sampling and a last convolution. Its modules run in the order of the fields.
type Encoder struct {
	In     *nn.Conv // 3 to Widths[0]
	First  []*ResBlock
	Down1  *Downsample
	Widen  *ResBlock // Widths[0] to Widths[1]
	Second []*ResBlock
	Down2  *Downsample
	Out    *nn.Conv // Widths[1] to CodeWidth
}

func newEncoder(c Config, init *nn.Init) *Encoder {
	return &Encoder{
		In:     planeConv(3, c.Widths[0], init),
		First:  newBlockList(c, c.Widths[0], init),
		Down1:  newDownsample(c.Widths[0], c.TimeStrides[0], c.JointStrides[0], init),
		Widen:  newResBlock(c, c.Widths[0], c.Widths[1], init),
		Second: newBlockList(c, c.Widths[1], init),
		Down2:  newDownsample(c.Widths[1], c.TimeStrides[1], c.JointStrides[1], init),
		Out:    planeConv(c.Widths[1], c.CodeWidth, init),
	}
}

// Params declares in, first.N, down1, widen, second.N, down2 and out.
func (e *Encoder) Params(c *nn.Params) {
	c.Sub("in", e.In)
	blockList(e.First).params(c, "first")
	c.Sub("down1", e.Down1)
	c.Sub("widen", e.Widen)
	blockList(e.Second).params(c, "second")
	c.Sub("down2", e.Down2)
	c.Sub("out", e.Out)
}

// Apply returns the latents of the slices x [rows, 3], standardised places of joints, and the grid of the latents: [rows
// of the grid, CodeWidth]. Every image of grid is a slice, frames by joints.
func (e *Encoder) Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) (*tensor.Var, tensor.Grid) {
	tp.Enter("encoder")
	defer tp.Leave()
	mark := tp.Mark()
	x = blockList(e.First).apply(tp, e.In.Apply(tp, x, grid), grid)
	x, grid = e.Down1.Apply(tp, x, grid)
	tp.Sweep(mark, x)
	x = blockList(e.Second).apply(tp, e.Widen.Apply(tp, x, grid), grid)
	x, grid = e.Down2.Apply(tp, x, grid)
	x = e.Out.Apply(tp, x, grid)
	tp.Sweep(mark, x)
	return x, grid
}

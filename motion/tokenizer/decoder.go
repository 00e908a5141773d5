package tokenizer

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Decoder makes places of joints of code vectors, in the reverse order of the [Encoder]. Its modules run in the order of
// the fields.
type Decoder struct {
	In     *nn.Conv // CodeWidth to Widths[1]
	First  []*ResBlock
	Up1    *Upsample
	Narrow *ResBlock // Widths[1] to Widths[0]
	Second []*ResBlock
	Up2    *Upsample
	Out    *nn.Conv // Widths[0] to 3
}

func newDecoder(c Config, init *nn.Init) *Decoder {
	return &Decoder{
		In:     planeConv(c.CodeWidth, c.Widths[1], init),
		First:  newBlockList(c, c.Widths[1], init),
		Up1:    newUpsample(c.Widths[1], c.TimeStrides[1], c.JointStrides[1], init),
		Narrow: newResBlock(c, c.Widths[1], c.Widths[0], init),
		Second: newBlockList(c, c.Widths[0], init),
		Up2:    newUpsample(c.Widths[0], c.TimeStrides[0], c.JointStrides[0], init),
		Out:    planeConv(c.Widths[0], 3, init),
	}
}

// Params declares in, first.N, up1, narrow, second.N, up2 and out.
func (d *Decoder) Params(c *nn.Params) {
	c.Sub("in", d.In)
	blockList(d.First).params(c, "first")
	c.Sub("up1", d.Up1)
	c.Sub("narrow", d.Narrow)
	blockList(d.Second).params(c, "second")
	c.Sub("up2", d.Up2)
	c.Sub("out", d.Out)
}

// Apply returns the standardised places of joints of the slices x [rows, CodeWidth], and their grid: [rows of the grid, 3].
// Every image of grid is a slice, steps by joints.
func (d *Decoder) Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) (*tensor.Var, tensor.Grid) {
	tp.Enter("decoder")
	defer tp.Leave()
	mark := tp.Mark()
	x = blockList(d.First).apply(tp, d.In.Apply(tp, x, grid), grid)
	x, grid = d.Up1.Apply(tp, x, grid)
	tp.Sweep(mark, x)
	x = blockList(d.Second).apply(tp, d.Narrow.Apply(tp, x, grid), grid)
	x, grid = d.Up2.Apply(tp, x, grid)
	x = d.Out.Apply(tp, x, grid)
	tp.Sweep(mark, x)
	return x, grid
}

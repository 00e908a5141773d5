package tokenizer

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// normEps is that of all group norms.
const normEps = 1e-6

// ResBlock is the residual block: group norm, SiLU and a dilated convolution of 3 by 3, group norm, SiLU and one of 1 by
// 1, beside the input, which a convolution of its own brings to another width.
type ResBlock struct {
	Norm1, Norm2 *nn.GroupNorm
	Wide, Narrow *nn.Conv // 3x3 and 1x1
	Short        *nn.Conv // 1x1; nil where the width stays
}

func newResBlock(c Config, in, out int, init *nn.Init) *ResBlock {
	d := c.dilation(out)
	around := tensor.Size{Height: d, Width: d}
	b := &ResBlock{
		Norm1: groupNorm(c, in),
		Wide: nn.NewConv(nn.ConvConfig{In: in, Out: out, Kernel: tensor.Size{Height: 3, Width: 3},
			Options: tensor.ConvOptions{Padding: around, Dilation: around}}, init),
		Norm2:  groupNorm(c, out),
		Narrow: pointConv(out, out, init),
	}
	if in != out {
		b.Short = pointConv(in, out, init)
	}
	return b
}

func groupNorm(c Config, width int) *nn.GroupNorm {
	n := nn.NewGroupNorm(c.Groups, width)
	n.Eps = normEps
	return n
}

// pointConv sees one joint in one frame.
func pointConv(in, out int, init *nn.Init) *nn.Conv {
	return nn.NewConv(nn.ConvConfig{In: in, Out: out, Kernel: tensor.Size{Height: 1, Width: 1}}, init)
}

// planeConv sees three joints in three frames.
func planeConv(in, out int, init *nn.Init) *nn.Conv {
	one := tensor.Size{Height: 1, Width: 1}
	return nn.NewConv(nn.ConvConfig{In: in, Out: out, Kernel: tensor.Size{Height: 3, Width: 3}, Options: tensor.ConvOptions{Padding: one}}, init)
}

// Params declares norm1, wide, norm2, narrow and short.
func (b *ResBlock) Params(c *nn.Params) {
	c.Sub("norm1", b.Norm1)
	c.Sub("wide", b.Wide)
	c.Sub("norm2", b.Norm2)
	c.Sub("narrow", b.Narrow)
	if b.Short != nil {
		c.Sub("short", b.Short)
	}
}

// Apply returns the block's result for the slices x [rows, in]: [rows, out].
func (b *ResBlock) Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) *tensor.Var {
	y := b.Wide.Apply(tp, tp.SiLU(b.Norm1.Apply(tp, x, grid)), grid)
	y = b.Narrow.Apply(tp, tp.SiLU(b.Norm2.Apply(tp, y, grid)), grid)
	if b.Short != nil {
		x = b.Short.Apply(tp, x, grid)
	}
	return tp.Add(x, y)
}

// blockList is some residual blocks one after another.
type blockList []*ResBlock

// levelBlocks is the number of blocks at a level beside the one that changes the width.
const levelBlocks = 3

func newBlockList(c Config, width int, init *nn.Init) blockList {
	var l blockList
	for range levelBlocks {
		l = append(l, newResBlock(c, width, width, init))
	}
	return l
}

func (l blockList) params(c *nn.Params, name string) {
	for k, b := range l {
		c.Sub(fmt.Sprintf("%s.%d", name, k), b)
	}
}

func (l blockList) apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) *tensor.Var {
	for _, b := range l {
		x = b.Apply(tp, x, grid)
	}
	return x
}

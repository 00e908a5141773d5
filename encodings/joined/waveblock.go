package joined

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// waveBlock is a block of PyTorch's TransformerEncoder as the official LapPE has it: attention among the frequencies of a
// node and a feed-forward part of width 2048 with ReLU, each with dropout 0.1 and followed by a layer normalisation.
//
// PyTorch masks as keys the frequencies that a graph is too small for, and zeroes what they get as queries; here they are
// no rows at all.
type waveBlock struct {
	heads        int
	qkv, out     *nn.Linear // [3 width, width], [width, width]
	norm1, norm2 *nn.LayerNorm
	feed         *nn.FeedForward
}

// waveDropout is on attention weights, within the feed-forward part and on both branches.
const waveDropout = 0.1

// waveHidden is the width of the feed-forward part.
const waveHidden = 2048

func newWaveBlock(width, heads int, init *nn.Init) *waveBlock {
	b := &waveBlock{heads: heads, qkv: nn.NewLinear(width, 3*width, init), out: nn.NewLinear(width, width, init),
		norm1: nn.NewLayerNorm(width), norm2: nn.NewLayerNorm(width), feed: nn.NewFeedForward(width, waveHidden, nn.ReLU, init)}
	init.XavierUniform(b.qkv.Weight, width, 3*width)
	b.qkv.Bias.Zero()
	b.out.Bias.Zero()
	b.feed.Dropout = waveDropout
	return b
}

// Params declares qkv, out, norm1, feed and norm2.
func (b *waveBlock) Params(c *nn.Params) {
	c.Sub("qkv", b.qkv)
	c.Sub("out", b.out)
	c.Sub("norm1", b.norm1)
	c.Sub("feed", b.feed)
	c.Sub("norm2", b.norm2)
}

// apply returns what becomes of the frequencies x [rows, width], those of node i being rows[i] to rows[i+1].
func (b *waveBlock) apply(tp *tensor.Tape, x *tensor.Var, rows []int) *tensor.Var {
	d := x.Cols()
	qkv := b.qkv.Apply(tp, x)
	a := attention.Softmax{Heads: b.heads, Dropout: waveDropout}.Apply(tp, attention.SoftmaxInput{Queries: rows,
		Query: tp.Columns(qkv, 0, d), Key: tp.Columns(qkv, d, 2*d), Value: tp.Columns(qkv, 2*d, 3*d)})
	x = b.norm1.Apply(tp, tp.Add(x, tp.Dropout(b.out.Apply(tp, a.Tokens), waveDropout)))
	return b.norm2.Apply(tp, tp.Add(x, tp.Dropout(b.feed.Apply(tp, x), waveDropout)))
}

package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// digitReader is the transformer that reads digits: blocks of GPT-2, normalised at the start, over
// token[digit] + position[place] + axis[axis], with a class token after the digits, from which the vector is read.
type digitReader struct {
	settings                     SeqPE
	token, position, axis, class *tensor.Tensor // [10, w], [digits, w], [axes, w] or nil with one axis, [1, w]
	blocks                       []*readerBlock
	norm                         *nn.LayerNorm
	out                          *nn.Linear
}

// readerBlock is x + attention(norm x), then x + W2 gelu(W1 norm x).
type readerBlock struct {
	norm1, norm2 *nn.LayerNorm
	qkv          *nn.Linear // [3w, w]: queries, keys, values
	project      *nn.Linear
	up, down     *nn.Linear
}

func newDigitReader(s SeqPE, out int, init *nn.Init) *digitReader {
	w := s.Width
	r := &digitReader{settings: s, token: tensor.New(digitBase, w), position: tensor.New(s.Axes*s.MaxDigits, w), class: tensor.New(1, w)}
	truncatedNormal(init, r.token)
	truncatedNormal(init, r.position)
	truncatedNormal(init, r.class)
	if s.Axes > 1 {
		r.axis = tensor.New(s.Axes, w)
		truncatedNormal(init, r.axis)
	}
	for range s.Layers {
		r.blocks = append(r.blocks, &readerBlock{
			norm1: nn.NewLayerNorm(w), qkv: smallLinear(w, 3*w, init), project: smallLinear(w, w, init),
			norm2: nn.NewLayerNorm(w), up: smallLinear(w, 4*w, init), down: smallLinear(4*w, w, init),
		})
	}
	r.norm, r.out = nn.NewLayerNorm(w), smallLinear(w, out, init)
	return r
}

// smallLinear returns a layer with SeqPE's initial values: weights from a truncated normal distribution, no bias yet.
func smallLinear(in, out int, init *nn.Init) *nn.Linear {
	return nn.NewLinearNormal(in, out, seqPEStd, init)
}

// truncatedNormal draws with standard deviation 0.02. Like the official code's trunc_normal_ it cuts at ±2, 100
// deviations out, where no draw comes: it is a normal distribution in all but name.
func truncatedNormal(init *nn.Init, t *tensor.Tensor) { init.Normal(t, seqPEStd) }

// seqPEStd is the standard deviation of SeqPE's initial values.
const seqPEStd = 0.02

// Params declares tables, blocks and the layer at the end.
func (r *digitReader) Params(c *nn.Params) {
	c.Param("token", r.token)
	c.Param("position", r.position)
	c.Param("axis", r.axis)
	c.Param("class", r.class)
	for i, b := range r.blocks {
		c.Sub(fmt.Sprintf("block.%d", i), b)
	}
	c.Sub("norm", r.norm)
	c.Sub("out", r.out)
}

// Params declares the layers of the block.
func (b *readerBlock) Params(c *nn.Params) {
	c.Sub("norm1", b.norm1)
	c.Sub("qkv", b.qkv)
	c.Sub("project", b.project)
	c.Sub("norm2", b.norm2)
	c.Sub("up", b.up)
	c.Sub("down", b.down)
}

// read returns the vectors of positions [rows, axes]: [rows, out].
func (r *digitReader) read(tp *tensor.Tape, coords []int) *tensor.Var {
	tp.Enter("seqpe")
	defer tp.Leave()
	mark := tp.Mark()
	w := r.settings.write(coords)
	x := tp.Add(tp.Gather(tp.Leaf(r.token), w.digit), tp.Gather(tp.Leaf(r.position), w.place))
	if r.axis != nil {
		x = tp.Add(x, tp.Gather(tp.Leaf(r.axis), w.axis))
	}
	strings := len(w.offsets) - 1
	digits := len(w.digit)
	offsets, rows, last := make([]int, strings+1), make([]int32, 0, digits+strings), make([]int32, strings)
	for s := range strings {
		for d := w.offsets[s]; d < w.offsets[s+1]; d++ {
			rows = append(rows, int32(d))
		}
		last[s] = int32(len(rows))
		rows = append(rows, int32(digits)) // the class token, without a position
		offsets[s+1] = len(rows)
	}
	x = tp.Gather(tp.ConcatRows(x, tp.Leaf(r.class)), rows) // [digits + strings, w]
	for _, b := range r.blocks[:len(r.blocks)-1] {
		h := b.norm1.Apply(tp, x)
		qkv, width := b.qkv.Apply(tp, h), r.settings.Width
		x = b.rest(tp, r.settings, x, attention.SoftmaxInput{
			Queries: offsets,
			Query:   tp.Columns(qkv, 0, width), Key: tp.Columns(qkv, width, 2*width), Value: tp.Columns(qkv, 2*width, 3*width),
			Structure: attention.Structure{Mask: attention.Mask{Causal: !r.settings.Bidirectional}},
		})
	}
	x = r.readClass(tp, x, offsets, last)
	e := r.out.Apply(tp, r.norm.Apply(tp, x))
	if t := r.settings.Temperature; t != 1 {
		e = tp.Scale(e, float32(1/t))
	}
	tp.Sweep(mark, e)
	return e
}

// readClass is the last block, of which only the class tokens are wanted: they alone ask and go on, [strings, w].
func (r *digitReader) readClass(tp *tensor.Tape, x *tensor.Var, offsets []int, last []int32) *tensor.Var {
	b, width := r.blocks[len(r.blocks)-1], r.settings.Width
	h, class := b.norm1.Apply(tp, x), tp.Gather(x, last)
	weight, bias := tp.Leaf(b.qkv.Weight), tp.Leaf(b.qkv.Bias)
	project := func(x *tensor.Var, lo, hi int) *tensor.Var {
		return tp.Linear(x, tp.Rows(weight, lo*width, hi*width), tp.Rows(bias, lo*width, hi*width))
	}
	kv := project(h, 1, 3)
	one := make([]int, len(offsets))
	for s := range one {
		one[s] = s
	}
	return b.rest(tp, r.settings, class, attention.SoftmaxInput{
		Queries: one, Keys: offsets,
		Query: project(tp.Gather(h, last), 0, 1), Key: tp.Columns(kv, 0, width), Value: tp.Columns(kv, width, 2*width),
	})
}

// rest is the block from its attention on, added to x.
func (b *readerBlock) rest(tp *tensor.Tape, s SeqPE, x *tensor.Var, in attention.SoftmaxInput) *tensor.Var {
	kernel := attention.Softmax{Heads: s.Heads, Scale: 1 / math.Sqrt(float64(s.Width/s.Heads)), Dropout: s.AttentionDropout}
	x = tp.Add(x, tp.Dropout(b.project.Apply(tp, kernel.Apply(tp, in).Tokens), s.Dropout))
	h := b.down.Apply(tp, tp.GELUTanh(b.up.Apply(tp, b.norm2.Apply(tp, x))))
	return tp.Add(x, tp.Dropout(h, s.Dropout))
}

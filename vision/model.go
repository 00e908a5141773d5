package vision

import (
	"fmt"
	"sync/atomic"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var (
	_ Classifier   = (*Model)(nil)
	_ Explainer    = (*Model)(nil)
	_ nn.LossParts = (*Model)(nil)
)

// Model is a vision transformer (Dosovitskiy and others, "An Image is Worth 16x16 Words", ICLR 2021): patches become
// tokens, which attend to each other in blocks, and a linear layer reads the class of the class token or of the mean. Its
// modules run in the order of the fields.
type Model struct {
	Config Config // with defaults filled in

	Stem       Stem              // of Config.Patching
	ClassToken *tensor.Tensor    // [1, width]; nil with MeanPool
	Encoder    encodings.Encoder // of Config.Encoding
	Blocks     []*Block
	Norm       *nn.LayerNorm
	Head       *nn.Linear // [classes, width]

	last atomic.Pointer[arrangement] // of the last pass
	own  atomic.Pointer[ownLoss]     // of the last pass of Forward that recorded gradients
}

// New returns a model with parameters drawn from seed: those of linear layers from a normal distribution of deviation
// Config.InitStd, biases 0, those of patches as [Patches] says, the class token nearly 0 (timm, VisionTransformer). What the
// encoding learns is drawn last: models of one seed that differ in the encoding begin with the same numbers otherwise. The
// error is that of [Config.Validate], or says why patches or encoding do not fit.
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	init := nn.NewInit(seed)
	m := &Model{Config: c, Norm: newNorm(c), Head: linear(c.Width, c.Classes, true)}
	var err error
	if m.Stem, err = c.Patching.New(c.Channels, c.Width, init); err != nil {
		return nil, err
	}
	if c.Pooling == ClassToken {
		m.ClassToken = tensor.New(1, c.Width)
		init.Normal(m.ClassToken, 1e-6)
	}
	for k := range c.Layers {
		b := newBlock(c, k)
		for _, l := range b.linears() {
			init.Normal(l.Weight, c.InitStd)
		}
		m.Blocks = append(m.Blocks, b)
	}
	init.Normal(m.Head.Weight, c.InitStd)
	if m.Encoder, err = newEncoder(c, m.Stem, init); err != nil {
		return nil, err
	}
	return m, nil
}

// Params declares the parameters.
func (m *Model) Params(c *nn.Params) {
	c.Sub("stem", m.Stem)
	c.Param("class_token", m.ClassToken)
	c.Sub("encoding", m.Encoder)
	for k, b := range m.Blocks {
		c.Sub(nn.BlockName(k), b)
	}
	c.Sub("norm", m.Norm)
	c.Sub("head", m.Head)
}

// Classes returns the number of classes.
func (m *Model) Classes() int { return m.Config.Classes }

// Channels returns the number of channels of the images that the model reads.
func (m *Model) Channels() int { return m.Config.Channels }

// Accepts reports why the model cannot read images of such a size.
func (m *Model) Accepts(size tensor.Size) error {
	grid, err := m.Stem.Grid(size)
	if err != nil {
		return err
	}
	l, err := encodings.OnGrid(1, m.Config.leading(), grid.Height, grid.Width)
	if err != nil {
		return err
	}
	_, err = m.Encoder.Begin(tensor.NewTape(), l)
	return err
}

// Forward returns the logits of the classes for a *[Batch]: [images, classes]. Where gradients are recorded and the
// encoding has a loss of its own, the gradient of that is added on the way back, as if it were added to the loss that the
// caller computes; [Model.LossParts] tells its value. Images that the model cannot read panic; [NewBatch] and [Data]
// refuse such.
func (m *Model) Forward(tp *tensor.Tape, batch nn.Batch) *tensor.Var {
	b, ok := batch.(*Batch)
	if !ok {
		panic(fmt.Sprintf("vision: Forward: got a %T, want a *vision.Batch", batch))
	}
	x, a, pos := m.embed(tp, b)
	x = m.blocks(tp, x, &step{positions: pos, layout: a.layout})
	if tp.Recording() {
		own := &ownLoss{tape: tp}
		if extra := pos.Loss(tp); extra != nil {
			x = nn.WithLoss(tp, x, extra)
			own.parts = []nn.LossPart{{Name: m.Config.Encoding.Name(), Value: float64(extra.Data()[0])}}
		}
		m.own.Store(own)
	}
	return m.classify(tp, x, a)
}

// ownLoss is what a pass of Forward brought into the gradient beside the loss on its predictions.
type ownLoss struct {
	tape  *tensor.Tape
	parts []nn.LossPart
}

// LossParts returns the encoding's own loss under its name, with its weight, where the last pass of [Model.Forward] that
// recorded gradients was on tp and the encoding has one: the losses of SeqPE.
func (m *Model) LossParts(tp *tensor.Tape) []nn.LossPart {
	if own := m.own.Load(); own != nil && own.tape == tp {
		return own.parts
	}
	return nil
}

// Inspect runs the model over a batch in a pass of its own and shows the attention of each layer, from the first on: its
// Weights, a row for every query and key of an image, class token first, and what the encoding made of it. Both are valid
// during the call only. The error says that there are no weights to be seen.
func (m *Model) Inspect(b *Batch, look func(a *encodings.Attention)) error {
	if m.Config.Attention != Softmax {
		return fmt.Errorf("vision: %v attention forms no weights that could be looked at: train a model with attention: %v", m.Config.Attention, Softmax)
	}
	tp := tensor.NewTape()
	x, a, pos := m.embed(tp, b)
	m.blocks(tp, x, &step{positions: pos, layout: a.layout, look: look})
	return nil
}

// embed returns the tokens before the first block, how they lie, and what the encoding says of them.
func (m *Model) embed(tp *tensor.Tape, b *Batch) (*tensor.Var, *arrangement, encodings.Positions) {
	if b.Channels() != m.Config.Channels {
		panic(fmt.Sprintf("vision: Forward: images of %d channels, want %d", b.Channels(), m.Config.Channels))
	}
	tp.Enter("stem")
	x, grid := m.Stem.Tokens(tp, tp.Const(b.Pixels), b.Grid)
	tp.Leave()
	a := m.arrange(grid)
	pos, err := m.Encoder.Begin(tp, a.layout)
	if err != nil {
		panic(fmt.Sprintf("vision: Forward: %v", err))
	}
	if m.ClassToken != nil {
		x = tp.Gather(tp.ConcatRows(tp.Leaf(m.ClassToken), x), a.rows)
	}
	tp.Enter("encoding")
	defer tp.Leave()
	return tp.Dropout(pos.Tokens(tp, x), m.Config.Dropout), a, pos
}

// blocks runs all blocks: [tokens, width].
func (m *Model) blocks(tp *tensor.Tape, x *tensor.Var, s *step) *tensor.Var {
	mark := tp.Mark()
	for k, block := range m.Blocks {
		tp.Enter(nn.BlockName(k))
		s.layer = k
		x = block.apply(tp, x, s)
		tp.Leave()
		tp.Sweep(mark, x)
	}
	return x
}

// classify returns the logits of the images.
func (m *Model) classify(tp *tensor.Tape, x *tensor.Var, a *arrangement) *tensor.Var {
	if m.ClassToken != nil {
		x = tp.Gather(x, a.first)
	}
	tp.Enter("norm")
	x = m.Norm.Apply(tp, x)
	tp.Leave()
	if m.ClassToken == nil {
		x = tp.Pool(x, a.layout.Offsets, tensor.PoolMean)
	}
	tp.Enter("head")
	defer tp.Leave()
	return m.Head.Apply(tp, x)
}

package sequences

import (
	"fmt"
	"sync/atomic"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var (
	_ nn.Model     = (*Model)(nil)
	_ nn.LossParts = (*Model)(nil)
)

// Model is a decoder-only transformer: every token attends to those before it, and the last features of a token say which
// comes next. Its modules run in the order of the fields.
type Model struct {
	Config Config // with defaults filled in

	Embedding *nn.Embedding     // [vocabulary, width]
	Encoder   encodings.Encoder // of Config.Encoding
	Blocks    []*Block
	Norm      Normaliser
	Head      *nn.Linear // [vocabulary, width], without a bias; nil where the embedding serves as its weight

	own atomic.Pointer[ownLoss] // of the last pass of Forward that recorded gradients
}

// New returns a model with parameters drawn from seed as Config.Init says. What the encoding learns is drawn last: models
// of one seed that differ in the encoding begin with the same numbers otherwise. The error is that of [Config.Validate],
// or the encoding's.
func New(c Config, seed uint64) (*Model, error) {
	m, err := blank(c, seed, true)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// blank returns a model whose parameters, but for those of the encoding, are drawn only if so wished.
func blank(c Config, seed uint64, draw bool) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	m := &Model{Config: c, Embedding: &nn.Embedding{Table: tensor.New(c.Vocabulary, c.Width)}, Norm: newNorm(c)}
	for range c.Layers {
		m.Blocks = append(m.Blocks, newBlock(c))
	}
	if !c.TiedEmbedding {
		m.Head = linear(c.Width, c.Vocabulary, false)
	}
	in := nn.NewInit(seed)
	if draw {
		m.draw(in)
	}
	var err error
	if m.Encoder, err = c.Encoding.New(c.dims(), in); err != nil {
		return nil, fmt.Errorf("sequences: %w", err)
	}
	return m, nil
}

// Params declares the parameters.
func (m *Model) Params(c *nn.Params) {
	c.Sub("embedding", m.Embedding)
	c.Sub("encoding", m.Encoder)
	for k, b := range m.Blocks {
		c.Sub(nn.BlockName(k), b)
	}
	c.Sub("norm", m.Norm)
	if m.Head != nil {
		c.Sub("head", m.Head)
	}
}

// Forward returns the logits of the next token for a *[Batch]: [tokens, vocabulary], or a row for every target where the
// batch asks for those alone. Where gradients are recorded and the encoding has a loss of its own, the gradient of that
// is added on the way back, as if it were added to the loss that the caller computes; [Model.LossParts] tells its value. A
// batch that the encoding cannot serve panics; [NewBatch] and [NewData] refuse such.
func (m *Model) Forward(tp *tensor.Tape, batch nn.Batch) *tensor.Var {
	b, ok := batch.(*Batch)
	if !ok {
		panic(fmt.Sprintf("sequences: Forward: got a %T, want a *sequences.Batch", batch))
	}
	x, pos, err := m.tokens(tp, b.IDs, step{layout: b.Layout})
	if err != nil {
		panic(fmt.Sprintf("sequences: Forward: %v", err))
	}
	if tp.Recording() {
		own := &ownLoss{tape: tp}
		if extra := pos.Loss(tp); extra != nil {
			x = nn.WithLoss(tp, x, extra)
			own.parts = []nn.LossPart{{Name: m.Config.Encoding.Name(), Value: float64(extra.Data()[0])}}
		}
		m.own.Store(own)
	}
	return m.logits(tp, x, b.rows)
}

// ownLoss is what a pass of Forward brought into the gradient beside the loss on its predictions.
type ownLoss struct {
	tape  *tensor.Tape
	parts []nn.LossPart
}

// LossParts returns the encoding's own loss under its name, with its weight, where the last pass of [Model.Forward] that
// recorded gradients was on tp and the encoding has one: the entropy of 2D-TPE's routing, the losses of SeqPE.
func (m *Model) LossParts(tp *tensor.Tape) []nn.LossPart {
	if own := m.own.Load(); own != nil && own.tape == tp {
		return own.parts
	}
	return nil
}

// Run is [Model.Forward] for those who handle the encoding's own loss themselves: it returns the logits and that loss, a
// scalar with its weight, to be added to the loss on the logits; nil where the encoding has none, and in a pass that
// records no gradients. The error is the encoding's, of a layout that it cannot serve.
func (m *Model) Run(tp *tensor.Tape, b *Batch) (logits, extra *tensor.Var, err error) {
	x, pos, err := m.tokens(tp, b.IDs, step{layout: b.Layout})
	if err != nil {
		return nil, nil, err
	}
	if tp.Recording() {
		extra = pos.Loss(tp)
	}
	return m.logits(tp, x, b.rows), extra, nil
}

// Inspect runs the model over a batch in a pass of its own and shows the attention of each layer, from the first on: its
// Weights, a row for every query and key of a sequence, and what the encoding made of it. Where the encoding routes
// between orders, p is an encodings.Routed. Both are valid during the call only. The error is the encoding's, of a layout
// that it cannot serve.
func (m *Model) Inspect(b *Batch, look func(a *encodings.Attention, p encodings.Positions)) error {
	s := step{layout: b.Layout}
	s.look = func(a *encodings.Attention) { look(a, s.positions) }
	var err error
	tp := tensor.NewTape()
	if s.positions, err = m.beginPass(tp, b.Layout); err != nil {
		return err
	}
	m.pass(tp, b.IDs, s)
	return nil
}

// tokens runs everything but the head: [tokens, width].
func (m *Model) tokens(tp *tensor.Tape, ids []int32, s step) (*tensor.Var, encodings.Positions, error) {
	var err error
	if s.positions, err = m.beginPass(tp, s.layout); err != nil {
		return nil, nil, err
	}
	return m.pass(tp, ids, s), s.positions, nil
}

// pass is tokens once the encoding has begun.
func (m *Model) pass(tp *tensor.Tape, ids []int32, s step) *tensor.Var {
	c, pos := &m.Config, s.positions
	mark := tp.Mark()
	tp.Enter("embedding")
	x := m.Embedding.Apply(tp, ids)
	if c.EmbeddingScale != 1 {
		x = tp.Scale(x, float32(c.EmbeddingScale))
	}
	x = tp.Dropout(pos.Tokens(tp, x), c.Dropout)
	tp.Leave()
	for k, block := range m.Blocks {
		tp.Enter(nn.BlockName(k))
		s.layer = k
		x = block.apply(tp, x, s)
		tp.Leave()
		tp.Sweep(mark, x)
	}
	tp.Enter("norm")
	defer tp.Leave()
	return tp.Dropout(m.Norm.Apply(tp, x), c.OutputDropout)
}

// logits returns the logits of the given rows of x; nil means all.
func (m *Model) logits(tp *tensor.Tape, x *tensor.Var, rows []int32) *tensor.Var {
	tp.Enter("head")
	defer tp.Leave()
	if rows != nil {
		x = tp.Gather(x, rows)
	}
	if s := m.Config.LogitScale; s != 1 {
		x = tp.Scale(x, float32(s))
	}
	if m.Head != nil {
		return m.Head.Apply(tp, x)
	}
	return tp.Linear(x, tp.Leaf(m.Embedding.Table), nil)
}

package grit

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ nn.Model = (*Model)(nil)

// Model is a graph transformer with relative random-walk encodings. Its modules run in the order of the fields.
type Model struct {
	Config Config // with defaults filled in

	Node, Edge     *Encoder
	Walk, PairWalk *nn.Linear // W_abs and W_rel [width, steps], without bias
	Blocks         []*Block

	features.Predictor // the head: Readout for SANHead, MLP for the others
}

// New returns a model with parameters drawn from seed as the official code initialises them (grit.md, section 7).
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	in, ends := nn.NewInit(seed), c.Features()
	steps := c.encoding().Channels()
	m := &Model{Config: c, Node: ends.Nodes.NewEncoder(c.Width, in), Edge: ends.Edges.NewEncoder(c.Width, in),
		Walk: nn.NewLinearNoBias(steps, c.Width, in), PairWalk: nn.NewLinearNoBias(steps, c.Width, in)}
	in.XavierUniform(m.Walk.Weight, steps, c.Width)
	in.XavierUniform(m.PairWalk.Weight, steps, c.Width)
	for range c.Layers {
		m.Blocks = append(m.Blocks, newBlock(c, in))
	}
	m.Predictor = ends.Prediction.NewPredictor(c.Width, c.Width, c.Activation, in)
	return m, nil
}

// Params declares the parameters.
func (m *Model) Params(c *nn.Params) {
	c.Sub("node", m.Node)
	c.Sub("edge", m.Edge)
	c.Sub("walk", m.Walk)
	c.Sub("pair_walk", m.PairWalk)
	for k, b := range m.Blocks {
		c.Sub(nn.BlockName(k), b)
	}
	m.Predictor.Params(c)
}

// Forward returns the predictions for a *[Batch]: [graphs, outputs], [nodes, outputs] for NodeHead, or [edges, outputs] for
// EdgeHead, which reads the features of the pair of an edge as well.
func (m *Model) Forward(tp *tensor.Tape, batch nn.Batch) *tensor.Var {
	b, ok := batch.(*Batch)
	if !ok {
		panic(fmt.Sprintf("grit: Forward: got a %T, want a *grit.Batch", batch))
	}
	mark := tp.Mark()
	x, pairs := m.Encode(tp, b)
	e := attention.Features(pairs)
	for k, block := range m.Blocks {
		tp.Enter(nn.BlockName(k))
		x, e = block.Apply(tp, x, e, b)
		tp.Leave()
		tp.Sweep(mark, x, e.Raw())
	}
	tp.Enter("head")
	defer tp.Leave()
	var edges *tensor.Var
	if m.Config.Head == features.EdgeHead {
		edges = tp.Gather(e.Var(tp), b.edgePairs)
	}
	return m.Predict(tp, x, edges, &b.Batch)
}

// Encode returns the features that the first block reads: x [nodes, width], the encoded nodes plus W_abs R[i,i], and
// e [pairs, width], W_rel R[i,j] plus the encoded edges at the pairs (query t, key s) of edges s to t.
func (m *Model) Encode(tp *tensor.Tape, b *Batch) (x, e *tensor.Var) {
	tp.Enter("encoder")
	defer tp.Leave()
	x = tp.Add(b.EncodeNodes(tp, m.Node), m.Walk.Apply(tp, tp.Const(b.Walk)))
	e = m.PairWalk.Apply(tp, tp.Const(b.PairWalk))
	return x, tp.ScatterAdd(e, b.EncodeEdges(tp, m.Edge), b.edgePairs)
}

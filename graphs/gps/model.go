package gps

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/encodings/joined"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ nn.Model = (*Model)(nil)

// Model is a network of message passing and attention, or of one of them. Its modules run in the order of the fields;
// those that the configuration leaves out are nil.
type Model struct {
	Config Config // with defaults filled in

	Node      *features.Encoder // of the channels that Positions leave
	Positions joined.Encoder    // of Config.Positions
	Edge      *features.Encoder // for messages that carry features of edges
	Stable    joined.Encoder    // of joined.StableLapPE
	Encoding  encodings.Encoder // of Config.Encoding
	Blocks    []*Block

	features.Predictor // the head: Readout for SANHead, MLP for the others
}

// New returns a model with parameters drawn from seed as the official code initialises them.
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	in, ends := nn.NewInit(seed), c.Features()
	m := &Model{Config: c}
	if err := m.newInput(in); err != nil {
		return nil, fmt.Errorf("gps: %w", err)
	}
	for k := range c.Layers {
		last := k == c.Layers-1 && !ends.Prediction.PerEdge() // a head of edges reads those of the last layer
		m.Blocks = append(m.Blocks, newBlock(c, k, last, seed, in))
	}
	edges := 0
	if m.Edge != nil {
		edges = c.Width
	}
	m.Predictor = ends.Prediction.NewPredictor(c.Width, edges, c.Activation, in)
	return m, nil
}

// newInput makes what stands before the layers.
func (m *Model) newInput(in *nn.Init) error {
	c, ends := m.Config, m.Config.Features()
	room := c.Width
	p, err := c.positions()
	if err != nil {
		return err
	}
	if p != nil {
		room -= p.Channels()
	}
	m.Node = ends.Nodes.NewEncoder(room, in)
	if p != nil {
		if m.Positions, err = p.New(in); err != nil {
			return err
		}
	}
	if c.Local.readsEdges() {
		m.Edge = ends.Edges.NewEncoder(c.Width, in)
	}
	if c.StableFrequencies > 0 {
		if m.Stable, err = c.stable().New(in); err != nil {
			return err
		}
	}
	e, err := c.encoding()
	if err == nil && e != nil {
		m.Encoding, err = e.New(c.dims(), in)
	}
	return err
}

// Params declares node, positions, edge, stable, encoding, the blocks and the head.
func (m *Model) Params(c *nn.Params) {
	c.Sub("node", m.Node)
	if m.Positions != nil {
		c.Sub("positions", m.Positions)
	}
	if m.Edge != nil {
		c.Sub("edge", m.Edge)
	}
	if m.Stable != nil {
		c.Sub("stable", m.Stable)
	}
	if m.Encoding != nil {
		c.Sub("encoding", m.Encoding)
	}
	for k, b := range m.Blocks {
		c.Sub(nn.BlockName(k), b)
	}
	m.Predictor.Params(c)
}

// Forward returns the predictions for a *[Batch]: [graphs, outputs], [nodes, outputs] for NodeHead, or [edges, outputs] for
// EdgeHead, which reads what the local part knows of edges as well.
func (m *Model) Forward(tp *tensor.Tape, batch nn.Batch) *tensor.Var {
	b, ok := batch.(*Batch)
	if !ok {
		panic(fmt.Sprintf("gps: Forward: got a %T, want a *gps.Batch", batch))
	}
	s, p := m.encode(tp, b)
	mark := tp.Mark() // what was made before it serves all layers
	for k, block := range m.Blocks {
		tp.Enter(nn.BlockName(k))
		s = block.apply(tp, s, p, b)
		tp.Leave()
		tp.Sweep(mark, s.nodes, s.edges)
	}
	tp.Enter("head")
	defer tp.Leave()
	return m.Predict(tp, s.nodes, s.edges, &b.Batch)
}

// encode returns what the first layer reads, and what all layers know.
func (m *Model) encode(tp *tensor.Tape, b *Batch) (s stream, p pass) {
	tp.Enter("encoder")
	defer tp.Leave()
	s.nodes = b.EncodeNodes(tp, m.Node)
	if m.Positions != nil {
		s.nodes = tp.Concat(s.nodes, m.Positions.Apply(tp, &b.positions))
	}
	if m.Edge != nil {
		s.edges = b.EncodeEdges(tp, m.Edge)
	}
	if m.Stable != nil {
		p.stable = m.Stable.Apply(tp, &b.stable)
	}
	if m.Encoding != nil {
		var err error
		if p.positions, err = m.Encoding.Begin(tp, b.layout); err != nil {
			panic(fmt.Sprintf("gps: Forward: %v", err)) // Validate and Fill refuse what Begin does
		}
		s.nodes = p.positions.Tokens(tp, s.nodes)
	}
	return s, p
}

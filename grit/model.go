package grit

import (
	"fmt"
	"strconv"

	"github.com/graft-ml/graft/attention"
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
	Readout        *nn.Readout // SANHead
	MLP            *nn.MLP     // GraphHead, NodeHead
}

// New returns a model with parameters drawn from seed as the official code initialises them (grit.md, section 7).
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	in := nn.NewInit(seed)
	steps := c.encoding().Channels()
	m := &Model{Config: c, Node: newNodeEncoder(c, in), Edge: newEdgeEncoder(c, in),
		Walk: nn.NewLinearNoBias(steps, c.Width, in), PairWalk: nn.NewLinearNoBias(steps, c.Width, in)}
	in.XavierUniform(m.Walk.Weight, steps, c.Width)
	in.XavierUniform(m.PairWalk.Weight, steps, c.Width)
	for range c.Layers {
		m.Blocks = append(m.Blocks, newBlock(c, in))
	}
	if c.Head == SANHead {
		m.Readout = nn.NewReadout(c.Width, c.Outputs, c.Activation, in)
	} else {
		m.MLP = nn.NewMLP(c.Width, c.Outputs, c.HeadLayers, in)
	}
	return m, nil
}

// Params declares the parameters.
func (m *Model) Params(c *nn.Params) {
	c.Sub("node", m.Node)
	c.Sub("edge", m.Edge)
	c.Sub("walk", m.Walk)
	c.Sub("pair_walk", m.PairWalk)
	for k, b := range m.Blocks {
		c.Sub(indexed("block", k), b)
	}
	sub(c, "readout", m.Readout)
	sub(c, "mlp", m.MLP)
}

// Forward returns the predictions for a *[Batch]: [graphs, outputs], or [nodes, outputs] for NodeHead.
func (m *Model) Forward(tp *tensor.Tape, batch nn.Batch) *tensor.Var {
	b, ok := batch.(*Batch)
	if !ok {
		panic(fmt.Sprintf("grit: Forward: got a %T, want a *grit.Batch", batch))
	}
	mark := tp.Mark()
	x, pairs := m.Encode(tp, b)
	e := attention.Features(pairs)
	for k, block := range m.Blocks {
		tp.Enter(indexed("block", k))
		x, e = block.Apply(tp, x, e, b)
		tp.Leave()
		tp.Sweep(mark, x, e.Raw())
	}
	tp.Enter("head")
	defer tp.Leave()
	return m.head(tp, x, b)
}

// Encode returns the features that the first block reads: x [nodes, width], the encoded nodes plus W_abs R[i,i], and
// e [pairs, width], W_rel R[i,j] plus the encoded edges at the pairs (query t, key s) of edges s to t.
func (m *Model) Encode(tp *tensor.Tape, b *Batch) (x, e *tensor.Var) {
	tp.Enter("encoder")
	defer tp.Leave()
	x = tp.Add(m.Node.Apply(tp, b.nodeTypes, b.nodeFeatures), m.Walk.Apply(tp, tp.Const(b.Walk)))
	e = m.PairWalk.Apply(tp, tp.Const(b.PairWalk))
	return x, tp.ScatterAdd(e, m.Edge.Apply(tp, b.edgeTypes, b.edgeFeatures), b.EdgePair)
}

// head turns node features into predictions.
func (m *Model) head(tp *tensor.Tape, x *tensor.Var, b *Batch) *tensor.Var {
	if m.Config.Head != NodeHead {
		x = tp.Pool(x, b.Offsets, m.Config.Pooling)
	}
	if m.Readout != nil {
		return m.Readout.Apply(tp, x)
	}
	return m.MLP.Apply(tp, x)
}

// indexedNames holds the paths of the first layers, so that a pass need not make strings.
var indexedNames = func() map[string][]string {
	names := map[string][]string{}
	for _, what := range []string{"block", "table"} {
		for k := range 64 {
			names[what] = append(names[what], what+"."+strconv.Itoa(k))
		}
	}
	return names
}()

// indexed returns what.k.
func indexed(what string, k int) string {
	if known := indexedNames[what]; k < len(known) {
		return known[k]
	}
	return what + "." + strconv.Itoa(k)
}

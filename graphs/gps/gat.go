package gps

import (
	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// GAT is the graph attention network (Velickovic and others, "Graph Attention Networks", ICLR 2018, equations 1 to 5)
// without features of edges, every node being its own neighbour, too. For a head with h_i its columns of W x_i,
//
//	s_ji = LeakyReLU(a·h_j + a'·h_i),  y_i = sum over j of softmax_j(s_ji) h_j + b
//
// with the slope 0.2 below 0 and the heads side by side. The softmax is over the edges j->i and over i itself.
type GAT struct {
	Linear         *nn.Linear     // W, without bias
	Source, Target *tensor.Tensor // a, a' [heads head dim]
	Bias           *tensor.Tensor // b [width]
	heads          int
	ones           *tensor.Tensor // [1, head dim]
	attention      messages.Softmax
}

// newGAT draws as PyTorch Geometric does.
func newGAT(c Config, in *nn.Init) *GAT {
	d, dim := c.Width, c.Width/c.Heads
	g := &GAT{Linear: nn.NewLinearNoBias(d, d, in), Source: tensor.New(d), Target: tensor.New(d), Bias: tensor.New(d),
		heads: c.Heads, ones: tensor.New(1, dim), attention: messages.Softmax{Dropout: c.AttentionDropout}}
	in.XavierUniform(g.Linear.Weight, d, d)
	in.XavierUniform(g.Source, c.Heads, dim)
	in.XavierUniform(g.Target, c.Heads, dim)
	g.ones.Fill(1)
	return g
}

// Params declares linear, source, target and bias.
func (g *GAT) Params(c *nn.Params) {
	c.Sub("linear", g.Linear)
	c.Param("source", g.Source)
	c.Param("target", g.Target)
	c.Param("bias", g.Bias)
}

// Apply returns y.
func (g *GAT) Apply(tp *tensor.Tape, x, e, _ *tensor.Var, b *Batch) (nodes, edges *tensor.Var) {
	h := g.Linear.Apply(tp, x)
	s := tp.Add(messages.Sources(tp, &b.looped, g.scores(tp, h, g.Source)), messages.Targets(tp, &b.looped, g.scores(tp, h, g.Target)))
	s = tp.Add(tp.Scale(s, 0.2), tp.Scale(tp.ReLU(s), 0.8))
	return tp.AddRow(g.attention.Apply(tp, &b.looped, s, h), tp.Leaf(g.Bias)), e
}

// scores returns the product of each head of h with its vector, [nodes, heads].
func (g *GAT) scores(tp *tensor.Tape, h *tensor.Var, vector *tensor.Tensor) *tensor.Var {
	nodes, dim := h.Rows(), g.ones.Cols()
	p := tp.Reshape(tp.MulRow(h, tp.Leaf(vector)), nodes*g.heads, dim)
	return tp.Reshape(tp.Linear(p, tp.Const(g.ones), nil), nodes, g.heads)
}

package gps

import (
	"fmt"

	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// MessagePassing is the local part of a layer: [GINE], [GIN], [GCN], [GatedGCN], [PNA] or [GAT].
type MessagePassing interface {
	nn.Module
	// Apply returns what the messages make of nodes x [nodes, width] and edges e [edges, width], which is nil where no
	// message carries features of edges: nodes [nodes, width], and the edges for the next layer. weight [edges, 1] is a
	// factor of each message, for GINE and GatedGCN; nil for none. Edges are those of the batch.
	Apply(tp *tensor.Tape, x, e, weight *tensor.Var, b *Batch) (nodes, edges *tensor.Var)
}

var (
	_ MessagePassing = (*GINE)(nil)
	_ MessagePassing = (*GIN)(nil)
	_ MessagePassing = (*GCN)(nil)
	_ MessagePassing = (*GatedGCN)(nil)
	_ MessagePassing = (*PNA)(nil)
	_ MessagePassing = (*GAT)(nil)
)

// newLocal makes the local part of a layer; nil where c has none. last says that nothing reads its edges.
func newLocal(c Config, last bool, in *nn.Init) MessagePassing {
	switch c.Local {
	case LocalGINE:
		return &GINE{newUpdate(c, in)}
	case LocalGIN:
		return &GIN{newUpdate(c, in)}
	case LocalGCN:
		return newGCN(c, in)
	case LocalGatedGCN:
		return newGatedGCN(c, last, in)
	case LocalPNA:
		return newPNA(c, in)
	case LocalGAT:
		return newGAT(c, in)
	case NoLocal:
		return nil
	}
	panic(fmt.Sprintf("gps: a layer with local %v: expected one that Config.Validate knows", c.Local))
}

// Update is the network that GINE and GIN have after their sum: Linear, activation, Linear, all of the width.
type Update struct {
	In, Out    *nn.Linear
	activation nn.Activation
}

func newUpdate(c Config, in *nn.Init) Update {
	return Update{nn.NewLinear(c.Width, c.Width, in), nn.NewLinear(c.Width, c.Width, in), c.Activation}
}

// Params declares in and out.
func (u *Update) Params(c *nn.Params) {
	c.Sub("in", u.In)
	c.Sub("out", u.Out)
}

func (u *Update) apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	return u.Out.Apply(tp, u.activation.Apply(tp, u.In.Apply(tp, x)))
}

// GINE is the graph isomorphism network with edges (Hu and others, "Strategies for Pre-training Graph Neural Networks",
// 2020; GINEConv of PyTorch Geometric with its ε fixed at 0):
//
//	y_i = Update(x_i + sum over j->i of w_ji ReLU(x_j + e_ji))
type GINE struct{ Update }

// Apply returns y, and e as it is.
func (g *GINE) Apply(tp *tensor.Tape, x, e, weight *tensor.Var, b *Batch) (nodes, edges *tensor.Var) {
	return g.apply(tp, tp.Add(x, messages.SumReLU(tp, &b.edges, x, e, weight))), e
}

// GIN is the graph isomorphism network (Xu and others, "How Powerful are Graph Neural Networks?", ICLR 2019, equation
// 4.1, with ε fixed at 0):
//
//	y_i = Update(x_i + sum over j->i of x_j)
type GIN struct{ Update }

// Apply returns y.
func (g *GIN) Apply(tp *tensor.Tape, x, e, _ *tensor.Var, b *Batch) (nodes, edges *tensor.Var) {
	return g.apply(tp, tp.Add(x, messages.Sum(tp, &b.edges, x, nil))), e
}

// GCN is the graph convolution (Kipf and Welling, "Semi-Supervised Classification with Graph Convolutional Networks", ICLR
// 2017, equation 2): with d_i 1 plus the number of edges that come to i from other nodes,
//
//	y_i = sum over j->i of W x_j / sqrt(d_i d_j) + W x_i / d_i + b
type GCN struct {
	Linear *nn.Linear // W, b
}

// newGCN draws as PyTorch Geometric does.
func newGCN(c Config, in *nn.Init) *GCN {
	g := &GCN{nn.NewLinear(c.Width, c.Width, in)}
	in.XavierUniform(g.Linear.Weight, c.Width, c.Width)
	g.Linear.Bias.Zero()
	return g
}

// Params declares linear.
func (g *GCN) Params(c *nn.Params) { c.Sub("linear", g.Linear) }

// Apply returns y.
func (g *GCN) Apply(tp *tensor.Tape, x, e, _ *tensor.Var, b *Batch) (nodes, edges *tensor.Var) {
	sum := messages.Sum(tp, &b.edges, x, tp.Const(b.gcnEdge))
	return g.Linear.Apply(tp, tp.Add(sum, tp.ScaleRows(x, b.gcnSelf))), e
}

package gps

import (
	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// GatedGCN is the gated graph convolution (Bresson and Laurent 2017; Dwivedi and others, "Benchmarking Graph Neural
// Networks", 2020, equations 57 to 59; CustomGatedGCN of the official code). Residuals, norms and dropout are inside:
// with the gates z_ji = D x_i + E x_j + C e_ji and s_ji = w_ji sigmoid(z_ji),
//
//	y_i  = x_i + dropout(act(norm(A x_i + sum over j->i of s_ji B x_j / (sum over j->i of s_ji + 1e-6))))
//	e'_ji = e_ji + dropout(act(norm(z_ji)))
//
// The norm of z is over the edges of the batch. The last layer of a model makes no e', which nothing would read; the
// official code has that norm, too, and never trains it.
type GatedGCN struct {
	Self, Value, Edge, Target, Source *nn.Linear    // A, B, C, D, E
	NodeNorm, EdgeNorm                *nn.BatchNorm // nil where there is none
	activation                        nn.Activation
	dropout                           float64
	last                              bool
}

func newGatedGCN(c Config, last bool, in *nn.Init) *GatedGCN {
	g := &GatedGCN{activation: c.Activation, dropout: c.Dropout, last: last}
	for _, l := range []**nn.Linear{&g.Self, &g.Value, &g.Edge, &g.Target, &g.Source} {
		*l = nn.NewLinear(c.Width, c.Width, in)
	}
	if c.Norm != NoNorm {
		g.NodeNorm = newBatchNorm(c)
		if !last {
			g.EdgeNorm = newBatchNorm(c)
		}
	}
	return g
}

// Params declares self, value, edge, target, source, node_norm and edge_norm.
func (g *GatedGCN) Params(c *nn.Params) {
	c.Sub("self", g.Self)
	c.Sub("value", g.Value)
	c.Sub("edge", g.Edge)
	c.Sub("target", g.Target)
	c.Sub("source", g.Source)
	if g.NodeNorm != nil {
		c.Sub("node_norm", g.NodeNorm)
	}
	if g.EdgeNorm != nil {
		c.Sub("edge_norm", g.EdgeNorm)
	}
}

// Apply returns y and e'.
func (g *GatedGCN) Apply(tp *tensor.Tape, x, e, weight *tensor.Var, b *Batch) (nodes, edges *tensor.Var) {
	y, z := messages.Gated(tp, &b.edges, messages.GatedInput{Target: g.Target.Apply(tp, x), Source: g.Source.Apply(tp, x),
		Value: g.Value.Apply(tp, x), Edge: g.Edge.Apply(tp, e), Weight: weight})
	nodes = g.add(tp, x, tp.Add(g.Self.Apply(tp, x), y), g.NodeNorm)
	if g.last {
		return nodes, nil
	}
	return nodes, g.add(tp, e, z, g.EdgeNorm)
}

// add returns x + dropout(act(norm(y))).
func (g *GatedGCN) add(tp *tensor.Tape, x, y *tensor.Var, norm *nn.BatchNorm) *tensor.Var {
	if norm != nil && g.activation == nn.ReLU && (g.dropout == 0 || !tp.Training()) {
		return normAdd(tp, x, y, norm)
	}
	if norm != nil {
		y = norm.Apply(tp, y)
	}
	return tp.Add(x, tp.Dropout(g.activation.Apply(tp, y), g.dropout))
}

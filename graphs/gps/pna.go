package gps

import (
	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// PNA is principal neighbourhood aggregation (Corso and others, "Principal Neighbourhood Aggregation for Graph Nets",
// NeurIPS 2020, equations 5 to 8) with one tower: messages are joined by mean, maximum, minimum and standard deviation at
// once, and the result is scaled by what the degree d_i, at least 1, says:
//
//	m_ji = M (x_i, x_j, e_ji),  a_i = aggregates of m_ji over j->i
//	y_i  = U (x_i, a_i, ln(1+d_i) a_i, a_i / ln(1+d_i))
//
// M and U are linear layers, held in parts. The scalers of the paper are divided by a constant of the training set, which
// U takes in; PyTorch Geometric's second linear layer after U is left out for the same reason. The official code of
// GraphGPS has mean, maximum and sum, without scalers, where it names PNA.
type PNA struct {
	Target, Source, Edge            *nn.Linear // M: of x_i, with the bias; of x_j; of e_ji
	Self, Plain, Amplify, Attenuate *nn.Linear // U: of x_i, with the bias; of a_i; of ln(1+d_i) a_i; of a_i / ln(1+d_i)
}

// aggregators are those of PNA.
var aggregators = [...]messages.Aggregator{messages.AggregateMean, messages.AggregateMax, messages.AggregateMin, messages.AggregateStd}

// newPNA draws each of M and U as the one layer that it is.
func newPNA(c Config, in *nn.Init) *PNA {
	d := c.Width
	p := &PNA{}
	parts(in, d, 3*d, []part{{&p.Target, d, true}, {&p.Source, d, false}, {&p.Edge, d, false}})
	wide := len(aggregators) * d
	parts(in, d, d+3*wide, []part{{&p.Self, d, true}, {&p.Plain, wide, false}, {&p.Amplify, wide, false}, {&p.Attenuate, wide, false}})
	return p
}

// part is a layer for some columns of the input of a larger one.
type part struct {
	layer **nn.Linear
	in    int
	bias  bool
}

// parts makes the parts of a layer of inputs columns, drawn as that layer would be.
func parts(in *nn.Init, out, inputs int, list []part) {
	whole := tensor.New(out, inputs)
	bias := tensor.New(out)
	in.LinearDefault(whole, bias)
	from := 0
	for _, p := range list {
		l := &nn.Linear{Weight: tensor.New(out, p.in)}
		for r := range out {
			copy(l.Weight.Row(r), whole.Row(r)[from:from+p.in])
		}
		if p.bias {
			l.Bias = bias
		}
		*p.layer, from = l, from+p.in
	}
}

// Params declares the layers by their names.
func (p *PNA) Params(c *nn.Params) {
	c.Sub("target", p.Target)
	c.Sub("source", p.Source)
	c.Sub("edge", p.Edge)
	c.Sub("self", p.Self)
	c.Sub("plain", p.Plain)
	c.Sub("amplify", p.Amplify)
	c.Sub("attenuate", p.Attenuate)
}

// Apply returns y, and e as it is. A row of factors can be drawn before a linear layer as well as after it, so the scaled
// aggregates are never laid side by side.
func (p *PNA) Apply(tp *tensor.Tape, x, e, _ *tensor.Var, b *Batch) (nodes, edges *tensor.Var) {
	m := tp.Add(messages.Targets(tp, &b.edges, p.Target.Apply(tp, x)), messages.Sources(tp, &b.edges, p.Source.Apply(tp, x)))
	m = tp.Add(m, p.Edge.Apply(tp, e))
	a := messages.Aggregate(tp, &b.edges, m, aggregators[:]...)
	y := tp.Add(p.Self.Apply(tp, x), p.Plain.Apply(tp, a))
	y = tp.Add(y, tp.ScaleRows(p.Amplify.Apply(tp, a), b.logDegree))
	return tp.Add(y, tp.ScaleRows(p.Attenuate.Apply(tp, a), b.inverseLogDegree)), e
}

package messages

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// gateEps is added to the sum of the gates, as in the official code of GatedGCN and of GraphGPS (CustomGatedGCN).
const gateEps = 1e-6

// GatedInput is what [Gated] works on: projections of the nodes and edges, with the letters of the paper's code.
type GatedInput struct {
	Target *tensor.Var // D x [nodes, d], for the gates of the edges that come to a node
	Source *tensor.Var // E x [nodes, d], for the gates of the edges that leave it
	Value  *tensor.Var // B x [nodes, d], what a message carries
	Edge   *tensor.Var // C e [edges, d]
	// Weight is [edges, 1], a learned factor of each edge's gate (GraphGPS' EquivStableLapPE); nil for none.
	Weight *tensor.Var
}

// Gated returns the gated mean of GatedGCN (Bresson and Laurent 2017; Dwivedi and others, "Benchmarking Graph Neural
// Networks", 2020, equations 57 to 59), for an edge j->i
//
//	z_ji = D x_i + E x_j + C e_ji
//	s_ji = w_ji sigmoid(z_ji)
//	y_i  = sum over j->i of s_ji B x_j / (sum over j->i of s_ji + 1e-6), column by column,
//
// y [nodes, d] and z [edges, d]. A node that no edge comes to gets 0.
func Gated(tp *tensor.Tape, e *Edges, in GatedInput) (y, z *tensor.Var) {
	d := width("Gated", "target", in.Target)
	want("Gated", "target", in.Target, e.Nodes(), d)
	want("Gated", "source", in.Source, e.Nodes(), d)
	want("Gated", "value", in.Value, e.Nodes(), d)
	want("Gated", "edge", in.Edge, e.Len(), d)
	if in.Weight != nil {
		want("Gated", "weight", in.Weight, e.Len(), 1)
	}
	in.Edge = apart(tp, in.Edge, in.Target, in.Source, in.Value)
	in.Weight = apart(tp, in.Weight, in.Target, in.Source, in.Value, in.Edge)
	op, ok := tp.Spare().(*gated)
	if !ok {
		op = new(gated)
	}
	*op = gated{edges: e, in: in, d: d}
	op.y = tp.Out(needs(in.Target, in.Source, in.Value, in.Edge, in.Weight), e.Nodes(), d)
	op.z = tp.Out(needs(in.Target, in.Source, in.Edge), e.Len(), d)
	op.sums = tp.Scratch(e.Nodes() * d)
	op.reducer.run(tp, &e.in, (*gatedForward)(op), 2*d, batch)
	if !tp.Recording() {
		tp.Release(op.sums)
		op.sums = nil
	}
	tp.Record("gated messages", op, op.y, op.z)
	return op.y, op.z
}

// gated is the recorded operation.
type gated struct {
	edges *Edges
	in    GatedInput
	y, z  *tensor.Var
	d     int
	// sums are the sums of the gates [nodes, d]; in the backward pass the gradients of y over them.
	sums []float32

	back    gatedBack
	reducer reducer
}

// gatedForward goes over the edges that come to a node. A state is the sum of the gated values and the sum of the gates.
type gatedForward gated

func (op *gatedForward) clear(state []float32) { clear(state) }

func (op *gatedForward) add(state []float32, room tile, i, lo, hi int) {
	d, w, in := op.d, room.cut(batch), &op.edges.in
	target := op.in.Target.Data()[i*d : (i+1)*d]
	source, value, edge, z := op.in.Source.Data(), op.in.Value.Data(), op.in.Edge.Data(), op.z.Data()
	for ; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		edges := in.edge[lo:to]
		simd.GateSumAt(state[:d], state[d:], z, target, source, value, edge, in.node[lo:to], edges,
			weightsOf(w, op.in.Weight, edges), d)
	}
}

func (op *gatedForward) join(state, later []float32) { simd.Add(state, state, later) }

func (op *gatedForward) finish(state []float32, _ tile, i int) {
	d := op.d
	sums := op.sums[i*d : (i+1)*d]
	simd.AddConst(sums, state[d:], gateEps)
	simd.Div(op.y.Data()[i*d:(i+1)*d], state[:d], sums)
}

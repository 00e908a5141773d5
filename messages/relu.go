package messages

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// SumReLU returns the sum of rectified messages of GINE (Hu and others, "Strategies for Pre-training Graph Neural
// Networks", 2020),
//
//	y_i = sum over j->i of w_ji ReLU(x_j + e_ji),
//
// [nodes, d], for nodes x [nodes, d] and edges edge [edges, d]. weight is [edges, 1], such as the learned gate of GraphGPS'
// EquivStableLapPE; nil weighs every edge 1. The derivative of ReLU at 0 is 0. A node that no edge comes to gets 0.
func SumReLU(tp *tensor.Tape, e *Edges, x, edge, weight *tensor.Var) *tensor.Var {
	d := width("SumReLU", "x", x)
	want("SumReLU", "x", x, e.Nodes(), d)
	want("SumReLU", "edge", edge, e.Len(), d)
	if weight != nil {
		want("SumReLU", "weight", weight, e.Len(), 1)
	}
	edge, weight = apart(tp, edge, x), apart(tp, weight, x)
	op, ok := tp.Spare().(*sumReLU)
	if !ok {
		op = new(sumReLU)
	}
	*op = sumReLU{edges: e, x: x, edge: edge, weight: weight, d: d, y: tp.Out(needs(x, edge, weight), e.Nodes(), d)}
	op.reducer.run(tp, &e.in, (*sumReLUForward)(op), d, batch)
	tp.Record("message ReLU sum", op, op.y)
	return op.y
}

// sumReLU is the recorded operation.
type sumReLU struct {
	edges              *Edges
	x, edge, weight, y *tensor.Var
	d                  int

	dy                 []float32
	dx, dEdge, dWeight gradient
	reducer            reducer
}

// sumReLUForward goes over the edges that come to a node.
type sumReLUForward sumReLU

func (op *sumReLUForward) clear(state []float32) { clear(state) }

func (op *sumReLUForward) add(state []float32, room tile, _, lo, hi int) {
	w, in := room.cut(batch), &op.edges.in
	for ; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		edges := in.edge[lo:to]
		simd.SumReLUAt(state, op.x.Data(), op.edge.Data(), in.node[lo:to], edges, weightsOf(w, op.weight, edges), op.d)
	}
}

func (op *sumReLUForward) join(state, later []float32) { simd.Add(state, state, later) }

func (op *sumReLUForward) finish(state []float32, _ tile, i int) {
	copy(op.y.Data()[i*op.d:(i+1)*op.d], state)
}

// Backward computes the gradients of nodes, edges and weights in one walk over the edges that leave each node.
func (op *sumReLU) Backward(tp *tensor.Tape) {
	op.dy = op.y.OutGrad()
	op.dx, op.dEdge, op.dWeight = gradientOf(op.x), gradientOf(op.edge), gradientOf(op.weight)
	op.reducer.run(tp, &op.edges.out, (*sumReLUBackward)(op), op.d, 2*batch+lineRoom(op.d))
}

// sumReLUBackward goes over the edges that leave a node.
type sumReLUBackward sumReLU

func (op *sumReLUBackward) clear(state []float32) { clear(state) }

func (op *sumReLUBackward) add(state []float32, room tile, j, lo, hi int) {
	w, dots, unwanted := room.cut(batch), room.cut(batch), room.cut(op.d)
	out, x := &op.edges.out, op.x.Data()[j*op.d:(j+1)*op.d]
	for ; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		edges := out.edge[lo:to]
		dEdge, at := op.dEdge.to, edges
		if dEdge == nil {
			dEdge, at = unwanted, op.edges.zeros[:to-lo]
		}
		simd.SumReLUAtGrad(state, dEdge, dots, x, op.edge.Data(), op.dy, edges, at, out.node[lo:to],
			weightsOf(w, op.weight, edges), op.d, op.dEdge.add)
		op.dWeight.putAll(edges, dots, 1)
	}
}

func (op *sumReLUBackward) join(state, later []float32) { simd.Add(state, state, later) }

func (op *sumReLUBackward) finish(state []float32, _ tile, j int) { op.dx.put(j, state) }

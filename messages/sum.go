package messages

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Sum returns the sum of the rows of x [nodes, d] that come to each node,
//
//	y_i = sum over j->i of w_ji x_j,
//
// [nodes, d]: the aggregation of GIN (Xu and others 2019, equation 4.1), and, with the weights of [Edges.GCNWeights], of GCN.
// weight is [edges, 1], learned or constant; nil weighs every edge 1. A node that no edge comes to gets 0.
func Sum(tp *tensor.Tape, e *Edges, x, weight *tensor.Var) *tensor.Var {
	return applySum(tp, "message sum", "Sum", e, x, weight, false)
}

// Mean returns the mean of the rows of x [nodes, d] that come to each node, [nodes, d]; 0 for a node that no edge comes
// to.
func Mean(tp *tensor.Tape, e *Edges, x *tensor.Var) *tensor.Var {
	return applySum(tp, "message mean", "Mean", e, x, nil, true)
}

// sum is the recorded operation.
type sum struct {
	edges        *Edges
	x, weight, y *tensor.Var
	d            int
	mean         bool

	dy          []float32
	dx, dWeight gradient
	reducer     reducer
}

func applySum(tp *tensor.Tape, record, name string, e *Edges, x, weight *tensor.Var, mean bool) *tensor.Var {
	d := width(name, "x", x)
	want(name, "x", x, e.Nodes(), d)
	if weight != nil {
		want(name, "weight", weight, e.Len(), 1)
	}
	weight = apart(tp, weight, x)
	op, ok := tp.Spare().(*sum)
	if !ok {
		op = new(sum)
	}
	*op = sum{edges: e, x: x, weight: weight, d: d, mean: mean, y: tp.Out(needs(x, weight), e.Nodes(), d)}
	op.reducer.run(tp, &e.in, (*sumForward)(op), d, batch)
	tp.Record(record, op, op.y)
	return op.y
}

// sumForward goes over the edges that come to a node.
type sumForward sum

func (op *sumForward) clear(state []float32) { clear(state) }

func (op *sumForward) add(state []float32, room tile, _, lo, hi int) {
	w, in := room.cut(batch), &op.edges.in
	for ; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		simd.SumRowsAt(state, op.x.Data(), in.node[lo:to], weightsOf(w, op.weight, in.edge[lo:to]), op.d)
	}
}

func (op *sumForward) join(state, later []float32) { simd.Add(state, state, later) }

func (op *sumForward) finish(state []float32, _ tile, i int) {
	y := op.y.Data()[i*op.d : (i+1)*op.d]
	if n := op.edges.InDegree(i); op.mean && n > 0 {
		simd.Scale(y, state, 1/float32(n))
	} else {
		copy(y, state)
	}
}

// Backward: dx_j = the sum over j->i of w_ji dy_i, dw_ji = x_j dy_i; of a mean, dy_i is divided by the edges of i.
func (op *sum) Backward(tp *tensor.Tape) {
	op.dy = op.y.OutGrad()
	op.dx, op.dWeight = gradientOf(op.x), gradientOf(op.weight)
	room := lineRoom(batch)
	if op.dWeight.to != nil {
		room += lineRoom(batch) + lineRoom(batch*op.d)
	}
	op.reducer.run(tp, &op.edges.out, (*sumBackward)(op), op.d, room)
}

// sumBackward goes over the edges that leave a node.
type sumBackward sum

func (op *sumBackward) clear(state []float32) { clear(state) }

func (op *sumBackward) add(state []float32, room tile, j, lo, hi int) {
	w, out := room.cut(batch), &op.edges.out
	for ; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		nodes, edges := out.node[lo:to], out.edge[lo:to]
		weights := weightsOf(w, op.weight, edges)
		if op.mean {
			for r, i := range nodes {
				weights[r] = 1 / float32(op.edges.InDegree(int(i)))
			}
		}
		simd.SumRowsAt(state, op.dy, nodes, weights, op.d)
		if op.dWeight.to != nil {
			op.weightsBack(room, j, nodes, edges)
		}
	}
}

// weightsBack puts the gradients of the weights of some edges of source j.
func (op *sumBackward) weightsBack(room tile, j int, nodes, edges []int32) {
	dots, rows := room.cut(batch)[:len(nodes)], room.cut(batch * op.d)[:len(nodes)*op.d]
	simd.GatherRows(rows, op.dy, nodes, op.d)
	simd.HeadDots(dots, rows, op.x.Data()[j*op.d:(j+1)*op.d], len(nodes), 1, op.d, op.d, false)
	op.dWeight.putAll(edges, dots, 1)
}

func (op *sumBackward) join(state, later []float32) { simd.Add(state, state, later) }

func (op *sumBackward) finish(state []float32, _ tile, j int) { op.dx.put(j, state) }

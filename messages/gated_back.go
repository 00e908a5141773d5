package messages

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// gatedBack is the state of the backward pass.
type gatedBack struct {
	dy, dzOut                      []float32
	outAt                          []int32   // rows of dzOut, for the edges of a batch; nil where its rows are those of z
	dz                             []float32 // [edges, d]
	target, source, value, dWeight gradient
	sumOf                          sumOf
}

// Backward walks the edges that leave each node for the gradients of gates, sources and values, then those that come to
// it for the gradients of the targets, which are sums of those of the gates. With u_i = dy_i / sum of s, and s' the
// derivative of the sigmoid,
//
//	dz_ji = w_ji s'(z_ji) u_i (B x_j - y_i) + the gradient of the z that was handed out
//	dBx_j = sum over j->i of s_ji u_i, dEx_j = sum over j->i of dz_ji, dDx_i = sum over j->i of dz_ji, dCe = dz
//	dw_ji = sum over the columns of sigmoid(z_ji) u_i (B x_j - y_i)
func (op *gated) Backward(tp *tensor.Tape) {
	b, in, d := &op.back, &op.in, op.d
	*b = gatedBack{dy: op.y.OutGrad()}
	var none []float32
	if op.z.Reached() {
		b.dzOut = op.z.OutGrad()
	} else {
		none = tp.Scratch(d)
		clear(none)
		b.dzOut, b.outAt = none, op.edges.zeros[:]
	}
	b.source, b.value, b.dWeight = gradientOf(in.Source), gradientOf(in.Value), gradientOf(in.Weight)
	edge := gradientOf(in.Edge)
	own := edge.to == nil || edge.add // the gradients of the gates have memory of their own
	if b.dz = edge.to; own {
		b.dz = tp.Scratch(op.edges.Len() * d)
	}
	parallel.For(op.edges.Nodes(), quotientGrain, (*gatedQuotients)(op))
	op.reducer.run(tp, &op.edges.out, (*gatedSources)(op), 2*d, 2*batch)
	if b.target = gradientOf(in.Target); b.target.to != nil {
		op.reducer.run(tp, &op.edges.in, (*gatedTargets)(op), d, batch)
	}
	if edge.add {
		b.sumOf = sumOf{edge.to, b.dz}
		parallel.For(len(b.dz), addGrain, &b.sumOf)
	}
	if own {
		tp.Release(b.dz)
	}
	if none != nil {
		tp.Release(none)
	}
	tp.Release(op.sums)
	op.back, op.sums = gatedBack{}, nil
}

// gatedQuotients turns the sums of the gates into the gradients over them.
type gatedQuotients gated

const quotientGrain = 256 // nodes

func (op *gatedQuotients) Run(_, lo, hi int) {
	u := op.sums[lo*op.d : hi*op.d]
	simd.Div(u, op.back.dy[lo*op.d:hi*op.d], u)
}

// gatedSources goes over the edges that leave a node. A state is the gradients of source and value.
type gatedSources gated

func (op *gatedSources) clear(state []float32) { clear(state) }

func (op *gatedSources) add(state []float32, room tile, j, lo, hi int) {
	b, d, out := &op.back, op.d, &op.edges.out
	w, dots := room.cut(batch), room.cut(batch)
	value, y, z := op.in.Value.Data()[j*d:(j+1)*d], op.y.Data(), op.z.Data()
	for ; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		edges, outAt := out.edge[lo:to], b.outAt
		if outAt == nil {
			outAt = edges
		}
		simd.GateSumAtGrad(state[:d], state[d:], dots, b.dz, z, b.dzOut, value, op.sums, y, edges, edges, outAt[:to-lo],
			out.node[lo:to], weightsOf(w, op.in.Weight, edges), d)
		b.dWeight.putAll(edges, dots, 1)
	}
}

func (op *gatedSources) join(state, later []float32) { simd.Add(state, state, later) }

func (op *gatedSources) finish(state []float32, _ tile, j int) {
	op.back.source.put(j, state[:op.d])
	op.back.value.put(j, state[op.d:])
}

// gatedTargets goes over the edges that come to a node.
type gatedTargets gated

func (op *gatedTargets) clear(state []float32) { clear(state) }

func (op *gatedTargets) add(state []float32, room tile, _, lo, hi int) {
	w, in := room.cut(batch), &op.edges.in
	for ; lo < hi; lo += batch {
		edges := in.edge[lo:min(lo+batch, hi)]
		simd.SumRowsAt(state, op.back.dz, edges, weightsOf(w, nil, edges), op.d)
	}
}

func (op *gatedTargets) join(state, later []float32) { simd.Add(state, state, later) }

func (op *gatedTargets) finish(state []float32, _ tile, i int) { op.back.target.put(i, state) }

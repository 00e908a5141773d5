package messages

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// softmaxBack is the state of the backward pass.
type softmaxBack struct {
	dy             []float32
	ds             []float32 // gradients of weights, then of scores [edges, heads], in the order of the places by target
	dScore, dValue gradient
}

// Backward: with g the gradients of the weights, g_jih = dy_ih v_jh, those of the scores are a_jih (g_jih - sum over k->i
// of a_kih g_kih), and those of the values dv_jh = sum over j->i of a_jih dy_ih.
func (op *softmax) Backward(tp *tensor.Tape) {
	b := &op.back
	*b = softmaxBack{dy: op.y.OutGrad(), dValue: gradientOf(op.value), dScore: gradientOf(op.score)}
	if b.dScore.to != nil {
		b.ds = tp.Scratch(op.edges.Len() * op.heads)
		op.reducer.run(tp, &op.edges.in, (*softmaxScoresBack)(op), 0, lineRoom(batch*op.d)+lineRoom(batch*op.heads))
		tp.Release(b.ds)
	}
	if b.dValue.to != nil {
		op.reducer.run(tp, &op.edges.out, (*softmaxValuesBack)(op), op.d, lineRoom(batch*op.d)+lineRoom(batch*op.heads))
	}
	*b = softmaxBack{}
	op.release(tp)
}

// softmaxScoresBack goes over the edges that come to a node.
type softmaxScoresBack softmax

func (op *softmaxScoresBack) clear([]float32) {}

func (op *softmaxScoresBack) add(_ []float32, room tile, i, lo, hi int) {
	o, heads, d := (*softmax)(op), op.heads, op.d
	rows, mask := room.cut(batch*d), room.cut(batch*heads)
	dy := op.back.dy[i*d : (i+1)*d]
	for ; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		simd.GatherRows(rows[:(to-lo)*d], op.value.Data(), op.edges.in.node[lo:to], d)
		ds := o.rows(op.back.ds, lo, to)
		simd.HeadDots(ds, rows, dy, to-lo, heads, d/heads, d, false)
		if op.drop {
			simd.Mul(ds, ds, o.dropMask(mask, lo, to))
		}
	}
}

func (op *softmaxScoresBack) join(_, _ []float32) {}

func (op *softmaxScoresBack) finish(_ []float32, _ tile, i int) {
	o := (*softmax)(op)
	lo, hi := int(op.edges.in.start[i]), int(op.edges.in.start[i+1])
	ds := o.rows(op.back.ds, lo, hi)
	simd.KeySoftmaxGrad(ds, o.rows(op.weights, lo, hi), hi-lo, op.heads)
	op.back.dScore.putAll(op.edges.in.edge[lo:hi], ds, op.heads)
}

// softmaxValuesBack goes over the edges that leave a node.
type softmaxValuesBack softmax

func (op *softmaxValuesBack) clear(state []float32) { clear(state) }

func (op *softmaxValuesBack) add(state []float32, room tile, _, lo, hi int) {
	out, heads, d := &op.edges.out, op.heads, op.d
	rows, weights := room.cut(batch*d), room.cut(batch*heads)
	for ; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		for r, k := range out.edge[lo:to] {
			copy(weights[r*heads:(r+1)*heads], op.used[int(op.edges.place[k])*heads:])
		}
		simd.GatherRows(rows[:(to-lo)*d], op.back.dy, out.node[lo:to], d)
		simd.HeadSum(state, weights, rows, to-lo, heads, d/heads, d)
	}
}

func (op *softmaxValuesBack) join(state, later []float32) { simd.Add(state, state, later) }

func (op *softmaxValuesBack) finish(state []float32, _ tile, j int) { op.back.dValue.put(j, state) }

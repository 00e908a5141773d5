package attention

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// unitBack is the backward pass of one unit. All arrays but those of op are tiles of the unit's rows.
type unitBack struct {
	op    *pairwise
	u     unit
	first int // the unit's first row

	e, dE       []float32 // E and its gradient [rows, 2d]
	eh, deh     []float32 // ê and its gradient [rows, d]
	w, used, ds []float32 // weights, those after dropout, gradient of the scores [rows, heads]
	mask, score []float32 // dropout, scores [rows, heads]

	// rows of keys and values, and their gradients, of one query of a sparse pattern
	kGather, vGather, dkGather, dvGather []float32
}

// queryRows are the parts of the tiles that belong to one query.
type queryRows struct {
	i, lo, n          int // the query, its first row and number of rows
	q, e, dE, eh, deh []float32
	w, used, ds       []float32
}

// query cuts the tiles for query i.
func (v *unitBack) query(i int) queryRows {
	d, heads, lo := v.op.d, v.op.Heads, v.op.pairs.RowStart[i]
	n, at := v.op.pairs.RowStart[i+1]-lo, lo-v.first
	q := queryRows{i: i, lo: lo, n: n, q: v.op.in.Query.Data()[i*d : (i+1)*d],
		dE: v.dE[at*2*d : (at+n)*2*d], eh: v.eh[at*d : (at+n)*d], deh: v.deh[at*d : (at+n)*d],
		w: v.w[at*heads : (at+n)*heads], used: v.used[at*heads : (at+n)*heads], ds: v.ds[at*heads : (at+n)*heads]}
	if v.e != nil {
		q.e = v.e[at*2*d : (at+n)*2*d]
	}
	return q
}

// keys returns the rows of keys, or of values, that the query meets.
func (v *unitBack) keys(scratch []float32, x *tensor.Var, q queryRows) []float32 {
	return v.op.keyRows(scratch, x.Data(), v.u, q.lo, q.lo+q.n)
}

// weightsBack goes back through x = sum over j of a (v + Ve ê) to the weights and the values.
func (v *unitBack) weightsBack() {
	op, d, heads := v.op, v.op.d, v.op.Heads
	if op.drop {
		op.dropMask(v.mask, v.first, v.first+len(v.mask)/heads)
		simd.Mul(v.used, v.w, v.mask)
	} else {
		v.used = v.w
	}
	for i := v.u.from; i < v.u.to; i++ {
		q := v.query(i)
		dx := op.back.dx[i*d : (i+1)*d]
		simd.HeadDots(q.ds, v.keys(v.vGather, op.in.Value, q), dx, q.n, heads, op.dim, d, false)
		_, dv := v.keyGradients()
		if op.pairs.Keys != nil {
			dv = v.dvGather[:q.n*d]
			clear(dv)
		}
		simd.HeadOuter(dv, q.used, dx, q.n, heads, op.dim, d)
		if op.pairs.Keys != nil {
			_, all := v.keyGradients()
			v.scatter(all, dv, q)
		}
		if op.in.Enhance != nil {
			simd.HeadDots(q.ds, q.eh, op.back.dread[i*d:(i+1)*d], q.n, heads, op.dim, d, true)
		}
	}
	if op.drop {
		simd.Mul(v.ds, v.ds, v.mask)
	}
}

// scoresBack goes back through the softmax and the scores to ê.
func (v *unitBack) scoresBack(parts *partials) {
	op, d, heads := v.op, v.op.d, v.op.Heads
	aw := op.in.Score.Data()
	for i := v.u.from; i < v.u.to; i++ {
		q := v.query(i)
		simd.KeySoftmaxGrad(q.ds, q.w, q.n, heads)
	}
	rows := len(v.ds) / heads
	if op.Clamp > 0 {
		simd.HeadDots(v.score, v.eh, aw, rows, heads, op.dim, d, false)
		simd.ClampGrad(v.ds, v.score, v.ds, -float32(op.Clamp), float32(op.Clamp))
	}
	simd.HeadSum(parts.score, v.ds, v.eh, rows, heads, op.dim, d)
	if op.in.Enhance == nil {
		simd.HeadOuter(v.deh, v.ds, aw, rows, heads, op.dim, d)
		return
	}
	for i := v.u.from; i < v.u.to; i++ {
		q := v.query(i)
		simd.HeadOuter2(q.deh, q.used, op.back.dread[i*d:(i+1)*d], q.ds, aw, q.n, heads, op.dim, d)
	}
}

// featuresBack goes back through ê = act(ρ((q + k) Ew) + Eb) of one query. Where the activation is not fused, the
// tiles of ê and of its gradient are overwritten.
func (v *unitBack) featuresBack(q queryRows) {
	op, d := v.op, v.op.d
	k := v.keys(v.kGather, op.in.Key, q)
	if op.act.df != nil {
		if !op.act.ofOutput { // its argument is needed
			if op.in.Pair == nil {
				simd.AddRow(q.eh, k, q.q, q.n, d)
			} else {
				simd.PairForward(q.eh, q.q, k, q.e, q.n, d, d, 2*d, simd.PairIdentity)
			}
		}
		op.act.df(q.deh, q.eh, q.deh)
	}
	dq := op.back.dq[q.i*d : (q.i+1)*d]
	dk, _ := v.keyGradients()
	if op.pairs.Keys != nil {
		dk = v.dkGather[:q.n*d]
		clear(dk)
	}
	if op.in.Pair != nil {
		simd.PairBackward(q.dE, dq, dk, q.deh, q.eh, q.q, k, q.e, q.n, d, d, 2*d, 2*d, op.act.fused)
	} else {
		if op.act.fused == simd.PairReLU {
			simd.ReLUGrad(q.deh, q.eh, q.deh)
		}
		simd.ColSums(dq, q.deh, q.n, d)
		simd.Add(dk[:q.n*d], dk[:q.n*d], q.deh)
	}
	if op.pairs.Keys != nil {
		all, _ := v.keyGradients()
		v.scatter(all, dk, q)
	}
}

// keyGradients returns the rows of the gradients of keys and values that belong to the unit's item: of the gradients
// themselves, or of the buffer of an item that several groups work on.
func (v *unitBack) keyGradients() (dk, dv []float32) {
	op, d := v.op, v.op.d
	size := op.pairs.itemTokens(v.u.item) * d
	if v.u.buffer < 0 {
		at := op.pairs.Offsets[v.u.item] * d
		return op.back.dk[at : at+size], op.back.dv[at : at+size]
	}
	at, half := v.u.buffer*d, op.pairs.shared*d
	return op.back.shared[at : at+size], op.back.shared[half+at : half+at+size]
}

// scatter adds the gradients of a sparse query's keys to the rows of the item.
func (v *unitBack) scatter(all, rows []float32, q queryRows) {
	d, first := v.op.d, v.op.pairs.Offsets[v.u.item]
	for r := range q.n {
		at := (int(v.op.pairs.Keys[q.lo+r]) - first) * d
		simd.Add(all[at:at+d], all[at:at+d], rows[r*d:(r+1)*d])
	}
}

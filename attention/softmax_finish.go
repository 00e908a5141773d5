package attention

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// finishQuery sums the gradients of some queries over the chunks of keys, turns them back and hands them on.
func (op *softmax) finishQuery(worker int, u finishUnit) {
	t := op.tile(worker)
	s, b := &op.memory.seqs[u.seq], &op.back
	n := u.to - u.from
	sum, q := t.lines(n*op.d), t.lines(n*op.d)
	add := func(part func(chunk int) []float32, chunks int) {
		clear(sum)
		for c := range chunks {
			simd.Add(sum, sum, part(c)[u.from*op.d:u.to*op.d])
		}
	}
	for kv := u.kv0; kv < u.kv1; kv++ {
		j := op.job(s, u.room+(kv-u.kv0)*op.jobRoom(s))
		for g := range op.group {
			h := kv*op.group + g
			add(func(c int) []float32 { return j.dq(g, c) }, j.chunks)
			if b.angleQ != nil {
				op.loadQueries(q, s, h, u.from, n)
				for r := range n {
					op.rotQ.angleGrad(b.angleQ, q[r*op.d:(r+1)*op.d], sum[r*op.d:(r+1)*op.d], s.q+u.from+r, h)
				}
			}
			if b.dq.to != nil {
				op.rotQ.turn(sum, op.d, sum, op.d, n, op.d, s.q+u.from, h, op.factor, true)
				b.dq.put(sum, n, op.d, &s.atQuery, u.from, h, 1)
			}
			if b.dRelative.to != nil {
				add(func(c int) []float32 { return j.dRelative(g, c) }, j.chunks)
				b.dRelative.put(sum, n, op.d, &s.atQuery, u.from, h, op.factor)
			}
		}
	}
}

// finishKey turns the gradients of some keys back and hands them on.
func (op *softmax) finishKey(worker int, u finishUnit) {
	t := op.tile(worker)
	s, b, n := &op.memory.seqs[u.seq], &op.back, u.to-u.from
	k := t.lines(n * op.d)
	for kv := u.kv0; kv < u.kv1; kv++ {
		j := op.job(s, u.room+(kv-u.kv0)*op.jobRoom(s))
		dk := j.dk()[u.from*op.d : u.to*op.d]
		if b.angleK != nil {
			src := op.source(s, kv)
			op.loadKeys(k, s, &src, kv, u.from, n)
			for r := range n {
				op.rotK.angleGrad(b.angleK, k[r*op.d:(r+1)*op.d], dk[r*op.d:(r+1)*op.d], s.k+u.from+r, kv)
			}
		}
		if b.dk.to != nil {
			op.rotK.turn(dk, op.d, dk, op.d, n, op.d, s.k+u.from, kv, 1, true)
			b.dk.put(dk, n, op.d, &s.atKey, u.from, kv, 1)
		}
	}
}

// endBack hands the sums of the gradients of biases and relative keys to them.
func (op *softmax) endBack(tp *tensor.Tape) {
	b := &op.back
	for k := range op.places.relative {
		op.addColumn(&op.places.relative[k].column)
	}
	for k := range op.places.distance {
		op.addColumn(&op.places.distance[k].column)
	}
	for k := range op.tables {
		if op.tables[k].index != nil {
			op.addColumn(&op.tables[k].column)
		}
	}
	if r := op.in.Relative; r != nil && r.Keys.Needs() {
		grad, ld := r.Keys.AccumulateZeroed(), op.Heads*op.d
		for h := range op.Heads {
			for p := range r.Keys.Rows() {
				dst := grad[p*ld+h*op.d:][:op.d]
				simd.Add(dst, dst, b.sums[h*b.partial+b.relativeAt+p*op.d:][:op.d])
			}
		}
	}
	tp.Release(b.sums)
	tp.Release(b.dots)
}

// addColumn hands the sums of the gradients of a table to it.
func (op *softmax) addColumn(c *column) {
	if !c.v.Needs() {
		return
	}
	grad := c.v.AccumulateZeroed()
	cols := len(grad) / max(c.rows, 1) // slopes have one row, whatever their shape
	for h := range op.Heads {
		for r, g := range op.back.sums[h*op.back.partial+c.grad:][:c.rows] {
			grad[r*cols+h%cols] += g
		}
	}
}

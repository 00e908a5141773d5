package attention

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// finishQuery sums the gradients of some queries over the chunks of keys, turns them back and adds them to the gradient.
func (op *softmax) finishQuery(worker int, u finishUnit) {
	t := op.tile(worker)
	s, b, ld := &op.memory.seqs[u.seq], &op.back, op.Heads*op.d
	n := u.to - u.from
	sum, q := t.lines(n*op.d), t.lines(n*op.d)
	_, chunks := s.chunk()
	for kv := u.kv0; kv < u.kv1; kv++ {
		j := op.job(s, u.room+(kv-u.kv0)*op.jobRoom(s))
		for g := range op.group {
			h := kv*op.group + g
			clear(sum)
			for c := range chunks {
				simd.Add(sum, sum, j.dq(g, c)[u.from*op.d:u.to*op.d])
			}
			if b.angleQ != nil {
				op.loadQueries(q, s, h, u.from, n)
			}
			for r := 0; r < n && b.angleQ != nil; r++ {
				op.rotQ.angleGrad(b.angleQ, q[r*op.d:(r+1)*op.d], sum[r*op.d:(r+1)*op.d], s.q+u.from+r, h)
			}
			if b.dq != nil {
				op.rotQ.turn(sum, op.d, sum, op.d, n, op.d, s.q+u.from, h, op.factor, true)
				for r := range n {
					dst := b.dq[(s.q+u.from+r)*ld+h*op.d:][:op.d]
					simd.Add(dst, dst, sum[r*op.d:(r+1)*op.d])
				}
			}
			if b.dRelative == nil {
				continue
			}
			for c := range chunks {
				part := j.dRelative(g, c)[u.from*op.d : u.to*op.d]
				for r := range n {
					at := (s.q+u.from+r)*ld + h*op.d
					simd.AddScaled(b.dRelative[at:at+op.d], part[r*op.d:(r+1)*op.d], op.factor)
				}
			}
		}
	}
}

// finishKey turns the gradients of some keys back and adds them to the gradient.
func (op *softmax) finishKey(worker int, u finishUnit) {
	t := op.tile(worker)
	s, b, ld := &op.memory.seqs[u.seq], &op.back, op.kv*op.d
	n := u.to - u.from
	k := t.lines(n * op.d)
	for kv := u.kv0; kv < u.kv1; kv++ {
		j := op.job(s, u.room+(kv-u.kv0)*op.jobRoom(s))
		src := op.source(s, kv)
		dk := j.dk()[u.from*op.d : u.to*op.d]
		if b.angleK != nil {
			op.loadKeys(k, s, src, kv, u.from, n)
			for r := range n {
				op.rotK.angleGrad(b.angleK, k[r*op.d:(r+1)*op.d], dk[r*op.d:(r+1)*op.d], s.k+u.from+r, kv)
			}
		}
		if b.dk != nil {
			op.rotK.turn(dk, op.d, dk, op.d, n, op.d, s.k+u.from, kv, 1, true)
			for r := range n {
				dst := b.dk[(s.k+u.from+r)*ld+kv*op.d:][:op.d]
				simd.Add(dst, dst, dk[r*op.d:(r+1)*op.d])
			}
		}
	}
}

// endBack hands the sums of the gradients of biases and relative keys to them.
func (op *softmax) endBack(tp *tensor.Tape) {
	b := &op.back
	add := func(c *column) {
		if !c.v.Needs() {
			return
		}
		grad, cols := c.v.AccumulateZeroed(), c.v.Cols()
		for h := range op.Heads {
			for r, g := range b.sums[h*b.partial+c.grad:][:c.rows] {
				grad[r*cols+h%cols] += g
			}
		}
	}
	for k := range op.places.relative {
		add(&op.places.relative[k].column)
	}
	for k := range op.tables {
		if op.tables[k].index != nil {
			add(&op.tables[k].column)
		}
	}
	for k := range op.places.distance {
		if d := &op.places.distance[k]; d.v.Needs() {
			grad := d.v.AccumulateZeroed()
			for h := range op.Heads {
				grad[h] += b.sums[h*b.partial+d.grad]
			}
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

package attention

import (
	"math"

	"github.com/graft-ml/graft/internal/simd"
)

// forwardWork is the scratch that forward cuts.
func (op *softmax) forwardWork() int {
	rows := op.blockRows(queryBlock)
	n := op.scorerWork(rows, false) + lineRoom(rows*op.dv) + lineRoom(rows)*4
	n += lineRoom(op.d*keyTile)*2 + lineRoom(op.dv*keyTile)
	if op.drop {
		n += rows * keyTile
	}
	return n
}

// forward computes the attention of a block of queries: it goes over the tiles of keys with a running maximum
// and sum, from whose change the sums of values so far are scaled.
func (op *softmax) forward(worker int, b block) {
	t := op.tile(worker)
	s, rows, h, kv := &op.memory.seqs[b.seq], b.to-b.from, b.head, b.head/op.group
	var c scorer
	c.begin(op, &t, worker, b.seq, op.blockRows(queryBlock), false)
	c.aim(h, b.from, rows)
	c.load(0, s.keys)
	o, top, sum, change, part := t.lines(rows*op.dv), t.lines(rows), t.lines(rows), t.lines(rows), t.lines(rows)
	kt, k, v := t.lines(op.d*keyTile), t.lines(op.d*keyTile), t.lines(op.dv*keyTile)
	var drop []float32
	if op.drop {
		drop = t.cut(op.blockRows(queryBlock) * keyTile)
	}
	simd.Fill(top, -math.MaxFloat32)
	clear(sum)
	clear(o)
	src := op.source(s, kv)
	for j := 0; j < s.keys; j += keyTile {
		n := min(keyTile, s.keys-j)
		r0, r1, partial := c.allowed(j, n)
		if r0 == r1 {
			if op.weights != nil {
				op.keepScores(&c, j, n, r0, r1)
			}
			continue
		}
		op.loadKeys(k, s, src, kv, j, n)
		simd.Transpose(kt, keyTile, k, op.d, n, op.d)
		op.loadValues(v, src, j, n)
		c.scores(kt, j, n, r0, r1)
		terms := c.terms(j, n, r0, r1, partial)
		if op.weights != nil {
			c.addTerms(&terms, n, r0, r1)
			op.keepScores(&c, j, n, r0, r1)
		}
		simd.SoftmaxTile(c.s[r0*keyTile:], r1-r0, terms, top[r0:], sum[r0:], change[r0:], part[r0:])
		simd.ScaleBlockRows(o[r0*op.dv:], op.dv, o[r0*op.dv:], op.dv, change[r0:], r1-r0, op.dv)
		if op.drop {
			for i := r0; i < r1; i++ {
				row, m := c.s[i*keyTile:][:n], drop[i*keyTile:][:n]
				op.dropRow(m, s, h, b.from+i, j)
				simd.Mul(row, row, m)
			}
		}
		simd.Gemm(false, false, r1-r0, op.dv, n, c.s[r0*keyTile:], keyTile, v, op.dv, o[r0*op.dv:], op.dv, true)
	}
	at, ld := s.q+b.from, op.Heads*op.dv
	inv := op.inv[h*op.in.Query.Rows()+at:][:rows]
	for i, x := range sum {
		inv[i] = 0
		if x != 0 { // NaN too
			inv[i] = 1 / x
		}
	}
	copy(op.top[h*op.in.Query.Rows()+at:], top)
	simd.ScaleBlockRows(op.out.Data()[at*ld+h*op.dv:], ld, o, op.dv, inv, rows, op.dv)
	if op.weights != nil {
		op.finishWeights(s, b, top)
	}
}

// keepScores keeps the scores of rows r0 to r1 of a tile where the weights go; the other queries of the block may attend
// none of its keys.
func (op *softmax) keepScores(c *scorer, j, n, r0, r1 int) {
	for i := range c.rows {
		row := op.weights[(c.seq.pair+(c.from+i)*c.seq.keys+j)*op.Heads+c.h:]
		for r := range n {
			x := float32(math.Inf(-1))
			if i >= r0 && i < r1 {
				x = c.s[i*keyTile+r]
			}
			row[r*op.Heads] = x
		}
	}
}

// finishWeights turns the scores of a block into weights.
func (op *softmax) finishWeights(s *sequence, b block, top []float32) {
	all, h := op.in.Query.Rows(), b.head
	for i := range b.to - b.from {
		inv := op.inv[h*all+s.q+b.from+i]
		at := (s.pair+(b.from+i)*s.keys)*op.Heads + h
		for j := range s.keys {
			w := &op.weights[at+j*op.Heads]
			if inv == 0 {
				*w = 0
				continue
			}
			*w = float32(math.Exp(float64(*w-top[i]))) * inv
		}
	}
}

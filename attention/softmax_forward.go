package attention

import (
	"math"

	"github.com/graft-ml/graft/internal/simd"
)

// forwardHead is the forward pass of a block of queries in one head.
type forwardHead struct {
	scorer
	o                      []float32 // sums of values [rows, dv]
	top, sum, change, part []float32 // of rows: see simd.SoftmaxTile
	drop                   []float32 // dropout of a tile
}

// forwardWork is the scratch that forward and forwardFew cut.
func (op *softmax) forwardWork() int {
	rows := op.blockRows(queryBlock)
	n := op.scorerWork(rows, false) + lineRoom(rows*op.dv) + lineRoom(rows)*4 + lineRoom(op.d*keyTile)*2 + lineRoom(op.dv*keyTile)
	if op.drop {
		n += rows * keyTile
	}
	return max(n, op.fewWork())
}

// forward computes the attention of a block of queries: it goes over the tiles of keys with a running maximum and sum,
// from whose change the sums of values so far are scaled.
func (op *softmax) forward(worker int, b block) {
	t := op.tile(worker)
	s, kv := &op.memory.seqs[b.seq], b.head/op.group
	var c forwardHead
	c.begin(op, &t, worker, &b)
	kt, k, v := t.lines(op.d*keyTile), t.lines(op.d*keyTile), t.lines(op.dv*keyTile)
	src := op.source(s, kv)
	for j := 0; j < s.keys; j += keyTile {
		n := min(keyTile, s.keys-j)
		r0, r1, partial := c.allowed(j, n)
		if r0 == r1 {
			if op.weights != nil {
				c.keepScores(j, n, r0, r1)
			}
			continue
		}
		op.loadKeys(k, s, &src, kv, j, n)
		simd.Transpose(kt, keyTile, k, op.d, n, op.d)
		op.loadValues(v, &src, j, n)
		c.products(kt, n, r0, r1)
		c.scores(j, n, r0, r1)
		c.weigh(j, n, r0, r1, partial)
		simd.Gemm(false, false, r1-r0, op.dv, n, c.s[r0*keyTile:], keyTile, v, op.dv, c.o[r0*op.dv:], op.dv, true)
	}
	c.finish()
}

// begin cuts the scratch of a block.
func (c *forwardHead) begin(op *softmax, t *tile, worker int, b *block) {
	rows, most := b.to-b.from, op.blockRows(queryBlock)
	c.scorer.begin(op, t, worker, b.seq, most, false)
	c.o, c.top, c.sum, c.change, c.part = t.lines(rows*op.dv), t.lines(rows), t.lines(rows), t.lines(rows), t.lines(rows)
	if op.drop {
		c.drop = t.cut(most * keyTile)
	}
	c.aim(b.head, b.from, rows)
	c.load(0, c.seq.keys)
	simd.Fill(c.top, -math.MaxFloat32)
	clear(c.sum)
	clear(c.o)
}

// weigh turns the scores of a tile into exponentials.
func (c *forwardHead) weigh(j, n, r0, r1 int, partial bool) {
	op := c.op
	terms := c.terms(j, n, r0, r1, partial)
	if op.weights != nil {
		c.addTerms(&terms, n, r0, r1)
		c.keepScores(j, n, r0, r1)
	}
	simd.SoftmaxTile(c.s[r0*keyTile:], r1-r0, terms, c.top[r0:], c.sum[r0:], c.change[r0:], c.part[r0:])
	o := c.o[r0*op.dv:]
	simd.ScaleBlockRows(o, op.dv, o, op.dv, c.change[r0:], r1-r0, op.dv)
	for i := r0; i < r1 && op.drop; i++ {
		row, m := c.s[i*keyTile:][:n], c.drop[i*keyTile:][:n]
		op.dropRow(m, c.seq, c.h, c.from+i, j)
		simd.Mul(row, row, m)
	}
}

// finish divides the sums of values by those of the weights.
func (c *forwardHead) finish() {
	op := c.op
	s, ld, all := c.seq, op.Heads*op.dv, op.in.Query.Rows()
	at := s.q + c.from
	inv := op.inv[c.h*all+at:][:c.rows]
	for i, x := range c.sum[:c.rows] {
		inv[i] = 0
		if x != 0 { // NaN too
			inv[i] = 1 / x
		}
	}
	copy(op.top[c.h*all+at:], c.top[:c.rows])
	s.atQuery.each(c.from, c.rows, func(at, row, step, m int) {
		simd.ScaleBlockRows(op.result[row*ld+c.h*op.dv:], step*ld, c.o[at*op.dv:], op.dv, inv[at:], m, op.dv)
	})
	if op.weights != nil {
		c.finishWeights()
	}
}

// keepScores keeps the scores of rows r0 to r1 of a tile where the weights go; the other queries of the block may attend
// none of its keys.
func (c *forwardHead) keepScores(j, n, r0, r1 int) {
	for i := range c.rows {
		row, heads := c.weightsOf(i, j)
		for r := range n {
			x := float32(math.Inf(-1))
			if i >= r0 && i < r1 {
				x = c.s[i*keyTile+r]
			}
			row[r*heads] = x
		}
	}
}

// weightsOf returns where the weights of row i of the block begin at key j, and how far those of the keys are apart.
func (c *forwardHead) weightsOf(i, j int) (row []float32, heads int) {
	s := c.seq
	first := s.kv0 * c.op.group
	heads = s.kv1*c.op.group - first
	return c.op.weights[s.weights+((c.from+i)*s.keys+j)*heads+c.h-first:], heads
}

// finishWeights turns the scores of the block into weights.
func (c *forwardHead) finishWeights() {
	op, all := c.op, c.op.in.Query.Rows()
	for i, top := range c.top[:c.rows] {
		inv := op.inv[c.h*all+c.seq.q+c.from+i]
		row, heads := c.weightsOf(i, 0)
		for j := range c.seq.keys {
			w := &row[j*heads]
			if inv == 0 {
				*w = 0
				continue
			}
			*w = float32(math.Exp(float64(*w-top))) * inv
		}
	}
}

package attention

import (
	"github.com/graft-ml/graft/internal/simd"
)

// backTile is what a worker needs in the backward pass.
type backTile struct {
	scorer
	job    job
	u      backUnit
	kv, g  int // head of keys, query head of its group
	direct bool
	block  [2]int // keys of the block

	dp         []float32 // gradient of the weights, then of the scores [rows, keyTile]
	drop, used []float32 // dropout, weights after it
	do         []float32 // gradient of the result [rows, dv]
	// Gradients of turned queries, and of those of relative keys [rows, d]: scratch, or in the memory of the job.
	dq, dRel       []float32
	ownDq, ownDRel []float32
	k, kt, vt      []float32 // keys of the block [keys, d], transposed tiles of keys and values
	dk, dv         []float32 // gradients of turned keys and of values of the block
	ownDk          []float32
	sums           []float32 // gradients of biases and relative keys
	top, inv, dots []float32 // of the queries
}

// backwardUnit computes the gradients of one unit.
func (op *softmax) backwardUnit(worker int, u backUnit) {
	t := op.tile(worker)
	s, rows, keys := &op.memory.seqs[u.seq], op.blockRows(queryTile), op.keyBlock()
	var c backTile
	c.begin(op, &t, worker, u.seq, rows, true)
	c.dp, c.ownDq, c.ownDRel, c.do = t.cut(rows*keyTile), t.lines(rows*op.d), t.lines(rows*op.d), t.lines(rows*op.dv)
	c.k, c.kt, c.vt, c.dv, c.ownDk = t.cut(keys*op.d), t.cut(keys*op.d), t.cut(keys*op.dv), t.cut(keys*op.dv), t.cut(keys*op.d)
	if op.drop {
		c.drop, c.used = t.cut(rows*keyTile), t.cut(rows*keyTile)
	}
	c.u, c.direct = u, op.direct(s)
	each := op.jobRoom(s)
	for kv := u.kv0; kv < u.kv1; kv++ {
		c.kv, c.job = kv, op.job(s, u.room+(kv-u.kv0)*each)
		for g := range op.group {
			clear(c.job.sums(g, u.chunk))
		}
		for from := u.from; from < u.to; from += keys {
			c.block = [2]int{from, min(from+keys, u.to)}
			c.keyBlock()
		}
	}
}

// keyBlock does the keys of the block.
func (c *backTile) keyBlock() {
	op, s, from, to := c.op, c.seq, c.block[0], c.block[1]
	src := op.source(s, c.kv)
	op.loadKeys(c.k, s, &src, c.kv, from, to-from)
	for k := from; k < to; k += keyTile {
		n := min(keyTile, to-k)
		simd.Transpose(c.kt[(k-from)*op.d:], keyTile, c.k[(k-from)*op.d:], op.d, n, op.d)
		src.at.each(k, n, func(at, row, step, m int) {
			simd.Transpose(c.vt[(k-from)*op.dv+at:], keyTile, src.v[row*src.ldv:], step*src.ldv, m, op.dv)
		})
	}
	c.dk = c.ownDk
	if !c.direct {
		c.dk = c.job.dk()[from*op.d : to*op.d]
	}
	clear(c.dk[:(to-from)*op.d])
	clear(c.dv[:(to-from)*op.dv])
	rows := op.blockRows(queryTile)
	for c.g = range op.group {
		for i := 0; i < s.queries; i += rows {
			c.queryTile(i, min(i+rows, s.queries))
		}
	}
	if op.back.wantV {
		op.back.dv.put(c.dv, to-from, op.dv, &s.atKey, from, c.kv, 1)
	}
	if c.direct && op.back.wantK {
		op.rotK.turn(c.dk, op.d, c.dk, op.d, to-from, op.d, s.k+from, c.kv, 1, true)
		op.back.dk.put(c.dk, to-from, op.d, &s.atKey, from, c.kv, 1)
	}
}

// queryTile does queries i0 to i1 of a head with the keys of the block.
func (c *backTile) queryTile(i0, i1 int) {
	op, s, b, from := c.op, c.seq, &c.op.back, c.block[0]
	rows, h := i1-i0, c.kv*op.group+c.g
	c.aim(h, i0, rows)
	at := h*op.in.Query.Rows() + s.q + i0
	c.top, c.inv, c.dots = op.top[at:at+rows], op.inv[at:at+rows], b.dots[at:at+rows]
	c.sums = c.job.sums(c.g, c.u.chunk)
	c.aimGradients(i0, i1)
	loaded := false
	for k := from; k < c.block[1]; k += keyTile {
		n := min(keyTile, c.block[1]-k)
		r0, r1, partial := c.allowed(k, n)
		if r0 == r1 {
			continue
		}
		if !loaded {
			c.loadBack(i0)
			loaded = true
		}
		c.products(c.kt[(k-from)*op.d:], n, r0, r1)
		c.scores(k, n, r0, r1)
		simd.Gemm(false, false, r1-r0, n, op.dv, c.do[r0*op.dv:], op.dv, c.vt[(k-from)*op.dv:], keyTile, c.dp[r0*keyTile:], keyTile, false)
		used := c.weightsBack(k, n, r0, r1, partial)
		if b.wantV {
			simd.Gemm(true, false, n, op.dv, r1-r0, used, keyTile, c.do[r0*op.dv:], op.dv, c.dv[(k-from)*op.dv:], op.dv, true)
		}
		c.scoresBack(k, n, r0, r1)
	}
	if loaded && op.places.learned {
		c.window.flush(&c.scorer, c.sums)
	}
	if c.direct {
		c.putQueries(i0)
	}
}

// aimGradients chooses where the gradients of queries i0 to i1 are summed, and begins with 0 where these are the first
// keys of the chunk.
func (c *backTile) aimGradients(i0, i1 int) {
	op := c.op
	n := (i1 - i0) * op.d
	if c.direct {
		c.dq, c.dRel = c.ownDq[:n], c.ownDRel[:n]
	} else {
		c.dq = c.job.dq(c.g, c.u.chunk)[i0*op.d : i1*op.d]
		if op.in.Relative != nil {
			c.dRel = c.job.dRelative(c.g, c.u.chunk)[i0*op.d : i1*op.d]
		}
	}
	if c.block[0] == c.u.from {
		clear(c.dq)
		clear(c.dRel)
	}
}

// putQueries hands on the gradients of the queries from i0 on, which are whole.
func (c *backTile) putQueries(i0 int) {
	op, b, s := c.op, &c.op.back, c.seq
	if b.dq.to != nil {
		op.rotQ.turn(c.dq, op.d, c.dq, op.d, c.rows, op.d, s.q+i0, c.h, op.factor, true)
		b.dq.put(c.dq, c.rows, op.d, &s.atQuery, i0, c.h, 1)
	}
	if b.dRelative.to != nil {
		b.dRelative.put(c.dRel, c.rows, op.d, &s.atQuery, i0, c.h, op.factor)
	}
}

// loadBack fetches the queries from i0 on, and the gradients of their results.
func (c *backTile) loadBack(i0 int) {
	op := c.op
	c.load(c.block[0], c.block[1])
	clear(c.window.grad)
	ld := op.Heads * op.dv
	c.seq.atQuery.each(i0, c.rows, func(at, row, step, m int) {
		simd.ScaleBlock(c.do[at*op.dv:], op.dv, op.back.dout[row*ld+c.h*op.dv:], step*ld, m, op.dv, 1)
	})
}

// weightsBack turns the scores of a tile into weights, and the gradient of the weights into that of the scores. It
// returns the weights after dropout, from row r0 on.
func (c *backTile) weightsBack(j, n, r0, r1 int, partial bool) []float32 {
	s, dp := c.s[r0*keyTile:r1*keyTile], c.dp[r0*keyTile:r1*keyTile]
	if c.op.drop {
		for i := r0; i < r1; i++ {
			c.op.dropRow(c.drop[i*keyTile:][:n], c.seq, c.h, c.from+i, j)
		}
		simd.Mul(dp, dp, c.drop[r0*keyTile:r1*keyTile])
	}
	simd.SoftmaxTileGrad(s, dp, r1-r0, c.terms(j, n, r0, r1, partial), c.top[r0:], c.inv[r0:], c.dots[r0:])
	if !c.op.drop {
		return s
	}
	used := c.used[r0*keyTile : r1*keyTile]
	simd.Mul(used, s, c.drop[r0*keyTile:r1*keyTile])
	return used
}

// scoresBack takes the gradient of the scores of a tile to biases, queries and keys.
func (c *backTile) scoresBack(k, n, r0, r1 int) {
	op, b, from := c.op, &c.op.back, c.block[0]
	if b.wantBias {
		if op.places.learned {
			c.window.addGrad(&c.scorer, c.dp, c.sums, k, n, r0, r1)
		}
		for t := range op.tables {
			c.addPairsGrad(&op.tables[t], c.dp, c.sums, k, n, r0, r1)
		}
	}
	ds := c.dp[r0*keyTile : r1*keyTile]
	if c.slope != nil {
		simd.Mul(ds, ds, c.slope[r0*keyTile:r1*keyTile])
	}
	if op.in.Relative != nil {
		c.rel.back(&c.scorer, c.dp, c.dRel, c.sums[b.relativeAt:], k, n, r0, r1)
	}
	if b.wantK {
		simd.Gemm(true, false, n, op.d, r1-r0, ds, keyTile, c.q[r0*op.d:], op.d, c.dk[(k-from)*op.d:], op.d, true)
	}
	if b.wantQ {
		simd.Gemm(false, false, r1-r0, op.d, n, ds, keyTile, c.k[(k-from)*op.d:], op.d, c.dq[r0*op.d:], op.d, true)
	}
}

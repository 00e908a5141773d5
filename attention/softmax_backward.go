package attention

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// softmaxBack is the state of the backward pass. It goes over groups of heads, as many at a time as the budget has memory
// for. In a group a unit owns a chunk of the keys of one sequence and head: it computes their gradients, and what these
// keys contribute to the gradients of the queries, which are then summed chunk by chunk.
type softmaxBack struct {
	together   bool // a unit does all heads, because they share the gradient of a bias
	partial    int  // gradients of biases and relative keys that a head sums by itself
	relativeAt int  // where those of relative keys begin among them

	dout            []float32
	dots            []float32 // [heads, query rows]: the sum of the products of the result and its gradient
	wantQ, wantK    bool
	wantV, wantBias bool
	dq, dk, dv      []float32
	dRelative       []float32 // of the queries of relative keys
	angleQ, angleK  []float32
	room            []float32 // of the group
	sums            []float32 // [heads, partial]
}

// backBudget is the memory, in floats, that a group may take, if it has more than one head.
const backBudget = 6 << 20

// jobGroup is the heads of keys kv0 to kv1 of sequences seq0 to seq1: all heads, or those of one sequence.
type jobGroup struct{ seq0, seq1, kv0, kv1 int }

// backUnit is keys from to to of a sequence, chunk number chunk, in heads kv0 to kv1. room is where the memory of head
// kv0 begins.
type backUnit struct{ seq, kv0, kv1, chunk, from, to, room int }

// finishUnit is rows from to to of a sequence in heads kv0 to kv1.
type finishUnit struct{ seq, kv0, kv1, from, to, room int }

// finishRows is the number of rows of a finishUnit.
const finishRows = 64

// chunk returns the number of keys of a sequence's chunk, and of chunks.
func (s *sequence) chunk() (size, count int) {
	size = max(roundUp((s.keys+keyChunks-1)/keyChunks, keyBlock), keyBlock)
	return size, (s.keys + size - 1) / size
}

// job is the memory of one head of keys of a sequence, cut from that of the group.
type job struct {
	op   *softmax
	s    *sequence
	room []float32
}

// jobRoom returns the size of a job's memory.
func (op *softmax) jobRoom(s *sequence) int {
	_, chunks := s.chunk()
	n := op.group * chunks * (s.queries*op.d + op.back.partial)
	if op.in.Relative != nil {
		n += op.group * chunks * s.queries * op.d
	}
	return n + s.keys*op.d
}

func (op *softmax) job(s *sequence, room int) job {
	return job{op, s, op.back.room[room : room+op.jobRoom(s)]}
}

// dk is the gradient of the turned keys [keys, d].
func (j *job) dk() []float32 { return j.room[:j.s.keys*j.op.d] }

// dq is what a chunk contributes to the gradient of the turned queries of a head of the group [queries, d].
func (j *job) dq(head, chunk int) []float32 {
	_, chunks := j.s.chunk()
	n := j.s.queries * j.op.d
	return j.room[j.s.keys*j.op.d+(head*chunks+chunk)*n:][:n]
}

// dRelative is the same for the queries of the relative keys.
func (j *job) dRelative(head, chunk int) []float32 {
	_, chunks := j.s.chunk()
	n := j.s.queries * j.op.d
	return j.room[j.s.keys*j.op.d+((j.op.group+head)*chunks+chunk)*n:][:n]
}

// sums is the gradients of biases and relative keys.
func (j *job) sums(head, chunk int) []float32 {
	_, chunks := j.s.chunk()
	n := j.op.back.partial
	return j.room[len(j.room)-(head*chunks+chunk+1)*n:][:n]
}

// Backward computes the gradients of all inputs.
func (op *softmax) Backward(tp *tensor.Tape) {
	b, m := &op.back, &op.memory
	op.beginBack(tp)
	op.cutBlocks(finishRows)
	op.run(tp, softmaxDots, 0, len(m.blocks))
	op.cutGroups()
	most := 0
	for _, g := range m.groups {
		most = max(most, op.cutGroup(g))
	}
	b.room = tp.Scratch(most)
	for _, g := range m.groups {
		op.cutGroup(g)
		op.run(tp, softmaxBackward, op.backwardWork(), len(m.units))
		op.addSums(g)
		if b.wantQ || b.dRelative != nil {
			op.cutFinish(g, func(s *sequence) int { return s.queries })
			op.run(tp, softmaxFinishQuery, 2*finishRows*op.d+32, len(m.finish))
		}
		if b.wantK {
			op.cutFinish(g, func(s *sequence) int { return s.keys })
			op.run(tp, softmaxFinishKey, 2*finishRows*op.d+32, len(m.finish))
		}
	}
	tp.Release(b.room)
	op.endBack(tp)
	op.release(tp)
}

// beginBack takes the memory for the gradients.
func (op *softmax) beginBack(tp *tensor.Tape) {
	b, in := &op.back, &op.in
	b.dout = op.out.OutGrad()
	target := func(v *tensor.Var) []float32 {
		if v == nil || !v.Needs() {
			return nil
		}
		return v.AccumulateZeroed()
	}
	b.dq, b.dk, b.dv = target(in.Query), target(in.Key), target(in.Value)
	if in.RotateQuery.needs() {
		b.angleQ = target(in.RotateQuery.Angles)
	}
	if in.RotateKey.needs() {
		b.angleK = target(in.RotateKey.Angles)
	}
	if r := in.Relative; r != nil {
		b.dRelative = b.dq
		if r.Query != nil {
			b.dRelative = target(r.Query)
		}
		b.wantBias = r.Keys.Needs()
	}
	for _, bias := range in.Biases {
		b.wantBias = b.wantBias || bias.learned().Needs()
	}
	for k := range op.tables {
		if t := &op.tables[k]; t.index == nil {
			t.dense = target(t.v)
		}
	}
	b.wantQ, b.wantK, b.wantV = b.dq != nil || b.angleQ != nil, b.dk != nil || b.angleK != nil, b.dv != nil
	b.dots = tp.Scratch(op.Heads * in.Query.Rows())
	b.sums = tp.Scratch(op.Heads * b.partial)
	clear(b.sums)
}

// outputDots writes the dots of a block.
func (op *softmax) outputDots(b block) {
	s, out, all, ld := &op.memory.seqs[b.seq], op.out.Data(), op.in.Query.Rows(), op.Heads*op.dv
	for i := s.q + b.from; i < s.q+b.to; i++ {
		for h := range op.Heads {
			lo, hi := i*ld+h*op.dv, i*ld+(h+1)*op.dv
			op.back.dots[h*all+i] = float32(simd.Dot(out[lo:hi], op.back.dout[lo:hi]))
		}
	}
}

// cutGroups cuts the sequences and heads into groups.
func (op *softmax) cutGroups() {
	m := &op.memory
	m.groups = m.groups[:0]
	used := 0
	for b := range m.seqs {
		each := op.jobRoom(&m.seqs[b])
		if all := each * op.kv; all <= backBudget || op.kv == 1 {
			if used > 0 && used+all <= backBudget {
				m.groups[len(m.groups)-1].seq1 = b + 1
				used += all
				continue
			}
			m.groups = append(m.groups, jobGroup{b, b + 1, 0, op.kv})
			used = all
			continue
		}
		per := max(backBudget/each, 1)
		for kv := 0; kv < op.kv; kv += per {
			m.groups = append(m.groups, jobGroup{b, b + 1, kv, min(kv+per, op.kv)})
		}
		used = 0
	}
}

// cutGroup cuts a group into units and returns the memory it takes.
func (op *softmax) cutGroup(g jobGroup) int {
	m := &op.memory
	m.units = m.units[:0]
	room := 0
	for b := g.seq0; b < g.seq1; b++ {
		s := &m.seqs[b]
		size, chunks := s.chunk()
		each, step := op.jobRoom(s), 1
		if op.back.together {
			step = g.kv1 - g.kv0
		}
		for kv := g.kv0; kv < g.kv1; kv += step {
			for c := range chunks {
				m.units = append(m.units, backUnit{b, kv, kv + step, c, c * size, min((c+1)*size, s.keys), room})
			}
			room += step * each
		}
	}
	return room
}

// cutFinish cuts the rows of a group's sequences.
func (op *softmax) cutFinish(g jobGroup, rows func(*sequence) int) {
	m := &op.memory
	m.finish = m.finish[:0]
	room := 0
	for b := g.seq0; b < g.seq1; b++ {
		s := &m.seqs[b]
		for from := 0; from < rows(s); from += finishRows {
			m.finish = append(m.finish, finishUnit{b, g.kv0, g.kv1, from, min(from+finishRows, rows(s)), room})
		}
		room += (g.kv1 - g.kv0) * op.jobRoom(s)
	}
}

// backwardWork is the scratch that backward cuts.
func (op *softmax) backwardWork() int {
	rows := op.blockRows(queryTile)
	n := op.scorerWork(rows, true) + rows*keyTile + lineRoom(rows*op.d)*2 + lineRoom(rows*op.dv)
	n += keyBlock * (op.d*2 + op.dv*2)
	if op.drop {
		n += 2 * rows * keyTile
	}
	return n + 64
}

// backTile is what a worker needs in the backward pass.
type backTile struct {
	scorer
	dp         []float32 // gradient of the weights, then of the scores [rows, keyTile]
	drop, used []float32 // dropout, weights after it
	dq, dRel   []float32 // [rows, d]
	do         []float32 // gradient of the result [rows, dv]

	k, kt, vt, dv []float32 // keys [keyBlock, d], transposed tiles of keys and values, gradient of the values
}

// backward computes the gradients of one unit.
func (op *softmax) backward(worker int, u backUnit) {
	t := op.tile(worker)
	s := &op.memory.seqs[u.seq]
	rows := op.blockRows(queryTile)
	var c backTile
	c.begin(op, &t, worker, u.seq, rows, true)
	c.dp, c.dq, c.dRel, c.do = t.cut(rows*keyTile), t.lines(rows*op.d), t.lines(rows*op.d), t.lines(rows*op.dv)
	c.k, c.kt, c.vt, c.dv = t.cut(keyBlock*op.d), t.cut(keyBlock*op.d), t.cut(keyBlock*op.dv), t.cut(keyBlock*op.dv)
	if op.drop {
		c.drop, c.used = t.cut(rows*keyTile), t.cut(rows*keyTile)
	}
	each := op.jobRoom(s)
	for kv := u.kv0; kv < u.kv1; kv++ {
		j := op.job(s, u.room+(kv-u.kv0)*each)
		for g := range op.group {
			clear(j.dq(g, u.chunk))
			clear(j.sums(g, u.chunk))
			if op.in.Relative != nil {
				clear(j.dRelative(g, u.chunk))
			}
		}
		clear(j.dk()[u.from*op.d : u.to*op.d])
		src := op.source(s, kv)
		for from := u.from; from < u.to; from += keyBlock {
			c.keyBlock(&j, src, kv, u.chunk, from, min(from+keyBlock, u.to))
		}
	}
}

// keyBlock does keys from to to of a head.
func (c *backTile) keyBlock(j *job, src source, kv, chunk, from, to int) {
	op, s := c.op, c.seq
	op.loadKeys(c.k, s, src, kv, from, to-from)
	for k := from; k < to; k += keyTile {
		n := min(keyTile, to-k)
		simd.Transpose(c.kt[(k-from)*op.d:], keyTile, c.k[(k-from)*op.d:], op.d, n, op.d)
		simd.Transpose(c.vt[(k-from)*op.dv:], keyTile, src.v[k*src.ldv:], src.ldv, n, op.dv)
	}
	clear(c.dv)
	rows := op.blockRows(queryTile)
	for g := range op.group {
		h := kv*op.group + g
		for i := 0; i < s.queries; i += rows {
			c.queryTile(j, h, g, chunk, i, min(i+rows, s.queries), from, to)
		}
	}
	if op.back.wantV {
		ld := op.kv * op.dv
		for r := range to - from {
			row := op.back.dv[(s.k+from+r)*ld+kv*op.dv:][:op.dv]
			simd.Add(row, row, c.dv[r*op.dv:(r+1)*op.dv])
		}
	}
}

// queryTile does queries i0 to i1 of head h, number g of its group, with the keys of the block.
func (c *backTile) queryTile(j *job, h, g, chunk, i0, i1, from, to int) {
	op, s, b := c.op, c.seq, &c.op.back
	rows, all := i1-i0, op.in.Query.Rows()
	c.aim(h, i0, rows)
	at := h*all + s.q + i0
	top, inv, dots := op.top[at:at+rows], op.inv[at:at+rows], b.dots[at:at+rows]
	sums := j.sums(g, chunk)
	loaded := false
	for k := from; k < to; k += keyTile {
		n := min(keyTile, to-k)
		r0, r1, partial := c.allowed(k, n)
		if r0 == r1 {
			continue
		}
		if !loaded {
			c.loadBack(i0, from, to)
			loaded = true
		}
		c.scores(c.kt[(k-from)*op.d:], k, n, r0, r1)
		simd.Gemm(false, false, r1-r0, n, op.dv, c.do[r0*op.dv:], op.dv, c.vt[(k-from)*op.dv:], keyTile, c.dp[r0*keyTile:], keyTile, false)
		used := c.weightsBack(top, inv, dots, k, n, r0, r1, partial)
		if b.wantV {
			simd.Gemm(true, false, n, op.dv, r1-r0, used, keyTile, c.do[r0*op.dv:], op.dv, c.dv[(k-from)*op.dv:], op.dv, true)
		}
		c.scoresBack(j, sums, k, n, r0, r1, from)
	}
	if !loaded {
		return
	}
	if op.places.learned {
		c.window.flush(&c.scorer, sums)
	}
	dq := j.dq(g, chunk)[i0*op.d : i1*op.d]
	simd.Add(dq, dq, c.dq[:rows*op.d])
	if op.in.Relative != nil {
		dq = j.dRelative(g, chunk)[i0*op.d : i1*op.d]
		simd.Add(dq, dq, c.dRel[:rows*op.d])
	}
}

// loadBack fetches the queries, and the gradients of their results.
func (c *backTile) loadBack(i0, from, to int) {
	op := c.op
	c.load(from, to)
	clear(c.window.grad)
	ld := op.Heads * op.dv
	simd.ScaleBlock(c.do, op.dv, op.back.dout[(c.seq.q+i0)*ld+c.h*op.dv:], ld, c.rows, op.dv, 1)
	clear(c.dq[:c.rows*op.d])
	clear(c.dRel[:c.rows*op.d])
}

// weightsBack turns the scores of a tile into weights, and the gradient of the weights into that of the scores. It
// returns the weights after dropout, from row r0 on.
func (c *backTile) weightsBack(top, inv, dots []float32, j, n, r0, r1 int, partial bool) []float32 {
	s, dp := c.s[r0*keyTile:r1*keyTile], c.dp[r0*keyTile:r1*keyTile]
	if c.op.drop {
		for i := r0; i < r1; i++ {
			c.op.dropRow(c.drop[i*keyTile:][:n], c.seq, c.h, c.from+i, j)
		}
		simd.Mul(dp, dp, c.drop[r0*keyTile:r1*keyTile])
	}
	simd.SoftmaxTileGrad(s, dp, r1-r0, c.terms(j, n, r0, r1, partial), top[r0:], inv[r0:], dots[r0:])
	if !c.op.drop {
		return s
	}
	used := c.used[r0*keyTile : r1*keyTile]
	simd.Mul(used, s, c.drop[r0*keyTile:r1*keyTile])
	return used
}

// scoresBack takes the gradient of the scores of a tile to biases, queries and keys.
func (c *backTile) scoresBack(j *job, sums []float32, k, n, r0, r1, from int) {
	op, b := c.op, &c.op.back
	if b.wantBias {
		if op.places.learned {
			c.window.addGrad(&c.scorer, c.dp, sums, k, n, r0, r1)
		}
		for t := range op.tables {
			c.addPairsGrad(&op.tables[t], c.dp, sums, k, n, r0, r1)
		}
	}
	if c.slope != nil {
		dp := c.dp[r0*keyTile : r1*keyTile]
		simd.Mul(dp, dp, c.slope[r0*keyTile:r1*keyTile])
	}
	if op.in.Relative != nil {
		c.rel.back(&c.scorer, c.dp, c.dRel, sums[b.relativeAt:], k, n, r0, r1)
	}
	ds := c.dp[r0*keyTile:]
	if b.wantK {
		simd.Gemm(true, false, n, op.d, r1-r0, ds, keyTile, c.q[r0*op.d:], op.d, j.dk()[k*op.d:], op.d, true)
	}
	if b.wantQ {
		simd.Gemm(false, false, r1-r0, op.d, n, ds, keyTile, c.k[(k-from)*op.d:], op.d, c.dq[r0*op.d:], op.d, true)
	}
}

// addSums adds the gradients of a group's biases and relative keys, in the order of sequences, chunks and heads.
func (op *softmax) addSums(g jobGroup) {
	b := &op.back
	if b.partial == 0 {
		return
	}
	each := 0
	room := 0
	for n := g.seq0; n < g.seq1; n++ {
		s := &op.memory.seqs[n]
		each = op.jobRoom(s)
		_, chunks := s.chunk()
		for kv := g.kv0; kv < g.kv1; kv++ {
			j := op.job(s, room)
			for c := range chunks {
				for h := range op.group {
					sum := b.sums[(kv*op.group+h)*b.partial:][:b.partial]
					simd.Add(sum, sum, j.sums(h, c))
				}
			}
			room += each
		}
	}
}

var _ parallel.Body = (*softmax)(nil)

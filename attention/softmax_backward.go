package attention

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// softmaxBack is the state of the backward pass.
type softmaxBack struct {
	together   bool // a unit does all heads, because they share the gradient of a bias
	partial    int  // gradients of biases and relative keys that a head sums by itself
	relativeAt int  // where those of relative keys begin among them

	dout            []float32
	dots            []float32 // [heads, query rows]: the sum of the products of the result and its gradient
	wantQ, wantK    bool
	wantV, wantBias bool
	dq, dk, dv      rowGradient
	dRelative       rowGradient // of the queries of relative keys
	angleQ, angleK  []float32
	room            []float32 // of the group
	sums            []float32 // [heads, partial]
}

// rowGradient is where the gradient of queries, keys or values goes. Every row is written once, or added to.
type rowGradient struct {
	to  []float32 // nil where none is wanted
	add bool
}

// put writes, or adds, times factor, the gradient rows [n, dim] to rows at of a matrix with row stride ld, from column col.
func (g *rowGradient) put(rows []float32, n, dim, at, ld, col int, factor float32) {
	if n == 0 {
		return
	}
	if !g.add {
		simd.ScaleBlock(g.to[at*ld+col:], ld, rows, dim, n, dim, factor)
		return
	}
	for r := range n {
		simd.AddScaled(g.to[(at+r)*ld+col:][:dim], rows[r*dim:(r+1)*dim], factor)
	}
}

// Backward computes the gradients of all inputs.
func (op *softmax) Backward(tp *tensor.Tape) {
	b, m := &op.back, &op.memory
	op.beginBack(tp)
	op.cutBlocks(finishRows, 1)
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
		if b.wantQ || b.dRelative.to != nil {
			op.cutFinish(g, queriesOf)
			op.run(tp, softmaxFinishQuery, 2*lineRoom(finishRows*op.d), len(m.finish))
		}
		if b.wantK {
			op.cutFinish(g, keysOf)
			op.run(tp, softmaxFinishKey, 2*lineRoom(finishRows*op.d), len(m.finish))
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
	b.dq, b.dk, b.dv = op.target(in.Query), op.target(in.Key), op.target(in.Value)
	if in.RotateQuery.needs() {
		b.angleQ = in.RotateQuery.Angles.AccumulateZeroed()
	}
	if in.RotateKey.needs() {
		b.angleK = in.RotateKey.Angles.AccumulateZeroed()
	}
	if r := in.Relative; r != nil {
		if b.dRelative = op.target(in.Query); r.Query != nil {
			b.dRelative = op.target(r.Query)
		}
		b.wantBias = r.Keys.Needs()
	}
	for _, bias := range in.Biases {
		b.wantBias = b.wantBias || bias.learned().Needs()
	}
	for k := range op.tables {
		if t := &op.tables[k]; t.index == nil && t.v.Needs() {
			t.dense = t.v.AccumulateZeroed()
		}
	}
	b.wantQ, b.wantK, b.wantV = b.dq.to != nil || b.angleQ != nil, b.dk.to != nil || b.angleK != nil, b.dv.to != nil
	b.dots = tp.Scratch(op.Heads * in.Query.Rows())
	b.sums = tp.Scratch(op.Heads * b.partial)
	clear(b.sums)
}

// target returns where the gradient of v goes. It is written, not added, where it is the first of the gradient of a Var
// that is only one of the inputs.
func (op *softmax) target(v *tensor.Var) rowGradient {
	if !v.Needs() {
		return rowGradient{}
	}
	in := &op.in
	uses := 0
	list := [...]*tensor.Var{in.Query, in.Key, in.Value, nil}
	if r := in.Relative; r != nil {
		if list[3] = r.Query; r.Query == nil {
			list[3] = in.Query
		}
	}
	for _, x := range list {
		if x == v {
			uses++
		}
	}
	if uses > 1 {
		return rowGradient{v.AccumulateZeroed(), true}
	}
	g, add := v.Accumulate()
	return rowGradient{g, add}
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

// backwardWork is the scratch that backward cuts.
func (op *softmax) backwardWork() int {
	rows, keys := op.blockRows(queryTile), op.keyBlock()
	n := op.scorerWork(rows, true) + rows*keyTile + lineRoom(rows*op.d)*2 + lineRoom(rows*op.dv)
	n += keys * (op.d*3 + op.dv*2)
	if op.drop {
		n += 2 * rows * keyTile
	}
	return n
}

// addSums adds the gradients of a group's biases and relative keys, in the order of sequences, chunks and heads.
func (op *softmax) addSums(g jobGroup) {
	b, room := &op.back, 0
	if b.partial == 0 {
		return
	}
	for n := g.seq0; n < g.seq1; n++ {
		s := &op.memory.seqs[n]
		for kv := g.kv0; kv < g.kv1; kv++ {
			j := op.job(s, room)
			for c := range j.chunks {
				for h := range op.group {
					sum := b.sums[(kv*op.group+h)*b.partial:][:b.partial]
					simd.Add(sum, sum, j.sums(h, c))
				}
			}
			room += op.jobRoom(s)
		}
	}
}

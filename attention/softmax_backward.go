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
	to      []float32 // nil where none is wanted
	ld, col int       // as those of the operand
	add     bool
}

// put writes, or adds, times factor, the gradients rows [n, dim] of a head of tokens from from on.
func (g *rowGradient) put(rows []float32, n, dim int, tokens *lattice, from, h int, factor float32) {
	tokens.each(from, n, func(at, row, step, m int) {
		to := g.to[row*g.ld+g.col+h*dim:]
		if !g.add {
			simd.ScaleBlock(to, step*g.ld, rows[at*dim:], dim, m, dim, factor)
			return
		}
		for r := range m {
			simd.AddScaled(to[r*step*g.ld:][:dim], rows[(at+r)*dim:][:dim], factor)
		}
	})
}

// Backward computes the gradients of all inputs.
func (op *softmax) Backward(tp *tensor.Tape) {
	op.back.dout = op.out.OutGrad()
	op.backward(tp)
}

// backward computes the gradients of all inputs from that of the result.
func (op *softmax) backward(tp *tensor.Tape) {
	b, m := &op.back, &op.memory
	op.beginBack(tp)
	op.cutBlocks(finishRows, true)
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
	b.dq, b.dk, b.dv = op.target(in.Query, &op.q), op.target(in.Key, &op.k), op.target(in.Value, &op.v)
	if op.packed && b.dk.to != nil { // every column belongs to one of them
		b.dk.add, b.dv.add = b.dq.add, b.dq.add
	}
	if in.RotateQuery.needs() {
		b.angleQ = in.RotateQuery.Angles.AccumulateZeroed()
	}
	if in.RotateKey.needs() {
		b.angleK = in.RotateKey.Angles.AccumulateZeroed()
	}
	if r := in.Relative; r != nil {
		if b.dRelative = op.target(in.Query, &op.q); r.Query != nil {
			b.dRelative = op.target(r.Query, &op.q)
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
func (op *softmax) target(v *tensor.Var, like *operand) rowGradient {
	if !v.Needs() {
		return rowGradient{}
	}
	g := rowGradient{ld: like.ld, col: like.col}
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
	if uses > 1 && !op.packed {
		g.to, g.add = v.AccumulateZeroed(), true
	} else {
		g.to, g.add = v.Accumulate()
	}
	return g
}

// outputDots writes the dots of a block.
func (op *softmax) outputDots(b block) {
	s, out, all, ld := &op.memory.seqs[b.seq], op.result, op.in.Query.Rows(), op.Heads*op.dv
	s.atQuery.each(b.from, b.to-b.from, func(at, row, step, m int) {
		for i := range m {
			for h := s.kv0 * op.group; h < s.kv1*op.group; h++ {
				lo := (row+i*step)*ld + h*op.dv
				hi := lo + op.dv
				op.back.dots[h*all+s.q+b.from+at+i] = float32(simd.Dot(out[lo:hi], op.back.dout[lo:hi]))
			}
		}
	})
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
		for kv := s.kv0 + g.kv0; kv < s.kv0+g.end(s); kv++ {
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

package attention

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Performer is attention by positive random features as performer-pytorch computes it (commit fc8b784, softmax_kernel
// and linear_attention, without causality), which GraphGPS has. The features of [RandomFeatures] get a small number added
// after their exponents were made at most 0, so that no denominator vanishes: with x' = d^(-1/4) x for a head of width d
// and rows w_r of the projection,
//
//	φ(q)_r = exp(w_r·q' - |q'|²/2 - max over r of w_r·q') + Eps
//	φ(k)_r = exp(w_r·k' - |k'|²/2 - max over r and the keys of the sequence of w_r·k') + Eps
//	o_i    = φ(q_i)·(sum over j of φ(k_j) v_jᵀ) / (φ(q_i)·sum over j of φ(k_j))
//
// The maxima count as constants. Features are formed tile by tile, and again on the way back, so memory grows with the
// tokens times the width and not times the number of features. [Linear] with [RandomFeatures] is the same estimate
// without Eps.
//
// The zero value of each field but the first two is what its comment says.
type Performer struct {
	Heads int
	// Projection holds the rows w [heads, features, head dim], or [1, features, head dim] for all heads; see
	// [DrawProjection]. It is a constant to the tape.
	Projection *tensor.Tensor
	Eps        float64 // 0 means 1e-4
	// Padded fills every sequence up to the longest one of the batch with keys of zeros that have no value, as the official
	// code does, which masks their values only: they count in the maximum and in the denominator, and results depend on what
	// else is in the batch.
	Padded bool
}

// Sizes of the pieces of work. They decide the order of the sums, so they never depend on the machine.
const (
	performerPiece = 4096 // tokens of one sequence that one sum goes over
	performerTile  = 64   // tokens whose features are held at a time
)

// Apply computes the attention among the tokens of sequences laid end to end, sequence b owning the rows offsets[b] to
// offsets[b+1] of q, k [tokens, heads * head dim] and v [tokens, heads * value dim], and records it on the tape:
// o [tokens, heads * value dim].
func (o Performer) Apply(tp *tensor.Tape, offsets []int, q, k, v *tensor.Var) *tensor.Var {
	o.check(offsets, q, k, v)
	op, ok := tp.Spare().(*performer)
	if !ok {
		op = new(performer)
	}
	shape := o.Projection.Shape()
	*op = performer{Performer: o, q: q, k: k, v: v, d: shape[2], m: shape[1], dv: v.Cols() / o.Heads,
		offsets: offsets, pieces: op.pieces[:0], first: op.first[:0]}
	if op.Eps == 0 {
		op.Eps = 1e-4
	}
	op.scale = float32(math.Pow(float64(op.d), -0.25))
	op.cut()
	op.y = tp.Out(q.Needs() || k.Needs() || v.Needs(), q.Rows(), o.Heads*op.dv)
	op.tops = tp.Scratch(len(op.pieces) * o.Heads)
	op.sums = tp.Scratch(len(op.pieces) * o.Heads * op.size())
	op.inverse = tp.Scratch(q.Rows() * o.Heads)
	op.takeWork(tp, performerTile*(op.d+op.m+op.dv+1))
	op.run(performerMax, len(op.pieces))
	op.joinTops()
	op.run(performerSums, len(op.pieces))
	op.run(performerJoin, len(offsets)-1)
	op.run(performerOut, len(op.pieces))
	op.releaseWork(tp)
	if !tp.Recording() {
		op.release(tp)
	}
	tp.Record("Performer", op, op.y)
	return op.y
}

// check panics where something does not fit.
func (o Performer) check(offsets []int, q, k, v *tensor.Var) {
	fail := func(format string, args ...any) { panic("attention: Performer: " + fmt.Sprintf(format, args...)) }
	if o.Projection == nil || o.Projection.Dims() != 3 {
		fail("the projection is not [heads, features, head dim]; draw one with DrawProjection")
	}
	shape := o.Projection.Shape()
	switch {
	case o.Heads < 1 || shape[0] != 1 && shape[0] != o.Heads:
		fail("projection %v for %d heads, expected one for each, or one for all", shape, o.Heads)
	case q.Cols() != o.Heads*shape[2] || k.Cols() != q.Cols():
		fail("queries %v and keys %v, expected width %d", q.Shape(), k.Shape(), o.Heads*shape[2])
	case v.Cols()%o.Heads != 0:
		fail("heads %d do not divide width %d of the values", o.Heads, v.Cols())
	case k.Rows() != q.Rows() || v.Rows() != q.Rows():
		fail("there are %d queries, %d keys and %d values", q.Rows(), k.Rows(), v.Rows())
	case o.Eps < 0:
		fail("eps %v is negative", o.Eps)
	}
	mustOffsets("Performer", "token", offsets, q.Rows())
}

// performer is the recorded operation. A sum over keys, of a piece or a sequence, is [features, value dim + 1]: keys times
// values, and in the last column the keys alone, as if every value ended with a 1.
type performer struct {
	Performer
	q, k, v, y *tensor.Var
	d, m, dv   int // widths of a head of queries, of features, of values
	scale      float32
	offsets    []int
	pieces     []stretchOfTokens
	first      []int     // [sequences+1] the pieces of each sequence
	tops       []float32 // [pieces, heads] the largest exponent; that of a sequence in its first piece
	sums       []float32 // [pieces, heads, size]; those of a sequence in its first piece
	inverse    []float32 // [tokens, heads] 1 over the denominator
	phase      performerPhase
	workspace

	dsums        []float32 // the gradients of sums
	g            []float32 // the gradient of y
	dq, dk, dval gradient
}

// stretchOfTokens is a piece of a sequence.
type stretchOfTokens struct{ sequence, from, to int }

// performerPhase is what performer.Run does.
type performerPhase int

const (
	performerMax       performerPhase = iota // pieces x heads
	performerSums                            // pieces x heads
	performerJoin                            // sequences x heads
	performerOut                             // pieces x heads
	performerBackQuery                       // pieces x heads
	performerBackJoin                        // sequences x heads
	performerBackKey                         // pieces x heads
)

// cut cuts the sequences into pieces.
func (op *performer) cut() {
	for s := range len(op.offsets) - 1 {
		op.first = append(op.first, len(op.pieces))
		for from := op.offsets[s]; from < op.offsets[s+1]; from += performerPiece {
			op.pieces = append(op.pieces, stretchOfTokens{s, from, min(from+performerPiece, op.offsets[s+1])})
		}
	}
	op.first = append(op.first, len(op.pieces))
}

// size is that of a sum.
func (op *performer) size() int { return op.m * (op.dv + 1) }

// sum returns the sum of a piece and head in sums or in their gradients.
func (op *performer) sum(of []float32, piece, h int) []float32 {
	return of[(piece*op.Heads+h)*op.size():][:op.size()]
}

// run does a phase of n pieces or sequences, head by head.
func (op *performer) run(phase performerPhase, n int) {
	op.phase = phase
	parallel.For(n*op.Heads, 1, op)
}

// Run does the pieces and heads lo to hi.
func (op *performer) Run(worker, lo, hi int) {
	for n := lo; n < hi; n++ {
		i, h, t := n/op.Heads, n%op.Heads, op.tile(worker)
		switch op.phase {
		case performerMax:
			op.largest(t, i, h)
		case performerSums:
			op.sumKeys(t, i, h)
		case performerJoin:
			op.join(op.sums, i, h)
			op.pad(i, h)
		case performerOut:
			op.attend(t, i, h)
		case performerBackQuery:
			op.backQueries(t, i, h)
		case performerBackJoin:
			op.join(op.dsums, i, h)
		case performerBackKey:
			op.backKeys(t, i, h)
		}
	}
}

// exponents writes x' [n, d] of n rows of x from row lo on, head h, and w·x' [n, features].
func (op *performer) exponents(x, e []float32, of *tensor.Var, lo, n, h int) {
	ld := op.Heads * op.d
	simd.ScaleBlock(x, op.d, of.Data()[lo*ld+h*op.d:], ld, n, op.d, op.scale)
	simd.Gemm(false, true, n, op.m, op.d, x, op.d, op.rows(h), op.d, e, op.m, false)
}

// rows returns the projection of head h.
func (op *performer) rows(h int) []float32 {
	if op.Projection.Shape()[0] == 1 {
		h = 0
	}
	return op.Projection.Data()[h*op.m*op.d:][:op.m*op.d]
}

// largest finds the largest exponent of a piece of keys.
func (op *performer) largest(t tile, i, h int) {
	p := op.pieces[i]
	x, e := t.cut(performerTile*op.d), t.cut(performerTile*op.m)
	top := float32(math.Inf(-1))
	for lo := p.from; lo < p.to; lo += performerTile {
		n := min(performerTile, p.to-lo)
		op.exponents(x, e, op.k, lo, n, h)
		top = max(top, simd.Max(e[:n*op.m]))
	}
	op.tops[i*op.Heads+h] = top
}

// joinTops puts the largest exponent of each sequence into its first piece. The exponents of padding are 0.
func (op *performer) joinTops() {
	for s := range len(op.offsets) - 1 {
		for h := range op.Heads {
			first := op.first[s]
			if first == op.first[s+1] {
				continue
			}
			top := &op.tops[first*op.Heads+h]
			for i := first + 1; i < op.first[s+1]; i++ {
				*top = max(*top, op.tops[i*op.Heads+h])
			}
			if op.padding(s) > 0 {
				*top = max(*top, 0)
			}
		}
	}
}

// padding returns the number of keys that fill up a sequence.
func (op *performer) padding(s int) int {
	if !op.Padded {
		return 0
	}
	longest := 0
	for b := range len(op.offsets) - 1 {
		longest = max(longest, op.offsets[b+1]-op.offsets[b])
	}
	return longest - (op.offsets[s+1] - op.offsets[s])
}

// keyFeatures writes k' and exp(w·k' - |k'|²/2 - top) of n keys, without Eps.
func (op *performer) keyFeatures(x, e []float32, lo, n, i, h int) {
	op.exponents(x, e, op.k, lo, n, h)
	top := op.tops[op.first[op.pieces[i].sequence]*op.Heads+h]
	for r := range n {
		row := e[r*op.m : (r+1)*op.m]
		simd.AddConst(row, row, -(float32(simd.SumSquares(x[r*op.d:(r+1)*op.d])/2) + top))
	}
	simd.Exp(e[:n*op.m], e[:n*op.m])
}

// queryFeatures writes q' and exp(w·q' - |q'|²/2 - its largest w·q') of n queries, without Eps.
func (op *performer) queryFeatures(x, e []float32, lo, n, h int) {
	op.exponents(x, e, op.q, lo, n, h)
	for r := range n {
		row := e[r*op.m : (r+1)*op.m]
		simd.AddConst(row, row, -(float32(simd.SumSquares(x[r*op.d:(r+1)*op.d])/2) + simd.Max(row)))
	}
	simd.Exp(e[:n*op.m], e[:n*op.m])
}

// values writes the values of n keys, each with a 1 at its end [n, value dim + 1].
func (op *performer) values(dst []float32, lo, n, h int) {
	w, ld := op.dv+1, op.Heads*op.dv
	simd.ScaleBlock(dst, w, op.v.Data()[lo*ld+h*op.dv:], ld, n, op.dv, 1)
	for r := range n {
		dst[r*w+op.dv] = 1
	}
}

// sumKeys forms the sum of a piece of keys.
func (op *performer) sumKeys(t tile, i, h int) {
	p, w := op.pieces[i], op.dv+1
	x, e, v := t.cut(performerTile*op.d), t.cut(performerTile*op.m), t.cut(performerTile*w)
	sum := op.sum(op.sums, i, h)
	for lo := p.from; lo < p.to; lo += performerTile {
		n := min(performerTile, p.to-lo)
		op.keyFeatures(x, e, lo, n, i, h)
		simd.AddConst(e[:n*op.m], e[:n*op.m], float32(op.Eps))
		op.values(v, lo, n, h)
		simd.Gemm(true, false, op.m, w, n, e, op.m, v, w, sum, w, lo > p.from)
	}
}

// join adds the sums of the pieces of a sequence to that of its first.
func (op *performer) join(of []float32, s, h int) {
	for i := op.first[s] + 1; i < op.first[s+1]; i++ {
		sum := op.sum(of, op.first[s], h)
		simd.Add(sum, sum, op.sum(of, i, h))
	}
}

// pad adds keys of zeros, which have no value, to the sum of a sequence.
func (op *performer) pad(s, h int) {
	n := op.padding(s)
	if n == 0 || op.first[s] == op.first[s+1] {
		return
	}
	top := op.tops[op.first[s]*op.Heads+h]
	each := float32(float64(n) * (math.Exp(float64(-top)) + op.Eps))
	sum := op.sum(op.sums, op.first[s], h)
	for r := range op.m {
		sum[r*(op.dv+1)+op.dv] += each
	}
}

// attend computes the results of a piece of queries.
func (op *performer) attend(t tile, i, h int) {
	p, w, ld := op.pieces[i], op.dv+1, op.Heads*op.dv
	x, e, o := t.cut(performerTile*op.d), t.cut(performerTile*op.m), t.cut(performerTile*w)
	sum := op.sum(op.sums, op.first[p.sequence], h)
	for lo := p.from; lo < p.to; lo += performerTile {
		n := min(performerTile, p.to-lo)
		op.queryFeatures(x, e, lo, n, h)
		simd.AddConst(e[:n*op.m], e[:n*op.m], float32(op.Eps))
		simd.Gemm(false, false, n, w, op.m, e, op.m, sum, w, o, w, false)
		for r := range n {
			inverse := 1 / o[r*w+op.dv]
			op.inverse[(lo+r)*op.Heads+h] = inverse
			simd.Scale(op.y.Data()[(lo+r)*ld+h*op.dv:][:op.dv], o[r*w:r*w+op.dv], inverse)
		}
	}
}

// release gives back what the forward pass kept.
func (op *performer) release(tp *tensor.Tape) {
	tp.Release(op.inverse)
	tp.Release(op.sums)
	tp.Release(op.tops)
	op.inverse, op.sums, op.tops = nil, nil, nil
}

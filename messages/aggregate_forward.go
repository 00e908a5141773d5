package messages

import (
	"math"

	"github.com/graft-ml/graft/internal/simd"
)

// aggregateForward goes over the edges that come to a node.
type aggregateForward aggregate

// stateRows is the number of rows of an aggregateState.
const stateRows = 7

// aggregateState are the parts of a state; each is a row, but for count.
type aggregateState struct {
	count         *float32 // messages in mean and squares
	sum           []float32
	mean, squares []float32 // and the sum of the squares about it
	high, highAt  []float32 // the maximum and its place
	low, lowAt    []float32 // the maximum of the negated messages and its place
}

func (op *aggregateForward) parts(state []float32) aggregateState {
	d := op.d
	row := func(k int) []float32 { return state[k*d : (k+1)*d] }
	return aggregateState{&state[stateRows*d], row(0), row(1), row(2), row(3), row(4), row(5), row(6)}
}

func (op *aggregateForward) clear(state []float32) { clear(state) }

func (op *aggregateForward) add(state []float32, room tile, _, lo, hi int) {
	o, d, s := (*aggregate)(op), op.d, op.parts(state)
	all, mean, squares := room.cut(batch*d), room.cut(d), room.cut(d)
	for first := lo; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		n := to - lo
		rows := all[:n*d]
		simd.GatherRows(rows, op.m.Data(), op.edges.in.edge[lo:to], d)
		if o.has(AggregateSum) || o.has(AggregateMean) {
			simd.ColSums(s.sum, rows, n, d)
		}
		if o.has(AggregateStd) {
			simd.ColMoments(mean, squares, rows, n, d)
			s.moments(float32(n), mean, squares)
		}
		if o.has(AggregateMax) {
			largest(s.high, s.highAt, rows, n, lo, lo == first)
		}
		if o.has(AggregateMin) {
			simd.Scale(rows, rows, -1)
			largest(s.low, s.lowAt, rows, n, lo, lo == first)
		}
	}
}

// moments takes in n more messages with their mean and the sum of the squares about it (Chan, Golub and LeVeque 1979).
func (s aggregateState) moments(n float32, mean, squares []float32) {
	if *s.count == 0 {
		*s.count = n
		copy(s.mean, mean)
		copy(s.squares, squares)
		return
	}
	before := *s.count
	*s.count += n
	share := n / *s.count
	for c, m := range mean {
		off := m - s.mean[c]
		s.mean[c] += float32(off * share)
		s.squares[c] += squares[c] + float32(off*off*float32(before*share))
	}
}

// largest takes n rows, whose places begin at first, into the maxima of the columns; fresh says that there are none yet.
// The first of equal elements stays. NaN is larger than anything.
func largest(top, at, rows []float32, n, first int, fresh bool) {
	if d := len(top); fresh {
		copy(top, rows[:d])
		for c := range at {
			at[c] = fromPlace(first)
		}
		rows, n, first = rows[d:], n-1, first+1
	}
	simd.LargestRows(top, at, rows, n, len(top), uint32(first))
}

// A place among float32 is the bits of an integer.
func fromPlace(p int) float32    { return math.Float32frombits(uint32(p)) }
func toPlace(bits float32) int32 { return int32(math.Float32bits(bits)) }

func (op *aggregateForward) join(state, later []float32) {
	s, t := op.parts(state), op.parts(later)
	simd.Add(s.sum, s.sum, t.sum)
	if op.at[AggregateStd] >= 0 {
		s.moments(*t.count, t.mean, t.squares)
	}
	for _, pair := range [...][4][]float32{{s.high, s.highAt, t.high, t.highAt}, {s.low, s.lowAt, t.low, t.lowAt}} {
		top, at := pair[0], pair[1]
		for c, v := range pair[2] {
			if v > top[c] || v != v {
				top[c], at[c] = v, pair[3][c]
			}
		}
	}
}

func (op *aggregateForward) finish(state []float32, _ tile, i int) {
	o, d, n, y := (*aggregate)(op), op.d, op.edges.InDegree(i), op.y.Data()
	if n == 0 {
		op.finishNone(i)
		return
	}
	s := op.parts(state)
	if o.has(AggregateSum) {
		copy(o.out(y, AggregateSum, i), s.sum)
	}
	if o.has(AggregateMean) {
		simd.Scale(o.out(y, AggregateMean, i), s.sum, 1/float32(n))
	}
	if o.has(AggregateMax) {
		copy(o.out(y, AggregateMax, i), s.high)
		copy(op.highAt[i*d:(i+1)*d], s.highAt)
	}
	if o.has(AggregateMin) {
		simd.Scale(o.out(y, AggregateMin, i), s.low, -1)
		copy(op.lowAt[i*d:(i+1)*d], s.lowAt)
	}
	if o.has(AggregateStd) {
		std := o.out(y, AggregateStd, i)
		simd.Scale(std, s.squares, 1/float32(n))
		simd.AddConst(std, std, stdEps)
		simd.Sqrt(std, std)
		copy(op.mean[i*d:(i+1)*d], s.mean)
	}
}

// finishNone writes the results of a node that no edge comes to, whose backward pass reads nothing.
func (op *aggregateForward) finishNone(i int) {
	row := len(op.kinds) * op.d
	clear(op.y.Data()[i*row : (i+1)*row])
}

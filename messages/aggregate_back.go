package messages

import (
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Backward: with n messages, dm = dsum + dmean/n + dstd (m - mean)/(n std), and the gradients of the extremes at their
// places.
func (op *aggregate) Backward(tp *tensor.Tape) {
	op.dy = op.y.OutGrad()
	if op.dm = gradientOf(op.m); op.dm.to != nil {
		op.reducer.run(tp, &op.edges.in, (*aggregateBackward)(op), 0, 3*lineRoom(op.d))
	}
	op.release(tp)
}

// aggregateBackward goes over the edges that come to a node.
type aggregateBackward aggregate

func (op *aggregateBackward) clear([]float32) {}

func (op *aggregateBackward) add(_ []float32, room tile, i, lo, hi int) {
	o, d, dy, n := (*aggregate)(op), op.d, op.dy, float32(op.edges.InDegree(i))
	even, slope, row := room.cut(d), room.cut(d), room.cut(d)
	clear(even)
	if o.has(AggregateSum) {
		copy(even, o.out(dy, AggregateSum, i))
	}
	if o.has(AggregateMean) {
		simd.AddScaled(even, o.out(dy, AggregateMean, i), 1/n)
	}
	if o.has(AggregateStd) {
		simd.Div(slope, o.out(dy, AggregateStd, i), o.out(op.y.Data(), AggregateStd, i))
		simd.Scale(slope, slope, 1/n)
	}
	for _, k := range op.edges.in.edge[lo:hi] {
		if !o.has(AggregateStd) {
			op.dm.put(int(k), even)
			continue
		}
		simd.Sub(row, op.m.Data()[int(k)*d:(int(k)+1)*d], op.mean[i*d:(i+1)*d])
		simd.Mul(row, row, slope)
		simd.Add(row, row, even)
		op.dm.put(int(k), row)
	}
	if o.has(AggregateMax) {
		op.extremes(o.out(dy, AggregateMax, i), op.highAt[i*d:(i+1)*d], lo, hi)
	}
	if o.has(AggregateMin) {
		op.extremes(o.out(dy, AggregateMin, i), op.lowAt[i*d:(i+1)*d], lo, hi)
	}
}

// extremes adds the gradients of a node's maxima or minima at those of their places that are from lo to hi.
func (op *aggregateBackward) extremes(dy, at []float32, lo, hi int) {
	for c, bits := range at {
		if p := int(toPlace(bits)); p >= lo && p < hi {
			op.dm.to[int(op.edges.in.edge[p])*op.d+c] += dy[c]
		}
	}
}

func (op *aggregateBackward) join(_, _ []float32) {}

func (op *aggregateBackward) finish(_ []float32, _ tile, _ int) {}

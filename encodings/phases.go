package encodings

import (
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/tensor"
)

// phaseSum is the operation of [CARoPE]: f = 1 / (softplus(z) + 1) of every token and head, its powers first, first+1,
// ..., and their running sums along each item. Sums are float64 and are kept modulo 2π, so that they lose nothing however
// long the sequence is.
type phaseSum struct {
	z, y         *tensor.Var // [tokens, heads], [tokens, heads * pairs]
	offsets      []int
	order        []int32
	past         []int
	pairs, first int
	memory       *tensor.Tensor // [items, 2 * heads * pairs]: the phases, and what float32 leaves of them; nil where none is kept
	dy, dz       []float32      // dz is nil in the forward pass
}

// sumPhases records the operation, which goes on from the layout's memory and leaves there what it came to.
func sumPhases(tp *tensor.Tape, z *tensor.Var, pairs, first, layer int, l *Layout, order []int32) *tensor.Var {
	op, ok := tp.Spare().(*phaseSum)
	if !ok {
		op = &phaseSum{}
	}
	*op = phaseSum{z: z, y: tp.Out(z.Needs(), z.Rows(), z.Cols()*pairs), offsets: l.Offsets, order: order, past: l.Past, pairs: pairs, first: first}
	if l.Memory != nil {
		op.memory = l.Memory.Get(layer, "carope phases", 2*z.Cols()*pairs)
	}
	parallel.For(l.Items()*z.Cols(), 1, op)
	tp.Record("SumPhases", op, op.y)
	return op.y
}

// Run does items and heads lo to hi.
func (op *phaseSum) Run(_, lo, hi int) {
	for n := lo; n < hi; n++ {
		if op.dz != nil {
			op.pull(n/op.z.Cols(), n%op.z.Cols())
		} else {
			op.sum(n/op.z.Cols(), n%op.z.Cols())
		}
	}
}

// token returns the t-th token as they follow each other.
func (op *phaseSum) token(t int) int {
	if op.order != nil {
		return int(op.order[t])
	}
	return t
}

// phasePairs is the number of pairs that are summed side by side.
const phasePairs = 64

// sum computes head h of item b.
func (op *phaseSum) sum(b, h int) {
	var phase [phasePairs]float64
	for from := 0; from < op.pairs; from += phasePairs {
		n := min(phasePairs, op.pairs-from)
		phase = [phasePairs]float64{}
		var kept, rest []float32
		if op.memory != nil {
			row, at := op.memory.Row(b), h*op.pairs+from
			kept, rest = row[at:at+n], row[len(row)/2+at:][:n]
			if op.past != nil && op.past[b] > 0 {
				for i := range n {
					phase[i] = float64(kept[i]) + float64(rest[i])
				}
			}
		}
		for t := op.offsets[b]; t < op.offsets[b+1]; t++ {
			at := op.token(t)*op.z.Cols() + h
			f, _ := speed(float64(op.z.Data()[at]))
			y, power := op.y.Data()[at*op.pairs+from:], math.Pow(f, float64(op.first+from))
			for i := range n {
				if phase[i] += power; phase[i] >= 2*math.Pi { // powers are at most 1
					phase[i] -= 2 * math.Pi
				}
				y[i] = float32(phase[i])
				power *= f
			}
		}
		for i := range kept {
			kept[i] = float32(phase[i])
			rest[i] = float32(phase[i] - float64(kept[i]))
		}
	}
}

// speed returns f = 1 / (softplus(z) + 1) and its derivative -sigmoid(z) f².
func speed(z float64) (f, df float64) {
	e := math.Exp(-math.Abs(z))
	f = 1 / (1 + max(z, 0) + math.Log1p(e))
	sigmoid := 1 / (1 + e)
	if z < 0 {
		sigmoid = e / (1 + e)
	}
	return f, -sigmoid * f * f
}

// pull computes the gradient of z for head h of item b: the gradients of a token's powers are those of the phases that
// come at or after it, summed.
func (op *phaseSum) pull(b, h int) {
	var later [phasePairs]float64
	for from := 0; from < op.pairs; from += phasePairs {
		n := min(phasePairs, op.pairs-from)
		later = [phasePairs]float64{}
		for t := op.offsets[b+1] - 1; t >= op.offsets[b]; t-- {
			at := op.token(t)*op.z.Cols() + h
			f, df := speed(float64(op.z.Data()[at]))
			dy, exponent, sum := op.dy[at*op.pairs+from:], float64(op.first+from), 0.0
			power := math.Pow(f, exponent-1)
			for i := range n {
				later[i] += float64(dy[i])
				sum += later[i] * exponent * power
				exponent++
				power *= f
			}
			op.dz[at] += float32(sum * df)
		}
	}
}

// Backward computes the gradient of z.
func (op *phaseSum) Backward(*tensor.Tape) {
	if op.z.Needs() {
		op.dy, op.dz = op.y.OutGrad(), op.z.AccumulateZeroed()
		if len(op.dz) > 0 {
			parallel.For((len(op.offsets)-1)*op.z.Cols(), 1, op)
		}
	}
	*op = phaseSum{}
}

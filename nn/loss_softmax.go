package nn

import (
	"math"
	"slices"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// softmaxLoss is the mean of -ln softmax of the true classes, each row weighted by its class. Vocabularies make its
// predictions the largest values of a model, so of each row it keeps two numbers, and exponentials are formed again on
// the way back instead of kept.
type softmaxLoss struct {
	pred, y  *tensor.Var
	target   []float32
	weights  []float64 // of the classes; none: all weigh 1
	total    float64   // weight of all rows
	rows     []softmaxRow
	backward bool
	dy       float64
	g        []float32
	add      bool
}

// softmaxRow is what is known of a row.
type softmaxRow struct {
	top  float32 // largest prediction
	norm float64 // sum of exp(x - top)
	nll  float64 // -ln of the softmax of the true class
}

// recordSoftmax puts the loss on the tape. weights gives those of the classes, in the memory of an earlier pass; nil
// means that all weigh 1.
func recordSoftmax(tp *tensor.Tape, name string, pred *tensor.Var, target *tensor.Tensor, weights func(memory []float64) []float64) *tensor.Var {
	op, ok := tp.Spare().(*softmaxLoss)
	if !ok {
		op = new(softmaxLoss)
	}
	*op = softmaxLoss{pred: pred, y: tp.Out(pred.Needs()), target: target.Data(),
		rows: slices.Grow(op.rows[:0], target.Size())[:target.Size()], weights: op.weights[:0]}
	if weights != nil {
		op.weights = weights(op.weights)
	}
	op.run()
	var sum float64
	for r, t := range op.target {
		if !missing(t) {
			op.total += op.weight(t)
			sum += op.weight(t) * op.rows[r].nll
		}
	}
	op.y.Data()[0] = float32(share(sum, op.total))
	tp.Record(name, op, op.y)
	return op.y
}

func (op *softmaxLoss) weight(class float32) float64 {
	if len(op.weights) == 0 {
		return 1
	}
	return op.weights[int(class)]
}

func (op *softmaxLoss) run() {
	const elements = 1 << 14 // predictions that are worth a piece of their own
	parallel.For(len(op.target), max(1, elements/op.pred.Cols()), op)
}

// Run does the rows lo to hi.
func (op *softmaxLoss) Run(_, lo, hi int) {
	cols := op.pred.Cols()
	for r := lo; r < hi; r++ {
		x, t := op.pred.Data()[r*cols:(r+1)*cols], op.target[r]
		switch {
		case op.backward:
			op.gradient(op.g[r*cols:(r+1)*cols], x, r)
		case !missing(t):
			op.rows[r] = rowOf(x, int(t))
		}
	}
}

// rowOf returns the numbers of a row x.
func rowOf(x []float32, class int) softmaxRow {
	s := softmaxRow{top: simd.Max(x)}
	s.norm = simd.SumExp(x, -s.top)
	s.nll = math.Log(s.norm) + float64(s.top) - float64(x[class])
	return s
}

// gradient writes or adds w (softmax(x) - 1 at the true class) for row r, w being its part of the loss.
func (op *softmaxLoss) gradient(g, x []float32, r int) {
	t, row := op.target[r], op.rows[r]
	if missing(t) {
		if !op.add {
			clear(g)
		}
		return
	}
	w := op.dy * share(op.weight(t), op.total)
	scale := float32(w / row.norm)
	if op.add {
		simd.AddScaledExp(g, x, -row.top, scale)
	} else {
		simd.ScaledExp(g, x, -row.top, scale)
	}
	g[int(t)] -= float32(w)
}

// Backward does the rows one by one.
func (op *softmaxLoss) Backward(*tensor.Tape) {
	if op.pred.Needs() {
		op.backward, op.dy = true, float64(op.y.OutGrad()[0])
		op.g, op.add = op.pred.Accumulate()
		op.run()
	}
	*op = softmaxLoss{rows: op.rows[:0], weights: op.weights[:0]}
}

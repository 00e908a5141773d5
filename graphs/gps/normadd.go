package gps

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// normAdd returns x + ReLU(norm(z)) for x and z [rows, width] in one go. It is what GatedGCN does to its edges: apart, the
// norm and its activation would each take memory and time for all of them, forward and back.
func normAdd(tp *tensor.Tape, x, z *tensor.Var, norm *nn.BatchNorm) *tensor.Var {
	cols := norm.Weight.Size()
	if x.Cols() != cols || z.Cols() != cols || x.Rows() != z.Rows() {
		panic(fmt.Sprintf("gps: normAdd: %v and %v, expected the same rows of width %d", x.Shape(), z.Shape(), cols))
	}
	op, ok := tp.Spare().(*normAddition)
	if !ok {
		op = new(normAddition)
	}
	*op = normAddition{x: x, z: z, w: tp.Leaf(norm.Weight), b: tp.Leaf(norm.Bias), rows: z.Rows(), cols: cols,
		batch: tp.Training() && z.Rows() > 0, moments: op.moments}
	op.y = tp.Out(x.Needs() || z.Needs() || op.w.Needs() || op.b.Needs(), x.Rows(), cols)
	op.columns = tp.Scratch(columnArrays * cols)
	op.statistics(tp, norm)
	op.phase = addForward
	parallel.For(op.rows, normRows, op)
	if !tp.Recording() {
		tp.Release(op.columns)
		op.columns = nil
	}
	tp.Record("norm, ReLU and residual", op, op.y)
	return op.y
}

// normRows is the number of rows that are done at a time; it decides the order of the sums.
const normRows = 256

// normAddition is the recorded operation.
type normAddition struct {
	x, z, w, b, y *tensor.Var
	rows, cols    int
	batch         bool      // normalised by the statistics of the batch
	columns       []float32 // numbers of each column, see column
	moments       []tensor.Moments
	phase         addPhase
	partial       []float32 // [pieces, 2, cols]
	work          []float32 // [workers, 2, normRows, cols]
	dy            []float32 // the gradient of y
	gx, gz        []float32 // those of x and z; nil where they are not wanted
	addX, addZ    bool
}

// The arrays of numbers of columns: mean and standard deviation of z, norm(z) = scale z + shift, the normalised z = hat z
// + off, and the gradient of z as ofDy dy + ofZ z + rest.
const (
	colMean = iota
	colInvStd
	colScale
	colShift
	colHat
	colOff
	colOfDy
	colOfZ
	colRest
	columnArrays
)

func (op *normAddition) column(array int) []float32 {
	return op.columns[array*op.cols:][:op.cols]
}

// addPhase is what normAddition.Run does.
type addPhase int

const (
	addMoments addPhase = iota
	addForward
	addSums
	addBack
)

// statistics finds the moments of the columns and what follows from them.
func (op *normAddition) statistics(tp *tensor.Tape, norm *nn.BatchNorm) {
	mean, variance := op.column(colMean), op.column(colInvStd) // overwritten below
	if op.batch {
		op.batchMoments(tp, mean, variance)
		norm.Stats().Update(mean, variance, op.rows)
	} else {
		copy(mean, norm.RunningMean.Data())
		copy(variance, norm.RunningVar.Data())
	}
	for c := range op.cols {
		flat := op.batch && variance[c] == 0
		var invStd float32
		op.column(colScale)[c], op.column(colShift)[c], invStd = tensor.ScaleShift(mean[c], variance[c], op.w.Data()[c], op.b.Data()[c], norm.Eps, op.batch)
		op.column(colInvStd)[c] = invStd
		if flat {
			invStd = 0
		}
		op.column(colHat)[c], op.column(colOff)[c] = invStd, -mean[c]*invStd
	}
}

// batchMoments joins the moments of the pieces in their order.
func (op *normAddition) batchMoments(tp *tensor.Tape, mean, variance []float32) {
	pieces := parallel.Chunks(op.rows, normRows)
	op.partial, op.phase = tp.Scratch(pieces*2*op.cols), addMoments
	parallel.For(op.rows, normRows, op)
	if len(op.moments) < op.cols {
		op.moments = make([]tensor.Moments, op.cols)
	}
	clear(op.moments)
	for p := range pieces {
		rows := min(normRows, op.rows-p*normRows)
		part := op.partial[p*2*op.cols:][:2*op.cols]
		for c := range op.cols {
			op.moments[c].Join(rows, part[c], part[op.cols+c])
		}
	}
	for c := range op.cols {
		mean[c], variance[c] = float32(op.moments[c].Mean), float32(op.moments[c].Variance())
	}
	tp.Release(op.partial)
	op.partial = nil
}

// Run does the rows lo to hi of the phase at hand.
func (op *normAddition) Run(worker, lo, hi int) {
	cols, n := op.cols, hi-lo
	from, to := lo*cols, hi*cols
	z := op.z.Data()[from:to]
	switch op.phase {
	case addMoments:
		part := op.partial[lo/normRows*2*cols:][:2*cols]
		simd.ColMoments(part[:cols], part[cols:], z, n, cols)
	case addForward:
		y := op.y.Data()[from:to]
		simd.ScaleShiftRows(y, z, op.column(colScale), op.column(colShift), n, cols)
		simd.ReLU(y, y)
		simd.Add(y, y, op.x.Data()[from:to])
	case addSums:
		switch dy := op.dy[from:to]; {
		case op.gx == nil:
		case op.addX:
			simd.Add(op.gx[from:to], op.gx[from:to], dy)
		default:
			copy(op.gx[from:to], dy)
		}
		dy, xhat := op.active(worker, z, from, n)
		simd.ScaleShiftRows(xhat, z, op.column(colHat), op.column(colOff), n, cols)
		part := op.partial[lo/normRows*2*cols:][:2*cols]
		clear(part)
		simd.ColSums(part[:cols], dy, n, cols)
		simd.ColDots(part[cols:], dy, xhat, n, cols)
	case addBack:
		dy, room := op.active(worker, z, from, n)
		dst := op.gz[from:to]
		if op.addZ {
			dst = room
		}
		simd.AffineRows2(dst, dy, z, op.column(colOfDy), op.column(colOfZ), op.column(colRest), n, cols)
		if op.addZ {
			simd.Add(op.gz[from:to], op.gz[from:to], dst)
		}
	}
}

// active returns the gradient of norm(z) for n rows, where the activation lets it through, and room for as much.
func (op *normAddition) active(worker int, z []float32, from, n int) (dy, room []float32) {
	size := normRows * op.cols
	dy, room = op.work[2*worker*size:][:n*op.cols], op.work[(2*worker+1)*size:][:n*op.cols]
	simd.ScaleShiftRows(room, z, op.column(colScale), op.column(colShift), n, op.cols)
	simd.ReLUGrad(dy, room, op.dy[from:from+n*op.cols])
	return dy, room
}

// Backward: the residual takes the gradient as it is, the norm what the activation lets through.
func (op *normAddition) Backward(tp *tensor.Tape) {
	cols, pieces := op.cols, parallel.Chunks(op.rows, normRows)
	op.dy = op.y.OutGrad()
	if op.x.Needs() {
		op.gx, op.addX = op.x.Accumulate()
	}
	op.partial, op.work = tp.Scratch(pieces*2*cols), tp.Scratch(parallel.Workers()*2*normRows*cols)
	op.phase = addSums
	parallel.For(op.rows, normRows, op)
	sums := tp.Scratch(2 * cols)
	clear(sums)
	for p := range pieces {
		simd.Add(sums, sums, op.partial[p*2*cols:][:2*cols])
	}
	for k, v := range [2]*tensor.Var{op.b, op.w} {
		if v.Needs() {
			g := v.AccumulateZeroed()
			simd.Add(g, g, sums[k*cols:][:cols])
		}
	}
	if op.z.Needs() {
		op.inputGradient(sums)
	}
	tp.Release(sums)
	tp.Release(op.work)
	tp.Release(op.partial)
	tp.Release(op.columns)
	*op = normAddition{moments: op.moments}
}

// inputGradient forms the gradient of z from the sums of the gradients of bias and weight.
func (op *normAddition) inputGradient(sums []float32) {
	rows := op.rows
	if !op.batch {
		rows = 0
	}
	for c := range op.cols {
		op.column(colOfDy)[c], op.column(colOfZ)[c], op.column(colRest)[c] = tensor.NormGradient(op.w.Data()[c],
			op.column(colMean)[c], op.column(colInvStd)[c], float64(sums[c]), float64(sums[op.cols+c]), rows)
	}
	op.gz, op.addZ = op.z.Accumulate()
	op.phase = addBack
	parallel.For(op.rows, normRows, op)
}

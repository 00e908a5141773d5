package tensor

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// NormStats are the running statistics of a batch normalisation and what it needs to keep them.
type NormStats struct {
	Mean, Var *Tensor // [cols]; Var is the unbiased variance, as PyTorch keeps it
	Momentum  float64 // weight of the new batch
	Eps       float64
}

type batchNorm struct {
	x, w, b, y   *Var
	mean, invStd []float32
	hat          []float32 // x̂ = hat (x - mean): 1 over the standard deviation, 0 for a column without variance
	batch        bool      // normalised by the statistics of the batch
	sumDy, dotDy []float32
	ca, cb, cc   []float32
	g            []float32
	add          bool
	xhat         []float32 // [workers, rowGrain, cols]
	partial      []float32 // [pieces, 2, cols]
	phase        int
}

// BatchNorm returns w (x - mean) / sqrt(var + eps) + b for each column of x [rows, cols] (Ioffe and Szegedy 2015).
// In a training pass mean and (biased) variance are those of the rows, and the running statistics move towards them;
// otherwise, and in a training pass over no rows, the running statistics are used. A nil stats.Mean means that none
// are kept: then every pass normalises by its own rows.
func (tp *Tape) BatchNorm(x, w, b *Var, stats NormStats) *Var {
	rows, cols := x.Rows(), x.Cols()
	mustWidth("BatchNorm", x, w)
	mustWidth("BatchNorm", x, b)
	if stats.Mean != nil && (stats.Mean.Size() != cols || stats.Var.Size() != cols) {
		panic(fmt.Sprintf("tensor: BatchNorm: running statistics %s and %s do not fit the rows of %s",
			shapeString(stats.Mean.shape), shapeString(stats.Var.shape), shapeString(x.Shape())))
	}
	op := spare[batchNorm](tp)
	*op = batchNorm{x: x, w: w, b: b, y: tp.Out(x.needs || w.needs || b.needs, x.Shape()...),
		mean: tp.arena.take(cols), invStd: tp.arena.take(cols),
		batch: (tp.pass.Train || stats.Mean == nil) && rows > 0}
	if op.batch {
		variance := op.invStd // overwritten below
		tp.colMoments(op.mean, variance, x.Data(), rows, cols)
		if stats.Mean != nil {
			stats.Update(op.mean, variance, rows)
		}
	} else if stats.Mean != nil {
		copy(op.mean, stats.Mean.data)
		copy(op.invStd, stats.Var.data)
	} else { // no rows to normalise
		clear(op.mean)
		clear(op.invStd)
	}
	scale, shift := tp.arena.take(cols), tp.arena.take(cols)
	op.hat = tp.arena.take(cols)
	for c := range scale {
		flat := op.batch && op.invStd[c] == 0
		scale[c], shift[c], op.invStd[c] = ScaleShift(op.mean[c], op.invStd[c], w.Data()[c], b.Data()[c], stats.Eps, op.batch)
		if op.hat[c] = op.invStd[c]; flat {
			op.hat[c] = 0
		}
	}
	op.ca, op.cb, op.phase = scale, shift, phaseForward
	parallel.For(rows, rowGrain, op)
	tp.arena.give(shift)
	tp.arena.give(scale)
	tp.Record("BatchNorm", op, op.y)
	return op.y
}

// Moments are the number of rows of a column seen so far, their mean and the centred sum of their squares. Its zero
// value has seen none. Pieces are joined in float64, so that columns far from zero keep their variance.
type Moments struct{ Rows, Mean, Squares float64 }

// Join adds a piece of the column (Chan, Golub and LeVeque 1979).
func (m *Moments) Join(rows int, mean, squares float32) {
	if rows == 0 {
		return
	}
	n, size := m.Rows, float64(rows)
	delta := float64(mean) - m.Mean
	m.Squares += float64(squares) + delta*delta*n*size/(n+size)
	m.Mean += delta * size / (n + size)
	m.Rows += size
}

// Variance returns the biased variance.
func (m *Moments) Variance() float64 { return m.Squares / m.Rows }

// ScaleShift returns a normalisation by mean and variance, weight w and bias b as scale*x + shift, and 1 over the
// standard deviation. batch says that the moments are those of the rows to be normalised: a column without variance,
// that of a single row for one, is then exactly the bias. ScaleShift and [NormGradient] are the arithmetic of one column,
// for kernels that normalise on the way.
func ScaleShift(mean, variance, w, b float32, eps float64, batch bool) (scale, shift, invStd float32) {
	inv := 1 / math.Sqrt(float64(variance)+eps)
	if batch && variance == 0 {
		return 0 * w, b, float32(inv) // NaN where w is not finite
	}
	return float32(inv * float64(w)), b - float32(float64(mean)*inv*float64(w)), float32(inv)
}

// NormGradient returns the gradient of x in one column of a batch normalisation with weight w as dy*ofDy + x*ofX + rest.
// sumDy and sumDyX are the sums over the rows of dy and of dy x̂, the gradients of bias and weight. rows is the number of
// rows whose statistics were used, 0 for running ones, which do not depend on x.
func NormGradient(w, mean, invStd float32, sumDy, sumDyX float64, rows int) (ofDy, ofX, rest float32) {
	scale := float64(w) * float64(invStd)
	if rows == 0 {
		return float32(scale), 0, 0
	}
	slope := -scale * float64(invStd) * sumDyX / float64(rows)
	return float32(scale), float32(slope), float32(-scale*sumDy/float64(rows) - slope*float64(mean))
}

// Update moves the running statistics towards the mean and the biased variance of a batch of rows rows. The variance of
// a single row, which has no unbiased estimate, counts as it is.
func (s NormStats) Update(mean, variance []float32, rows int) {
	unbias := 1.0
	if rows > 1 {
		unbias = float64(rows) / float64(rows-1)
	}
	for c := range mean {
		s.Mean.data[c] += float32(s.Momentum * (float64(mean[c]) - float64(s.Mean.data[c])))
		s.Var.data[c] += float32(s.Momentum * (float64(variance[c])*unbias - float64(s.Var.data[c])))
	}
}

const (
	phaseForward = iota
	phaseSums
	phaseInput
)

// Run does the rows lo to hi of the phase at hand.
func (op *batchNorm) Run(worker, lo, hi int) {
	cols := op.x.Cols()
	a, z, n := lo*cols, hi*cols, hi-lo
	switch op.phase {
	case phaseForward:
		simd.ScaleShiftRows(op.y.value.data[a:z], op.x.value.data[a:z], op.ca, op.cb, n, cols)
	case phaseSums: // sums of dy and of dy x̂ over the piece
		xhat := op.xhat[worker*rowGrain*cols:][:n*cols]
		simd.ScaleShiftRows(xhat, op.x.value.data[a:z], op.hat, op.cc, n, cols)
		part := op.partial[lo/rowGrain*2*cols:][:2*cols]
		clear(part)
		simd.ColSums(part[:cols], op.y.grad[a:z], n, cols)
		simd.ColDots(part[cols:], op.y.grad[a:z], xhat, n, cols)
	case phaseInput:
		dst := op.g[a:z]
		if op.add {
			dst = op.xhat[worker*rowGrain*cols:][:n*cols]
		}
		simd.AffineRows2(dst, op.y.grad[a:z], op.x.value.data[a:z], op.ca, op.cb, op.cc, n, cols)
		if op.add {
			simd.Add(op.g[a:z], op.g[a:z], dst)
		}
	}
}

// Backward: with x̂ the normalised input and n rows, db = sum dy, dw = sum dy x̂ and, for batch statistics,
// dx = w / std (dy - db/n - x̂ dw/n); with running statistics dx = w / std dy.
func (op *batchNorm) Backward(tp *Tape) {
	rows, cols := op.x.Rows(), op.x.Cols()
	pieces := parallel.Chunks(rows, rowGrain)
	op.y.OutGrad()
	op.sumDy, op.dotDy = tp.arena.take(cols), tp.arena.take(cols)
	op.ca, op.cb, op.cc = tp.arena.take(cols), tp.arena.take(cols), tp.arena.take(cols)
	op.xhat = tp.arena.take(parallel.Workers() * rowGrain * cols)
	op.partial = tp.arena.take(pieces * 2 * cols)
	for c := range op.cc {
		op.cc[c] = -op.mean[c] * op.hat[c]
	}
	op.phase = phaseSums
	parallel.For(rows, rowGrain, op)
	clear(op.sumDy)
	clear(op.dotDy)
	for p := 0; p < pieces; p++ {
		part := op.partial[p*2*cols:][:2*cols]
		simd.Add(op.sumDy, op.sumDy, part[:cols])
		simd.Add(op.dotDy, op.dotDy, part[cols:])
	}
	if op.w.needs {
		tp.addTo(op.w, op.dotDy)
	}
	if op.b.needs {
		tp.addTo(op.b, op.sumDy)
	}
	if op.x.needs {
		op.inputCoefficients(rows)
		op.g, op.add = op.x.Accumulate()
		op.phase = phaseInput
		parallel.For(rows, rowGrain, op)
	}
	for _, s := range [][]float32{op.partial, op.xhat, op.cc, op.cb, op.ca, op.dotDy, op.sumDy, op.hat, op.invStd, op.mean} {
		tp.arena.give(s)
	}
	*op = batchNorm{}
}

// inputCoefficients writes dx = ca dy + cb x + cc.
func (op *batchNorm) inputCoefficients(rows int) {
	if !op.batch {
		rows = 0
	}
	for c := range op.ca {
		op.ca[c], op.cb[c], op.cc[c] = NormGradient(op.w.value.data[c], op.mean[c], op.invStd[c], float64(op.sumDy[c]), float64(op.dotDy[c]), rows)
	}
}

type unitRows struct {
	x, y *Var
	norm []float32
	eps  float32
}

// UnitRows returns x with every row divided by max(its Euclidean norm, eps), as the hidden layers of GraphGym's MLP do
// with eps 1e-12.
func (tp *Tape) UnitRows(x *Var, eps float64) *Var {
	rows, cols := x.Rows(), x.Cols()
	if !(eps > 0) {
		panic(fmt.Sprintf("tensor: UnitRows: eps %v is not positive", eps))
	}
	op := spare[unitRows](tp)
	*op = unitRows{x: x, y: tp.Out(x.needs, x.Shape()...), norm: tp.arena.take(rows), eps: float32(eps)}
	for r := 0; r < rows; r++ {
		row := x.Data()[r*cols : (r+1)*cols]
		op.norm[r] = float32(math.Sqrt(simd.SumSquares(row)))
		simd.Scale(op.y.Data()[r*cols:(r+1)*cols], row, 1/max(op.norm[r], op.eps))
	}
	tp.Record("UnitRows", op, op.y)
	return op.y
}

// Backward: dx = (dy - y (y·dy)) / norm, and dy / eps where the norm is below eps.
func (op *unitRows) Backward(*Tape) {
	if !op.x.needs {
		return
	}
	y, dy, cols := op.y.Data(), op.y.OutGrad(), op.x.Cols()
	g := op.x.AccumulateZeroed()
	for r, norm := range op.norm {
		yr, dr, gr := y[r*cols:(r+1)*cols], dy[r*cols:(r+1)*cols], g[r*cols:(r+1)*cols]
		var dot float32
		if norm >= op.eps {
			dot = float32(simd.Dot(yr, dr))
		}
		inv := 1 / max(norm, op.eps)
		for c, v := range yr {
			gr[c] += inv * (dr[c] - v*dot)
		}
	}
}

package attention

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// PairFeatures are the features of pairs on their way from layer to layer: rows of a tensor, [pairs, width], or rows
// whose batch normalisation is known but has not been applied. The next layer's kernel applies it while a tile is in
// the cache, and the normalised features are never written to memory. Make them with [Features].
type PairFeatures struct {
	// raw holds the features before normalisation. Where norm is set, the gradient that consumers put in raw is that of
	// the *normalised* features; the operation that made raw, and norm, is the one that reads it.
	raw  *tensor.Var
	norm *pairNorm
}

// pairNorm is a batch normalisation y = scale*raw + shift of pair features, and what its backward pass needs.
type pairNorm struct {
	weight, bias         *tensor.Var
	mean, invStd         []float32
	scale, shift         []float32
	batch                bool // normalised by the statistics of the batch
	summed               bool // sumDy and dotDy hold the column sums of dy and of dy*raw
	sumDy, dotDy         []float64
	coefDy, coefX, coef1 []float32 // d raw = coefDy*dy + coefX*raw + coef1
}

// Features returns v [pairs, width] as pair features.
func Features(v *tensor.Var) *PairFeatures { return &PairFeatures{raw: v} }

// Rows returns the number of pairs.
func (f *PairFeatures) Rows() int { return f.raw.Rows() }

// Width returns the number of features of a pair.
func (f *PairFeatures) Width() int { return f.raw.Cols() }

// Raw returns the Var that holds the features before their normalisation: what [tensor.Tape.Sweep] must keep.
func (f *PairFeatures) Raw() *tensor.Var { return f.raw }

// applyNorm is the operation that writes normalised features out.
type applyNorm struct {
	f *PairFeatures
	y *tensor.Var
}

// Var returns the features as a value on the tape, with their normalisation applied.
func (f *PairFeatures) Var(tp *tensor.Tape) *tensor.Var {
	if f.norm == nil {
		return f.raw
	}
	op, ok := tp.Spare().(*applyNorm)
	if !ok {
		op = new(applyNorm)
	}
	*op = applyNorm{f: f, y: tp.Out(f.raw.Needs(), f.raw.Shape()...)}
	simd.ScaleShiftRows(op.y.Data(), f.raw.Data(), f.norm.scale, f.norm.shift, f.Rows(), f.Width())
	tp.Record("PairNorm", op, op.y)
	return op.y
}

// Backward hands the gradient on: raw's gradient is that of the normalised features.
func (op *applyNorm) Backward(*tensor.Tape) {
	addGradient(op.f.raw, op.y.OutGrad())
	op.f.norm.summed = false
}

// PairNorm is the batch normalisation of updated pair features, over all pairs of the batch (see
// [tensor.Tape.BatchNorm], whose arguments these are).
type PairNorm struct {
	Weight, Bias *tensor.Var // [width]
	Stats        tensor.NormStats
}

// begin sets up the normalisation by the statistics of the batch, or by running ones.
func (n *pairNorm) begin(tp *tensor.Tape, o *PairNorm, width int, batch bool) {
	*n = pairNorm{weight: o.Weight, bias: o.Bias, batch: batch,
		mean: tp.Scratch(width), invStd: tp.Scratch(width), scale: tp.Scratch(width), shift: tp.Scratch(width),
		sumDy: n.sumDy[:0], dotDy: n.dotDy[:0]}
}

// set computes scale and shift from mean and variance, which lie in n.mean and n.invStd.
func (n *pairNorm) set(eps float64) {
	w, b := n.weight.Data(), n.bias.Data()
	for c := range n.scale {
		n.scale[c], n.shift[c], n.invStd[c] = tensor.ScaleShift(n.mean[c], n.invStd[c], w[c], b[c], eps, n.batch)
	}
}

// normSums is the loop that sums dy and dy*raw where the consumers have not done it.
type normSums struct {
	dy, raw, partial []float32
	rows, cols       int
}

const normGrain = 256

// Run sums rows lo to hi.
func (s *normSums) Run(_, lo, hi int) {
	part := s.partial[lo/normGrain*2*s.cols:][:2*s.cols]
	clear(part)
	a, z := lo*s.cols, hi*s.cols
	simd.ColSums(part[:s.cols], s.dy[a:z], hi-lo, s.cols)
	simd.ColDots(part[s.cols:], s.dy[a:z], s.raw[a:z], hi-lo, s.cols)
}

// back computes, from dy, the gradients of weight and bias and the coefficients of the gradient of raw.
func (n *pairNorm) back(tp *tensor.Tape, raw *tensor.Var) {
	width, rows := raw.Cols(), raw.Rows()
	if !n.summed {
		pieces := parallel.Chunks(rows, normGrain)
		s := normSums{dy: raw.OutGrad(), raw: raw.Data(), partial: tp.Scratch(pieces * 2 * width), rows: rows, cols: width}
		parallel.For(rows, normGrain, &s)
		n.beginSums(width)
		for p := range pieces {
			n.addSums(s.partial[p*2*width:])
		}
		tp.Release(s.partial)
	}
	n.coefDy, n.coefX, n.coef1 = tp.Scratch(width), tp.Scratch(width), tp.Scratch(width)
	dw, db := tp.Scratch(width), tp.Scratch(width)
	w := n.weight.Data()
	if !n.batch {
		rows = 0
	}
	for c := range n.coefDy {
		dot := (n.dotDy[c] - float64(n.mean[c])*n.sumDy[c]) * float64(n.invStd[c]) // sum of dy x̂
		dw[c], db[c] = float32(dot), float32(n.sumDy[c])
		n.coefDy[c], n.coefX[c], n.coef1[c] = tensor.NormGradient(w[c], n.mean[c], n.invStd[c], n.sumDy[c], dot, rows)
	}
	addGradient(n.weight, dw)
	addGradient(n.bias, db)
	tp.Release(db)
	tp.Release(dw)
}

// beginSums makes the sums ready to be added up.
func (n *pairNorm) beginSums(width int) {
	n.sumDy, n.dotDy = zeros(n.sumDy, width), zeros(n.dotDy, width)
	n.summed = true
}

// addSums adds the sums of one piece [2, width] of the rows, in float64.
func (n *pairNorm) addSums(part []float32) {
	width := len(n.sumDy)
	for c := range width {
		n.sumDy[c] += float64(part[c])
		n.dotDy[c] += float64(part[width+c])
	}
}

func zeros(a []float64, n int) []float64 {
	if cap(a) < n {
		return make([]float64, n)
	}
	a = a[:n]
	clear(a)
	return a
}

// joinMoments joins the column moments of units, mean and centred sum of squares [units, 2, width], in their order into
// mean and biased variance.
func joinMoments(mean, variance, parts []float32, pairs *Pairs) {
	width := len(mean)
	for c := range mean {
		var m tensor.Moments
		for k, u := range pairs.units {
			m.Join(pairs.RowStart[u.to]-pairs.RowStart[u.from], parts[k*2*width+c], parts[(k*2+1)*width+c])
		}
		mean[c], variance[c] = float32(m.Mean), float32(m.Variance())
	}
}

func (o *PairNorm) check(width int) {
	for _, v := range [...]*tensor.Var{o.Weight, o.Bias} {
		if v.Value().Size() != width {
			panic(fmt.Sprintf("attention: PairNorm: vector of shape %v does not fit pair features of width %d", v.Shape(), width))
		}
	}
}

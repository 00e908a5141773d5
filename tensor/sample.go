package tensor

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// Sampling says how the rows of a result are mixed from those of an input: means of frames, interpolated images, images that
// are rolled or cut into windows. It is made once and serves any number of passes; it does not change.
type Sampling struct {
	rows, from int
	forward    mixing // by rows of the result
	backward   mixing // by rows of the input
}

// mixing is a sparse matrix: row r has the weights of the terms offsets[r] to offsets[r+1] at the columns at.
type mixing struct {
	offsets []int
	at      []int32
	weights []float32
}

// NewSampling returns the sampling whose row r is the sum over the terms i from offsets[r] to offsets[r+1] of weights[i]
// times row at[i] of an input of so many rows. It keeps copies.
func NewSampling(inputRows int, offsets []int, at []int32, weights []float32) *Sampling {
	if len(offsets) == 0 || offsets[0] != 0 || offsets[len(offsets)-1] != len(at) || len(at) != len(weights) {
		panic(fmt.Sprintf("tensor: NewSampling: %d offsets do not go from 0 to the end of %d rows and %d weights", len(offsets), len(at), len(weights)))
	}
	s := &Sampling{rows: len(offsets) - 1, from: inputRows}
	s.forward = mixing{append([]int(nil), offsets...), append([]int32(nil), at...), append([]float32(nil), weights...)}
	counts := make([]int, inputRows+1)
	for i, r := range at {
		if r < 0 || int(r) >= inputRows {
			panic(fmt.Sprintf("tensor: NewSampling: term %d is of row %d of %d", i, r, inputRows))
		}
		counts[r+1]++
	}
	for r := range inputRows {
		counts[r+1] += counts[r]
	}
	s.backward = mixing{append([]int(nil), counts...), make([]int32, len(at)), make([]float32, len(at))}
	for r := range s.rows {
		if offsets[r] > offsets[r+1] {
			panic(fmt.Sprintf("tensor: NewSampling: offsets fall from %d to %d", offsets[r], offsets[r+1]))
		}
		for i := offsets[r]; i < offsets[r+1]; i++ {
			to := counts[at[i]]
			s.backward.at[to], s.backward.weights[to] = int32(r), weights[i]
			counts[at[i]]++
		}
	}
	return s
}

// LinearSampling returns the bilinear interpolation of the images of from to the sizes of those of to, with the corners of
// both on each other (align_corners of PyTorch's interpolate): pixel i of M reads place i (N-1) / (M-1) of N.
func LinearSampling(from, to Grid) *Sampling {
	if from.items != to.items {
		panic(fmt.Sprintf("tensor: LinearSampling: %v from %v", to, from))
	}
	offsets := []int{0}
	var at []int32
	var weights []float32
	for b := range to.items {
		s, d, first := from.Size(b), to.Size(b), from.Offset(b)
		if s.Height*s.Width == 0 && d.Height*d.Width > 0 {
			panic(fmt.Sprintf("tensor: LinearSampling: an image of %v from one of %v", d, s))
		}
		for i := range d.Height {
			y, fy := linearPlace(i, s.Height, d.Height)
			for j := range d.Width {
				x, fx := linearPlace(j, s.Width, d.Width)
				for k, w := range [4]float64{(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx} {
					if w > 0 {
						at = append(at, int32(first+(y+k/2)*s.Width+x+k%2))
						weights = append(weights, float32(w))
					}
				}
				offsets = append(offsets, len(at))
			}
		}
	}
	return NewSampling(from.Rows(), offsets, at, weights)
}

// linearPlace returns the pixel before the place that pixel i of m reads among n, and how far beyond it the place is.
func linearPlace(i, n, m int) (pixel int, beyond float64) {
	if m <= 1 || n <= 1 {
		return 0, 0
	}
	pixel = i * (n - 1) / (m - 1)
	return pixel, float64(i*(n-1)%(m-1)) / float64(m-1)
}

// Rows returns the number of rows of the result.
func (s *Sampling) Rows() int { return s.rows }

// InputRows returns the number of rows of the input.
func (s *Sampling) InputRows() int { return s.from }

type sampled struct {
	x, y     *Var
	s        *Sampling
	mix      *mixing
	dst, src []float32
	add      bool
}

// sampleGrain is the number of rows that Sample takes at a time.
const sampleGrain = 64

// Sample returns the rows that s mixes from those of x [s.InputRows(), cols]: [s.Rows(), cols].
func (tp *Tape) Sample(x *Var, s *Sampling) *Var {
	if x.Rows() != s.from {
		panic(fmt.Sprintf("tensor: Sample: x %s, want %d rows", shapeString(x.Shape()), s.from))
	}
	op := spare[sampled](tp)
	*op = sampled{x: x, s: s, y: tp.Out(x.needs, s.rows, x.Cols()), mix: &s.forward, src: x.Data()}
	op.dst = op.y.Data()
	parallel.For(s.rows, sampleGrain, op)
	tp.Record("Sample", op, op.y)
	return op.y
}

// Run does the rows lo to hi.
func (op *sampled) Run(_, lo, hi int) {
	cols := op.x.Cols()
	for r := lo; r < hi; r++ {
		y, a, z := op.dst[r*cols:][:cols], op.mix.offsets[r], op.mix.offsets[r+1]
		if !op.add {
			clear(y)
		}
		simd.SumRowsAt(y, op.src, op.mix.at[a:z], op.mix.weights[a:z], cols)
	}
}

// Backward mixes by the transposed matrix.
func (op *sampled) Backward(*Tape) {
	if op.x.needs {
		op.dst, op.add = op.x.Accumulate()
		op.mix, op.src = &op.s.backward, op.y.OutGrad()
		parallel.For(op.s.from, sampleGrain, op)
	}
	*op = sampled{}
}

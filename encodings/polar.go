package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// polarEps is what the code of ComplexFormer adds to squared magnitudes.
const polarEps = 1e-9

// polarGrain is the number of tokens of a piece, and of a part of the sums over tokens.
const polarGrain = 64

// polar is the operation of [ComplexFormer]: a pair z = (re, im), the channels i and i + pairs of a head, becomes |z| at
// the phase delta arg z + bias. Its gradients are
//
//	d|z| = du cos A + dw sin A,  dA = dw u - du w,  d delta = dA arg z,  d bias = dA,  d arg = delta dA
//
// and those of re and im follow; at z = 0, which has no direction, d arg gives none.
type polar struct {
	x, y        *tensor.Var // [tokens, heads * 2 pairs]
	delta, bias *tensor.Var // [heads, pairs]; bias may be nil
	dy, dx      []float32
	add, back   bool
	parts       []float32 // [pieces, 2, heads * pairs]: gradients of delta and bias; nil where not wanted
}

// scalePhases records the operation.
func scalePhases(tp *tensor.Tape, x, delta, bias *tensor.Var) *tensor.Var {
	if x.Cols() != 2*delta.Value().Size() {
		panic(fmt.Sprintf("encodings: complexformer: queries or keys are %d wide, want %d heads of %d channels", x.Cols(), delta.Rows(), 2*delta.Cols()))
	}
	op, ok := tp.Spare().(*polar)
	if !ok {
		op = &polar{}
	}
	needs := x.Needs() || delta.Needs() || bias != nil && bias.Needs()
	*op = polar{x: x, delta: delta, bias: bias, y: tp.Out(needs, x.Shape()...)}
	parallel.For(x.Rows(), polarGrain, op)
	tp.Record("ScalePhases", op, op.y)
	return op.y
}

// Run does tokens lo to hi.
func (op *polar) Run(_, lo, hi int) {
	heads, pairs := op.delta.Rows(), op.delta.Cols()
	var ofDelta, ofBias []float32
	if op.parts != nil {
		size := heads * pairs
		part := op.parts[lo/polarGrain*2*size:][:2*size]
		clear(part)
		ofDelta, ofBias = part[:size], part[size:]
	}
	x, y, delta := op.x.Data(), op.y.Data(), op.delta.Data()
	for t := lo; t < hi; t++ {
		for n := range heads * pairs {
			re := (t*heads+n/pairs)*2*pairs + n%pairs
			im := re + pairs
			u, w := float64(x[re]), float64(x[im])
			size, arg, by := math.Sqrt(u*u+w*w+polarEps), math.Atan2(w, u), float64(delta[n])
			if op.back {
				op.pull(re, im, u, w, size, by, func(dA float64) {
					if ofDelta != nil {
						ofDelta[n] += float32(dA * arg)
						ofBias[n] += float32(dA)
					}
				})
				continue
			}
			phase := by * arg
			if op.bias != nil {
				phase += float64(op.bias.Data()[n])
			}
			sin, cos := math.Sincos(phase)
			y[re], y[im] = float32(size*cos), float32(size*sin)
		}
	}
}

// pull does one pair in the backward pass and tells the gradient of its phase.
func (op *polar) pull(re, im int, u, w, size, delta float64, phase func(dA float64)) {
	yu, yw, du, dw := float64(op.y.Data()[re]), float64(op.y.Data()[im]), float64(op.dy[re]), float64(op.dy[im])
	dA := dw*yu - du*yw
	phase(dA)
	if op.dx == nil {
		return
	}
	dsize := (du*yu + dw*yw) / size // y is size times (cos A, sin A)
	dre, dim := dsize*u/size, dsize*w/size
	if square := u*u + w*w; square > 0 {
		dre -= delta * dA * w / square
		dim += delta * dA * u / square
	}
	if op.add {
		op.dx[re] += float32(dre)
		op.dx[im] += float32(dim)
	} else {
		op.dx[re], op.dx[im] = float32(dre), float32(dim)
	}
}

// Backward adds up the pieces of the parameters' gradients in their order.
func (op *polar) Backward(tp *tensor.Tape) {
	op.back, op.dy = true, op.y.OutGrad()
	if op.x.Needs() {
		op.dx, op.add = op.x.Accumulate()
	}
	size, pieces := op.delta.Value().Size(), parallel.Chunks(op.x.Rows(), polarGrain)
	ofBias := op.bias != nil && op.bias.Needs()
	if op.delta.Needs() || ofBias {
		op.parts = tp.Scratch(pieces * 2 * size)
	}
	parallel.For(op.x.Rows(), polarGrain, op)
	if op.parts != nil {
		for p := range pieces {
			part := op.parts[p*2*size:][:2*size]
			if op.delta.Needs() {
				g := op.delta.AccumulateZeroed()
				simd.Add(g, g, part[:size])
			}
			if ofBias {
				g := op.bias.AccumulateZeroed()
				simd.Add(g, g, part[size:])
			}
		}
		tp.Release(op.parts)
	}
	*op = polar{}
}

package tensor

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// elementGrain is the number of elements that elementwise operations take at a time.
const elementGrain = 1 << 14

// zip applies a binary kernel over all processors: dst = f(a, b).
type zip struct {
	f         func(dst, a, b []float32)
	dst, a, b []float32
}

// Run does the elements lo to hi.
func (z *zip) Run(_, lo, hi int) { z.f(z.dst[lo:hi], z.a[lo:hi], z.b[lo:hi]) }

// zip runs f over all elements of dst.
func (tp *Tape) zip(f func(dst, a, b []float32), dst, a, b []float32) {
	tp.zipper = zip{f, dst, a, b}
	parallel.For(len(dst), elementGrain, &tp.zipper)
	tp.zipper = zip{}
}

// copySlices is a zip kernel that copies a and ignores b.
func copySlices(dst, a, _ []float32) { copy(dst, a) }

// addTo adds src to the gradient of v, which must be wanted.
func (tp *Tape) addTo(v *Var, src []float32) {
	if g, add := v.Accumulate(); add {
		tp.zip(simd.Add, g, g, src)
	} else {
		tp.zip(copySlices, g, src, src)
	}
}

type binaryKind int

const (
	kindAdd binaryKind = iota
	kindSub
	kindMul
	kindDiv
)

var binaryNames = [...]string{"Add", "Sub", "Mul", "Div"}

type binary struct {
	kind    binaryKind
	a, b, y *Var
}

// Add returns a + b, elementwise; the shapes must be equal.
func (tp *Tape) Add(a, b *Var) *Var { return tp.binary(kindAdd, simd.Add, a, b) }

// Sub returns a - b, elementwise; the shapes must be equal.
func (tp *Tape) Sub(a, b *Var) *Var { return tp.binary(kindSub, simd.Sub, a, b) }

// Mul returns a * b, elementwise; the shapes must be equal.
func (tp *Tape) Mul(a, b *Var) *Var { return tp.binary(kindMul, simd.Mul, a, b) }

// Div returns a / b, elementwise; the shapes must be equal.
func (tp *Tape) Div(a, b *Var) *Var { return tp.binary(kindDiv, simd.Div, a, b) }

func (tp *Tape) binary(kind binaryKind, f func(dst, a, b []float32), a, b *Var) *Var {
	mustSameShape(binaryNames[kind], a.Shape(), b.Shape())
	op := spare[binary](tp)
	*op = binary{kind: kind, a: a, b: b, y: tp.Out(a.needs || b.needs, a.Shape()...)}
	tp.zip(f, op.y.Data(), a.Data(), b.Data())
	tp.Record(binaryNames[kind], op, op.y)
	return op.y
}

// Backward of sum, difference, product and quotient (d(a/b) = da/b - y db/b).
func (op *binary) Backward(tp *Tape) {
	dy := op.y.OutGrad()
	switch op.kind {
	case kindAdd, kindSub:
		if op.a.needs {
			tp.addTo(op.a, dy)
		}
		if op.b.needs && op.kind == kindAdd {
			tp.addTo(op.b, dy)
		} else if op.b.needs {
			simd.AddScaled(op.b.AccumulateZeroed(), dy, -1)
		}
	case kindMul:
		if op.a.needs {
			tp.addProduct(op.a, dy, op.b.Data())
		}
		if op.b.needs {
			tp.addProduct(op.b, dy, op.a.Data())
		}
	case kindDiv:
		q := tp.arena.take(len(dy))
		tp.zip(simd.Div, q, dy, op.b.Data())
		if op.a.needs {
			tp.addTo(op.a, q)
		}
		if op.b.needs {
			simd.Scale(q, q, -1)
			tp.addProduct(op.b, q, op.y.Data())
		}
		tp.arena.give(q)
	}
}

// addProduct adds a*b to the gradient of v.
func (tp *Tape) addProduct(v *Var, a, b []float32) {
	if g, add := v.Accumulate(); add {
		tp.zip(simd.MulAdd, g, a, b)
	} else {
		tp.zip(simd.Mul, g, a, b)
	}
}

type scale struct {
	x, y   *Var
	factor float32
}

// Scale returns factor * x.
func (tp *Tape) Scale(x *Var, factor float32) *Var { return tp.scaleShift("Scale", x, factor, 0) }

// AddConst returns x + c.
func (tp *Tape) AddConst(x *Var, c float32) *Var { return tp.scaleShift("AddConst", x, 1, c) }

func (tp *Tape) scaleShift(name string, x *Var, factor, shift float32) *Var {
	op := spare[scale](tp)
	*op = scale{x: x, y: tp.Out(x.needs, x.Shape()...), factor: factor}
	y := op.y.Data()
	if name == "AddConst" {
		simd.AddConst(y, x.Data(), shift)
	} else {
		simd.Scale(y, x.Data(), factor)
	}
	tp.Record(name, op, op.y)
	return op.y
}

// Backward: dx = factor dy.
func (op *scale) Backward(*Tape) {
	if op.x.needs {
		simd.AddScaled(op.x.AccumulateZeroed(), op.y.OutGrad(), op.factor)
	}
}

type mulScalar struct{ x, s, y *Var }

// MulScalar returns s * x for a Var s of one element, such as the gate of ReZero.
func (tp *Tape) MulScalar(x, s *Var) *Var {
	if s.value.Size() != 1 {
		panic(fmt.Sprintf("tensor: MulScalar: factor has shape %s, want one element", shapeString(s.Shape())))
	}
	op := spare[mulScalar](tp)
	*op = mulScalar{x: x, s: s, y: tp.Out(x.needs || s.needs, x.Shape()...)}
	simd.Scale(op.y.Data(), x.Data(), s.Data()[0])
	tp.Record("MulScalar", op, op.y)
	return op.y
}

// Backward: dx = s dy, ds = sum x dy.
func (op *mulScalar) Backward(*Tape) {
	dy := op.y.OutGrad()
	if op.x.needs {
		simd.AddScaled(op.x.AccumulateZeroed(), dy, op.s.Data()[0])
	}
	if op.s.needs {
		op.s.AccumulateZeroed()[0] += float32(simd.Dot(op.x.Data(), dy))
	}
}

// mapping applies a unary kernel over all processors: dst = f(x).
type mapping struct {
	f      func(dst, x []float32)
	dst, x []float32
}

// Run does the elements lo to hi.
func (m *mapping) Run(_, lo, hi int) { m.f(m.dst[lo:hi], m.x[lo:hi]) }

// mapElements runs f over all elements of dst.
func (tp *Tape) mapElements(f func(dst, x []float32), dst, x []float32) {
	tp.mapper = mapping{f, dst, x}
	parallel.For(len(dst), elementGrain, &tp.mapper)
	tp.mapper = mapping{}
}

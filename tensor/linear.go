package tensor

import (
	"fmt"
)

type linear struct {
	x, w, b, y *Var
}

// Linear returns x Wᵀ + b for x [rows, in], w [out, in] and b [out]; b may be nil. The result is [rows, out].
// This is the layout of PyTorch's nn.Linear.
func (tp *Tape) Linear(x, w, b *Var) *Var {
	rows, in := x.Rows(), x.Cols()
	if w.value.Dims() != 2 || w.Cols() != in || (b != nil && b.value.Size() != w.Rows()) {
		panic(fmt.Sprintf("tensor: Linear: x %s does not fit weight %s and bias %s", shapeString(x.Shape()), shapeString(w.Shape()), biasShape(b)))
	}
	out := w.Rows()
	f := spare[linear](tp)
	*f = linear{x: x, w: w, b: b, y: tp.Out(x.needs || w.needs || (b != nil && b.needs), rows, out)}
	product := gemm{transB: true, m: rows, n: out, k: in, a: x.Data(), b: w.Data(), c: f.y.Data()}
	if b != nil {
		product.bias = b.Data()
	}
	if rows > 0 && out > 0 {
		tp.multiply(product)
	}
	tp.Record("Linear", f, f.y)
	return f.y
}

func biasShape(b *Var) string {
	if b == nil {
		return "none"
	}
	return shapeString(b.Shape())
}

// Backward: dx = dy W, dW = dyᵀ x, db = column sums of dy.
func (f *linear) Backward(tp *Tape) {
	dy, rows, in, out := f.y.OutGrad(), f.x.Rows(), f.x.Cols(), f.w.Rows()
	if f.x.needs {
		dx, add := f.x.Accumulate()
		tp.matmul(false, false, rows, in, out, dy, f.w.Data(), dx, add)
	}
	if f.w.needs {
		dw, add := f.w.Accumulate()
		tp.matmul(true, false, out, in, rows, dy, f.x.Data(), dw, add)
	}
	if f.b != nil && f.b.needs {
		tp.colSums(f.b.AccumulateZeroed(), dy, rows, out)
	}
}

type matMul struct {
	a, b, y *Var
	transB  bool
	m, n, k int
}

// MatMul returns the product a b of [m, k] and [k, n] matrices.
func (tp *Tape) MatMul(a, b *Var) *Var { return tp.product("MatMul", a, b, false) }

// MatMulNT returns a bᵀ for a [m, k] and b [n, k].
func (tp *Tape) MatMulNT(a, b *Var) *Var { return tp.product("MatMulNT", a, b, true) }

func (tp *Tape) product(name string, a, b *Var, transB bool) *Var {
	m, k := a.Rows(), a.Cols()
	n, kb := b.Cols(), b.Rows()
	if transB {
		n, kb = kb, n
	}
	if k != kb {
		panic(fmt.Sprintf("tensor: %s: inner dimensions of %s and %s differ", name, shapeString(a.Shape()), shapeString(b.Shape())))
	}
	f := spare[matMul](tp)
	*f = matMul{a: a, b: b, y: tp.Out(a.needs || b.needs, m, n), transB: transB, m: m, n: n, k: k}
	tp.matmul(false, transB, m, n, k, a.Data(), b.Data(), f.y.Data(), false)
	tp.Record(name, f, f.y)
	return f.y
}

// Backward: da = dy bᵀ, db = aᵀ dy, with b transposed where the product had it so.
func (f *matMul) Backward(tp *Tape) {
	dy := f.y.OutGrad()
	if f.a.needs {
		da, add := f.a.Accumulate()
		tp.matmul(false, !f.transB, f.m, f.k, f.n, dy, f.b.Data(), da, add)
	}
	if f.b.needs {
		db, add := f.b.Accumulate()
		if f.transB {
			tp.matmul(true, false, f.n, f.k, f.m, dy, f.a.Data(), db, add)
		} else {
			tp.matmul(true, false, f.k, f.n, f.m, f.a.Data(), dy, db, add)
		}
	}
}

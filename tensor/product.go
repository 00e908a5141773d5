package tensor

import "fmt"

// MatMulInto sets dst = op(a) op(b) for matrices outside the record: op transposes where transA or transB says so. dst is
// [m, n], a [m, k] ([k, m] when transA), b [k, n] ([n, k] when transB); dst must not overlap a or b. It is the product that
// [Tape.MatMul] and [Tape.Linear] do, forward and backward, on as many processors and with the same bits, for a [Function]
// that needs one in its Backward, and for measuring.
func (tp *Tape) MatMulInto(dst, a, b *Tensor, transA, transB bool) {
	m, k := a.Rows(), a.Cols()
	if transA {
		m, k = k, m
	}
	inner, n := b.Rows(), b.Cols()
	if transB {
		inner, n = n, inner
	}
	if k != inner || dst.Rows() != m || dst.Cols() != n {
		panic(fmt.Sprintf("tensor: MatMulInto: %s%s times %s%s does not give %s", shapeString(a.shape), transposed(transA),
			shapeString(b.shape), transposed(transB), shapeString(dst.shape)))
	}
	tp.matmul(transA, transB, m, n, k, a.data, b.data, dst.data, false)
}

func transposed(yes bool) string {
	if yes {
		return " transposed"
	}
	return ""
}

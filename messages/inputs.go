package messages

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// want panics where v has not the given shape.
func want(op, name string, v *tensor.Var, rows, cols int) {
	if v == nil || v.Rows() != rows || v.Cols() != cols {
		shape := "none"
		if v != nil {
			shape = fmt.Sprint(v.Shape())
		}
		panic(fmt.Sprintf("messages: %s: %s has shape %s, want [%d %d]", op, name, shape, rows, cols))
	}
}

// width returns the number of columns of an input that decides it.
func width(op, name string, v *tensor.Var) int {
	if v == nil {
		panic(fmt.Sprintf("messages: %s: %s is nil", op, name))
	}
	return v.Cols()
}

func needs(inputs ...*tensor.Var) bool {
	for _, v := range inputs {
		if v != nil && v.Needs() {
			return true
		}
	}
	return false
}

// apart returns v, whose rows are edges, or another Var over its memory where it is one of the inputs whose rows are nodes
// too: gradients of edges are written while those of some nodes are yet to be.
func apart(tp *tensor.Tape, v *tensor.Var, nodes ...*tensor.Var) *tensor.Var {
	for _, x := range nodes {
		if v != nil && v == x {
			return tp.Reshape(v, v.Rows(), v.Cols())
		}
	}
	return v
}

// weightsOf writes the weights of edges, 1 for each where there are none.
func weightsOf(dst []float32, weight *tensor.Var, edges []int32) []float32 {
	dst = dst[:len(edges)]
	if weight == nil {
		for r := range dst {
			dst[r] = 1
		}
		return dst
	}
	w := weight.Data()
	for r, k := range edges {
		dst[r] = w[k]
	}
	return dst
}

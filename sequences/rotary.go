package sequences

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// ToInterleaved reorders, in place, the rows of the weight or bias of queries or keys, [heads * head dim, ...], from the
// half-split pairs (i, i + pairs) of LLaMA and GPT-NeoX to the interleaved ones (2i, 2i + 1) of RoFormer and GPT-J, in
// every head: row c of the result is row c/2 + (c mod 2) pairs. A model computes the same if it is given the other
// rotation then. Rows of a head beyond 2 pairs, those of a partial rotation, stay; values need no such step.
func ToInterleaved(t *tensor.Tensor, heads, pairs int) {
	permuteHeads("ToInterleaved", t, heads, pairs, func(c int) (to, from int) { return c, c/2 + c%2*pairs })
}

// ToHalfSplit undoes [ToInterleaved].
func ToHalfSplit(t *tensor.Tensor, heads, pairs int) {
	permuteHeads("ToHalfSplit", t, heads, pairs, func(c int) (to, from int) { return c/2 + c%2*pairs, c })
}

func permuteHeads(name string, t *tensor.Tensor, heads, pairs int, move func(c int) (to, from int)) {
	if heads < 1 || pairs < 0 || t.Rows()%heads != 0 || 2*pairs > t.Rows()/heads {
		panic(fmt.Sprintf("sequences: %s: %d heads with %d pairs each do not fit the rows of %v", name, heads, pairs, t.Shape()))
	}
	dim, cols := t.Rows()/heads, t.Cols()
	old := make([]float32, 2*pairs*cols)
	for h := range heads {
		rows := t.Data()[h*dim*cols:]
		copy(old, rows)
		for c := range 2 * pairs {
			to, from := move(c)
			copy(rows[to*cols:(to+1)*cols], old[from*cols:])
		}
	}
}

package nn

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// Embedding is a table with a learned vector for each of a number of types.
type Embedding struct {
	Table *tensor.Tensor // [types, width]
}

// NewEmbedding returns a table of standard normal numbers, PyTorch's default.
func NewEmbedding(types, width int, init *Init) *Embedding {
	if types <= 0 || width <= 0 {
		panic(fmt.Sprintf("nn: Embedding: a table of %d types and width %d has no elements", types, width))
	}
	e := &Embedding{Table: tensor.New(types, width)}
	init.Normal(e.Table, 1)
	return e
}

// Params declares the table.
func (e *Embedding) Params(c *Params) { c.Param("table", e.Table) }

// Apply returns the vectors of the given types, [len(ids), width]. ids must not change while the pass lasts; an id
// outside the table panics, so check what comes from files before.
func (e *Embedding) Apply(tp *tensor.Tape, ids []int32) *tensor.Var {
	return tp.Gather(tp.Leaf(e.Table), ids)
}

package messages

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Sources returns for every edge the row of x [nodes, d] of the node that it leaves, [edges, d].
func Sources(tp *tensor.Tape, e *Edges, x *tensor.Var) *tensor.Var {
	return applyRows(tp, "rows of sources", "Sources", e, x, e.from, &e.out)
}

// Targets returns for every edge the row of x [nodes, d] of the node that it comes to, [edges, d].
func Targets(tp *tensor.Tape, e *Edges, x *tensor.Var) *tensor.Var {
	return applyRows(tp, "rows of targets", "Targets", e, x, e.to, &e.in)
}

// rows is the recorded operation.
type rows struct {
	x, y  *tensor.Var
	at    []int32
	index *index // the edges of each row of x
	d     int

	dy      []float32
	dx      gradient
	reducer reducer
}

const rowsGrain = 256 // edges

func applyRows(tp *tensor.Tape, record, name string, e *Edges, x *tensor.Var, at []int32, ix *index) *tensor.Var {
	d := width(name, "x", x)
	want(name, "x", x, e.Nodes(), d)
	op, ok := tp.Spare().(*rows)
	if !ok {
		op = new(rows)
	}
	*op = rows{x: x, at: at, index: ix, d: d, y: tp.Out(x.Needs(), e.Len(), d)}
	parallel.For(len(at), rowsGrain, op)
	tp.Record(record, op, op.y)
	return op.y
}

// Run gathers the rows of edges lo to hi.
func (op *rows) Run(_, lo, hi int) {
	simd.GatherRows(op.y.Data()[lo*op.d:hi*op.d], op.x.Data(), op.at[lo:hi], op.d)
}

// Backward sums the rows of each node's edges.
func (op *rows) Backward(tp *tensor.Tape) {
	op.dy, op.dx = op.y.OutGrad(), gradientOf(op.x)
	op.reducer.run(tp, op.index, (*rowsBackward)(op), op.d, batch)
}

type rowsBackward rows

func (op *rowsBackward) clear(state []float32) { clear(state) }

func (op *rowsBackward) add(state []float32, room tile, _, lo, hi int) {
	w := room.cut(batch)
	for ; lo < hi; lo += batch {
		edges := op.index.edge[lo:min(lo+batch, hi)]
		simd.SumRowsAt(state, op.dy, edges, weightsOf(w, nil, edges), op.d)
	}
}

func (op *rowsBackward) join(state, later []float32) { simd.Add(state, state, later) }

func (op *rowsBackward) finish(state []float32, _ tile, i int) { op.dx.put(i, state) }

package tensor

import (
	"fmt"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/internal/simd"
)

type gather struct {
	table, y *Var
	index    []int32
}

// Gather returns the rows of table [n, cols] named by index, as an embedding does: [len(index), cols]. index must not
// change while the pass lasts. An index outside the table panics.
func (tp *Tape) Gather(table *Var, index []int32) *Var {
	mustIndex("Gather", index, table)
	op := spare[gather](tp)
	*op = gather{table: table, index: index, y: tp.Out(table.needs, len(index), table.Cols())}
	simd.GatherRows(op.y.Data(), table.Data(), index, table.Cols())
	tp.Record("Gather", op, op.y)
	return op.y
}

// Backward adds the rows back in the order of the index.
func (op *gather) Backward(*Tape) {
	if op.table.needs {
		simd.ScatterAddRows(op.table.AccumulateZeroed(), op.y.OutGrad(), op.index, op.table.Cols())
	}
}

func mustIndex(op string, index []int32, table *Var) {
	rows := table.Rows()
	for i, x := range index {
		if x < 0 || int(x) >= rows {
			panic(fmt.Sprintf("tensor: %s: index %d at %d is outside the %d rows of %s", op, x, i, rows, shapeString(table.Shape())))
		}
	}
}

type scatterAdd struct {
	x, src, y *Var
	index     []int32
}

// ScatterAdd returns x [rows, cols] with row k of src added to row index[k], in the order of the index.
func (tp *Tape) ScatterAdd(x, src *Var, index []int32) *Var {
	if src.Rows() != len(index) || src.Cols() != x.Cols() {
		panic(fmt.Sprintf("tensor: ScatterAdd: %d indices and rows %s do not fit %s", len(index), shapeString(src.Shape()), shapeString(x.Shape())))
	}
	mustIndex("ScatterAdd", index, x)
	op := spare[scatterAdd](tp)
	*op = scatterAdd{x: x, src: src, index: index, y: tp.Out(x.needs || src.needs, x.Shape()...)}
	tp.zip(copySlices, op.y.Data(), x.Data(), x.Data())
	simd.ScatterAddRows(op.y.Data(), src.Data(), index, x.Cols())
	tp.Record("ScatterAdd", op, op.y)
	return op.y
}

// Backward: dx = dy, dsrc = the rows of dy that the index names.
func (op *scatterAdd) Backward(tp *Tape) {
	dy := op.y.OutGrad()
	if op.src.needs {
		g, add := op.src.Accumulate()
		if !add {
			simd.GatherRows(g, dy, op.index, op.x.Cols())
		} else {
			part := tp.arena.take(len(g))
			simd.GatherRows(part, dy, op.index, op.x.Cols())
			simd.Add(g, g, part)
			tp.arena.give(part)
		}
	}
	if op.x.needs {
		tp.addTo(op.x, dy)
	}
}

// Pooling joins the rows of a ragged item into one.
type Pooling int

// The poolings: the sum of the rows, their mean, the largest element of each column.
const (
	PoolSum Pooling = iota
	PoolMean
	PoolMax
)

// String returns sum, mean or max.
func (p Pooling) String() string {
	if p < PoolSum || p > PoolMax {
		return fmt.Sprintf("Pooling(%d)", int(p))
	}
	return poolingNames[p]
}

var poolingNames = []string{"sum", "mean", "max"}

// MarshalText returns the name, for configuration files.
func (p Pooling) MarshalText() ([]byte, error) {
	if p < PoolSum || p > PoolMax {
		return nil, fmt.Errorf("pooling %d has no name", int(p))
	}
	return []byte(poolingNames[p]), nil
}

// UnmarshalText reads a name. The error of an unknown one tells the nearest known one.
func (p *Pooling) UnmarshalText(text []byte) error {
	k, err := nearest.Index("pooling", string(text), poolingNames)
	if err == nil {
		*p = Pooling(k)
	}
	return err
}

type pool struct {
	x, y    *Var
	kind    Pooling
	offsets []int
	from    []int32 // PoolMax: the row that each element came from
}

// Pool returns one row an item: row b joins the rows offsets[b] to offsets[b+1] of x. The result is
// [len(offsets)-1, cols]. An item without rows gives zeros.
func (tp *Tape) Pool(x *Var, offsets []int, kind Pooling) *Var {
	mustOffsets("Pool", x, offsets)
	if kind < PoolSum || kind > PoolMax {
		panic(fmt.Sprintf("tensor: Pool: unknown pooling %d", int(kind)))
	}
	items, cols := len(offsets)-1, x.Cols()
	op := spare[pool](tp)
	*op = pool{x: x, y: tp.Out(x.needs, items, cols), kind: kind, offsets: offsets, from: op.from[:0]}
	clear(op.y.Data())
	for b := 0; b < items; b++ {
		lo, hi, dst := offsets[b], offsets[b+1], op.y.Data()[b*cols:(b+1)*cols]
		rows := x.Data()[lo*cols : hi*cols]
		switch kind {
		case PoolMax:
			op.largest(dst, rows, lo)
		default:
			simd.ColSums(dst, rows, hi-lo, cols)
			if kind == PoolMean && hi > lo {
				simd.Scale(dst, dst, 1/float32(hi-lo))
			}
		}
	}
	tp.Record("Pool", op, op.y)
	return op.y
}

// largest writes the columns' maxima of one item and notes the rows they came from, the first where several are equal.
func (op *pool) largest(dst, rows []float32, first int) {
	cols := len(dst)
	for c := range dst {
		at := int32(-1)
		for r := 0; r*cols < len(rows); r++ {
			if v := rows[r*cols+c]; at < 0 || v > dst[c] || v != v {
				dst[c], at = v, int32(first+r)
			}
		}
		op.from = append(op.from, at)
	}
}

// Backward gives the gradient of an item to its rows: to all of them, or for PoolMax to the row of the maximum.
func (op *pool) Backward(*Tape) {
	if !op.x.needs {
		return
	}
	dy, cols := op.y.OutGrad(), op.x.Cols()
	g := op.x.AccumulateZeroed()
	for b := 0; b+1 < len(op.offsets); b++ {
		lo, hi, row := op.offsets[b], op.offsets[b+1], dy[b*cols:(b+1)*cols]
		if op.kind == PoolMax {
			for c, at := range op.from[b*cols : (b+1)*cols] {
				if at >= 0 {
					g[int(at)*cols+c] += row[c]
				}
			}
			continue
		}
		share := float32(1)
		if op.kind == PoolMean && hi > lo {
			share = 1 / float32(hi-lo)
		}
		for r := lo; r < hi; r++ {
			simd.AddScaled(g[r*cols:(r+1)*cols], row, share)
		}
	}
}

package attention

import (
	"github.com/graft-ml/graft/tensor"
)

// column is a learned table [rows, heads], or [rows, 1] for all heads, laid out head by head.
type column struct {
	v      *tensor.Var
	data   []float32 // [heads or 1, rows]
	rows   int
	shared bool
	grad   int // where its gradients begin in the partial sums of a head
}

func newColumn(tp *tensor.Tape, v *tensor.Var, grad int) column {
	c := column{v: v, rows: v.Rows(), shared: v.Cols() == 1, grad: grad}
	c.data = tp.Scratch(c.rows * v.Cols())
	transpose(c.data, v.Data(), c.rows, v.Cols())
	return c
}

// head returns the numbers of a head.
func (c *column) head(h int) []float32 {
	if c.shared {
		h = 0
	}
	return c.data[h*c.rows : (h+1)*c.rows]
}

// relativeTable is a [RelativeBias], distanceTable a [DistanceBias].
type (
	relativeTable struct {
		column
		index []int32
		min   int
	}
	distanceTable struct {
		column   // one row a head: slopes
		distance []float32
	}
)

// at returns the row of the table for a difference of places.
func (r *relativeTable) at(difference int) int32 {
	return r.index[min(max(difference-r.min, 0), len(r.index)-1)]
}

// of returns what a difference of places counts as.
func (d *distanceTable) of(difference int) float32 {
	if difference < 0 {
		difference = -difference
	}
	if d.distance == nil {
		return float32(difference)
	}
	return d.distance[min(difference, len(d.distance)-1)]
}

// placeBias is the sum of all biases that depend on the difference of places alone.
type placeBias struct {
	relative []relativeTable
	distance []distanceTable
	learned  bool // a gradient is wanted
}

func (p *placeBias) any() bool { return len(p.relative)+len(p.distance) > 0 }

// value returns the bias of a head at a difference of places.
func (p *placeBias) value(h, difference int) float32 {
	x := float32(0)
	for k := range p.relative {
		r := &p.relative[k]
		x += r.head(h)[r.at(difference)]
	}
	for k := range p.distance {
		d := &p.distance[k]
		x -= float32(d.v.Data()[h] * d.of(difference))
	}
	return x
}

// fill writes the biases of a head at the differences from low on.
func (p *placeBias) fill(bias []float32, h, low int) {
	clear(bias)
	for k := range p.relative {
		r := &p.relative[k]
		values := r.head(h)
		for t := range bias {
			bias[t] += values[r.at(low+t)]
		}
	}
	for k := range p.distance {
		d := &p.distance[k]
		slope := d.v.Data()[h]
		for t := range bias {
			bias[t] -= float32(slope * d.of(low+t))
		}
	}
}

// addGrad adds the gradient g of a head's bias at a difference of places to the partial sums.
func (p *placeBias) addGrad(sums []float32, difference int, g float32) {
	for k := range p.relative {
		r := &p.relative[k]
		sums[r.grad+int(r.at(difference))] += g
	}
	for k := range p.distance {
		d := &p.distance[k]
		sums[d.grad] -= float32(d.of(difference) * g)
	}
}

// pairTable is a [DenseBias] or, with an index, a [TableBias].
type pairTable struct {
	column
	index []int32
	dense []float32 // gradient of a DenseBias [pairs, heads or 1]; nil where none is wanted
}

// prepareBiases lays out the biases and the partial sums of their gradients.
func (op *softmax) prepareBiases(tp *tensor.Tape) {
	m := &op.memory
	m.relative, m.distance, m.tables = m.relative[:0], m.distance[:0], m.tables[:0]
	size := 0
	for _, bias := range op.in.Biases {
		needs := bias.learned().Needs()
		switch b := bias.(type) {
		case DenseBias:
			c := column{v: b.Values, rows: b.Values.Rows(), shared: b.Values.Cols() == 1}
			m.tables = append(m.tables, pairTable{column: c})
			op.back.together = op.back.together || needs && c.shared && op.Heads > 1
		case TableBias:
			c := newColumn(tp, b.Table, size)
			m.tables = append(m.tables, pairTable{column: c, index: b.Index})
			size += c.rows
		case RelativeBias:
			c := newColumn(tp, b.Table, size)
			m.relative = append(m.relative, relativeTable{c, b.Rows, b.Min})
			op.places.learned = op.places.learned || needs
			size += c.rows
		case DistanceBias:
			m.distance = append(m.distance, distanceTable{column{v: b.Slopes, rows: 1, grad: size}, b.Distance})
			op.places.learned = op.places.learned || needs
			size++
		}
	}
	op.places.relative, op.places.distance, op.tables = m.relative, m.distance, m.tables
	op.back.relativeAt = size
	if r := op.in.Relative; r != nil {
		size += r.Keys.Rows() * op.d
	}
	op.back.partial = size
}

func (op *softmax) releaseBiases(tp *tensor.Tape) {
	for k := range op.tables {
		if op.tables[k].data != nil {
			tp.Release(op.tables[k].data)
		}
	}
	for k := range op.places.relative {
		tp.Release(op.places.relative[k].data)
	}
}

// addPairs adds a bias of pairs to a tile of scores.
func (c *scorer) addPairs(t *pairTable, j, n, r0, r1 int) {
	for i := r0; i < r1; i++ {
		row := c.s[i*keyTile:][:n]
		at := c.seq.pair + (c.from+i)*c.seq.keys + j
		if t.index == nil {
			cols, data := t.v.Cols(), t.v.Data()
			at = at*cols + c.h%cols
			for r := range row {
				row[r] += data[at+r*cols]
			}
			continue
		}
		values := t.head(c.h)
		for r, k := range t.index[at : at+n] {
			if k >= 0 {
				row[r] += values[k]
			}
		}
	}
}

// addPairsGrad adds the gradient of a tile of scores to a bias of pairs: a DenseBias' own, or the partial sums.
func (c *scorer) addPairsGrad(t *pairTable, ds, sums []float32, j, n, r0, r1 int) {
	for i := r0; i < r1; i++ {
		row := ds[i*keyTile:][:n]
		at := c.seq.pair + (c.from+i)*c.seq.keys + j
		if t.index == nil {
			if t.dense == nil {
				return
			}
			cols := t.v.Cols()
			at = at*cols + c.h%cols
			for r, g := range row {
				t.dense[at+r*cols] += g
			}
			continue
		}
		grad := sums[t.grad : t.grad+t.rows]
		for r, k := range t.index[at : at+n] {
			if k >= 0 {
				grad[k] += row[r]
			}
		}
	}
}

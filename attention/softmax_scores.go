package attention

import (
	"github.com/graft-ml/graft/internal/simd"
)

// scorer computes the scores of one head for consecutive queries of a sequence, tile by tile of keys.
type scorer struct {
	op         *softmax
	seq        *sequence
	b, h       int // sequence, query head
	from, rows int // queries, within the sequence
	places     []int32

	q, relative []float32 // queries [rows, d], scaled: rotated, and those of the relative keys
	s           []float32 // scores [rows, keyTile]
	words       []uint64  // the mask of the tile, a word a query
	neighbours  []uint64  // of all tiles [tiles, rows]
	low, high   int       // places of the queries

	window placeWindow
	rel    relativeTile
	// slope is the derivative of the transform [rows, keyTile]; nil where it is not wanted.
	slope []float32
}

// scorerWork is the scratch that begin cuts for blocks of at most so many rows.
func (op *softmax) scorerWork(rows int, back bool) int {
	n := lineRoom(rows*op.d) + rows*keyTile
	if op.in.Relative != nil {
		n += lineRoom(rows*op.d) + op.relativeWork(rows, back)
	}
	if back && op.transform.any() {
		n += rows * keyTile
	}
	return n + op.windowRoom(rows)
}

// begin sets the block of queries, of at most most rows.
func (c *scorer) begin(op *softmax, t *tile, worker, b, h, from, rows, most int, back bool) {
	s := &op.memory.seqs[b]
	*c = scorer{op: op, seq: s, b: b, h: h, from: from, rows: rows, words: op.memory.words[worker]}
	c.q, c.s = t.lines(most*op.d), t.cut(most*keyTile)
	if op.in.Relative != nil {
		c.relative = t.lines(most * op.d)
		c.rel.cut(op, t, most, back)
	}
	if back && op.transform.any() {
		c.slope = t.cut(most * keyTile)
	}
	c.window.room = t.cut(op.windowRoom(most))
	c.move(worker, h, from, rows)
}

// move goes to another block of queries of the sequence.
func (c *scorer) move(worker, h, from, rows int) {
	op, s := c.op, c.seq
	c.h, c.from, c.rows = h, from, rows
	c.places = op.in.QueryIndex[s.q+from : s.q+from+rows]
	c.low, c.high = bounds(c.places)
	op.loadQueries(c.q, s, h, from, rows)
	if r := op.in.Relative; r != nil {
		op.loadRelativeQueries(c.relative, s, h, from, rows)
	}
	if op.mask.neighbours != nil {
		c.neighbours = op.neighbourWords(worker, s, from, rows)
	}
}

// bounds returns the smallest and the largest place.
func bounds(places []int32) (low, high int) {
	if len(places) == 0 {
		return 0, 0
	}
	l, h := places[0], places[0]
	for _, p := range places {
		l, h = min(l, p), max(h, p)
	}
	return int(l), int(h)
}

// beginKeys prepares the biases for keys from to to of the sequence.
func (c *scorer) beginKeys(from, to int) {
	if c.op.places.any() {
		c.window.fill(c, from, to)
	}
}

// scores computes the scores of rows r0 to r1 with keys j to j+n, whose transpose is kt [d, keyTile]. Where partial, what
// the words of the rows do not allow is -Inf.
func (c *scorer) scores(kt []float32, j, n, r0, r1 int, partial bool) {
	op := c.op
	s := c.s[r0*keyTile:]
	simd.Gemm(false, false, r1-r0, n, op.d, c.q[r0*op.d:], op.d, kt, keyTile, s, keyTile, false)
	if op.in.Relative != nil {
		c.rel.add(c, j, n, r0, r1)
	}
	if op.transform.any() {
		c.applyTransform(j, n, r0, r1)
	}
	if op.places.any() {
		c.window.add(c, j, n, r0, r1)
	}
	for k := range op.tables {
		c.addPairs(&op.tables[k], j, n, r0, r1)
	}
	if partial {
		c.hide(n, r0, r1)
	}
}

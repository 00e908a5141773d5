package attention

import (
	"math"
	"math/bits"

	"github.com/graft-ml/graft/internal/simd"
)

// scorer computes the scores of one head for consecutive queries of a sequence, tile by tile of keys.
type scorer struct {
	op         *softmax
	seq        *sequence
	h          int // query head
	from, rows int // queries, within the sequence
	places     []int32
	low, high  int // places of the queries
	segments   []int32
	// lowSegment and highSegment are the bounds of the queries' segments.
	lowSegment, highSegment int32

	q, relative []float32 // queries [rows, d], scaled: turned, and those of the relative keys
	s           []float32 // scores [rows, keyTile]
	room        *maskRoom // with the mask of the tile
	at          []int32   // where the biases of the queries begin in the window
	neighbours  []uint64  // of all tiles [tiles, rows]

	window placeWindow
	rel    relativeTile
	// slope is the derivative of the transform [rows, keyTile]; nil where it is not wanted.
	slope []float32
}

// scorerWork is the scratch that begin cuts for at most so many queries.
func (op *softmax) scorerWork(rows int, back bool) int {
	n := lineRoom(rows*op.d) + rows*keyTile + op.windowRoom(rows)
	if op.in.Relative != nil {
		n += lineRoom(rows*op.d) + op.relativeWork(rows, back)
	}
	if back && op.transform.any() {
		n += rows * keyTile
	}
	return n
}

// begin cuts the scratch for queries of a sequence, at most rows at a time.
func (c *scorer) begin(op *softmax, t *tile, worker, seq, rows int, back bool) {
	m := &op.memory
	*c = scorer{op: op, seq: &m.seqs[seq], room: &m.masks[worker], at: m.at[worker]}
	c.q, c.s = t.lines(rows*op.d), t.cut(rows*keyTile)
	if op.in.Relative != nil {
		c.relative = t.lines(rows * op.d)
		c.rel.cut(op, t, rows, back)
	}
	if back && op.transform.any() {
		c.slope = t.cut(rows * keyTile)
	}
	c.window.room = t.cut(op.windowRoom(rows))
}

// aim chooses the queries and the head. It is enough for allowed.
func (c *scorer) aim(h, from, rows int) {
	c.h, c.from, c.rows = h, from, rows
	c.places = c.op.in.QueryIndex[c.seq.q+from : c.seq.q+from+rows]
	c.low, c.high = bounds(c.places)
	if seg := c.op.mask.qSeg; seg != nil {
		c.segments = seg[c.seq.q+from : c.seq.q+from+rows]
		low, high := bounds(c.segments)
		c.lowSegment, c.highSegment = int32(low), int32(high)
	}
	if c.op.mask.neighbours != nil {
		c.neighbourWords()
	}
}

// load fetches the queries, and their biases with keys from to to.
func (c *scorer) load(from, to int) {
	op := c.op
	op.loadQueries(c.q, c.seq, c.h, c.from, c.rows)
	if op.in.Relative != nil {
		op.loadRelativeQueries(c.relative, c.seq, c.h, c.from, c.rows)
	}
	if len(c.window.room) > 0 {
		c.window.fill(c, from, to)
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

// products computes the products of rows r0 to r1 with n keys, whose transpose is kt [d, keyTile].
func (c *scorer) products(kt []float32, n, r0, r1 int) {
	d := c.op.d
	simd.Gemm(false, false, r1-r0, n, d, c.q[r0*d:], d, kt, keyTile, c.s[r0*keyTile:], keyTile, false)
}

// scores makes scores of the products of rows r0 to r1 with keys j to j+n, but for what terms returns.
func (c *scorer) scores(j, n, r0, r1 int) {
	op := c.op
	if op.in.Relative != nil {
		c.rel.add(c, j, n, r0, r1)
	}
	if op.transform.any() {
		c.applyTransform(j, n, r0, r1)
	}
	if op.places.any() && !c.windowed() {
		c.window.add(c, j, n, r0, r1)
	}
	for k := range op.tables {
		c.addPairs(&op.tables[k], j, n, r0, r1)
	}
}

// windowed reports whether the biases of a row by place lie one after the other in the window.
func (c *scorer) windowed() bool { return c.seq.dense && c.window.bias != nil }

// windowRows returns where in the window key j stands for rows r0 to r1.
func (c *scorer) windowRows(j, r0, r1 int) []int32 {
	at, first := c.at[:r1-r0], int(c.op.in.KeyIndex[c.seq.k+j])-c.window.low
	for i, place := range c.places[r0:r1] {
		at[i] = int32(first - int(place))
	}
	return at
}

// terms returns what the softmax of a tile adds to the scores: biases by place, and the mask.
func (c *scorer) terms(j, n, r0, r1 int, partial bool) simd.TileTerms {
	var t simd.TileTerms
	if c.windowed() {
		t.Bias, t.At = c.window.bias[:cap(c.window.bias)], c.windowRows(j, r0, r1)
	}
	switch all := c.room.words[queryBlock:]; {
	case partial:
		t.Mask = c.room.words[r0:r1]
	case n < keyTile:
		all[0] = ^uint64(0) >> (keyTile - n)
		t.Mask = all
	}
	return t
}

// addTerms adds the biases to the scores themselves and hides what the mask does not allow; the terms keep the mask.
func (c *scorer) addTerms(t *simd.TileTerms, n, r0, r1 int) {
	if t.Bias != nil {
		for i := range r1 - r0 {
			row := c.s[(r0+i)*keyTile:][:n]
			simd.Add(row, row, t.Bias[t.At[i]:][:n])
		}
		t.Bias = nil
	}
	for i := r0; i < r1 && len(t.Mask) == r1-r0; i++ {
		row := c.s[i*keyTile:][:n]
		for w := ^t.Mask[i-r0]; w != 0; w &= w - 1 {
			if r := bits.TrailingZeros64(w); r < n {
				row[r] = float32(math.Inf(-1))
			}
		}
	}
}

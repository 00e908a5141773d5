package attention

import (
	"math"
)

// maskPlan is the mask as the kernel wants it: places a query may see, from back before to ahead after it.
type maskPlan struct {
	places       bool
	back, ahead  int
	qSeg, kSeg   []int32
	neighbours   *Pairs
	allow        []bool
	elementsWise bool // parts that are looked at pair by pair
}

// newMask reads the mask.
func (op *softmax) newMask() maskPlan {
	m, const_ := &op.in.Mask, math.MaxInt
	p := maskPlan{back: const_, ahead: const_, qSeg: m.QuerySegments, kSeg: m.KeySegments, allow: m.Allow}
	if m.Causal {
		p.places, p.ahead = true, 0
	}
	if w := m.Window; w != nil {
		p.places, p.back, p.ahead = true, w.Back, min(w.Ahead, p.ahead)
	}
	if p.kSeg == nil {
		p.kSeg = p.qSeg
	}
	if m.Neighbours != nil && m.Neighbours.Keys != nil {
		p.neighbours = m.Neighbours
	}
	p.elementsWise = p.neighbours != nil || p.allow != nil
	return p
}

// spanOf returns the places and segments of keys from to to of a sequence.
func (op *softmax) spanOf(s *sequence, from, to int) span {
	low, high := bounds(op.in.KeyIndex[s.k+from : s.k+to])
	sp := span{low: int32(low), high: int32(high)}
	m := &op.in.Mask
	if seg := m.KeySegments; seg != nil || m.QuerySegments != nil {
		if seg == nil {
			seg = m.QuerySegments
		}
		low, high = bounds(seg[s.k+from : s.k+to])
		sp.lowSegment, sp.highSegment = int32(low), int32(high)
	}
	return sp
}

// allowed returns the rows of the block, r0 to r1, that may attend any of keys j to j+n, and whether there are keys among
// them that a row may not. Then the words of the rows tell which: bit r is key j+r.
func (c *scorer) allowed(j, n int) (r0, r1 int, partial bool) {
	m := &c.op.mask
	sp := &c.op.memory.tiles[c.seq.tile+j/keyTile]
	low, high := int(sp.low), int(sp.high)
	if m.places && (low-c.high > m.ahead || c.low-high > m.back) {
		return 0, 0, false
	}
	places := m.places && (high-c.low > m.ahead || c.high-low > m.back)
	if !places && m.qSeg == nil && !m.elementsWise {
		return 0, c.rows, false
	}
	full := ^uint64(0) >> (keyTile - n)
	r0, r1 = c.rows, 0
	for i := range c.rows {
		w := full
		if places {
			w = c.placeWord(int(c.places[i]), low, high, j, n, w)
		}
		if m.qSeg != nil && w != 0 {
			w &= c.segmentWord(m.qSeg[c.seq.q+c.from+i], sp, j, n, full)
		}
		if m.neighbours != nil && w != 0 {
			w &= c.neighbours[j/keyTile*c.rows+i]
		}
		if m.allow != nil && w != 0 {
			w &= c.allowWord(i, j, n)
		}
		c.words[i] = w
		if w == 0 {
			partial = partial || r0 < c.rows
			continue
		}
		r0, r1 = min(r0, i), i+1
		partial = partial || w != full
	}
	if r1 == 0 {
		return 0, 0, false
	}
	return r0, r1, partial
}

// placeWord returns which keys are in reach of a query at a place.
func (c *scorer) placeWord(place, low, high, j, n int, full uint64) uint64 {
	m := &c.op.mask
	switch {
	case low-place > m.ahead || place-high > m.back:
		return 0
	case high-place <= m.ahead && place-low <= m.back:
		return full
	}
	if c.seq.dense { // key j+r is at low+r
		w := full
		if last := m.ahead + place - low; m.ahead < math.MaxInt && last < n-1 {
			w &= ^uint64(0) >> (keyTile - 1 - last)
		}
		if first := place - low - m.back; first > 0 {
			w &= ^uint64(0) << first
		}
		return w
	}
	w := uint64(0)
	for r, k := range c.op.in.KeyIndex[c.seq.k+j : c.seq.k+j+n] {
		if d := int(k) - place; d <= m.ahead && -d <= m.back {
			w |= 1 << r
		}
	}
	return w
}

// segmentWord returns which keys are in a segment.
func (c *scorer) segmentWord(segment int32, sp *span, j, n int, full uint64) uint64 {
	switch {
	case segment < sp.lowSegment || segment > sp.highSegment:
		return 0
	case sp.lowSegment == sp.highSegment:
		return full
	}
	w := uint64(0)
	for r, k := range c.op.mask.kSeg[c.seq.k+j : c.seq.k+j+n] {
		if k == segment {
			w |= 1 << r
		}
	}
	return w
}

// allowWord returns which keys Mask.Allow has for row i.
func (c *scorer) allowWord(i, j, n int) uint64 {
	at := c.seq.pair + (c.from+i)*c.seq.keys + j
	w := uint64(0)
	for r, ok := range c.op.mask.allow[at : at+n] {
		if ok {
			w |= 1 << r
		}
	}
	return w
}

// neighbourWords writes the neighbours of the queries as bits [tiles, rows].
func (c *scorer) neighbourWords() {
	op, s, rows := c.op, c.seq, c.rows
	need := (s.keys + keyTile - 1) / keyTile * rows
	words := op.memory.neighbours[c.worker]
	if cap(words) < need {
		words = make([]uint64, need)
		op.memory.neighbours[c.worker] = words
	}
	words = words[:need]
	clear(words)
	p := op.mask.neighbours
	for i := range rows {
		at := s.q + c.from + i
		for _, k := range p.Keys[p.RowStart[at]:p.RowStart[at+1]] {
			j := int(k) - s.k
			words[j/keyTile*rows+i] |= 1 << (j % keyTile)
		}
	}
	c.neighbours = words
}

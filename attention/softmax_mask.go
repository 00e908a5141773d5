package attention

import (
	"math"

	"github.com/graft-ml/graft/internal/simd"
)

// maskPlan is the mask as the kernel wants it.
type maskPlan struct {
	places      bool // there is a limit of places: from back before to ahead after the query's
	back, ahead int
	qSeg, kSeg  []int32
	trunk       bool // the keys of segment 0 are open to all queries
	neighbours  *Pairs
	allow       []bool
}

// newMask reads the mask.
func (op *softmax) newMask() maskPlan {
	m := &op.in.Mask
	p := maskPlan{back: math.MaxInt32, ahead: math.MaxInt32, qSeg: m.QuerySegments, kSeg: m.KeySegments, trunk: m.Trunk, allow: m.Allow}
	if m.Causal {
		p.places, p.ahead = true, 0
	}
	if w := m.Window; w != nil {
		p.places, p.back, p.ahead = true, min(w.Back, p.back), min(w.Ahead, p.ahead)
	}
	if p.kSeg == nil {
		p.kSeg = p.qSeg
	}
	if m.Neighbours != nil && m.Neighbours.Keys != nil {
		p.neighbours = m.Neighbours
	}
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

// maskRoom is where a worker puts together the mask of a tile.
type maskRoom struct {
	words      []uint64 // of the queries, and one for all
	own        []uint64 // of the queries: the keys of their own segments, and one for all: those of the trunk
	low, high  []int32  // of the queries: the places, or segments, that they may see
	index      []int32  // places or segments of a tile whose keys are fewer than its columns
	neighbours []uint64
}

func newMaskRoom() maskRoom {
	return maskRoom{words: make([]uint64, queryBlock+1), own: make([]uint64, queryBlock+1), low: make([]int32, queryBlock), high: make([]int32, queryBlock),
		index: make([]int32, keyTile)}
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
	segments := false
	if m.qSeg != nil {
		var any bool
		if any, segments = c.segmentsMeet(sp); !any {
			return 0, 0, false
		}
	}
	if !places && !segments && m.neighbours == nil && m.allow == nil {
		return 0, c.rows, false
	}
	full := ^uint64(0) >> (keyTile - n)
	words := c.room.words[:c.rows]
	for i := range words {
		words[i] = full
	}
	if places {
		c.maskPlaces(words, low, high, j, n)
	}
	if segments {
		c.maskSegments(words, sp, j, n)
	}
	r0, r1 = c.rows, 0
	for i, w := range words {
		if m.neighbours != nil {
			w &= c.neighbours[j/keyTile*c.rows+i]
		}
		if m.allow != nil && w != 0 {
			w &= c.allowWord(i, j, n)
		}
		words[i] = w
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

// maskPlaces clears the bits of keys that are out of reach.
func (c *scorer) maskPlaces(words []uint64, low, high, j, n int) {
	m := &c.op.mask
	if !c.seq.dense {
		from, to := c.room.low[:c.rows], c.room.high[:c.rows]
		for i, place := range c.places {
			from[i] = int32(max(int(place)-m.back, math.MinInt32))
			to[i] = int32(min(int(place)+m.ahead, math.MaxInt32))
		}
		simd.RangeBits(words, c.tileIndex(c.op.in.KeyIndex, j, n), from, to)
		return
	}
	for i, p := range c.places { // key j+r is at low+r
		place := int(p)
		switch {
		case low-place > m.ahead || place-high > m.back:
			words[i] = 0
			continue
		case high-place > m.ahead:
			words[i] &= ^uint64(0) >> (keyTile - 1 - (m.ahead + place - low))
		}
		if first := place - low - m.back; first > 0 {
			words[i] &= ^uint64(0) << first
		}
	}
}

// segmentsMeet reports whether the segments let any query of the block attend to a key of a tile, as far as their bounds
// tell, and whether there may be pairs that they keep apart.
func (c *scorer) segmentsMeet(sp *span) (any, apart bool) {
	trunk := c.op.mask.trunk && sp.lowSegment <= 0 && sp.highSegment >= 0
	if !trunk && (sp.lowSegment > c.highSegment || sp.highSegment < c.lowSegment) {
		return false, true
	}
	one := sp.lowSegment == sp.highSegment // with the trunk, segment 0
	return true, !one || !trunk && (c.lowSegment != sp.lowSegment || c.highSegment != sp.lowSegment)
}

// maskSegments clears the bits of keys of other segments.
func (c *scorer) maskSegments(words []uint64, sp *span, j, n int) {
	if sp.lowSegment == sp.highSegment { // not that of the trunk, or there is none
		for i, s := range c.segments {
			if s != sp.lowSegment {
				words[i] = 0
			}
		}
		return
	}
	index := c.tileIndex(c.op.mask.kSeg, j, n)
	if !c.op.mask.trunk {
		simd.RangeBits(words, index, c.segments, c.segments)
		return
	}
	own, trunk, first := c.room.own[:len(words)], c.room.own[queryBlock:], c.room.low[:1]
	for i := range own {
		own[i] = ^uint64(0)
	}
	trunk[0], first[0] = ^uint64(0), 0
	simd.RangeBits(own, index, c.segments, c.segments)
	simd.RangeBits(trunk, index, first, first)
	for i, w := range own {
		words[i] &= w | trunk[0]
	}
}

// tileIndex returns the places or segments of keys j to j+n, as many as a tile has columns.
func (c *scorer) tileIndex(of []int32, j, n int) []int32 {
	if at := c.seq.k + j; n == keyTile {
		return of[at : at+n]
	} else {
		copy(c.room.index, of[at:at+n])
	}
	return c.room.index
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
	words := c.room.neighbours
	if cap(words) < need {
		words = make([]uint64, need)
		c.room.neighbours = words
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

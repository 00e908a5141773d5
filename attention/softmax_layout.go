package attention

import (
	"github.com/graft-ml/graft/internal/simd"
)

// sequence is one sequence of the batch.
type sequence struct {
	number     int
	q, queries int // first query row and their number
	k, keys    int
	pair       int  // first pair
	tile       int  // first key tile
	dense      bool // the places of the keys rise by one
	kv0, kv1   int  // heads of keys that attend in it
	weights    int  // where its attention weights begin
	draw       int  // what the first query counts as for the random stream of the dropout
	// atQuery and atKey are the rows of its tokens in the operands and their gradients.
	atQuery, atKey lattice
}

// block is consecutive queries of a sequence in one head, or in all heads that share keys where the queries are few.
type block struct{ seq, head, from, to int }

// span is a range of places, and of segments, in a key tile.
type span struct{ low, high, lowSegment, highSegment int32 }

// layOut writes down the sequences, the places of the tokens and the key tiles.
func (op *softmax) layOut() {
	m, in := &op.memory, &op.in
	keys := in.Keys
	if keys == nil {
		keys = in.Queries
	}
	m.seqs, m.tiles = m.seqs[:0], m.tiles[:0]
	op.pairs, op.steady = 0, true
	op.setPlaces(keys)
	for b := 0; b+1 < len(in.Queries); b++ {
		s := sequence{number: b, q: in.Queries[b], queries: in.Queries[b+1] - in.Queries[b], k: keys[b], keys: keys[b+1] - keys[b],
			pair: op.pairs, tile: len(m.tiles), kv1: op.kv, weights: op.pairs * op.Heads, draw: in.Queries[b],
			atQuery: consecutive(in.Queries[b]), atKey: consecutive(keys[b])}
		op.pairs += s.queries * s.keys
		s.dense = rising(in.KeyIndex[s.k : s.k+s.keys])
		op.steady = op.steady && s.dense && rising(in.QueryIndex[s.q:s.q+s.queries])
		for j := 0; j < s.keys; j += keyTile {
			m.tiles = append(m.tiles, op.spanOf(&s, j, min(j+keyTile, s.keys)))
		}
		m.seqs = append(m.seqs, s)
	}
}

// rising reports whether places rise by one.
func rising(places []int32) bool {
	for j := 1; j < len(places); j++ {
		if int(places[j]) != int(places[j-1])+1 {
			return false
		}
	}
	return true
}

// setPlaces fills in the places that were not given.
func (op *softmax) setPlaces(keys []int) {
	m, in := &op.memory, &op.in
	same := in.Keys == nil
	switch {
	case same && in.QueryIndex != nil && in.KeyIndex == nil:
		in.KeyIndex = in.QueryIndex
	case same && in.KeyIndex != nil && in.QueryIndex == nil:
		in.QueryIndex = in.KeyIndex
	}
	givenKeys := in.KeyIndex != nil
	if !givenKeys {
		m.keys = m.keys[:0]
		for b := 0; b+1 < len(keys); b++ {
			for j := range keys[b+1] - keys[b] {
				m.keys = append(m.keys, int32(j))
			}
		}
		in.KeyIndex = m.keys
	}
	if in.QueryIndex != nil {
		return
	}
	m.queries = m.queries[:0]
	for b := 0; b+1 < len(in.Queries); b++ {
		n, have := in.Queries[b+1]-in.Queries[b], keys[b+1]-keys[b]
		for i := range n {
			place := int32(have - n + i)
			if givenKeys && in.Cache == nil {
				place = in.KeyIndex[keys[b]+have-n+i]
			}
			m.queries = append(m.queries, place)
		}
	}
	in.QueryIndex = m.queries
}

// blockRows returns the number of queries of a block, most as a rule.
func (op *softmax) blockRows(most int) int {
	if op.in.Relative != nil {
		return relativeBlock
	}
	return most
}

// cutBlocks cuts the queries into blocks of one head, or of all heads together. Those that need the same keys follow each
// other, as long as these are in the cache.
func (op *softmax) cutBlocks(rows int, together bool) {
	m := &op.memory
	m.blocks = m.blocks[:0]
	for b := range m.seqs {
		s := &m.seqs[b]
		first, last, step := s.kv0*op.group, s.kv1*op.group, 1
		switch {
		case together:
			step = last - first
		case op.few(s): // fewer than a block
			step = op.group
		}
		for h := first; h < last; h += step {
			for from := 0; from < s.queries; from += rows {
				m.blocks = append(m.blocks, block{b, h, from, min(from+rows, s.queries)})
			}
		}
	}
}

// source is the keys and values of one head of a sequence.
type source struct {
	k, v     []float32
	ldk, ldv int
	at       lattice // the rows of the sequence's tokens
}

// source returns the keys and values of a sequence's kv head.
func (op *softmax) source(s *sequence, kv int) source {
	if s.keys == 0 {
		return source{}
	}
	if c := op.in.Cache; c != nil {
		return source{c.seqs[s.number].keys[kv], c.seqs[s.number].values[kv], op.d, op.dv, consecutive(0)}
	}
	return source{op.k.of(0, kv, op.d), op.v.of(0, kv, op.dv), op.k.ld, op.v.ld, s.atKey}
}

// loadKeys writes keys j to j+n of a head, rotated, to dst [n, d].
func (op *softmax) loadKeys(dst []float32, s *sequence, src *source, kv, j, n int) {
	src.at.each(j, n, func(at, row, step, m int) {
		op.rotK.turn(dst[at*op.d:], op.d, src.k[row*src.ldk:], step*src.ldk, m, op.d, s.k+j+at, kv, 1, false)
	})
}

// loadValues writes values j to j+n of a head to dst [n, dv].
func (op *softmax) loadValues(dst []float32, src *source, j, n int) {
	src.at.each(j, n, func(at, row, step, m int) {
		simd.ScaleBlock(dst[at*op.dv:], op.dv, src.v[row*src.ldv:], step*src.ldv, m, op.dv, 1)
	})
}

// loadQueries writes queries from to from+n of a head, scaled and rotated, to dst [n, d].
func (op *softmax) loadQueries(dst []float32, s *sequence, h, from, n int) {
	s.atQuery.each(from, n, func(at, row, step, m int) {
		op.rotQ.turn(dst[at*op.d:], op.d, op.q.of(row, h, op.d), step*op.q.ld, m, op.d, s.q+from+at, h, op.factor, false)
	})
}

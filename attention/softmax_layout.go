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
			pair: op.pairs, tile: len(m.tiles)}
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

// cutBlocks cuts the queries of so many heads into blocks. Those that need the same keys follow each other, as long as
// these are in the cache.
func (op *softmax) cutBlocks(rows, heads int) {
	m := &op.memory
	m.blocks = m.blocks[:0]
	for b := range m.seqs {
		if s := &m.seqs[b]; op.few(s) && s.queries > 0 {
			for h := 0; h < heads; h += op.group {
				m.blocks = append(m.blocks, block{b, h, 0, s.queries})
			}
			continue
		}
		for h := range heads {
			for from := 0; from < m.seqs[b].queries; from += rows {
				m.blocks = append(m.blocks, block{b, h, from, min(from+rows, m.seqs[b].queries)})
			}
		}
	}
}

// source is the keys and values of one head of a sequence.
type source struct {
	k, v     []float32
	ldk, ldv int
}

// source returns the keys and values of a sequence's kv head.
func (op *softmax) source(s *sequence, kv int) source {
	if s.keys == 0 {
		return source{}
	}
	if c := op.in.Cache; c != nil {
		return source{c.seqs[s.number].keys[kv], c.seqs[s.number].values[kv], op.d, op.dv}
	}
	ldk, ldv := op.kv*op.d, op.kv*op.dv
	return source{op.in.Key.Data()[s.k*ldk+kv*op.d:], op.in.Value.Data()[s.k*ldv+kv*op.dv:], ldk, ldv}
}

// loadKeys writes keys j to j+n of a head, rotated, to dst [n, d].
func (op *softmax) loadKeys(dst []float32, s *sequence, src source, kv, j, n int) {
	op.rotK.turn(dst, op.d, src.k[j*src.ldk:], src.ldk, n, op.d, s.k+j, kv, 1, false)
}

// loadValues writes values j to j+n of a head to dst [n, dv].
func (op *softmax) loadValues(dst []float32, src source, j, n int) {
	simd.ScaleBlock(dst, op.dv, src.v[j*src.ldv:], src.ldv, n, op.dv, 1)
}

// loadQueries writes queries from to from+n of a head, scaled and rotated, to dst [n, d].
func (op *softmax) loadQueries(dst []float32, s *sequence, h, from, n int) {
	if n > 0 {
		q, ld := op.in.Query.Data(), op.Heads*op.d
		op.rotQ.turn(dst, op.d, q[(s.q+from)*ld+h*op.d:], ld, n, op.d, s.q+from, h, op.factor, false)
	}
}

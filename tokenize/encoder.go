package tokenize

import (
	"hash/maphash"
	"math"
)

const (
	cached    = 1 << 14 // pieces that an encoder remembers, a power of two
	cachedKey = 24      // bytes of the longest
	cachedIDs = 12      // tokens of the one with the most
)

// encoder cuts pieces into tokens, by one goroutine at a time. Each of the pieces that it remembers has one place, by its
// hash: a later one replaces it. That never changes what comes out, and takes no memory but what is taken at first.
type encoder struct {
	seed    maphash.Seed
	entries []entry
	tokens  [maxPiece]int32 // of the piece at hand, counted without the special ones
	next    [maxPiece]int32 // what each becomes with the one after it, or never
}

type entry struct {
	key         [cachedKey]byte
	length, ids uint8 // used of key and tokens; no entry is empty, so 0 is a place without one
	tokens      [cachedIDs]int32
}

// never stands for a pair without a merge.
const never = math.MaxInt32

func newEncoder() *encoder {
	return &encoder{seed: maphash.MakeSeed(), entries: make([]entry, cached)}
}

// piece appends the ids of a piece.
func (e *encoder) piece(b *BPE, to []int32, piece string) []int32 {
	switch {
	case len(piece) == 1:
		return append(to, int32(piece[0])+int32(len(b.specials)))
	case len(piece) > cachedKey:
		return e.merge(b, to, piece)
	}
	at := &e.entries[maphash.String(e.seed, piece)%cached]
	if string(at.key[:at.length]) == piece {
		return append(to, at.tokens[:at.ids]...)
	}
	old := len(to)
	to = e.merge(b, to, piece)
	if ids := to[old:]; len(ids) <= cachedIDs {
		at.length, at.ids = uint8(copy(at.key[:], piece)), uint8(copy(at.tokens[:], ids))
	}
	return to
}

// merge appends the ids of a piece that is not remembered. The merge that was learned first goes first, of equal ones the
// leftmost: as tokens are numbered in that order, it is the pair that becomes the least.
func (e *encoder) merge(b *BPE, to []int32, piece string) []int32 {
	n := len(piece)
	for i := range n {
		e.tokens[i] = int32(piece[i])
	}
	for i := range n - 1 {
		e.next[i] = b.pair(e.tokens[i], e.tokens[i+1])
	}
	for {
		best, at := int32(never), 0
		for i, t := range e.next[:n-1] {
			if t < best {
				best, at = t, i
			}
		}
		if best == never {
			break
		}
		e.tokens[at] = best
		copy(e.tokens[at+1:n], e.tokens[at+2:n])
		copy(e.next[at:n-1], e.next[at+1:n-1])
		n--
		if at > 0 {
			e.next[at-1] = b.pair(e.tokens[at-1], best)
		}
		if at < n-1 {
			e.next[at] = b.pair(best, e.tokens[at+1])
		}
	}
	for _, t := range e.tokens[:n] {
		to = append(to, t+int32(len(b.specials)))
	}
	return to
}

// pair returns what two neighbours become.
func (b *BPE) pair(left, right int32) int32 {
	if t, ok := b.joined[pairKey([2]int32{left, right})]; ok {
		return t
	}
	return never
}

package tokenize

import (
	"container/heap"
	"context"
	"slices"
)

// learner holds the pieces as tokens, and of every pair of neighbours how often and in which pieces it stands. A merge
// touches only the pieces that have the pair.
type learner struct {
	tokens  []int32 // of all pieces, end to end; a merge leaves a gap at the end of its piece
	starts  []int   // of each piece in tokens
	lengths []int32 // tokens of each piece
	counts  []int64 // of each piece in the texts
	pairs   map[uint64]*pair
	queue   pairQueue
	born    []*pair // since the queue was last filled
}

// pair is two tokens that stand side by side.
type pair struct {
	tokens [2]int32
	count  int64   // in the texts, pieces counted as often as they stand there
	pieces []int32 // ascending; those that had the pair once, perhaps no more
}

// learnMerges returns up to want merges of the tokens that pieces consist of.
func learnMerges(ctx context.Context, p pieceCounts, want int, least int64) ([][2]int32, error) {
	l := newLearner(p)
	var merges [][2]int32
	for len(merges) < want {
		if len(merges)%16 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		best := l.best()
		if best == nil || best.count < least {
			break
		}
		l.merge(best, int32(bytesInAll+len(merges)))
		merges = append(merges, best.tokens)
	}
	return merges, nil
}

func newLearner(p pieceCounts) *learner {
	l := &learner{pairs: map[uint64]*pair{}}
	for i, text := range p.texts {
		if len(text) < 2 { // nothing to merge
			continue
		}
		piece := int32(len(l.starts))
		l.starts = append(l.starts, len(l.tokens))
		l.lengths = append(l.lengths, int32(len(text)))
		l.counts = append(l.counts, p.counts[i])
		for k := range len(text) {
			l.tokens = append(l.tokens, int32(text[k]))
			if k > 0 {
				l.add(int32(text[k-1]), int32(text[k]), piece)
			}
		}
	}
	l.enqueue()
	return l
}

// add notes that a pair stands once more in a piece.
func (l *learner) add(left, right, piece int32) {
	key := pairKey([2]int32{left, right})
	p := l.pairs[key]
	if p == nil {
		p = &pair{tokens: [2]int32{left, right}}
		l.pairs[key] = p
		l.born = append(l.born, p)
	}
	p.count += l.counts[piece]
	if n := len(p.pieces); n == 0 || p.pieces[n-1] != piece {
		p.pieces = append(p.pieces, piece)
	}
}

// remove notes that a pair stands once less in a piece.
func (l *learner) remove(left, right, piece int32) {
	l.pairs[pairKey([2]int32{left, right})].count -= l.counts[piece]
}

// enqueue adds the pairs that came up to the queue. A pair is born in one merge, that of the younger of its tokens, and
// only loses afterwards.
func (l *learner) enqueue() {
	for _, p := range l.born {
		heap.Push(&l.queue, queued{p, p.count})
	}
	l.born = l.born[:0]
}

// best takes the most frequent pair from the queue, nil if there is none. A pair that has lost since it was queued goes
// back to where it belongs now.
func (l *learner) best() *pair {
	for len(l.queue) > 0 {
		switch top := &l.queue[0]; {
		case top.count == top.pair.count:
			return heap.Pop(&l.queue).(queued).pair
		case top.pair.count == 0:
			heap.Pop(&l.queue)
		default:
			top.count = top.pair.count
			heap.Fix(&l.queue, 0)
		}
	}
	return nil
}

// merge makes a pair one token wherever it stands.
func (l *learner) merge(p *pair, token int32) {
	for _, piece := range p.pieces {
		start := l.starts[piece]
		l.lengths[piece] = l.mergeIn(l.tokens[start:start+int(l.lengths[piece])], p.tokens, token, piece)
	}
	p.count, p.pieces = 0, nil // learnt: its key may not come up again
	l.enqueue()
}

// mergeIn does so in the tokens of a piece, from its left, and returns how many are left.
func (l *learner) mergeIn(tokens []int32, p [2]int32, token, piece int32) int32 {
	n := 0
	for i := 0; i < len(tokens); {
		if i+1 == len(tokens) || tokens[i] != p[0] || tokens[i+1] != p[1] {
			tokens[n] = tokens[i]
			n, i = n+1, i+1
			continue
		}
		if n > 0 {
			l.remove(tokens[n-1], p[0], piece)
			l.add(tokens[n-1], token, piece)
		}
		if i+2 < len(tokens) {
			l.remove(p[1], tokens[i+2], piece)
			l.add(token, tokens[i+2], piece)
		}
		tokens[n] = token
		n, i = n+1, i+2
	}
	return int32(n)
}

// queued is a pair with the count that it had when it was queued.
type queued struct {
	*pair
	count int64
}

// pairQueue is a heap with the most frequent pair on top, of equally frequent ones that of the earliest left token, then
// the earliest right one.
type pairQueue []queued

func (q pairQueue) Len() int      { return len(q) }
func (q pairQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *pairQueue) Push(x any)   { *q = append(*q, x.(queued)) }

func (q pairQueue) Less(i, j int) bool {
	if q[i].count != q[j].count {
		return q[i].count > q[j].count
	}
	return slices.Compare(q[i].tokens[:], q[j].tokens[:]) < 0
}

// Pop removes the last.
func (q *pairQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

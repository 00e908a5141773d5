package attention

import (
	"math"

	"github.com/graft-ml/graft/internal/simd"
)

// fewQueries is the largest number of new tokens of a sequence for which the keys of a cache are read as they lie, all
// query heads that share them at a time. It is then the memory that says how long a step takes; with more tokens it is
// the multiply-adds, which want the keys transposed.
const fewQueries = 4

// stretchTiles is the number of tiles of keys that are under way at a time. Each has a maximum and sums of its own, so
// that none waits for another; they are joined at the end.
const stretchTiles = 4

// few reports whether a sequence has few queries and its keys in a cache.
func (op *softmax) few(s *sequence) bool { return op.in.Cache != nil && s.queries <= fewQueries }

// fewHead is the forward pass of few queries in one head. What forwardHead has a row for every query, this has a row for
// every tile of a stretch and query.
type fewHead struct {
	forwardHead
	all   []float32 // scores [tiles, rows, keyTile]
	at    []int32
	words []uint64
	any   [stretchTiles]bool // the tile has a key for some query
}

// fewWork is the scratch that forwardFew cuts.
func (op *softmax) fewWork() int {
	if op.in.Cache == nil {
		return 0
	}
	rows := stretchTiles * fewQueries
	n := op.scorerWork(fewQueries, false) + lineRoom(rows*op.dv) + 4*lineRoom(rows) + rows*keyTile
	if op.drop {
		n += fewQueries * keyTile
	}
	return n * op.group
}

// forwardFew computes the attention of all queries of a sequence, which are few, in the heads that share keys.
func (op *softmax) forwardFew(worker int, b block) {
	t := op.tile(worker)
	s := &op.memory.seqs[b.seq]
	list := &op.memory.heads[worker]
	for len(*list) < op.group {
		*list = append(*list, fewHead{at: make([]int32, stretchTiles*fewQueries), words: make([]uint64, stretchTiles*fewQueries)})
	}
	heads := (*list)[:op.group]
	for g := range heads {
		heads[g].begin(op, &t, worker, b.seq, b.head+g)
	}
	src := op.source(s, b.head/op.group)
	for j := 0; j < s.keys; j += stretchTiles * keyTile {
		for g := range heads {
			heads[g].stretch(&src, j)
		}
	}
	for g := range heads {
		heads[g].join()
		heads[g].finish()
	}
}

// begin cuts the scratch of a head.
func (c *fewHead) begin(op *softmax, t *tile, worker, seq, h int) {
	c.scorer.begin(op, t, worker, seq, fewQueries, false)
	c.aim(h, 0, c.seq.queries)
	c.load(0, c.seq.keys)
	rows := stretchTiles * c.rows
	c.o, c.top, c.sum, c.change, c.part = t.lines(rows*op.dv), t.lines(rows), t.lines(rows), t.lines(rows), t.lines(rows)
	c.all = t.cut(rows * keyTile)
	if op.drop {
		c.drop = t.cut(fewQueries * keyTile)
	}
	simd.Fill(c.top, -math.MaxFloat32)
	clear(c.sum)
	clear(c.o)
}

// stretch does the tiles from key j on.
func (c *fewHead) stretch(src *source, j int) {
	op, rows := c.op, c.rows
	tiles := min(stretchTiles, (c.seq.keys-j+keyTile-1)/keyTile)
	terms := simd.TileTerms{Mask: c.words[:tiles*rows]}
	for k := range tiles {
		from := j + k*keyTile
		n := min(keyTile, c.seq.keys-from)
		c.s = c.all[k*rows*keyTile:]
		c.any[k] = c.tile(src, from, n, k, &terms)
	}
	rows *= tiles
	simd.SoftmaxTile(c.all, rows, terms, c.top, c.sum, c.change, c.part)
	simd.ScaleBlockRows(c.o, op.dv, c.o, op.dv, c.change, rows, op.dv)
	for k := range tiles {
		from := j + k*keyTile
		n := min(keyTile, c.seq.keys-from)
		for i := 0; i < c.rows && c.any[k]; i++ {
			w, at := c.all[(k*c.rows+i)*keyTile:][:n], k*c.rows+i
			if op.drop {
				op.dropRow(c.drop[:n], c.seq, c.h, i, from)
				simd.Mul(w, w, c.drop[:n])
			}
			simd.HeadSum(c.o[at*op.dv:(at+1)*op.dv], w, src.v[from*op.dv:], n, 1, op.dv, op.dv)
		}
	}
}

// tile computes the scores of tile k of a stretch, and reports whether any query may attend to its keys, j to j+n.
func (c *fewHead) tile(src *source, j, n, k int, terms *simd.TileTerms) bool {
	op, words := c.op, c.words[k*c.rows:(k+1)*c.rows]
	r0, r1, partial := c.allowed(j, n)
	for i := range words {
		words[i] = 0
		if i >= r0 && i < r1 {
			if words[i] = ^uint64(0) >> (keyTile - n); partial {
				words[i] = c.room.words[i]
			}
		}
	}
	for i := r0; i < r1; i++ {
		simd.RowDots(c.s[i*keyTile:], src.k[j*op.d:], c.q[i*op.d:], n, op.d)
	}
	if r0 < r1 {
		c.scores(j, n, r0, r1)
	}
	if c.windowed() {
		terms.Bias, terms.At = c.window.bias[:cap(c.window.bias)], c.at[:(k+1)*c.rows]
		copy(c.at[k*c.rows:], c.windowRows(j, 0, c.rows))
	}
	if op.weights != nil {
		one := simd.TileTerms{Bias: terms.Bias, Mask: words}
		if one.Bias != nil {
			one.At = c.at[k*c.rows:]
		}
		c.addTerms(&one, n, 0, c.rows)
		c.keepScores(j, n, r0, r1)
		terms.Bias, terms.At = nil, nil
	}
	return r0 < r1
}

// join joins the tiles of the stretches into the first.
func (c *fewHead) join() {
	dv := c.op.dv
	for i := range c.rows {
		most := c.top[i]
		for k := 1; k < stretchTiles; k++ {
			most = max(most, c.top[k*c.rows+i])
		}
		for k := range stretchTiles {
			at := k*c.rows + i
			f := float32(math.Exp(float64(c.top[at] - most)))
			o := c.o[at*dv : (at+1)*dv]
			if k == 0 {
				simd.Scale(o, o, f)
				c.sum[i] *= f
				continue
			}
			simd.AddScaled(c.o[i*dv:(i+1)*dv], o, f)
			c.sum[i] += float32(c.sum[at] * f)
		}
		c.top[i] = most
	}
}

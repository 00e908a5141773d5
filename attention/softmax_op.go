package attention

import (
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Sizes of the tiles. They decide the order of the sums, so they never depend on the machine.
const (
	keyTile       = simd.TileCols
	queryBlock    = 384 // queries of a unit of the forward pass
	relativeBlock = 48  // queries of a unit or tile where there are relative keys, whose products grow with it
)

// softmax is the recorded operation.
type softmax struct {
	Softmax
	in SoftmaxInput

	d, dv     int // head dim of queries and keys, of values
	kv, group int // heads of keys, query heads that share one
	factor    float32
	out       *tensor.Var
	weights   []float32 // for KeepWeights [pairs, heads]
	pairs     int
	steady    bool // the places of queries and keys rise by one everywhere

	rotQ, rotK rotor
	trig       trig
	places     placeBias
	tables     []pairTable
	transform  transform
	mask       maskPlan

	top, inv []float32 // [heads, query rows]: largest score, 1 over the sum of exponentials; kept for the backward pass

	key     uint64 // random stream of the dropout
	counter uint64
	drop    bool

	memory softmaxMemory
	phase  softmaxPhase
	work   []float32 // scratch of all workers
	each   int       // scratch of one
	back   softmaxBack
}

// softmaxMemory is what the operation keeps from pass to pass, so that a steady state allocates nothing.
type softmaxMemory struct {
	seqs          []sequence
	blocks        []block
	tiles         []span
	queries, keys []int32    // places made where none are given
	words         [][]uint64 // of each worker: the mask of a tile, and a word for all rows
	at            [][]int32  // of each worker: where the biases of rows begin
	neighbours    [][]uint64
	heads         [][]fewHead // of each worker
	tables        []pairTable
	relative      []relativeTable
	distance      []distanceTable
	groups        []jobGroup
	units         []backUnit
	finish        []finishUnit
}

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

type softmaxPhase int

const (
	softmaxForward softmaxPhase = iota
	softmaxDots
	softmaxBackward
	softmaxFinishQuery
	softmaxFinishKey
)

// Apply computes the attention of in and records it on the tape.
func (o Softmax) Apply(tp *tensor.Tape, in SoftmaxInput) SoftmaxOutput {
	op, ok := tp.Spare().(*softmax)
	if !ok {
		op = new(softmax)
	}
	o.check(tp, &in)
	*op = softmax{Softmax: o, in: in, memory: op.memory}
	op.geometry()
	if in.Cache != nil {
		op.grow(tp, &op.in)
	}
	op.layOut()
	op.prepare(tp)
	rows := in.Query.Rows()
	op.out = tp.Out(op.needs(), rows, o.Heads*op.dv)
	op.top, op.inv = tp.Scratch(o.Heads*rows), tp.Scratch(o.Heads*rows)
	if o.KeepWeights {
		op.weights = make([]float32, op.pairs*o.Heads)
	}
	if op.drop = o.Dropout > 0 && tp.Training(); op.drop {
		op.key, op.counter = tp.Draw()
	}
	op.cutBlocks(op.blockRows(queryBlock), o.Heads)
	op.run(tp, softmaxForward, op.forwardWork(), len(op.memory.blocks))
	out := SoftmaxOutput{Tokens: op.out}
	if o.KeepWeights {
		out.Weights = tensor.FromSlice(op.weights, op.pairs, o.Heads)
		op.weights = nil
	}
	if !tp.Recording() {
		op.release(tp)
	}
	tp.Record("Softmax attention", op, op.out)
	return out
}

// run does a phase of n pieces, with scratch of each floats for every worker.
func (op *softmax) run(tp *tensor.Tape, phase softmaxPhase, each, n int) {
	op.phase = phase
	op.each = roundUp(each, 16)
	workers := parallel.Workers()
	op.work = tp.Scratch(workers * op.each)
	for len(op.memory.words) < workers {
		op.memory.words = append(op.memory.words, make([]uint64, queryBlock+1))
		op.memory.at = append(op.memory.at, make([]int32, queryBlock))
		op.memory.neighbours = append(op.memory.neighbours, nil)
		op.memory.heads = append(op.memory.heads, nil)
	}
	parallel.For(n, 1, op)
	tp.Release(op.work)
	op.work = nil
}

// Run does pieces lo to hi of the phase at hand.
func (op *softmax) Run(worker, lo, hi int) {
	for n := lo; n < hi; n++ {
		switch op.phase {
		case softmaxForward:
			if b := op.memory.blocks[n]; op.few(&op.memory.seqs[b.seq]) {
				op.forwardFew(worker, b)
			} else {
				op.forward(worker, b)
			}
		case softmaxDots:
			op.outputDots(op.memory.blocks[n])
		case softmaxBackward:
			op.backward(worker, op.memory.units[n])
		case softmaxFinishQuery:
			op.finishQuery(worker, op.memory.finish[n])
		case softmaxFinishKey:
			op.finishKey(worker, op.memory.finish[n])
		}
	}
}

// tile returns the scratch of a worker.
func (op *softmax) tile(worker int) tile {
	return tile{op.work[worker*op.each : (worker+1)*op.each]}
}

// lines is cut for arrays that begin at a cache line; they take lineRoom(n) floats.
func (t *tile) lines(n int) []float32 { return t.cut(lineRoom(n))[:n] }

func lineRoom(n int) int { return roundUp(n, 16) }

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// geometry sets the sizes.
func (op *softmax) geometry() {
	if op.KVHeads == 0 {
		op.KVHeads = op.Heads
	}
	op.kv, op.group = op.KVHeads, op.Heads/op.KVHeads
	op.d = op.in.Query.Cols() / op.Heads
	op.dv = op.in.Value.Cols() / op.kv
	op.factor = float32(op.Scale)
	if op.Scale == 0 {
		op.factor = float32(1 / math.Sqrt(float64(op.d)))
	}
}

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

// prepare makes what rotations, biases and masks need.
func (op *softmax) prepare(tp *tensor.Tape) {
	op.rotQ = newRotor(tp, op.in.RotateQuery, op.Heads, &op.trig)
	if op.in.RotateKey == op.in.RotateQuery && op.kv == op.Heads {
		op.rotK = op.rotQ
		op.rotK.made = nil
	} else {
		op.rotK = newRotor(tp, op.in.RotateKey, op.kv, &op.trig)
	}
	op.transform = op.newTransform()
	op.prepareBiases(tp)
	op.mask = op.newMask()
}

// release gives back what the forward pass kept.
func (op *softmax) release(tp *tensor.Tape) {
	op.releaseBiases(tp)
	op.rotK.release(tp)
	op.rotQ.release(tp)
	tp.Release(op.inv)
	tp.Release(op.top)
	op.top, op.inv = nil, nil
}

func (op *softmax) needs() bool {
	in := &op.in
	if in.Query.Needs() || in.Key.Needs() || in.Value.Needs() || in.RotateQuery.needs() || in.RotateKey.needs() {
		return true
	}
	if r := in.Relative; r != nil && (r.Keys.Needs() || r.Query != nil && r.Query.Needs()) {
		return true
	}
	for _, b := range in.Biases {
		if b.learned().Needs() {
			return true
		}
	}
	return false
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

// dropRow draws the dropout of the weights of a query for keys j, a multiple of keyTile, and on: every query has a key of
// its own for the random stream, every head and key a place in it.
func (op *softmax) dropRow(mask []float32, s *sequence, h, i, j int) {
	const odd = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio
	blocks := uint64(s.keys+3) / 4
	simd.DropoutMask(mask, op.key+odd*uint64(s.q+i+1), op.counter+uint64(h)*blocks+uint64(j/4), op.Dropout)
}

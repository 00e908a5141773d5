package attention

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/tensor"
)

// biased is the recorded operation of Linear with a bias. The weight of query i and key j is
//
//	w_ij = φ(q_i)·φ(k_j) exp(b_(p_j - p_i) - max b) exp(l_j - top_i)
//
// with l the scale that the features of the key lack and top_i the largest l among the keys that i sees. Short sequences
// are done directly. Of long causal ones, leaves of consecutive tokens are, and by FFT the rectangles of keys and later
// queries that lie between leaves: [toeplitz].
type biased struct {
	Linear
	group, m, dv   int // query heads of a key head; widths of features and values of a head
	columns        int // of the bias: 2L-1
	q, k, v        *tensor.Var
	log, bias, out *tensor.Var
	index          []int32
	items          []biasedItem
	chunks         stretches // of queries, and of keys in the backward pass
	runEnd         []int32   // where the places stop being consecutive after a token; nil without index
	coefficients   []float32 // exp(b - max b), item by item, [heads, 2 reach - 1]
	tops           []float32 // [tokens, kv heads], or nil
	inverse        []float32 // [tokens, heads] first the denominators, then 1 over them, 0 for a query without keys
	byFFT          []int     // the items that go by FFT
	fft            []toeplitz
	phase          biasedPhase
	workspace
	biasedBack
}

// biasedItem is one sequence.
type biasedItem struct {
	lo, hi int
	low    int // the smallest place
	reach  int // the largest place minus the smallest, plus 1
	at     int // where its coefficients begin
	rising bool
	fft    bool
	leaf   int // tokens of a leaf: those that see each other directly
}

// width is the number of coefficients of a head.
func (it *biasedItem) width() int { return max(2*it.reach-1, 0) }

// biasedPhase is what biased.Run does.
type biasedPhase int

const (
	biasedCoefficients biasedPhase = iota // items x heads
	biasedTops                            // items x kv heads
	biasedFFT                             // items by FFT x heads x pairs of columns
	biasedDirect                          // chunks x heads
	biasedGrads                           // chunks x heads
	biasedFFTBack                         // items by FFT x kv heads x blocks of features
	biasedFFTJoin                         // items by FFT x kv heads
	biasedBackQuery                       // groups of chunks x heads
	biasedBackKey                         // chunks x kv heads
)

// biased computes the attention with a bias.
func (o Linear) biased(tp *tensor.Tape, in LinearInput, q, k Mapped) *tensor.Var {
	op, ok := tp.Spare().(*biased)
	if !ok {
		op = new(biased)
	}
	*op = biased{Linear: o, group: o.Heads / o.KVHeads, q: q.Features, k: k.Features, v: in.Value, log: k.LogScale, bias: in.Bias,
		m: q.Features.Cols() / o.Heads, dv: in.Value.Cols() / o.KVHeads, columns: in.Bias.Cols(), index: in.Index,
		items: op.items, chunks: op.chunks, runEnd: op.runEnd, byFFT: op.byFFT, fft: op.fft, biasedBack: biasedBack{groups: op.groups}}
	op.checkBias(in)
	needs := op.q.Needs() || op.k.Needs() || op.v.Needs() || op.bias.Needs()
	op.out = tp.Out(needs, in.Query.Rows(), o.Heads*op.dv)
	op.cut(in)
	last := biasedItem{}
	if len(op.items) > 0 {
		last = op.items[len(op.items)-1]
	}
	op.coefficients = tp.Scratch(last.at + last.width()*o.Heads)
	op.run(biasedCoefficients, len(op.items)*o.Heads)
	if op.log != nil {
		op.tops = tp.Scratch(op.k.Rows() * o.KVHeads)
		op.run(biasedTops, len(op.items)*o.KVHeads)
	}
	op.inverse = tp.Scratch(in.Query.Rows() * o.Heads)
	if len(op.byFFT) > 0 {
		op.takeFFT()
		op.run(biasedFFT, len(op.byFFT)*o.Heads*((op.columnsOfHead()+1)/2))
	}
	op.takeWork(tp, op.directWork())
	op.run(biasedDirect, len(op.chunks.list)*o.Heads)
	op.releaseWork(tp)
	if !tp.Recording() {
		op.releaseKept(tp)
	}
	tp.Record("LinearBiased", op, op.out)
	return op.out
}

func (op *biased) releaseKept(tp *tensor.Tape) {
	tp.Release(op.inverse)
	if op.tops != nil {
		tp.Release(op.tops)
	}
	tp.Release(op.coefficients)
	op.inverse, op.tops, op.coefficients = nil, nil, nil
}

// takeFFT makes room for a toeplitz of every worker.
func (op *biased) takeFFT() {
	for len(op.fft) < parallel.Workers() {
		op.fft = append(op.fft, toeplitz{})
	}
}

func (op *biased) run(p biasedPhase, n int) {
	op.phase = p
	parallel.For(n, 1, op)
}

// Run does pieces lo to hi of the phase at hand.
func (op *biased) Run(worker, lo, hi int) {
	for u := lo; u < hi; u++ {
		t := op.tile(worker)
		switch op.phase {
		case biasedCoefficients:
			op.coefficientsOf(u/op.Heads, u%op.Heads)
		case biasedTops:
			op.topsOf(u/op.KVHeads, u%op.KVHeads)
		case biasedFFT:
			pairs := (op.columnsOfHead() + 1) / 2
			op.attendFFT(&op.fft[worker], op.byFFT[u/(pairs*op.Heads)], u/pairs%op.Heads, u%pairs*2)
		case biasedDirect:
			op.attend(t, u/op.Heads, u%op.Heads)
		case biasedGrads:
			op.grads(u/op.Heads, u%op.Heads)
		case biasedFFTBack:
			blocks := op.KVHeads * featureBlocks
			op.backFFT(&op.fft[worker], u/blocks, u%blocks/featureBlocks, u%featureBlocks)
		case biasedFFTJoin:
			op.joinFFT(u/op.KVHeads, u%op.KVHeads)
		case biasedBackQuery:
			op.backQuery(t, u/op.Heads, u%op.Heads)
		case biasedBackKey:
			op.backKey(t, u/op.KVHeads, u%op.KVHeads)
		}
	}
}

// checkBias panics where bias or index do not fit.
func (op *biased) checkBias(in LinearInput) {
	if in.Bias.Rows() != op.Heads || in.Bias.Cols()%2 != 1 {
		panic(fmt.Sprintf("attention: Linear: bias has shape %v, want [%d 2L-1]", in.Bias.Shape(), op.Heads))
	}
	if in.Index != nil && len(in.Index) != in.Query.Rows() {
		panic(fmt.Sprintf("attention: Linear: the index has %d places for %d tokens", len(in.Index), in.Query.Rows()))
	}
}

// cut says how each sequence is done, and cuts it into chunks.
func (op *biased) cut(in LinearInput) {
	op.items, op.byFFT, op.runEnd = op.items[:0], op.byFFT[:0], op.runEnd[:0]
	at := 0
	op.chunks.begin()
	for b := 0; b+1 < len(in.Queries); b++ {
		it := biasedItem{lo: in.Queries[b], hi: in.Queries[b+1], at: at, rising: true}
		it.leaf = max(it.hi-it.lo, 1)
		it.reach = it.leaf
		if op.index != nil {
			op.measure(&it)
		}
		if it.reach > (op.columns+1)/2 {
			panic(fmt.Sprintf("attention: Linear: sequence %d has places up to %d apart, the bias [%d %d] is made for %d",
				b, it.reach-1, op.Heads, op.columns, op.columns/2))
		}
		op.choose(&it)
		if it.fft {
			op.byFFT = append(op.byFFT, b)
		}
		for lo := it.lo; lo < it.hi; lo += it.leaf {
			op.chunks.add(b, lo, min(lo+it.leaf, it.hi), causalChunk)
		}
		op.chunks.end()
		at += it.width() * op.Heads
		op.items = append(op.items, it)
	}
}

// measure looks at the places of a sequence.
func (op *biased) measure(it *biasedItem) {
	low, high := math.MaxInt, math.MinInt
	for _, p := range op.index[it.lo:it.hi] {
		low, high = min(low, int(p)), max(high, int(p))
	}
	for range it.hi - it.lo {
		op.runEnd = append(op.runEnd, int32(it.hi))
	}
	for j := it.hi - 2; j >= it.lo; j-- {
		switch d := int(op.index[j+1]) - int(op.index[j]); {
		case d != 1:
			op.runEnd[j] = int32(j + 1)
			it.rising = it.rising && d > 0
		default:
			op.runEnd[j] = op.runEnd[j+1]
		}
	}
	if it.hi > it.lo {
		it.low, it.reach = low, high-low+1
	}
}

// The nanoseconds that the weight of a pair costs, for each number of a query's features and values and beside them, and
// those of a transform, for each place of a column times the logarithm of their number to base 2, as measured on one Zen
// 4 core. Only their ratio matters: one is done by vector instructions in float32, the other in float64 without them.
const (
	pairCost      = 0.018
	pairExtra     = 0.4
	transformCost = 0.7
)

// choose decides whether a sequence goes by FFT, and how large the leaves of a causal one are.
func (op *biased) choose(it *biasedItem) {
	n := it.hi - it.lo
	pair := pairCost*float64(op.m+op.dv) + pairExtra
	column := func(places int) float64 {
		length := float64(fftLength(2*places - 1))
		return 2 * transformCost * float64(op.m*(op.dv+1)) * length * math.Log2(length)
	}
	if !op.Causal {
		it.fft = op.FFTFrom > 0 && n >= op.FFTFrom || op.FFTFrom == 0 && column(it.reach) < pair*float64(n)*float64(n)
		return
	}
	leaf := max(op.FFTFrom/2, 1)
	if op.FFTFrom == 0 {
		for leaf = causalChunk; leaf < n && column(leaf*it.reach/n) >= pair*float64(leaf)*float64(leaf); leaf *= 2 {
		}
	}
	if leaf < n {
		it.fft, it.leaf = true, leaf
	}
}

// place returns the place of a token, counted from the smallest one of its sequence.
func (op *biased) place(it *biasedItem, row int) int {
	if op.index == nil {
		return row - it.lo
	}
	return int(op.index[row]) - it.low
}

// coefficient returns those of an item and head: that of places p apart is number p + reach - 1.
func (op *biased) coefficient(it *biasedItem, h int) []float32 {
	return op.coefficients[it.at+h*it.width():][:it.width()]
}

// seen returns the keys that the queries from row lo on, of one leaf, see directly: up to but not including end, which
// for causal ones is lo.
func (op *biased) seen(it *biasedItem, lo int) (from, end int) {
	switch {
	case op.Causal:
		return it.lo + (lo-it.lo)/it.leaf*it.leaf, lo
	case it.fft:
		return it.hi, it.hi
	}
	return it.lo, it.hi
}

// seeing returns the queries that see the keys from row lo to hi, of one leaf, directly; for causal ones, those from
// row hi on.
func (op *biased) seeing(it *biasedItem, lo, hi int) (from, end int) {
	switch {
	case op.Causal:
		return hi, min(it.lo+((lo-it.lo)/it.leaf+1)*it.leaf, it.hi)
	case it.fft:
		return it.hi, it.hi
	}
	return it.lo, it.hi
}

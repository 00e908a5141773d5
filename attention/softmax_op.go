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
	q, k, v   operand
	packed    bool // queries, keys and values are different columns of the same value
	factor    float32
	out       *tensor.Var
	result    []float32 // [query rows, heads * value dim]: what is computed
	weights   []float32 // for KeepWeights: a row for every pair of a sequence, as wide as it has heads
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
	workspace
	back softmaxBack
}

// softmaxMemory is what the operation keeps from pass to pass, so that a steady state allocates nothing.
type softmaxMemory struct {
	seqs          []sequence
	blocks        []block
	tiles         []span
	queries, keys []int32     // places made where none are given
	masks         []maskRoom  // of each worker
	at            [][]int32   // of each worker: where the biases of rows begin
	heads         [][]fewHead // of each worker
	tables        []pairTable
	relative      []relativeTable
	distance      []distanceTable
	groups        []jobGroup
	units         []backUnit
	finish        []finishUnit
}

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
	if o.KeepWeights {
		op.weights = make([]float32, op.pairs*o.Heads)
	}
	op.out = tp.Out(op.needs(), in.Query.Rows(), o.Heads*op.dv)
	op.result = op.out.Data()
	op.compute(tp)
	out := SoftmaxOutput{Tokens: op.out}
	if o.KeepWeights {
		out.Weights = tensor.FromSlice(op.weights, op.pairs, o.Heads)
		op.weights = nil
	}
	tp.Record("Softmax attention", op, op.out)
	return out
}

// compute is the forward pass of what has been laid out, to result.
func (op *softmax) compute(tp *tensor.Tape) {
	rows := op.in.Query.Rows()
	op.top, op.inv = tp.Scratch(op.Heads*rows), tp.Scratch(op.Heads*rows)
	if op.drop = op.Dropout > 0 && tp.Training(); op.drop {
		op.key, op.counter = tp.Draw()
	}
	op.cutBlocks(op.blockRows(queryBlock), false)
	op.run(tp, softmaxForward, op.forwardWork(), len(op.memory.blocks))
	if !tp.Recording() {
		op.release(tp)
	}
}

// run does a phase of n pieces, with scratch of each floats for every worker.
func (op *softmax) run(tp *tensor.Tape, phase softmaxPhase, each, n int) {
	op.phase = phase
	op.takeWork(tp, each)
	for len(op.memory.masks) < parallel.Workers() {
		op.memory.masks = append(op.memory.masks, newMaskRoom())
		op.memory.at = append(op.memory.at, make([]int32, queryBlock))
		op.memory.heads = append(op.memory.heads, nil)
	}
	parallel.For(n, 1, op)
	op.releaseWork(tp)
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
			op.backwardUnit(worker, op.memory.units[n])
		case softmaxFinishQuery:
			op.finishQuery(worker, op.memory.finish[n])
		case softmaxFinishKey:
			op.finishKey(worker, op.memory.finish[n])
		}
	}
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
	in := &op.in
	op.q, op.k, op.v = operand{in.Query.Data(), in.Query.Cols(), 0}, operand{in.Key.Data(), in.Key.Cols(), 0}, operand{in.Value.Data(), in.Value.Cols(), 0}
	op.d, op.dv = op.q.ld/op.Heads, op.v.ld/op.kv
	op.setFactor()
}

// setFactor sets the factor of the scores.
func (op *softmax) setFactor() {
	op.factor = float32(op.Scale)
	if op.Scale == 0 {
		op.factor = float32(1 / math.Sqrt(float64(op.d)))
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

// dropRow draws the dropout of the weights of a query for keys j, a multiple of keyTile, and on: every query has a key of
// its own for the random stream, every head and key a place in it.
func (op *softmax) dropRow(mask []float32, s *sequence, h, i, j int) {
	const odd = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio
	blocks := uint64(s.keys+3) / 4
	simd.DropoutMask(mask, op.key+odd*uint64(s.draw+i+1), op.counter+uint64(h)*blocks+uint64(j/4), op.Dropout)
}

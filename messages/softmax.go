package messages

import (
	"fmt"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// softmaxEps is added to the sums of exponentials, as PyTorch Geometric does.
const softmaxEps = 1e-16

// Softmax is attention over edges, the aggregation of GAT (Velickovic and others 2018, equations 3 to 6): each node
// weighs the messages that come to it by a softmax of their scores, head by head.
type Softmax struct {
	Dropout float64 // probability of dropping a weight in training
}

// Apply returns
//
//	a_jih = exp(score_jih) / sum over k->i of exp(score_kih), then dropout
//	y_ih  = sum over j->i of a_jih v_jh,
//
// [nodes, heads head dim], for scores [edges, heads] and values [nodes, heads head dim], head after head in a row. A node
// that no edge comes to gets 0, and so does a head whose scores are all -Inf.
func (o Softmax) Apply(tp *tensor.Tape, e *Edges, score, value *tensor.Var) *tensor.Var {
	heads, d := width("Softmax", "score", score), width("Softmax", "value", value)
	if heads < 1 || d%heads != 0 {
		panic(fmt.Sprintf("messages: Softmax: heads %d do not divide width %d", heads, d))
	}
	if !(o.Dropout >= 0 && o.Dropout < 1) {
		panic(fmt.Sprintf("messages: Softmax: dropout %v is outside [0, 1)", o.Dropout))
	}
	want("Softmax", "score", score, e.Len(), heads)
	want("Softmax", "value", value, e.Nodes(), d)
	score = apart(tp, score, value)
	op, ok := tp.Spare().(*softmax)
	if !ok {
		op = new(softmax)
	}
	*op = softmax{edges: e, score: score, value: value, heads: heads, d: d, dropout: o.Dropout}
	op.y = tp.Out(needs(score, value), e.Nodes(), d)
	op.weights = tp.Scratch(e.Len() * heads)
	op.used = op.weights
	if op.drop = o.Dropout > 0 && tp.Training(); op.drop {
		op.key, op.counter = tp.Draw()
		op.used = tp.Scratch(e.Len() * heads)
	}
	op.reducer.run(tp, &e.in, (*softmaxWeights)(op), 0, batch*heads)
	op.reducer.run(tp, &e.in, (*softmaxForward)(op), d, batch*d)
	if !tp.Recording() {
		op.release(tp)
	}
	tp.Record("softmax over edges", op, op.y)
	return op.y
}

// softmax is the recorded operation.
type softmax struct {
	edges           *Edges
	score, value, y *tensor.Var
	heads, d        int

	// weights are the weights [edges, heads] before dropout, used those after it, in the order of the places by target.
	weights, used []float32
	dropout       float64
	drop          bool
	key, counter  uint64

	back    softmaxBack
	reducer reducer
}

func (op *softmax) release(tp *tensor.Tape) {
	if op.drop {
		tp.Release(op.used)
	}
	tp.Release(op.weights)
	op.weights, op.used = nil, nil
}

// rows returns the rows of places lo to hi of an array [edges, heads].
func (op *softmax) rows(a []float32, lo, hi int) []float32 { return a[lo*op.heads : hi*op.heads] }

// dropMask draws the dropout of places lo to hi: 0 or 1/(1-p) for each weight. Every row has a place of its own in the
// random stream, so the backward pass can draw the same again.
func (op *softmax) dropMask(mask []float32, lo, hi int) []float32 {
	heads, blocks := op.heads, (op.heads+3)/4
	mask = mask[:(hi-lo)*heads]
	if heads%4 == 0 {
		simd.DropoutMask(mask, op.key, op.counter+uint64(lo*blocks), op.dropout)
		return mask
	}
	for p := lo; p < hi; p++ {
		simd.DropoutMask(mask[(p-lo)*heads:(p-lo+1)*heads], op.key, op.counter+uint64(p*blocks), op.dropout)
	}
	return mask
}

// softmaxWeights turns the scores into weights: chunks bring the scores of a node together.
type softmaxWeights softmax

func (op *softmaxWeights) clear([]float32) {}

func (op *softmaxWeights) add(_ []float32, _ tile, _, lo, hi int) {
	simd.GatherRows((*softmax)(op).rows(op.weights, lo, hi), op.score.Data(), op.edges.in.edge[lo:hi], op.heads)
}

func (op *softmaxWeights) join(_, _ []float32) {}

func (op *softmaxWeights) finish(_ []float32, room tile, i int) {
	o := (*softmax)(op)
	lo, hi := int(op.edges.in.start[i]), int(op.edges.in.start[i+1])
	simd.KeySoftmax(o.rows(op.weights, lo, hi), hi-lo, op.heads, softmaxEps)
	if !op.drop {
		return
	}
	mask := room.cut(batch * op.heads)
	for ; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		simd.Mul(o.rows(op.used, lo, to), o.rows(op.weights, lo, to), o.dropMask(mask, lo, to))
	}
}

// softmaxForward sums the weighted values.
type softmaxForward softmax

func (op *softmaxForward) clear(state []float32) { clear(state) }

func (op *softmaxForward) add(state []float32, room tile, _, lo, hi int) {
	rows, heads := room.cut(batch*op.d), op.heads
	for ; lo < hi; lo += batch {
		to := min(lo+batch, hi)
		simd.GatherRows(rows[:(to-lo)*op.d], op.value.Data(), op.edges.in.node[lo:to], op.d)
		simd.HeadSum(state, (*softmax)(op).rows(op.used, lo, to), rows, to-lo, heads, op.d/heads, op.d)
	}
}

func (op *softmaxForward) join(state, later []float32) { simd.Add(state, state, later) }

func (op *softmaxForward) finish(state []float32, _ tile, i int) {
	copy(op.y.Data()[i*op.d:(i+1)*op.d], state)
}

package messages

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// stdEps is added to the variance, as in the official code of PNA.
const stdEps = 1e-5

// Aggregate joins the messages m [edges, d] that come to each node in several ways at once, as PNA does (Corso and
// others, "Principal Neighbourhood Aggregation for Graph Nets", 2020, equation 6): the result is [nodes, len(kinds) d],
// the columns of kinds[0] first. Messages that are rows of nodes come from [Sources]. No kinds panic, and so does one
// that is given twice.
//
// The gradient of a maximum or minimum goes to the first of the messages, in the order of the edges, that reach it. The
// variance is summed about the mean; PyTorch Geometric takes relu(mean of m² - mean²), which cancels where the mean is
// large but has the same gradient.
func Aggregate(tp *tensor.Tape, e *Edges, m *tensor.Var, kinds ...Aggregator) *tensor.Var {
	d := width("Aggregate", "m", m)
	want("Aggregate", "m", m, e.Len(), d)
	op, ok := tp.Spare().(*aggregate)
	if !ok {
		op = new(aggregate)
	}
	*op = aggregate{edges: e, m: m, d: d, kinds: append(op.kinds[:0], kinds...)}
	op.placeKinds()
	op.y = tp.Out(m.Needs(), e.Nodes(), len(kinds)*d)
	n := e.Nodes() * d
	if op.has(AggregateStd) {
		op.mean = tp.Scratch(n)
	}
	if op.has(AggregateMax) {
		op.highAt = tp.Scratch(n)
	}
	if op.has(AggregateMin) {
		op.lowAt = tp.Scratch(n)
	}
	op.reducer.run(tp, &e.in, (*aggregateForward)(op), stateRows*d+1, lineRoom(batch*d)+2*lineRoom(d))
	if !tp.Recording() {
		op.release(tp)
	}
	tp.Record("message aggregate", op, op.y)
	return op.y
}

// aggregate is the recorded operation.
type aggregate struct {
	edges *Edges
	m, y  *tensor.Var
	d     int
	kinds []Aggregator
	at    [aggregators]int // the first column of each kind; -1 where it is not asked for

	mean []float32 // [nodes, d]; where the standard deviation is asked for
	// highAt and lowAt [nodes, d] are the places, by target, of the maxima and minima: their bits are integers.
	highAt, lowAt []float32

	dy      []float32
	dm      gradient
	reducer reducer
}

func (op *aggregate) placeKinds() {
	if len(op.kinds) == 0 {
		panic("messages: Aggregate: no kinds, want at least one")
	}
	for k := range op.at {
		op.at[k] = -1
	}
	for n, k := range op.kinds {
		if k < 0 || k >= aggregators {
			panic(fmt.Sprintf("messages: Aggregate: unknown kind %d", int(k)))
		}
		if op.at[k] >= 0 {
			panic(fmt.Sprintf("messages: Aggregate: kind %v is given twice in %v", k, op.kinds))
		}
		op.at[k] = n * op.d
	}
}

func (op *aggregate) has(k Aggregator) bool { return op.at[k] >= 0 }

func (op *aggregate) release(tp *tensor.Tape) {
	for _, a := range [...][]float32{op.lowAt, op.highAt, op.mean} {
		if a != nil {
			tp.Release(a)
		}
	}
	op.mean, op.highAt, op.lowAt = nil, nil, nil
}

// out returns the columns of a kind in row i of a matrix like the result.
func (op *aggregate) out(y []float32, k Aggregator, i int) []float32 {
	at := i*len(op.kinds)*op.d + op.at[k]
	return y[at : at+op.d]
}

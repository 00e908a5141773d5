package attention

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/tensor"
)

// Additive is LightNet's linear attention with additive decay (Qin and others, "You Only Scan Once", arXiv 2405.21022;
// checked against the code of flash-linear-attention and of the first author's xopes): every channel of the keys is a
// soft-max over the tokens so far. With query t, key s <= t, channel c and output e of a head,
//
//	z_t[c] = log of the sum over s <= t of exp(k_s[c])
//	o_t[e] = sum over c of q_t[c] sum over s <= t of exp(k_s[c] - z_t[c]) v_s[e]
//
// which is the linear recurrence S_t = diag(exp(z_(t-1) - z_t)) S_(t-1) + exp(k_t - z_t) v_tᵀ, o_t = S_tᵀ q_t. It goes by
// chunks: the sum of all chunks before is carried on, and within a chunk the weights of the pairs are formed. All is in
// the logarithm: keys may be as large as they like. No result depends on a later token in any bit. A key of -Inf in all
// channels is one that is not there.
//
// The form without causality, soft-max over all tokens of a sequence, is [TokenSoftmax] of the keys and [Linear] with
// Unnormalized.
//
// The zero value of each field but Heads is what its comment says.
type Additive struct {
	Heads int // at least 1
	// UnitMass begins z at 0 and not at minus infinity: the sum of exp(k) has 1 added, which decays the first tokens, as
	// in xmixers.
	UnitMass bool
}

// AdditiveInput is what [Additive] works on: sequences laid end to end, nothing padded.
type AdditiveInput struct {
	Offsets []int       // sequence b owns rows Offsets[b] to Offsets[b+1]
	Key     *tensor.Var // k [tokens, heads * channels]
	Value   *tensor.Var // [tokens, heads * value dim]
	// Query [tokens, heads * copies * channels] is as wide as the key, or a multiple of it where there is a KeyFactor: copy
	// r of channel c is column r*channels + c of a head.
	Query *tensor.Var
	// KeyFactor, of the shape of Query, multiplies exp(k - z), each copy of a channel by a number of its own. The cosine
	// form of LRPE, [cos φ | sin φ], is two copies. nil means one copy and a factor of 1.
	KeyFactor *tensor.Var
}

// noMass is z where there is no key yet. It is finite, so that differences are never NaN.
const noMass = -1e30

// additive is the recorded operation. It keeps z, and the z at the borders of the chunks.
type additive struct {
	Additive
	m, copies, m2, dv int // channels, their copies, both, and width of the values of a head
	q, k, v, factor   *tensor.Var
	out               *tensor.Var
	chunks            stretches
	state             *RecurrentState
	z                 []float32 // [tokens, heads * m]
	border            []float32 // [chunks + sequences, heads * m]: z before each chunk, and after the last of a sequence
	high, mass        []float32 // [chunks, heads * m]: the largest key of a chunk, the sum of exp(k - high)
	sums              []float32 // [slots, heads, m2*dv]: the sum of keys times values after a chunk, relative to its border
	phase             additivePhase
	workspace
	additiveBack
}

// additivePhase is what additive.Run does.
type additivePhase int

const (
	additiveMass    additivePhase = iota // chunks
	additiveBorders                      // sequences x pieces of the channels
	additiveZ                            // chunks
	additiveSums                         // chunks x heads
	additiveCarry                        // sequences x heads
	additiveOut                          // chunks x heads
	additiveBackQuery
	additiveBackCarry // sequences x heads
	additiveBackKey   // chunks x heads
)

// Apply computes the attention of in and records it on the tape: o [tokens, heads * value dim].
func (o Additive) Apply(tp *tensor.Tape, in AdditiveInput) *tensor.Var {
	return o.apply(tp, in, nil)
}

// Decode computes the attention of further tokens of every sequence, any number of each, none included, after those
// that state has seen, and adds them to state. It wants a pass without gradients.
func (o Additive) Decode(tp *tensor.Tape, state *RecurrentState, in AdditiveInput) *tensor.Var {
	mustDecode("Additive", tp, state)
	return o.apply(tp, in, state)
}

func (o Additive) apply(tp *tensor.Tape, in AdditiveInput, state *RecurrentState) *tensor.Var {
	o.check(&in)
	op, ok := tp.Spare().(*additive)
	if !ok {
		op = new(additive)
	}
	*op = additive{Additive: o, q: in.Query, k: in.Key, v: in.Value, factor: in.KeyFactor, chunks: op.chunks, state: state,
		m: in.Key.Cols() / o.Heads, m2: in.Query.Cols() / o.Heads, dv: in.Value.Cols() / o.Heads}
	op.copies = 1
	if op.m > 0 {
		op.copies = op.m2 / op.m
	}
	needs := op.q.Needs() || op.k.Needs() || op.v.Needs() || op.factor != nil && op.factor.Needs()
	op.out = tp.Out(needs, in.Query.Rows(), o.Heads*op.dv)
	op.chunks.cut(in.Offsets, causalChunk, state != nil)
	if state != nil {
		start := float64(noMass)
		if o.UnitMass {
			start = 0
		}
		state.fit("Additive", op.chunks.items(), o.Heads, op.m2, op.dv, op.m, start)
	}
	op.formZ(tp)
	op.sums = tp.Scratch(op.chunks.slots * o.Heads * op.m2 * op.dv)
	op.takeWork(tp, op.forwardWork())
	op.formSums()
	op.run(additiveOut, len(op.chunks.list)*o.Heads, 1)
	tp.Release(op.work)
	tp.Release(op.sums)
	op.work, op.sums = nil, nil
	if state != nil {
		state.step(in.Offsets)
	}
	if !tp.Recording() {
		op.releaseKept(tp)
	}
	op.state = nil
	tp.Record("Additive", op, op.out)
	return op.out
}

func (op *additive) releaseKept(tp *tensor.Tape) {
	tp.Release(op.border)
	tp.Release(op.z)
	op.border, op.z = nil, nil
}

// run does n items of a phase, grain at a time.
func (op *additive) run(p additivePhase, n, grain int) {
	op.phase = p
	parallel.For(n, grain, op)
}

// Run does items lo to hi of the phase at hand.
func (op *additive) Run(worker, lo, hi int) {
	for u := lo; u < hi; u++ {
		t := op.tile(worker)
		switch op.phase {
		case additiveMass:
			op.massOf(t, u)
		case additiveBorders:
			pieces := op.channelPieces()
			op.borders(u/pieces, u%pieces)
		case additiveZ:
			op.zOf(t, u)
		case additiveSums:
			op.sumKeys(t, u/op.Heads, u%op.Heads)
		case additiveCarry:
			op.carry(u/op.Heads, u%op.Heads)
		case additiveOut:
			op.attend(t, u/op.Heads, u%op.Heads)
		case additiveBackQuery:
			op.backQuery(t, u/op.Heads, u%op.Heads)
		case additiveBackCarry:
			op.backCarry(u/op.Heads, u%op.Heads)
		case additiveBackKey:
			op.backKey(t, u/op.Heads, u%op.Heads)
		}
	}
}

// check panics where shapes do not fit.
func (o Additive) check(in *AdditiveInput) {
	fail := func(format string, args ...any) { panic("attention: Additive: " + fmt.Sprintf(format, args...)) }
	switch {
	case in.Query == nil || in.Key == nil || in.Value == nil:
		fail("query, key or value is missing")
	case o.Heads < 1 || in.Key.Cols()%o.Heads != 0 || in.Value.Cols()%o.Heads != 0:
		fail("heads %d do not divide widths %d and %d of keys and values", o.Heads, in.Key.Cols(), in.Value.Cols())
	case in.Value.Rows() != in.Key.Rows() || in.Query.Rows() != in.Key.Rows():
		fail("there are %d queries, %d keys and %d values", in.Query.Rows(), in.Key.Rows(), in.Value.Rows())
	case in.KeyFactor == nil && in.Query.Cols() != in.Key.Cols():
		fail("queries have width %d, keys %d; only with a key factor may it be a multiple", in.Query.Cols(), in.Key.Cols())
	case in.KeyFactor != nil && (in.Key.Cols() == 0 || in.Query.Cols()%in.Key.Cols() != 0):
		fail("width %d of the keys does not divide width %d of the queries", in.Key.Cols(), in.Query.Cols())
	case in.KeyFactor != nil && (in.KeyFactor.Rows() != in.Query.Rows() || in.KeyFactor.Cols() != in.Query.Cols()):
		fail("key factor has shape %v, want [%d %d]", in.KeyFactor.Shape(), in.Query.Rows(), in.Query.Cols())
	}
	mustOffsets("Additive", "token", in.Offsets, in.Query.Rows())
}

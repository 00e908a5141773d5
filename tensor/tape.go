package tensor

import "fmt"

// Tape records the operations of one pass through a model and differentiates them in reverse.
//
// A Tape is made once and used for many passes: [Tape.Begin] forgets the last pass but keeps its memory, so that a
// steady training loop allocates next to nothing. All values of a pass live in the tape's arena and are gone with the
// next Begin; copy what must last. A Tape is for one goroutine at a time; several tapes may run side by side.
type Tape struct {
	pass   Pass
	arena  arena
	vars   varSlab
	leaves map[*Tensor]*Var
	record []entry // operations of this pass: the first n; beyond them what earlier passes left, to be used again
	n      int
	draws  uint64 // random operations so far in this pass
	done   bool   // Backward has been through this pass
	path   []string
	watch  bool
	bad    *BadValue
	touch  []*Var    // watch: gradients written by the operation at hand
	gemm   gemm      // the product at hand
	cols   colReduce // the reduction at hand
	zipper zip       // the elementwise operations at hand
	mapper mapping
	shape  []int // a result's shape in the making
}

// Pass says how a pass is to run. The zero value is evaluation: running statistics, no dropout, no gradients.
type Pass struct {
	// Train selects batch statistics in normalisation and applies dropout.
	Train bool
	// Grad records what [Tape.Backward] needs.
	Grad bool
	// Seed and Step name the random stream of the pass. The numbers drawn depend on Seed, Step and the order of the
	// operations alone, so a step can be done again, in another process too, with the same bits.
	Seed, Step uint64
}

// Function is a recorded operation: what the tape needs to know to go back through it. Implementations keep the inputs
// and outputs of the forward pass as fields.
type Function interface {
	// Backward adds to the gradients of the inputs (see [Var.Accumulate]) what the gradients of the outputs
	// (see [Var.OutGrad]) contribute.
	Backward(tp *Tape)
}

// entry is one recorded operation with its results.
type entry struct {
	name string
	f    Function
	out  [3]*Var
	outs int
	path string // the layer, kept only while the tape is watched
}

// NewTape returns an empty tape, ready for an evaluation pass.
func NewTape() *Tape {
	tp := &Tape{arena: arena{free: map[int][][]float32{}}, leaves: map[*Tensor]*Var{}}
	tp.vars.tape = tp
	return tp
}

// Begin starts a new pass. Every Var and every gradient of the last one is invalid from here on.
func (tp *Tape) Begin(p Pass) {
	tp.pass = p
	tp.arena.reset()
	tp.vars.reset()
	clear(tp.leaves)
	tp.n, tp.draws, tp.done = 0, 0, false
	tp.path = tp.path[:0]
	tp.bad = nil
}

// Training reports whether the pass uses batch statistics and dropout.
func (tp *Tape) Training() bool { return tp.pass.Train }

// Recording reports whether the pass records gradients.
func (tp *Tape) Recording() bool { return tp.pass.Grad }

// PeakBytes returns the largest amount of arena memory that was in use at one time since the tape was made.
func (tp *Tape) PeakBytes() int64 { return 4 * int64(tp.arena.peak) }

// Const returns t as a value without a gradient. t must not change while the pass lasts.
func (tp *Tape) Const(t *Tensor) *Var {
	v := tp.vars.next()
	v.value.shape = append(v.value.shape[:0], t.shape...)
	v.value.data = t.data
	return v
}

// Leaf returns t as a value whose gradient is wanted, a parameter above all. The same tensor gives the same Var all
// through a pass, so that a parameter used twice gets the sum of both gradients.
func (tp *Tape) Leaf(t *Tensor) *Var {
	if v := tp.leaves[t]; v != nil {
		return v
	}
	v := tp.Const(t)
	v.needs = tp.pass.Grad
	v.leaf = true
	tp.leaves[t] = v
	return v
}

// Grad returns the gradient of a leaf after [Tape.Backward], in the order of the tensor's data, and nil where the
// tensor was not used in the pass or the loss does not depend on it. The slice is the tape's own.
func (tp *Tape) Grad(t *Tensor) []float32 {
	if v := tp.leaves[t]; v != nil {
		return v.grad
	}
	return nil
}

// Out returns a new Var of the given shape for the result of an operation. Its values are not defined: the operation
// must write all of them. needs says whether any of the operation's inputs wants a gradient (see [Var.Needs]).
func (tp *Tape) Out(needs bool, shape ...int) *Var {
	v := tp.vars.next()
	n := 1
	for _, d := range shape {
		n *= d
	}
	v.value.shape = append(v.value.shape[:0], shape...)
	v.value.data = tp.arena.take(n)
	v.needs = needs
	v.owned = true
	return v
}

// Spare returns the Function that an earlier pass recorded at the place where the next operation will be recorded, or
// nil. An operation whose own type it is may fill it anew instead of allocating another.
func (tp *Tape) Spare() Function {
	if tp.n < len(tp.record) {
		return tp.record[tp.n].f
	}
	return nil
}

// spare returns a T for the next operation: the one of an earlier pass where there is one. Its fields hold old values.
func spare[T any, P interface {
	*T
	Function
}](tp *Tape) P {
	if f, ok := tp.Spare().(P); ok {
		return f
	}
	return new(T)
}

// Record puts an operation that has just been computed on the tape, with its one to three results.
func (tp *Tape) Record(name string, f Function, out ...*Var) {
	if len(out) == 0 || len(out) > len(entry{}.out) {
		panic(fmt.Sprintf("tensor: Record: %s has %d results, want 1 to %d", name, len(out), len(entry{}.out)))
	}
	if tp.n == len(tp.record) {
		tp.record = append(tp.record, entry{})
	}
	e := &tp.record[tp.n]
	e.name, e.f, e.outs = name, f, copy(e.out[:], out)
	tp.n++
	if tp.watch {
		tp.checkValues(e)
	}
}

// Backward computes the gradient of loss, a single number, with respect to every leaf. The values of intermediate
// results are given back to the arena on the way (see [Var.Keep]); a pass can be differentiated once.
func (tp *Tape) Backward(loss *Var) {
	if tp.done {
		panic("tensor: Backward: this pass was differentiated already; add the losses, or begin a new pass")
	}
	if loss.value.Size() != 1 {
		panic(fmt.Sprintf("tensor: Backward: the loss has shape %s, want a single number", shapeString(loss.value.shape)))
	}
	if !tp.pass.Grad {
		panic("tensor: Backward: the pass was begun without Grad")
	}
	if !loss.needs {
		return // nothing that wants a gradient leads to the loss
	}
	g, _ := loss.Accumulate()
	g[0] = 1
	loss.Keep()
	for i := tp.n - 1; i >= 0; i-- {
		e := &tp.record[i]
		if e.wanted() {
			tp.touch = tp.touch[:0]
			e.f.Backward(tp)
			if tp.watch {
				tp.checkGradients(e)
			}
		}
		for _, v := range e.out[:e.outs] {
			tp.recycle(v)
		}
	}
	tp.done = true
}

// wanted reports whether any gradient has reached the results of e.
func (e *entry) wanted() bool {
	for _, v := range e.out[:e.outs] {
		if v.needs && v.grad != nil {
			return true
		}
	}
	return false
}

// recycle gives back the memory of a result once the operation that made it has been differentiated: later operations,
// which alone read it, were before.
func (tp *Tape) recycle(v *Var) {
	if v.kept || v.leaf {
		return
	}
	if v.grad != nil {
		tp.arena.give(v.grad)
		v.grad = nil
	}
	if v.owned {
		tp.arena.give(v.value.data)
		v.value.data = nil
	}
}

// Mark is a point in a pass, see [Tape.Sweep].
type Mark int

// Mark returns the present point of the pass.
func (tp *Tape) Mark() Mark { return Mark(tp.vars.n) }

// Sweep gives back the memory of all values made since mark but those to keep, in a pass that records no gradients. A
// model calls it between layers, so that inference holds the values of one layer and not of all. Where gradients are
// recorded it does nothing: they need the values.
func (tp *Tape) Sweep(mark Mark, keep ...*Var) {
	if tp.pass.Grad {
		return
	}
	for i := int(mark); i < tp.vars.n; i++ {
		if v := tp.vars.at(i); v.owned && !v.kept && v.value.data != nil && !shares(v, keep) {
			tp.arena.give(v.value.data)
			v.value.data = nil
		}
	}
}

// shares reports whether one of the others is v or lies in its memory.
func shares(v *Var, others []*Var) bool {
	for _, o := range others {
		for ; o != nil; o = o.base {
			if o == v {
				return true
			}
		}
	}
	return false
}

// Scratch returns n floats of undefined values from the arena. They last until they are given back with
// [Tape.Release], or until the next Begin.
func (tp *Tape) Scratch(n int) []float32 { return tp.arena.take(n) }

// Release gives memory of [Tape.Scratch] back.
func (tp *Tape) Release(scratch []float32) { tp.arena.give(scratch) }

// Draw returns the key and the counter of a random stream of its own for one operation: 2^32 blocks of Philox numbers
// (see [Pass]).
func (tp *Tape) Draw() (key, counter uint64) {
	tp.draws++
	const odd = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio: steps of any seed lie far apart
	return mix(tp.pass.Seed + odd*(tp.pass.Step+1)), tp.draws << 32
}

// mix is the finaliser of splitmix64 (Steele, Lea, Flood 2014): it spreads the bits of x.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

package tensor

// Var is a value on a [Tape]: a tensor, and its gradient once the backward pass has reached it.
type Var struct {
	value Tensor
	grad  []float32
	tape  *Tape
	needs bool
	leaf  bool
	kept  bool
	owned bool // value.data is a block of the arena that belongs to this Var alone
	base  *Var // the Var whose memory this one shares, for the results of Reshape and Rows
}

// Value returns the values. They are the tape's own and last until [Tape.Backward] has passed the Var (unless it is
// kept) or until the next [Tape.Begin].
func (v *Var) Value() *Tensor {
	if v.value.data == nil && v.owned {
		panic("tensor: Value: the memory of this Var was given back by Backward or Sweep; call Keep before it")
	}
	return &v.value
}

// Shape returns the dimensions of the value.
func (v *Var) Shape() []int { return v.value.shape }

// Rows returns the first dimension of the value.
func (v *Var) Rows() int { return v.value.Rows() }

// Cols returns the width of a row of the value.
func (v *Var) Cols() int { return v.value.Cols() }

// Data returns the values in row-major order.
func (v *Var) Data() []float32 { return v.Value().data }

// Needs reports whether the gradient of v is wanted.
func (v *Var) Needs() bool { return v.needs }

// Keep makes value and gradient of v outlast [Tape.Backward], and returns v.
func (v *Var) Keep() *Var {
	for b := v; b != nil; b = b.base {
		b.kept = true
	}
	return v
}

// Grad returns the gradient of v after [Tape.Backward]: of a leaf, or of a Var that was kept; nil where none came.
func (v *Var) Grad() []float32 { return v.grad }

// OutGrad returns, within [Function.Backward], the gradient of an operation's result. Where no later operation
// contributed to it, it is all zeros.
func (v *Var) OutGrad() []float32 {
	if v.grad == nil {
		v.grad = v.tape.arena.take(len(v.value.data))
		clear(v.grad)
	}
	return v.grad
}

// Reached reports, within [Function.Backward], whether any gradient has come to an operation's result.
func (v *Var) Reached() bool { return v.grad != nil }

// Accumulate returns, within [Function.Backward], the memory for the gradient of an operation's input. If add is false
// the memory is undefined and the caller must write all of it; otherwise the caller must add to it.
// Call it only where [Var.Needs] is true.
func (v *Var) Accumulate() (grad []float32, add bool) {
	if !v.needs {
		panic("tensor: Accumulate: no gradient of this Var is wanted")
	}
	if v.tape.watch {
		v.tape.touch = append(v.tape.touch, v)
	}
	if v.grad != nil {
		return v.grad, true
	}
	v.grad = v.tape.arena.take(len(v.value.data))
	return v.grad, false
}

// AccumulateZeroed is [Var.Accumulate] for callers that always add: fresh memory is set to zero first.
func (v *Var) AccumulateZeroed() []float32 {
	g, add := v.Accumulate()
	if !add {
		clear(g)
	}
	return g
}

// alias returns a Var over the memory of v, or over data, a part of it.
func (tp *Tape) alias(v *Var, data []float32, shape ...int) *Var {
	out := tp.vars.next()
	out.value.shape = append(out.value.shape[:0], shape...)
	out.value.data = data
	out.needs = v.needs
	out.base = v
	return out
}

// varSlab hands out Vars and keeps them, with the capacity of their shapes, from pass to pass.
type varSlab struct {
	tape  *Tape
	chunk [][]Var
	n     int
}

const varsPerChunk = 256

func (s *varSlab) next() *Var {
	if s.n == len(s.chunk)*varsPerChunk {
		s.chunk = append(s.chunk, make([]Var, varsPerChunk))
	}
	v := s.at(s.n)
	s.n++
	shape := v.value.shape
	*v = Var{value: Tensor{shape: shape}, tape: s.tape}
	return v
}

// at returns Var number i of the pass.
func (s *varSlab) at(i int) *Var { return &s.chunk[i/varsPerChunk][i%varsPerChunk] }

func (s *varSlab) reset() { s.n = 0 }

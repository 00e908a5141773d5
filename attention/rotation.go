package attention

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// rotor is a rotation as the kernels want it. Its zero value leaves what it turns as it is.
type rotor struct {
	cos, sin    []float32 // [tokens, cols]
	cols, pairs int
	apart       bool // every head has its own angles
	interleaved bool
	made        []float32 // memory of cos and sin, where they were made of angles
}

func (r *Rotation) needs() bool { return r != nil && r.Angles != nil && r.Angles.Needs() }

// check panics where the rotation does not fit tokens of so many heads.
func (r *Rotation) check(op, name string, tokens, heads, dim int) {
	if r == nil {
		return
	}
	if r.Pairs <= 0 || 2*r.Pairs > dim {
		panic(fmt.Sprintf("attention: %s: %s turns %d pairs of channels, but heads are %d wide", op, name, r.Pairs, dim))
	}
	if (r.Angles != nil) == (r.Cos != nil || r.Sin != nil) || (r.Cos == nil) != (r.Sin == nil) {
		panic(fmt.Sprintf("attention: %s: %s wants either Cos and Sin or Angles", op, name))
	}
	fits := func(what string, rows, cols int, shape []int) {
		if rows != tokens || cols != r.Pairs && cols != heads*r.Pairs {
			panic(fmt.Sprintf("attention: %s: %s has %s of shape %v, want [%d %d] or [%d %d]", op, name, what, shape, tokens, r.Pairs,
				tokens, heads*r.Pairs))
		}
	}
	if r.Angles != nil {
		fits("angles", r.Angles.Rows(), r.Angles.Cols(), r.Angles.Shape())
		return
	}
	fits("cosines", r.Cos.Rows(), r.Cos.Cols(), r.Cos.Shape())
	fits("sines", r.Sin.Rows(), r.Sin.Cols(), r.Sin.Shape())
	if r.Cos.Cols() != r.Sin.Cols() {
		panic(fmt.Sprintf("attention: %s: %s has cosines of shape %v and sines of shape %v", op, name, r.Cos.Shape(), r.Sin.Shape()))
	}
}

// newRotor prepares the rotation of heads heads, whose memory release gives back. t is where it works.
func newRotor(tp *tensor.Tape, r *Rotation, heads int, t *trig) rotor {
	if r == nil {
		return rotor{}
	}
	out := rotor{pairs: r.Pairs, interleaved: r.Interleaved}
	if r.Angles == nil {
		out.cos, out.sin, out.cols = r.Cos.Data(), r.Sin.Data(), r.Cos.Cols()
	} else {
		angles := r.Angles.Data()
		out.cols = r.Angles.Cols()
		out.made = tp.Scratch(2 * len(angles))
		out.cos, out.sin = out.made[:len(angles)], out.made[len(angles):]
		*t = trig{out.cos, out.sin, angles}
		parallel.For(len(angles), angleGrain, t)
	}
	out.apart = heads > 1 && out.cols == heads*r.Pairs
	return out
}

// trig computes cosines and sines.
type trig struct{ cos, sin, angles []float32 }

// Run does angles lo to hi.
func (t *trig) Run(_, lo, hi int) {
	simd.Cos(t.cos[lo:hi], t.angles[lo:hi])
	simd.Sin(t.sin[lo:hi], t.angles[lo:hi])
}

// angleGrain is the number of angles whose cosines are computed at a time.
const angleGrain = 4096

func (r *rotor) release(tp *tensor.Tape) {
	if r.made != nil {
		tp.Release(r.made)
		r.made = nil
	}
}

// channels returns the channels of pair p.
func (r *rotor) channels(p int) (u, v int) {
	if r.interleaved {
		return 2 * p, 2*p + 1
	}
	return p, p + r.pairs
}

// at returns where the angles of a token and head begin.
func (r *rotor) at(token, h int) int {
	if r.apart {
		return token*r.cols + h*r.pairs
	}
	return token * r.cols
}

// turn writes the channels src [rows, dim] of a head of consecutive tokens, turned and times factor, to dst, which may be
// src; lds and ldd are the strides of their rows. back turns them back, which is how gradients go.
func (r *rotor) turn(dst []float32, ldd int, src []float32, lds, rows, dim, token, h int, factor float32, back bool) {
	if rows == 0 {
		return
	}
	if r.pairs > 0 {
		at, s := r.at(token, h), factor
		if back {
			s = -s
		}
		f := simd.RotateHalves
		if r.interleaved {
			f = simd.RotateNeighbours
		}
		f(dst, ldd, src, lds, r.cos[at:], r.sin[at:], r.cols, rows, r.pairs, factor, s)
	}
	if rest := 2 * r.pairs; rest < dim {
		simd.ScaleBlock(dst[rest:], ldd, src[rest:], lds, rows, dim-rest, factor)
	}
}

// angleGrad adds to grad, rows as of the angles, what comes from one token's head: x is turned, dx its gradient.
func (r *rotor) angleGrad(grad, x, dx []float32, token, h int) {
	at := r.at(token, h)
	for p := range r.pairs {
		u, v := r.channels(p)
		grad[at+p] += dx[v]*x[u] - dx[u]*x[v]
	}
}

// rotation is the recorded operation of [Rotation.Apply].
type rotation struct {
	r      Rotation
	rotor  rotor
	trig   trig
	x, out *tensor.Var
	heads  int
	dx     []float32
	dAngle []float32
	back   bool
}

// Apply turns x [tokens, heads * head dim] as the softmax kernel turns queries and keys.
func (r *Rotation) Apply(tp *tensor.Tape, x *tensor.Var, heads int) *tensor.Var {
	if heads < 1 || x.Cols()%heads != 0 {
		panic(fmt.Sprintf("attention: Rotation: heads %d do not divide width %d", heads, x.Cols()))
	}
	r.check("Rotation", "the rotation", x.Rows(), heads, x.Cols()/heads)
	op, ok := tp.Spare().(*rotation)
	if !ok {
		op = new(rotation)
	}
	*op = rotation{r: *r, x: x, heads: heads}
	op.rotor = newRotor(tp, r, heads, &op.trig)
	op.out = tp.Out(x.Needs() || r.needs(), x.Shape()...)
	parallel.For(x.Rows(), rotationGrain, op)
	if !op.out.Needs() {
		op.rotor.release(tp)
	}
	tp.Record("Rotation", op, op.out)
	return op.out
}

// rotationGrain is the number of tokens that are turned at a time.
const rotationGrain = 64

// Run turns, or turns back, tokens lo to hi.
func (op *rotation) Run(_, lo, hi int) {
	width := op.x.Cols()
	dim := width / op.heads
	for h := range op.heads {
		at := lo*width + h*dim
		if !op.back {
			op.rotor.turn(op.out.Data()[at:], width, op.x.Data()[at:], width, hi-lo, dim, lo, h, 1, false)
			continue
		}
		g := op.out.OutGrad()
		for i := lo; i < hi && op.dAngle != nil; i++ {
			a := i*width + h*dim
			op.rotor.angleGrad(op.dAngle, op.out.Data()[a:a+dim], g[a:a+dim], i, h)
		}
		if op.dx != nil { // the gradient of the result is not looked at again
			op.rotor.turn(g[at:], width, g[at:], width, hi-lo, dim, lo, h, 1, true)
		}
	}
	if op.back && op.dx != nil {
		simd.Add(op.dx[lo*width:hi*width], op.dx[lo*width:hi*width], op.out.OutGrad()[lo*width:hi*width])
	}
}

// Backward turns the gradient back.
func (op *rotation) Backward(tp *tensor.Tape) {
	op.back = true
	if op.x.Needs() {
		op.dx = op.x.AccumulateZeroed()
	}
	if op.r.needs() {
		op.dAngle = op.r.Angles.AccumulateZeroed()
	}
	op.out.OutGrad()
	parallel.For(op.x.Rows(), rotationGrain, op)
	op.rotor.release(tp)
}

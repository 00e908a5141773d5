package attention

import (
	"fmt"
	"math"

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

// newRotor prepares the rotation of heads heads. release it.
func newRotor(tp *tensor.Tape, r *Rotation, heads int) rotor {
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
		parallel.For(len(angles), angleGrain, parallel.Func(func(lo, hi int) {
			for n := lo; n < hi; n++ {
				s, c := math.Sincos(float64(angles[n]))
				out.cos[n], out.sin[n] = float32(c), float32(s)
			}
		}))
	}
	out.apart = heads > 1 && out.cols == heads*r.Pairs
	return out
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

// turn writes the channels src of a token's head, turned, to dst, which may be src. inverse turns them back, which is how
// gradients go.
func (r *rotor) turn(dst, src []float32, token, h int, inverse bool) {
	if len(dst) > 0 && &dst[0] != &src[0] {
		copy(dst, src)
	}
	if r.pairs == 0 {
		return
	}
	at := r.at(token, h)
	cos, sin := r.cos[at:at+r.pairs], r.sin[at:at+r.pairs]
	for p, c := range cos {
		s := sin[p]
		if inverse {
			s = -s
		}
		u, v := r.channels(p)
		x, y := dst[u], dst[v]
		dst[u], dst[v] = x*c-y*s, y*c+x*s
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
	*op = rotation{r: *r, rotor: newRotor(tp, r, heads), x: x, heads: heads}
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
	for i := lo; i < hi; i++ {
		for h := range op.heads {
			a, b := i*width+h*dim, i*width+(h+1)*dim
			if !op.back {
				op.rotor.turn(op.out.Data()[a:b], op.x.Data()[a:b], i, h, false)
				continue
			}
			g := op.out.OutGrad()[a:b]
			if op.dAngle != nil {
				op.rotor.angleGrad(op.dAngle, op.out.Data()[a:b], g, i, h)
			}
			if op.dx != nil {
				// The gradient of the result is not looked at again.
				op.rotor.turn(g, g, i, h, true)
				simd.Add(op.dx[a:b], op.dx[a:b], g)
			}
		}
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

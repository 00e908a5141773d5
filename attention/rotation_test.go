package attention_test

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// TestRotation holds the rotation outside the kernel, and its gradients, against the reference.
func TestRotation(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	for _, c := range []softCase{
		{heads: 2, d: 8, pairs: 4}, {heads: 3, d: 9, pairs: 4, interleaved: true}, {heads: 4, d: 70, pairs: 33, apart: true},
		{heads: 1, d: 40, pairs: 20, apart: true, interleaved: true}, {heads: 2, d: 5, pairs: 1},
	} {
		for _, n := range []int{0, 1, 70, 150} {
			c.queries, c.rotate = []int{n}, "learned"
			s := c.build(rng)
			x, angles := s.ref.in["query"], s.ref.in["anglesQ"]
			want := s.ref.turned(x, angles, c.heads)
			dx, dAngles := make([]float64, len(x)), make([]float64, len(angles))
			s.ref.turnedBack(dx, dAngles, want, s.ref.gout, angles, c.heads)
			cols := c.pairs
			if c.apart {
				cols *= c.heads
			}
			tx, ta := tensorOf(x, n, c.heads*c.d), tensorOf(angles, n, cols)
			for _, twice := range []bool{false, true} { // gradients are added to what is there
				tape.Begin(tensor.Pass{Grad: true})
				r := &attention.Rotation{Angles: tape.Leaf(ta), Pairs: c.pairs, Interleaved: c.interleaved}
				y := r.Apply(tape, tape.Leaf(tx), c.heads).Keep()
				loss := tape.Sum(tape.Mul(y, tape.Const(tensorOf(s.ref.gout, n, c.heads*c.d))))
				if twice {
					loss = tape.Add(loss, tape.Sum(tape.Leaf(tx)))
				}
				tape.Backward(loss)
				near(t, "out", y.Data(), want, forwardTolerance)
				wantDx := append([]float64(nil), dx...)
				for n := range wantDx {
					if twice {
						wantDx[n]++
					}
				}
				near(t, "gradient", tape.Grad(tx), wantDx, gradientTolerance)
				near(t, "gradient of angles", tape.Grad(ta), dAngles, gradientTolerance)
			}
		}
	}
}

// TestRotationInKernel holds that keys turned before the kernel and inside give the same.
func TestRotationInKernel(t *testing.T) {
	s := softCase{heads: 2, d: 9, queries: []int{70, 5}, rotate: "learned", pairs: 3, interleaved: true}.build(rand.New(rand.NewPCG(4, 2)))
	inputs := s.inputs()
	tape.Begin(tensor.Pass{Grad: true})
	query := &attention.Rotation{Angles: tape.Leaf(inputs["anglesQ"]), Pairs: 3, Interleaved: true}
	key := &attention.Rotation{Angles: tape.Leaf(inputs["anglesK"]), Pairs: 3, Interleaved: true}
	in := attention.SoftmaxInput{Queries: s.ref.queries, Query: query.Apply(tape, tape.Leaf(inputs["query"]), 2),
		Key: key.Apply(tape, tape.Leaf(inputs["key"]), 2), Value: tape.Leaf(inputs["value"])}
	out := s.op.Apply(tape, in).Tokens.Keep()
	tape.Backward(tape.Sum(tape.Mul(out, tape.Const(tensorOf(s.ref.gout, 75, 18)))))
	want := s.ref.run(true)
	near(t, "out", out.Data(), want.out, forwardTolerance)
	for _, name := range []string{"query", "key", "value", "anglesQ", "anglesK"} {
		near(t, "gradient of "+name, tape.Grad(inputs[name]), want.grads[name], gradientTolerance)
	}
}

// TestSoftmaxSharedInputs uses one Var for queries, keys and values, and one for both angles.
func TestSoftmaxSharedInputs(t *testing.T) {
	for _, n := range []int{70, 600} {
		s := softCase{heads: 2, d: 8, queries: []int{n}, rotate: "learned", pairs: 4}.build(rand.New(rand.NewPCG(4, 2)))
		in := s.ref.in
		in["key"], in["value"], in["anglesK"] = in["query"], in["query"], in["anglesQ"]
		want := s.ref.run(true)
		x, a := tensorOf(in["query"], n, 16), tensorOf(in["anglesQ"], n, 4)
		tape.Begin(tensor.Pass{Grad: true})
		r := &attention.Rotation{Angles: tape.Leaf(a), Pairs: 4}
		v := tape.Leaf(x)
		out := s.op.Apply(tape, attention.SoftmaxInput{Queries: []int{0, n}, Query: v, Key: v, Value: v,
			Structure: attention.Structure{RotateQuery: r, RotateKey: r}}).Tokens
		tape.Backward(tape.Add(tape.Sum(tape.Mul(out, tape.Const(tensorOf(s.ref.gout, n, 16)))), tape.Sum(v)))
		total, angles := make([]float64, n*16), make([]float64, n*4)
		for k := range total {
			total[k] = want.grads["query"][k] + want.grads["key"][k] + want.grads["value"][k] + 1
		}
		for k := range angles {
			angles[k] = want.grads["anglesQ"][k] + want.grads["anglesK"][k]
		}
		near(t, "gradient", tape.Grad(x), total, gradientTolerance)
		near(t, "gradient of angles", tape.Grad(a), angles, gradientTolerance)
	}
}

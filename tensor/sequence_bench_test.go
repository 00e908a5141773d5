package tensor

import "testing"

// BenchmarkSequenceOperations runs the operations of models of sequences forward and backward over 2048 tokens of width
// 512, which are one sequence or many.
func BenchmarkSequenceOperations(b *testing.B) {
	const tokens, width = 2048, 512
	var ragged []int
	for at := 0; at <= tokens; at += 32 {
		ragged = append(ragged, at)
	}
	whole := []int{0, tokens}
	x, gain, taps, shared, bias := random(1, tokens, width), random(2, width), random(3, width, 3), random(4, 64, 3), random(5, width)
	for i := range x.data {
		x.data[i] = max(x.data[i], -x.data[i]) // for Log and Sqrt
	}
	for _, c := range []struct {
		name string
		f    func(tp *Tape, x *Var) *Var
	}{
		{"LayerNorm", func(tp *Tape, x *Var) *Var { return tp.LayerNorm(x, tp.Leaf(gain), tp.Leaf(bias), 1e-5) }}, // to compare with
		{"RMSNorm", func(tp *Tape, x *Var) *Var { return tp.RMSNorm(x, tp.Leaf(gain), 1e-6) }},
		{"CausalConv", func(tp *Tape, x *Var) *Var { return tp.CausalConv(x, tp.Leaf(taps), tp.Leaf(bias), whole) }},
		{"CausalConv/ragged shared", func(tp *Tape, x *Var) *Var { return tp.CausalConv(x, tp.Leaf(shared), nil, ragged) }},
		{"CumSum", func(tp *Tape, x *Var) *Var { return tp.CumSum(x, whole) }},
		{"CumSum/ragged", func(tp *Tape, x *Var) *Var { return tp.CumSum(x, ragged) }},
		{"LogSoftmax", (*Tape).LogSoftmax},
		{"GELU", (*Tape).GELU}, // to compare with
		{"GELUTanh", (*Tape).GELUTanh},
		{"SquaredReLU", (*Tape).SquaredReLU},
		{"Softplus", (*Tape).Softplus},
		{"Log", (*Tape).Log},
		{"Sqrt", (*Tape).Sqrt},
		{"Square", (*Tape).Square},
		{"Sin", (*Tape).Sin},
	} {
		b.Run(c.name, func(b *testing.B) {
			tp := NewTape()
			b.ReportAllocs()
			b.SetBytes(4 * tokens * width)
			for b.Loop() {
				tp.Begin(Pass{Train: true, Grad: true})
				tp.Backward(tp.Sum(c.f(tp, tp.Leaf(x))))
			}
		})
	}
}

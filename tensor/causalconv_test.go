package tensor

import "testing"

// TestCausalConvInPieces holds that a text that is convolved in pieces, each after the last rows of the piece before, and
// items that are convolved alone, have the bits of one run over all of them.
func TestCausalConvInPieces(t *testing.T) {
	const cols, kernel = 33, 4
	weight, bias := random(1, cols, kernel), random(2, cols)
	x, memory := random(3, 200, cols), New(kernel-1, cols)
	run := func(x, memory *Tensor, offsets ...int) []float32 {
		tp := NewTape()
		tp.Begin(Pass{})
		if memory == nil {
			return tp.CausalConv(tp.Const(x), tp.Const(weight), tp.Const(bias), offsets).Data()
		}
		return tp.CausalConvAfter(tp.Const(x), tp.Const(memory), tp.Const(weight), tp.Const(bias), offsets).Data()
	}
	part := func(lo, hi int) *Tensor { return FromSlice(x.data[lo*cols:hi*cols], hi-lo, cols) }
	whole := run(x, memory, 0, 200)
	var pieces, ragged []float32
	for lo := 0; lo < 200; {
		hi := min(lo+1+lo/2, 200)
		pieces = append(pieces, run(part(lo, hi), memory, 0, hi-lo)...)
		history := append(append([]float32(nil), memory.data...), part(lo, hi).data...)
		memory = FromSlice(history[len(history)-memory.Size():], kernel-1, cols)
		lo = hi
	}
	if !sameBits(pieces, whole) {
		t.Error("a text in pieces gives other bits than the whole")
	}
	offsets := []int{0, 1, 1, 70, 139, 200}
	for b := range len(offsets) - 1 {
		item := part(offsets[b], offsets[b+1])
		ragged = append(ragged, run(item, nil, 0, item.Rows())...)
	}
	if !sameBits(ragged, run(x, nil, offsets...)) {
		t.Error("items alone give other bits than together")
	}
}

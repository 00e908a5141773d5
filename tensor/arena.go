package tensor

import "math"

// arena hands out float32 memory for the values of one pass. It keeps its slabs when it is reset, so that passes of
// similar size allocate nothing, and takes back single blocks, so that the backward pass can live in the memory of the
// forward pass.
type arena struct {
	slabs  [][]float32
	slab   int // the slab in use
	used   int // floats used of it
	free   map[int][][]float32
	poison bool // fill new blocks with NaN, to show reads of memory that nobody wrote
	inUse  int  // floats handed out and not given back
	peak   int  // the largest inUse since the arena was made
}

const (
	slabFloats  = 1 << 22 // 16 MiB, the least
	blockFloats = 16      // blocks are rounded to a cache line
)

// take returns n floats whose values are not defined.
func (a *arena) take(n int) []float32 {
	size := (n + blockFloats - 1) / blockFloats * blockFloats
	a.inUse += size
	a.peak = max(a.peak, a.inUse)
	block := a.find(size)[:n]
	if a.poison {
		nan := float32(math.NaN())
		for i := range block {
			block[i] = nan
		}
	}
	return block
}

func (a *arena) find(size int) []float32 {
	if list := a.free[size]; len(list) > 0 {
		block := list[len(list)-1]
		a.free[size] = list[:len(list)-1]
		return block
	}
	for ; a.slab < len(a.slabs); a.slab, a.used = a.slab+1, 0 {
		if s := a.slabs[a.slab]; a.used+size <= len(s) {
			block := s[a.used : a.used+size : a.used+size]
			a.used += size
			return block
		}
	}
	a.slabs = append(a.slabs, make([]float32, max(slabFloats, size, a.reserved())))
	a.used = size
	return a.slabs[a.slab][:size:size]
}

// reserved is the number of floats of all slabs. A new slab is as large as all before it together: were it made to
// measure for a block, a pass whose blocks are a little larger than those of the passes before would find no place in
// any slab, and passes of different sizes would end with a set of slabs each. What of a slab is never written to takes no
// memory of the system.
func (a *arena) reserved() int {
	n := 0
	for _, s := range a.slabs {
		n += len(s)
	}
	return n
}

// give takes back a block that take returned. Nobody may use it any more.
func (a *arena) give(block []float32) {
	size := cap(block)
	if size == 0 {
		return
	}
	a.inUse -= size
	a.free[size] = append(a.free[size], block[:size])
}

// reset makes all memory free again.
func (a *arena) reset() {
	a.slab, a.used, a.inUse = 0, 0, 0
	for size, list := range a.free {
		a.free[size] = list[:0]
	}
}

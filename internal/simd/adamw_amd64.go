package simd

// The table of constants goes by value and its address is taken here: behind a function value it would move to the heap.

func updateAVX2(p, g, m, v []float32, c [adamConsts]float32)   { adamWAVX2(p, g, m, v, &c) }
func updateAVX512(p, g, m, v []float32, c [adamConsts]float32) { adamWAVX512(p, g, m, v, &c) }

// Package parallel spreads loops over the processors without letting their number show in the results.
//
// [For] cuts a loop into pieces whose size the caller fixes. Every piece is computed by itself, by whichever goroutine
// is free; so if the pieces write to places of their own, and reductions over pieces are then done in their order, the
// bits are the same at any GOMAXPROCS. Goroutines are kept between calls, and a call allocates nothing once they exist.
//
//	type scale struct{ dst, src []float32; by float32 }
//
//	func (s *scale) Run(_, lo, hi int) { simd.Scale(s.dst[lo:hi], s.src[lo:hi], s.by) }
//
//	parallel.For(len(dst), 4096, &scale{dst, src, 0.5})
//
// # Errors
//
// A panic in a piece is raised again in the goroutine that called For.
//
// # Imports
//
// The standard library.
package parallel

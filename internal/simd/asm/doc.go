// Command asm writes the assembly of package simd and the Go declarations that belong to it, with avo. It is run by go
// generate in the folder of simd and writes the same bytes each time.
//
// # How it is made
//
// A group of kernels with one subject (gemm.go, peak.go and so on) becomes one file a level. A [gen] holds the file
// that is being written; its embedded avo context has a method for every instruction. Most kernels are written once for
// both levels: width.go holds what differs, which is the width of a register, masks, and constants. avo allocates the
// registers; comments in the kernels say how many of which kind the loops need, because AVX2 has only sixteen.
//
// A new kernel is a function that emits it, an entry in the groups of main.go, an entry in the tables of simd and its
// line in a test there:
//
//	func double(g *gen) {
//		g.fn("double", "func(x []float32)", "doubles the elements of x.")
//		// ...
//		g.ret()
//	}
//
// # Errors
//
// The command ends with status 1 and names the kernel and level if avo refuses an instruction, if a level lacks an
// instruction or enough registers, or if a file cannot be written.
//
// # Imports
//
// The standard library and avo.
package main

// Package simd holds the float32 kernels everything above it spends its time in: matrix products, elementwise maths,
// reductions, row and column statistics, the AdamW update, counter-based random bits and the pair kernels of graph
// attention. It knows slices of float32, no tensors.
//
// # Main types
//
// [Level] names an instruction set: [AVX512] (F, BW, DQ and VL), [AVX2] (with FMA) or [None], which is portable Go and
// what every other architecture runs. [Active] says which one this process uses; it is chosen once, at start, from what
// the CPU and the operating system offer, and GRAFT_SIMD=avx512|avx2|none forces one. Functions are plain: [Gemm]
// multiplies matrices, [Exp] and its neighbours map slices, [Sum] and its neighbours reduce them, [ColMoments] and
// [RowMoments] give the statistics of normalisations, [AdamW] updates parameters by an [AdamWStep], [PairForward] and
// [PairBackward] are the inner loops of pairwise attention, [HeadDots], [HeadSum] and [KeySoftmax] and their neighbours the
// sums of its heads over keys. [SoftmaxTile], [SoftmaxTileGrad] and what else takes a tile of [TileCols] scores is for
// attention that goes over tiles of keys; [RotateHalves] and [ScaleBlock] and their neighbours bring its operands there.
// [SumRowsAt], [SumReLUAt] and [GateSumAt] are the sums of message passing, with rows that indices name; [TapSums] and
// [TapDots] are those of depth-wise convolution.
//
// # How they meet
//
// Every function is single-threaded, allocates nothing in the steady state and gives the same bits for the same values
// wherever these lie in memory, so callers cut work into pieces as they like and run the pieces on as many goroutines
// as they have. Bits differ between levels, within the accuracy each function documents.
//
//	w := []float32{1, 2, 3, 4}     // [2, 2]
//	x := []float32{1, 1, 2, 0}     // [2, 2]
//	y := make([]float32, 4)        // [2, 2]
//	simd.Gemm(false, true, 2, 2, 2, x, 2, w, 2, y, 2, false) // y = x * transpose(w)
//	simd.ReLU(y, y)
//	norm := math.Sqrt(simd.SumSquares(y))
//	simd.Scale(y, y, float32(1/norm))
//	if !simd.AllFinite(y) {
//		// ...
//	}
//
// A destination may be exactly one of the sources of the same call; slices that overlap in part give wrong results.
//
// # Errors
//
// Slices of the wrong length are programming errors and panic with the function, what came and what was expected. A
// GRAFT_SIMD that is no level, or a level this machine lacks, panics at start with the words that would work.
//
// # Assembly
//
// The files named *_avx512_amd64.* and *_avx2_amd64.* are written by the generator in the folder asm; go generate
// reproduces them byte for byte. Both levels come from the same generator source, which differs only in register width,
// masks and how many registers there are.
//
// # Imports
//
// The standard library and golang.org/x/sys/cpu, nothing of this module.
package simd

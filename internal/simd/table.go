package simd

// kernels is one level's implementation of every function of the package. Lengths have been checked when they are
// called. Entries that a level has no assembly for hold the portable one.
type kernels struct {
	level Level

	gemm    func(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, bias []float32, accumulate bool)
	fmaPeak func(iters int) int64
	triad   func(dst, a, b []float32, s float32)

	add, sub, mul, div, mulAdd func(dst, a, b []float32)
	addScaled, scale, addConst func(dst, a []float32, s float32)
	fill                       func(dst []float32, v float32)
	clamp                      func(dst, a []float32, lo, hi float32)
	clampGrad                  func(dst, x, dy []float32, lo, hi float32)

	exp, log, log1p, tanh, sigmoid, erf, gelu, geluTanh, relu, silu, softplus, elu, signedSqrt, abs, sqrt func(dst, x []float32)

	reluGrad, geluGrad, geluTanhGrad, siluGrad, eluGrad, tanhGrad, sigmoidGrad, signedSqrtGrad func(dst, x, dy []float32)

	sin, cos func(dst, x []float32) // for |x| < trigLimit alone; see wave

	sumExp                  func(a []float32, shift float32) float64
	scaledExp, addScaledExp func(dst, a []float32, shift, s float32)

	sum, sumSquares func(a []float32) float64
	dot             func(a, b []float32) float64
	max, maxAbs     func(a []float32) float32
	allFinite       func(a []float32) bool

	softmaxRows    func(dst, a []float32, rows, cols, ld int)
	addRow         func(dst, a, bias []float32, rows, cols int)
	scaleShiftRows func(dst, a, scale, shift []float32, rows, cols int)
	affineRows2    func(dst, a, b, ca, cb, cc []float32, rows, cols int)
	scaleRows      func(dst, a, s []float32, rows, cols int)
	// The column kernels add at most colChunk rows in one chain; the exported functions cut taller input.
	colSums        func(dst, a []float32, rows, cols int)
	colDots        func(dst, a, b []float32, rows, cols int)
	colSquares     func(dst, a, mean []float32, rows, cols int)
	rowMoments     func(mean, m2, a []float32, rows, cols int)
	scatterAddRows func(dst, src []float32, idx []int32, cols int)

	adamW        func(p, g, m, v []float32, c [adamConsts]float32)
	randomBits   func(dst []uint32, key, counter uint64)
	dropoutMask  func(dst []float32, key, counter uint64, threshold uint32, keep float32)
	pairForward  func(eh, q, k, e []float32, n, d, ldk, lde, act int)
	pairBackward func(de, dq, dk, g, eh, q, k, e []float32, n, d, ldk, lde, ldde, act int)

	sumRowsAt     func(dst, x []float32, at []int32, w []float32, cols int)
	sumReLUAt     func(dst, x, e []float32, xAt, eAt []int32, w []float32, cols int)
	sumReLUAtGrad func(dx, de, dw, x, e, dy []float32, eAt, deAt, dyAt []int32, w []float32, cols int, add uint32)
	gateSumAt     func(num, den, z, d, e, b, c []float32, nodeAt, edgeAt []int32, w []float32, cols int)
	largestRows   func(top, at, a []float32, rows, cols int, first uint32)
	gateSumAtGrad func(de, db, dw, dz, z, dzOut, b, u, mean []float32, zAt, dzAt, outAt, nodeAt []int32, w []float32, cols int)

	softmaxTile      func(s []float32, rows int, terms TileTerms, top, sum, change, part []float32)
	softmaxTileGrad  func(s, ds []float32, rows int, terms TileTerms, top, inv, dots []float32)
	decayTile        func(s, slope []float32, rows int, factors []float32, at []int32)
	rotateHalves     rotateFunc
	rotateNeighbours rotateFunc
	scaleBlock       func(dst *float32, ldd int, src *float32, lds int, rows, cols int, s float32)
	rangeBits        func(words *uint64, rows int, index, low, high *int32)
	rowDots          func(s, x, a *float32, rows, cols int)
	scaleBlockRows   func(dst *float32, ldd int, src *float32, lds int, s *float32, rows, cols int)
	transpose        func(dst []float32, ldd int, src []float32, lds int, rows, cols int)

	tapSums func(dst []float32, dstStep int, src []float32, srcStep int, at, wAt []int, w, bias []float32, n, cols int, add uint32)
	tapDots func(dw, dy []float32, dyStep int, x []float32, xStep int, at, wAt []int, n, cols int)

	headDots       func(s, x, a []float32, n, heads, dim, ldx int, add bool)
	headSum        func(dst, w, x []float32, n, heads, dim, ldx int)
	headOuter      func(dst, w, g []float32, n, heads, dim, ldd int)
	headOuter2     func(dst, w1, g1, w2, g2 []float32, n, heads, dim, ldd int)
	keySoftmax     func(s []float32, n, heads int, eps float32)
	keySoftmaxGrad func(g, a []float32, n, heads int)
}

// rotateFunc turns rows whose strides are in bytes.
type rotateFunc = func(dst *float32, ldd int, src *float32, lds int, cos, sin *float32, lda, rows, pairs int, c, s float32)

// portable is the table of level None.
var portable = kernels{
	level:   None,
	gemm:    gemmGo,
	fmaPeak: fmaPeakGo,
	triad:   triadGo,

	add: addGo, sub: subGo, mul: mulGo, div: divGo, mulAdd: mulAddGo,
	addScaled: addScaledGo, scale: scaleGo, addConst: addConstGo,
	fill: fillGo, clamp: clampGo, clampGrad: clampGradGo,

	exp: expGo, log: logGo, log1p: log1pGo, tanh: tanhGo, sigmoid: sigmoidGo, erf: erfGo, gelu: geluGo,
	geluTanh: geluTanhGo, relu: reluGo, silu: siluGo, softplus: softplusGo, elu: eluGo, signedSqrt: signedSqrtGo, abs: absGo, sqrt: sqrtGo,
	reluGrad: reluGradGo, geluGrad: geluGradGo, geluTanhGrad: geluTanhGradGo, siluGrad: siluGradGo, eluGrad: eluGradGo, tanhGrad: tanhGradGo,
	sigmoidGrad: sigmoidGradGo, signedSqrtGrad: signedSqrtGradGo,

	sin: sinGo, cos: cosGo, sumExp: sumExpGo, scaledExp: scaledExpGo, addScaledExp: addScaledExpGo,

	sum: sumGo, sumSquares: sumSquaresGo, dot: dotGo, max: maxGo, maxAbs: maxAbsGo, allFinite: allFiniteGo,

	softmaxRows: softmaxRowsGo, addRow: addRowGo, scaleShiftRows: scaleShiftRowsGo, affineRows2: affineRows2Go,
	scaleRows: scaleRowsGo, colSums: colSumsGo, colDots: colDotsGo, colSquares: colSquaresGo, rowMoments: rowMomentsGo,
	scatterAddRows: scatterAddRowsGo,

	adamW: adamWGo, randomBits: randomBitsGo, dropoutMask: dropoutMaskGo,
	pairForward: pairForwardGo, pairBackward: pairBackwardGo,

	sumRowsAt: sumRowsAtGo, sumReLUAt: sumReLUAtGo, sumReLUAtGrad: sumReLUAtGradGo,
	gateSumAt: gateSumAtGo, gateSumAtGrad: gateSumAtGradGo, largestRows: largestRowsGo,

	softmaxTile: softmaxTileGo, softmaxTileGrad: softmaxTileGradGo, decayTile: decayTileGo, rangeBits: rangeBitsGo,
	rotateHalves: rotateHalvesGo, rotateNeighbours: rotateNeighboursGo, scaleBlock: scaleBlockGo,
	scaleBlockRows: scaleBlockRowsGo, transpose: transposeGo, rowDots: rowDotsGo,

	tapSums: tapSumsGo, tapDots: tapDotsGo,

	headDots: headDotsGo, headSum: headSumGo, headOuter: headOuterGo, headOuter2: headOuter2Go,
	keySoftmax: keySoftmaxGo, keySoftmaxGrad: keySoftmaxGradGo,
}

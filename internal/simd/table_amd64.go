package simd

import "golang.org/x/sys/cpu"

// supported reports whether CPU and operating system offer a level. The flags of x/sys/cpu for AVX and AVX-512 include
// that the system saves the wide registers.
func supported(l Level) bool {
	x := &cpu.X86
	switch l {
	case None:
		return true
	case AVX2:
		return x.HasAVX2 && x.HasFMA
	case AVX512:
		return x.HasAVX2 && x.HasFMA && x.HasBMI2 && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL
	}
	return false
}

func tableOf(l Level) *kernels {
	switch l {
	case AVX2:
		return &tableAVX2
	case AVX512:
		return &tableAVX512
	}
	return &portable
}

// The tables are the portable one with the entries that have assembly replaced.
var tableAVX2, tableAVX512 = makeAVX2(), makeAVX512()

func makeAVX2() kernels {
	t := portable
	t.level = AVX2
	t.gemm, t.fmaPeak = gemmAVX2.gemm, fmaPeakAVX2
	t.add, t.sub, t.mul, t.div = addAVX2, subAVX2, mulAVX2, divAVX2
	t.mulAdd, t.addScaled, t.triad = mulAddAVX2, addScaledAVX2, triadAVX2
	t.scale, t.addConst, t.fill = scaleAVX2, addConstAVX2, fillAVX2
	t.clamp, t.clampGrad = clampAVX2, clampGradAVX2
	t.exp, t.log1p, t.tanh, t.sigmoid, t.erf = expAVX2, log1pAVX2, tanhAVX2, sigmoidAVX2, erfAVX2
	t.gelu, t.relu, t.silu, t.elu = geluAVX2, reluAVX2, siluAVX2, eluAVX2
	t.log, t.geluTanh, t.softplus, t.geluTanhGrad = logAVX2, geluTanhAVX2, softplusAVX2, geluTanhGradAVX2
	t.sin, t.cos = sinAVX2, cosAVX2
	t.sumExp, t.scaledExp, t.addScaledExp = sumExpAVX2, scaledExpAVX2, addScaledExpAVX2
	t.signedSqrt, t.abs, t.sqrt = signedSqrtAVX2, absAVX2, sqrtAVX2
	t.reluGrad, t.geluGrad, t.siluGrad, t.eluGrad = reluGradAVX2, geluGradAVX2, siluGradAVX2, eluGradAVX2
	t.tanhGrad, t.sigmoidGrad, t.signedSqrtGrad = tanhGradAVX2, sigmoidGradAVX2, signedSqrtGradAVX2
	t.sum, t.sumSquares, t.dot = sumAVX2, sumSquaresAVX2, dotAVX2
	t.max, t.maxAbs, t.allFinite = maxAVX2, maxAbsAVX2, allFiniteAVX2
	t.softmaxRows, t.rowMoments, t.scatterAddRows = softmaxRowsAVX2, rowMomentsAVX2, scatterAddRowsAVX2
	t.addRow, t.scaleShiftRows, t.affineRows2, t.scaleRows = addRowAVX2, scaleShiftRowsAVX2, affineRows2AVX2, scaleRowsAVX2
	t.colSums, t.colDots, t.colSquares = colSumsAVX2, colDotsAVX2, colSquaresAVX2
	t.adamW, t.pairForward, t.pairBackward = updateAVX2, pairForwardAVX2, pairBackwardAVX2
	t.randomBits, t.dropoutMask = philoxBitsAVX2, philoxMaskAVX2
	t.sumRowsAt, t.sumReLUAt, t.sumReLUAtGrad = sumRowsAtAVX2, sumReLUAtAVX2, sumReLUAtGradAVX2
	t.gateSumAt, t.gateSumAtGrad, t.largestRows = gateSumAtAVX2, gateSumAtGradAVX2, largestRowsAVX2
	t.softmaxTile, t.softmaxTileGrad, t.decayTile = tileAVX2.softmax, tileAVX2.softmaxGrad, tileAVX2.decayTile
	t.rotateHalves, t.rotateNeighbours, t.scaleBlock = rotateHalvesAVX2, rotateNeighboursAVX2, scaleBlockAVX2
	t.rangeBits, t.rowDots, t.scaleBlockRows, t.transpose = rangeBitsAVX2, rowDotsAVX2, scaleBlockRowsAVX2, transpose8
	t.headDots, t.headSum, t.headOuter, t.headOuter2 = headsAVX2.headDots, headsAVX2.headSum, headsAVX2.headOuter, headsAVX2.headOuter2
	t.tapSums, t.tapDots = tapSumsAVX2, tapDotsAVX2
	t.keySoftmax, t.keySoftmaxGrad = headsAVX2.keySoftmax, headsAVX2.keySoftmaxGrad
	return t
}

func makeAVX512() kernels {
	t := portable
	t.level = AVX512
	t.gemm, t.fmaPeak = gemmAVX512.gemm, fmaPeakAVX512
	t.add, t.sub, t.mul, t.div = addAVX512, subAVX512, mulAVX512, divAVX512
	t.mulAdd, t.addScaled, t.triad = mulAddAVX512, addScaledAVX512, triadAVX512
	t.scale, t.addConst, t.fill = scaleAVX512, addConstAVX512, fillAVX512
	t.clamp, t.clampGrad = clampAVX512, clampGradAVX512
	t.exp, t.log1p, t.tanh, t.sigmoid, t.erf = expAVX512, log1pAVX512, tanhAVX512, sigmoidAVX512, erfAVX512
	t.gelu, t.relu, t.silu, t.elu = geluAVX512, reluAVX512, siluAVX512, eluAVX512
	t.log, t.geluTanh, t.softplus, t.geluTanhGrad = logAVX512, geluTanhAVX512, softplusAVX512, geluTanhGradAVX512
	t.sin, t.cos = sinAVX512, cosAVX512
	t.sumExp, t.scaledExp, t.addScaledExp = sumExpAVX512, scaledExpAVX512, addScaledExpAVX512
	t.signedSqrt, t.abs, t.sqrt = signedSqrtAVX512, absAVX512, sqrtAVX512
	t.reluGrad, t.geluGrad, t.siluGrad, t.eluGrad = reluGradAVX512, geluGradAVX512, siluGradAVX512, eluGradAVX512
	t.tanhGrad, t.sigmoidGrad, t.signedSqrtGrad = tanhGradAVX512, sigmoidGradAVX512, signedSqrtGradAVX512
	t.sum, t.sumSquares, t.dot = sumAVX512, sumSquaresAVX512, dotAVX512
	t.max, t.maxAbs, t.allFinite = maxAVX512, maxAbsAVX512, allFiniteAVX512
	t.softmaxRows, t.rowMoments, t.scatterAddRows = softmaxRowsAVX512, rowMomentsAVX512, scatterAddRowsAVX512
	t.addRow, t.scaleShiftRows, t.affineRows2, t.scaleRows = addRowAVX512, scaleShiftRowsAVX512, affineRows2AVX512, scaleRowsAVX512
	t.colSums, t.colDots, t.colSquares = colSumsAVX512, colDotsAVX512, colSquaresAVX512
	t.adamW, t.pairForward, t.pairBackward = updateAVX512, pairForwardAVX512, pairBackwardAVX512
	t.randomBits, t.dropoutMask = philoxBitsAVX512, philoxMaskAVX512
	t.sumRowsAt, t.sumReLUAt, t.sumReLUAtGrad = sumRowsAtAVX512, sumReLUAtAVX512, sumReLUAtGradAVX512
	t.gateSumAt, t.gateSumAtGrad, t.largestRows = gateSumAtAVX512, gateSumAtGradAVX512, largestRowsAVX512
	t.softmaxTile, t.softmaxTileGrad, t.decayTile = tileAVX512.softmax, tileAVX512.softmaxGrad, tileAVX512.decayTile
	t.rotateHalves, t.rotateNeighbours, t.scaleBlock = rotateHalvesAVX512, rotateNeighboursAVX512, scaleBlockAVX512
	t.rangeBits, t.rowDots, t.scaleBlockRows, t.transpose = rangeBitsAVX512, rowDotsAVX512, scaleBlockRowsAVX512, transpose8
	t.headDots, t.headSum, t.headOuter, t.headOuter2 = headsAVX512.headDots, headsAVX512.headSum, headsAVX512.headOuter, headsAVX512.headOuter2
	t.tapSums, t.tapDots = tapSumsAVX512, tapDotsAVX512
	t.keySoftmax, t.keySoftmaxGrad = headsAVX512.keySoftmax, headsAVX512.keySoftmaxGrad
	return t
}

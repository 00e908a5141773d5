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

// The tables of the two levels are filled from the portable one, so that a kernel without assembly has an entry.
var tableAVX2, tableAVX512 = makeAVX2(), makeAVX512()

func makeAVX2() kernels {
	t := portable
	t.level = AVX2
	t.gemm = gemmAVX2.gemm
	t.fmaPeak = fmaPeakAVX2
	return t
}

func makeAVX512() kernels {
	t := portable
	t.level = AVX512
	t.gemm = gemmAVX512.gemm
	t.fmaPeak = fmaPeakAVX512
	return t
}

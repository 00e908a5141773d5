package attention

import (
	"fmt"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
)

// activation is an elementwise function as the kernels use it. Identity and ReLU are fused into the pair kernels; for
// the others f and df are applied to the whole tile.
type activation struct {
	fused    int // simd.PairIdentity or simd.PairReLU
	f        func(dst, x []float32)
	df       func(dst, at, dy []float32)
	ofOutput bool // df takes the output
}

// activationOf returns the kernel form of a.
func activationOf(a nn.Activation) activation {
	switch a {
	case nn.ReLU:
		return activation{fused: simd.PairReLU}
	case nn.Identity:
		return activation{fused: simd.PairIdentity}
	case nn.GELU:
		return activation{f: simd.GELU, df: simd.GELUGrad}
	case nn.SiLU:
		return activation{f: simd.SiLU, df: simd.SiLUGrad}
	case nn.ELU:
		return activation{f: simd.ELU, df: simd.ELUGrad}
	case nn.Tanh:
		return activation{f: simd.Tanh, df: simd.TanhGrad, ofOutput: true}
	case nn.Sigmoid:
		return activation{f: simd.Sigmoid, df: simd.SigmoidGrad, ofOutput: true}
	case nn.GELUTanh:
		return activation{f: simd.GELUTanh, df: simd.GELUTanhGrad}
	case nn.SquaredReLU:
		return activation{f: squaredReLU, df: squaredReLUGrad}
	}
	panic(fmt.Sprintf("attention: no kernel for activation %v", a))
}

// squaredReLU writes max(x, 0)².
func squaredReLU(dst, x []float32) {
	simd.ReLU(dst, x)
	simd.Mul(dst, dst, dst)
}

// squaredReLUGrad writes 2 max(x, 0) dy; dst may be either.
func squaredReLUGrad(dst, x, dy []float32) {
	for i, d := range dy {
		dst[i] = 2 * max(x[i], 0) * d
	}
}

package simd

import (
	"fmt"
	"math"
	"testing"
)

func TestAdamW(t *testing.T) {
	h := AdamWStep{GradScale: 0.7, LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 1e-2,
		BiasCorrection1: 1 - math.Pow(0.9, 3), BiasCorrection2Sqrt: math.Sqrt(1 - math.Pow(0.999, 3))}
	c := h.consts()
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, n := range sizes() {
			p0, g, m0, v0 := normals(n, 1), normals(n, 2), normals(n, 3), normals(n, 4)
			for i := range v0 {
				v0[i] *= v0[i]
				if i%5 == 0 {
					g[i], m0[i], v0[i] = 0, 0, 0
				}
			}
			p, m, v := newGuarded(n, 1).with(p0), newGuarded(n, 2).with(m0), newGuarded(n, 3).with(v0)
			k.adamW(p.s, g, m.s, v.s, c)
			for i := range p0 {
				grad := h.GradScale * float64(g[i])
				wantM := h.Beta1*float64(m0[i]) + (1-h.Beta1)*grad
				wantV := h.Beta2*float64(v0[i]) + (1-h.Beta2)*grad*grad
				step := h.LR / h.BiasCorrection1 * wantM / (math.Sqrt(wantV)/h.BiasCorrection2Sqrt + h.Eps)
				wantP := float64(p0[i])*(1-h.LR*h.WeightDecay) - step
				what := fmt.Sprintf("length %d, element %d", n, i)
				near(t, what+", m", m.s[i], wantM, 2e-7*(math.Abs(float64(m0[i]))+math.Abs(grad)))
				near(t, what+", v", v.s[i], wantV, 4e-7*wantV)
				near(t, what+", p", p.s[i], wantP, 1.5e-7*math.Abs(float64(p0[i]))+1e-6*math.Abs(step)+1e-7*h.LR)
			}
			for _, s := range []guarded{p, m, v} {
				s.check(t, "AdamW")
			}
		}
	})
}

// TestAdamWConsts holds the figures PyTorch uses: computed in float64, rounded once.
func TestAdamWConsts(t *testing.T) {
	c := AdamWStep{GradScale: 1, LR: 1e-3, Beta1: 0.9, Beta2: 0.999, WeightDecay: 0.1, BiasCorrection1: 0.1, BiasCorrection2Sqrt: 0.5}.consts()
	if c[adamRest1] != 0.1 || c[adamRest2] != 0.001 || c[adamDecay] != 0.9999 || c[adamStep] != -0.01 {
		t.Errorf("got %+v", c)
	}
}

func BenchmarkAdamW(b *testing.B) {
	const n = 4096
	p, g, m, v := normals(n, 1), normals(n, 2), make([]float32, n), make([]float32, n)
	c := AdamWStep{GradScale: 1, LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, BiasCorrection1: 0.1, BiasCorrection2Sqrt: 0.1}.consts()
	benchLevels(b, func(b *testing.B, k *kernels) {
		b.SetBytes(7 * 4 * n)
		for b.Loop() {
			k.adamW(p, g, m, v, c)
		}
	})
}

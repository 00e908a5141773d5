package simd

// AdamWStep holds the scalars of one step of AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
// algorithm 2). They are float64 because what the update needs of them, such as 1 - Beta2, is computed in float64 and
// then rounded, as PyTorch does; from a float32 Beta2 it would be wrong in the fifth digit.
type AdamWStep struct {
	GradScale           float64 // factor on the gradient: clipping, averaging
	LR                  float64 // learning rate of this step
	Beta1, Beta2        float64 // decay of the first and second moment
	Eps                 float64 // added to the root of the second moment
	WeightDecay         float64 // decoupled decay, multiplied by LR
	BiasCorrection1     float64 // 1 - Beta1^step
	BiasCorrection2Sqrt float64 // sqrt(1 - Beta2^step)
}

// Places in the table of what the kernels use of a step, in float32. The assembly knows their order.
const (
	adamGradScale = iota
	adamDecay     // 1 - LR*WeightDecay
	adamBeta1
	adamRest1 // 1 - Beta1
	adamBeta2
	adamRest2 // 1 - Beta2
	adamRoot2 // BiasCorrection2Sqrt
	adamEps
	adamStep // -LR/BiasCorrection1
	adamConsts
)

// AdamW updates the parameters p and the moments m and v from the gradient g, element by element, with the operations
// and roundings of torch.optim.AdamW (single tensor, CPU; above level None also its fused additions):
//
//	g' = g * GradScale
//	p  = p * (1 - LR*WeightDecay)
//	m  = m * Beta1 + g' * (1 - Beta1)
//	v  = v * Beta2 + (1 - Beta2) * g' * g'
//	p  = p + (-LR/BiasCorrection1 * m) / (sqrt(v)/BiasCorrection2Sqrt + Eps)
func AdamW(p, g, m, v []float32, h AdamWStep) {
	sameLen("AdamW", len(p), len(g))
	sameLen("AdamW", len(p), len(m))
	sameLen("AdamW", len(p), len(v))
	active.adamW(p, g, m, v, h.consts())
}

func (h AdamWStep) consts() [adamConsts]float32 {
	return [adamConsts]float32{
		adamGradScale: float32(h.GradScale),
		adamDecay:     float32(1 - float64(h.LR*h.WeightDecay)),
		adamBeta1:     float32(h.Beta1),
		adamRest1:     float32(1 - h.Beta1),
		adamBeta2:     float32(h.Beta2),
		adamRest2:     float32(1 - h.Beta2),
		adamRoot2:     float32(h.BiasCorrection2Sqrt),
		adamEps:       float32(h.Eps),
		adamStep:      float32(-h.LR / h.BiasCorrection1),
	}
}

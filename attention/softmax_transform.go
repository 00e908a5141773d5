package attention

import (
	"github.com/graft-ml/graft/internal/simd"
)

// transform is what happens to scores before biases.
type transform struct {
	cap, clamp float32
	decay      Decay
}

func (op *softmax) newTransform() transform {
	return transform{float32(op.SoftCap), float32(op.Clamp), op.Decay}
}

func (t *transform) any() bool { return t.cap > 0 || t.clamp > 0 || t.decay.any() }

func (d *Decay) any() bool { return d.Factor != 0 }

// factor returns what a positive score at a distance is multiplied by.
func (d *Decay) factor(distance int) float32 {
	if distance < 0 {
		distance = -distance
	}
	if distance <= d.Window {
		return 1
	}
	if d.Period > 0 {
		if m := (distance + d.Period/2) / d.Period; m >= 1 {
			if off := distance - m*d.Period; off <= d.Radius && -off <= d.Radius {
				return float32(d.RiskFactor)
			}
		}
	}
	return float32(d.Factor)
}

// applyTransform transforms the scores of a tile and writes the derivative where it is wanted. It works on whole rows;
// what stands behind the last key means nothing.
func (c *scorer) applyTransform(j, n, r0, r1 int) {
	t := &c.op.transform
	s := c.s[r0*keyTile : r1*keyTile]
	var slope []float32
	if c.slope != nil {
		slope = c.slope[r0*keyTile : r1*keyTile]
		simd.Fill(slope, 1)
	}
	if t.cap > 0 {
		simd.Scale(s, s, 1/t.cap)
		simd.Tanh(s, s)
		if slope != nil {
			simd.TanhGrad(slope, s, slope)
		}
		simd.Scale(s, s, t.cap)
	}
	if t.clamp > 0 {
		if slope != nil {
			simd.ClampGrad(slope, s, slope, -t.clamp, t.clamp)
		}
		simd.Clamp(s, s, -t.clamp, t.clamp)
	}
	if t.decay.any() {
		c.applyDecay(slope, j, n, r0, r1)
	}
}

// applyDecay applies the decay to a tile whose derivative so far, if wanted, is slope.
func (c *scorer) applyDecay(slope []float32, j, n, r0, r1 int) {
	touched := min(max(c.seq.keys-c.op.transform.decay.Exempt-j, 0), n)
	keys := c.op.in.KeyIndex[c.seq.k+j : c.seq.k+j+n]
	if touched == n && c.seq.dense && c.window.decay != nil {
		at := c.windowRows(j, r0, r1)
		simd.DecayTile(c.s[r0*keyTile:], slope, r1-r0, c.window.decay[:cap(c.window.decay)], at)
		return
	}
	for i := r0; i < r1; i++ {
		place := int(c.places[i])
		for r, x := range c.s[i*keyTile:][:touched] {
			if !(x > 0) {
				continue
			}
			f := c.op.transform.decay.factor(int(keys[r]) - place)
			c.s[i*keyTile+r] = x * f
			if slope != nil {
				slope[(i-r0)*keyTile+r] *= f
			}
		}
	}
}

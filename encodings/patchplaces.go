package encodings

import (
	"math"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// leadingPlace is the coordinate of tokens without a place: the middle of an image (Longin-Yu/ComRoPE, get_positions).
const leadingPlace = 0.5

// place sets coords [tokens, axes] to the coordinates of a pass, moved at random in training where that is asked for.
func (c *comropeEncoder) place(tp *tensor.Tape, l *Layout, coords []float32) {
	var noise, shift []float64
	if tp.Training() && c.set.Perturb > 0 && l.Kind == Grid {
		noise = normals(tp, len(coords))
	}
	if tp.Training() && c.set.Offset > 0 {
		shift = normals(tp, l.Rank)
	}
	c.placeBy(l, coords, noise, shift)
}

// placeBy is place with the normal numbers that tokens [tokens, axes] and axes [axes] move by; nil moves nothing.
func (c *comropeEncoder) placeBy(l *Layout, coords []float32, noise, shift []float64) {
	for b := range l.Items() {
		shape := l.ShapeOf(b)
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			for axis, x := range l.At(t) {
				n := t*l.Rank + axis
				if noise != nil && axis >= l.Rank-2 {
					x += min(max(0.5*c.set.Perturb*noise[n], -0.5), 0.5)
				}
				if l.Kind == Grid && !c.set.Raw {
					x = (x + 0.5) / float64(side(shape, axis))
				}
				if l.Leads(b, t) {
					x = leadingPlace
				}
				if shift != nil {
					x += c.set.Offset * shift[axis]
				}
				coords[n] = float32(x)
			}
		}
	}
}

// side returns the number of cells that an axis of a grid is divided by. The frames of a clip are divided by the cells
// of a side of the image, not by their own number, as in the code.
func side(shape []int, axis int) int {
	if axis < len(shape)-2 {
		return shape[len(shape)-1]
	}
	return shape[axis]
}

// normals draws standard normal numbers from the stream of the pass (Box and Muller 1958).
func normals(tp *tensor.Tape, n int) []float64 {
	bits := make([]uint32, 2*n)
	key, counter := tp.Draw()
	simd.RandomBits(bits, key, counter)
	x := make([]float64, n)
	for i := range x {
		u, v := (float64(bits[2*i])+0.5)/(1<<32), float64(bits[2*i+1])/(1<<32)
		x[i] = math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
	}
	return x
}

package images

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// RandAugment applies a number of random operations, all of one strength (Cubuk et al.,
// RandAugment, 2020). The fourteen operations and their ranges are torchvision's: identity;
// shear and translation of both axes, rotation; brightness, saturation, contrast, sharpness,
// posterise, solarise; autocontrast, equalise. Moved images are interpolated and black where
// nothing comes from. It works on bytes: floats are taken as 0..1 and rounded to 256 levels.
type RandAugment struct {
	Operations int     `yaml:"operations,omitempty"` // an image; 0 means none
	Magnitude  float64 `yaml:"magnitude,omitempty"`  // 0..10: how far into the range of each operation
}

func (r RandAugment) check() error {
	if r.Operations < 0 || r.Operations > 16 {
		return &OptionError{"RandAugment.Operations", fmt.Sprintf("%d, expected 0..16", r.Operations)}
	}
	if !(r.Magnitude >= 0 && r.Magnitude <= 10) {
		return &OptionError{"RandAugment.Magnitude", fmt.Sprintf("%v, expected 0..10", r.Magnitude)}
	}
	return nil
}

// signed draws one of the two directions.
func signed(rng *rand.Rand, v float64) float64 {
	if rng.Uint64()&1 == 0 {
		return -v
	}
	return v
}

// randOperations lists the operations; level is 0..1.
func randOperations() []func(m *Image, level float64, rng *rand.Rand) *Image {
	type op = func(m *Image, level float64, rng *rand.Rand) *Image
	blended := func(change func(*Image, float64) *Image) op {
		return func(m *Image, level float64, rng *rand.Rand) *Image {
			return change(m, 1+signed(rng, 0.9*level))
		}
	}
	return []op{
		func(m *Image, _ float64, _ *rand.Rand) *Image { return m },
		func(m *Image, level float64, rng *rand.Rand) *Image {
			return m.affine([4]float64{1, signed(rng, 0.3*level), 0, 1}, 0, 0)
		},
		func(m *Image, level float64, rng *rand.Rand) *Image {
			return m.affine([4]float64{1, 0, signed(rng, 0.3*level), 1}, 0, 0)
		},
		func(m *Image, level float64, rng *rand.Rand) *Image {
			return m.affine([4]float64{1, 0, 0, 1}, math.Trunc(signed(rng, 150.0/331*float64(m.Width)*level)), 0)
		},
		func(m *Image, level float64, rng *rand.Rand) *Image {
			return m.affine([4]float64{1, 0, 0, 1}, 0, math.Trunc(signed(rng, 150.0/331*float64(m.Height)*level)))
		},
		func(m *Image, level float64, rng *rand.Rand) *Image {
			sin, cos := math.Sincos(signed(rng, level*math.Pi/6))
			return m.affine([4]float64{cos, sin, -sin, cos}, 0, 0)
		},
		blended(brightness), blended(saturation), blended(contrast), blended(sharpness),
		func(m *Image, level float64, _ *rand.Rand) *Image {
			return posterise(m, 8-int(math.Round(4*level)))
		},
		func(m *Image, level float64, _ *rand.Rand) *Image { return solarise(m, 255*(1-level)) },
		func(m *Image, _ float64, _ *rand.Rand) *Image { return autocontrast(m) },
		func(m *Image, _ float64, _ *rand.Rand) *Image { return equalise(m) },
	}
}

func (r RandAugment) apply(m *Image, k Key) *Image {
	if r.Operations <= 0 {
		return m
	}
	m = m.bytes()
	rng := k.stream(streamRandAugment)
	all := randOperations()
	for range r.Operations {
		m = all[rng.IntN(len(all))](m, r.Magnitude/10, rng)
	}
	return m
}

// affine moves an image of bytes about its middle: the pixel at (x, y) comes from
// (a x + b y + right, c x + d y + down), measured from the middle, between pixels
// interpolated linearly, outside black.
func (m *Image) affine(by [4]float64, right, down float64) *Image {
	out := New(m.Height, m.Width, m.Channels)
	middleX, middleY := float64(m.Width-1)/2, float64(m.Height-1)/2
	for row := range m.Height {
		for column := range m.Width {
			x, y := float64(column)-middleX, float64(row)-middleY
			m.between(out.Bytes[out.place(row, column)*m.Channels:][:m.Channels],
				by[0]*x+by[1]*y+right+middleX, by[2]*x+by[3]*y+down+middleY)
		}
	}
	return out
}

// between writes the pixel at a place between pixels.
func (m *Image) between(dst []uint8, x, y float64) {
	left, top := math.Floor(x), math.Floor(y)
	fx, fy := x-left, y-top
	for d := range dst {
		sum := 0.0
		for k, weight := range [4]float64{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy} {
			column, row := int(left)+k&1, int(top)+k>>1
			if column >= 0 && column < m.Width && row >= 0 && row < m.Height {
				sum += weight * float64(m.Bytes[m.place(row, column)*m.Channels+d])
			}
		}
		dst[d] = toByte(float32(sum))
	}
}

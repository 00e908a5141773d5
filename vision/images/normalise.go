package images

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Normalisation brings every channel to mean 0 and standard deviation 1: (v - Mean) / Std,
// v being a byte divided by 255 or a float as it is. The zero value changes nothing else.
type Normalisation struct {
	Mean []float64 `yaml:"mean,omitempty"` // [channels]
	Std  []float64 `yaml:"std,omitempty"`  // [channels]
}

// Check says which field makes no sense: an *OptionError.
func (n Normalisation) Check() error {
	if len(n.Mean) != len(n.Std) {
		return &OptionError{"Mean and Std", fmt.Sprintf("%d and %d numbers, expected one a channel in both", len(n.Mean), len(n.Std))}
	}
	for c := range n.Mean {
		if math.IsNaN(n.Mean[c]) || math.IsInf(n.Mean[c], 0) || !(n.Std[c] > 0) || math.IsInf(n.Std[c], 0) {
			return &OptionError{"Mean and Std", fmt.Sprintf("%v and %v in channel %d, expected finite numbers, and the deviation above 0", n.Mean[c], n.Std[c], c)}
		}
	}
	return nil
}

// Apply gives the normalised image, of floats. An image of other channels panics.
func (n Normalisation) Apply(m *Image) *Image {
	out := NewFloat(m.Height, m.Width, m.Channels)
	n.into(out.Floats, m)
	return out
}

// into writes the normalised pixels.
func (n Normalisation) into(dst []float32, m *Image) {
	if n.Mean != nil && len(n.Mean) != m.Channels {
		panic(fmt.Sprintf("images: Normalisation: an image of %d channels, expected %d", m.Channels, len(n.Mean)))
	}
	for c := range m.Channels {
		scale, shift := 1.0, 0.0
		if n.Mean != nil {
			scale = 1 / n.Std[c]
			shift = -n.Mean[c] * scale
		}
		if m.Floats != nil {
			for i := c; i < len(m.Floats); i += m.Channels {
				dst[i] = float32(float64(m.Floats[i])*scale + shift)
			}
			continue
		}
		var table [256]float32
		for v := range table {
			table[v] = float32(float64(v)/255*scale + shift)
		}
		for i := c; i < len(m.Bytes); i += m.Channels {
			dst[i] = table[m.Bytes[i]]
		}
	}
}

// Measure gives the means and population standard deviations of the channels over all pixels
// of all images, bytes divided by 255: what figures of Fashion-MNIST and CIFAR-10 are
// normalised with. Images are prepared first and may differ in size. The error is that of
// the source, or of ctx, or says that channels differ or are constant.
func Measure(ctx context.Context, s Source, p Preparation) (Normalisation, error) {
	var sums []moments
	err := Loader{Source: s, Preparation: p}.Each(ctx, func(item int, m *Image) error {
		if sums == nil {
			sums = make([]moments, m.Channels)
		}
		if m.Channels != len(sums) {
			return fmt.Errorf("images: item %d has %d channels, those before it %d; ask for 1 or 3 of all in Preparation.Channels", item, m.Channels, len(sums))
		}
		for c := range sums {
			sums[c].add(momentsOf(m, c))
		}
		return nil
	})
	if err != nil {
		return Normalisation{}, err
	}
	if sums == nil {
		return Normalisation{}, errors.New("images: Measure: there are no images")
	}
	n := Normalisation{Mean: make([]float64, len(sums)), Std: make([]float64, len(sums))}
	for c, s := range sums {
		n.Mean[c], n.Std[c] = s.mean, math.Sqrt(s.squares/s.count)
		if !(n.Std[c] > 0) {
			return n, fmt.Errorf("images: Measure: channel %d is %v in every pixel: it cannot be normalised", c, s.mean)
		}
	}
	return n, nil
}

// moments are count, mean and sum of squared deviations of some numbers.
type moments struct{ count, mean, squares float64 }

// add joins the moments of other numbers (Chan, Golub, LeVeque 1983).
func (a *moments) add(b moments) {
	count := a.count + b.count
	d := b.mean - a.mean
	a.mean += d * b.count / count
	a.squares += b.squares + d*d*a.count*b.count/count
	a.count = count
}

// momentsOf measures one channel of an image in two passes.
func momentsOf(m *Image, channel int) moments {
	o := moments{count: float64(m.Height * m.Width)}
	o.mean = channelSum(m, channel, func(v float64) float64 { return v }) / o.count
	o.squares = channelSum(m, channel, func(v float64) float64 { return (v - o.mean) * (v - o.mean) })
	return o
}

// channelSum adds up a function of a channel's numbers, bytes divided by 255.
func channelSum(m *Image, channel int, of func(float64) float64) (sum float64) {
	for i := channel; i < len(m.Floats); i += m.Channels {
		sum += of(float64(m.Floats[i]))
	}
	if m.Bytes == nil {
		return sum
	}
	var counts [256]int // exact, and quicker than the function
	for i := channel; i < len(m.Bytes); i += m.Channels {
		counts[m.Bytes[i]]++
	}
	for v, n := range counts {
		if n > 0 {
			sum += float64(n) * of(float64(v)/255)
		}
	}
	return sum
}

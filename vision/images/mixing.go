package images

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Mixing joins images of a batch, and their targets with them. The zero value mixes nothing.
//
// Image i is joined with image n-1-i of a batch of n, as in timm: in a shuffled batch that is
// as random as the permutation of the papers, and needs no second copy. One weight is drawn
// for a batch, from Beta(alpha, alpha).
type Mixing struct {
	// Mixup is the alpha of mixup (Zhang et al. 2018, equation 1): the weighted mean of two
	// images and of their targets; 0 means none. The paper's are 0.2 to 1.
	Mixup float64 `yaml:"mixup,omitempty"`
	// CutMix is the alpha of CutMix (Yun et al. 2019, equations 1 and 2): a rectangle of one
	// image in the other, targets weighted by area; 0 means none. The paper's is 1.
	CutMix float64 `yaml:"cutMix,omitempty"`
	// CutMixShare is the share of batches that CutMix joins where both alphas are set; 0 means
	// one half.
	CutMixShare float64 `yaml:"cutMixShare,omitempty"`
	// Probability is that of a batch being mixed at all; 0 means 1.
	Probability float64 `yaml:"probability,omitempty"`
}

// maxAlpha bounds what makes sense: beyond it the weight is one half.
const maxAlpha = 1000

// Check says which field makes no sense: an *OptionError.
func (m Mixing) Check() error {
	for _, alpha := range []struct {
		name  string
		value float64
	}{{"Mixup", m.Mixup}, {"CutMix", m.CutMix}} {
		if !(alpha.value >= 0 && alpha.value <= maxAlpha) {
			return &OptionError{alpha.name, fmt.Sprintf("alpha %v, expected 0..%d", alpha.value, maxAlpha)}
		}
	}
	if err := probability("CutMixShare", m.CutMixShare); err != nil {
		return err
	}
	return probability("Probability", m.Probability)
}

// mixture is how the images of a batch are joined: by weight where box is empty, else by the
// box that is cut out of the other image.
type mixture struct {
	weight float64 // of an image's own target; 1 joins nothing
	box    rectangle
}

// draw decides how a batch of images of a size is joined.
func (m Mixing) draw(height, width int, k Key) mixture {
	if m.Mixup <= 0 && m.CutMix <= 0 {
		return mixture{weight: 1}
	}
	rng := k.stream(streamMix)
	if m.Probability > 0 && rng.Float64() >= m.Probability {
		return mixture{weight: 1}
	}
	share := m.CutMixShare
	if share == 0 {
		share = 0.5
	}
	if cut := rng.Float64() < share; m.Mixup <= 0 || m.CutMix > 0 && cut {
		return cutBox(rng, beta(rng, m.CutMix), height, width)
	}
	return mixture{weight: beta(rng, m.Mixup)}
}

// cutBox draws the rectangle of CutMix: its middle is anywhere, what lies outside is cut
// off, and the weight is the share of the image that is left, as in the authors' code.
func cutBox(rng *rand.Rand, weight float64, height, width int) mixture {
	side := math.Sqrt(1 - weight)
	h, w := int(float64(height)*side), int(float64(width)*side)
	y, x := rng.IntN(height), rng.IntN(width)
	top, bottom := max(y-h/2, 0), min(y+h/2, height)
	left, right := max(x-w/2, 0), min(x+w/2, width)
	box := rectangle{top, left, bottom - top, right - left}
	return mixture{1 - float64(box.height*box.width)/float64(height*width), box}
}

// Apply joins the images of a stack and their targets, in place. Key.Item names the batch:
// its number or its first item. A stack without targets panics.
func (m Mixing) Apply(s *Stack, k Key) {
	if m.Mixup <= 0 && m.CutMix <= 0 {
		return
	}
	if s.Classes <= 0 {
		panic("images: Mixing: a stack without targets, expected a number of classes")
	}
	mix := m.draw(s.Height, s.Width, k)
	if mix.weight == 1 {
		return
	}
	size := s.Height * s.Width * s.Channels
	for i := range s.Images / 2 { // the middle one of an odd number would be joined with itself
		j := s.Images - 1 - i
		a, b := s.Pixels[i*size:][:size], s.Pixels[j*size:][:size]
		if mix.box.height*mix.box.width > 0 {
			s.swapBox(a, b, mix.box)
		} else {
			join(a, b, float32(mix.weight))
		}
		join(s.Targets[i*s.Classes:][:s.Classes], s.Targets[j*s.Classes:][:s.Classes], float32(mix.weight))
	}
}

// join sets a and b to their means with weight on the first, and on the second.
func join(a, b []float32, weight float32) {
	for i, x := range a {
		y := b[i]
		a[i] = weight*x + (1-weight)*y
		b[i] = weight*y + (1-weight)*x
	}
}

// swapBox exchanges a rectangle of two images.
func (s *Stack) swapBox(a, b []float32, r rectangle) {
	for y := r.row; y < r.row+r.height; y++ {
		at, n := (y*s.Width+r.column)*s.Channels, r.width*s.Channels
		for i := at; i < at+n; i++ {
			a[i], b[i] = b[i], a[i]
		}
	}
}

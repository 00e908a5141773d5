package images

import "fmt"

// Augmentation changes training images at random, in the order of its fields. Its zero value
// changes nothing. All but Erase see the picture as it was decoded and prepared; Erase comes
// after the [Normalisation].
type Augmentation struct {
	Crop        Crop        `yaml:"crop,omitempty"`
	Flip        float64     `yaml:"flip,omitempty"` // probability that left and right are exchanged
	RandAugment RandAugment `yaml:"randAugment,omitempty"`
	Jitter      Jitter      `yaml:"jitter,omitempty"`
	Erase       Erase       `yaml:"erase,omitempty"`
}

// CIFARAugmentation is the usual one for small images: 4 pixels of black around them, a
// random crop of the old size, half of them mirrored (He et al., Deep Residual Learning for
// Image Recognition, 2016, section 4.2).
func CIFARAugmentation() Augmentation {
	return Augmentation{Crop: Crop{Padding: 4}, Flip: 0.5}
}

// Check says which field makes no sense: an *OptionError.
func (a Augmentation) Check() error {
	if err := probability("Flip", a.Flip); err != nil {
		return err
	}
	for _, err := range []error{a.Crop.check(), a.RandAugment.check(), a.Jitter.check(), a.Erase.check()} {
		if err != nil {
			return err
		}
	}
	return nil
}

// Apply gives the image as all but Erase change it; the key decides how. The image keeps its
// size.
func (a Augmentation) Apply(m *Image, k Key) *Image {
	m = a.Crop.apply(m, k)
	if a.Flip > 0 && k.stream(streamFlip).Float64() < a.Flip {
		m = m.Flip()
	}
	return a.Jitter.apply(a.RandAugment.apply(m, k), k)
}

// Crop cuts a random part of the image's own size out of the image with a border.
type Crop struct {
	Padding int    `yaml:"padding,omitempty"` // pixels on each side; 0 means no crop
	Border  Border `yaml:"border,omitempty"`
}

func (c Crop) check() error {
	if c.Padding < 0 || c.Padding > maxSide {
		return &OptionError{"Crop.Padding", fmt.Sprintf("%d, expected 0..%d", c.Padding, maxSide)}
	}
	if int(c.Border) < 0 || int(c.Border) >= len(borderNames) {
		return &OptionError{"Crop.Border", fmt.Sprintf("%v, expected one of %v", c.Border, borderNames)}
	}
	return nil
}

// apply draws row and column uniformly; the border is never made.
func (c Crop) apply(m *Image, k Key) *Image {
	if c.Padding <= 0 {
		return m
	}
	rng := k.stream(streamCrop)
	row, column := rng.IntN(2*c.Padding+1)-c.Padding, rng.IntN(2*c.Padding+1)-c.Padding
	return m.window(row, column, m.Height, m.Width, c.Border)
}

// probability refuses what is no probability.
func probability(option string, p float64) error {
	if !(p >= 0 && p <= 1) {
		return &OptionError{option, fmt.Sprintf("%v, expected a probability, 0..1", p)}
	}
	return nil
}

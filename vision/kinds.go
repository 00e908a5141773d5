package vision

import (
	"fmt"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/tensor"
)

// Remainder says what happens to an image whose height or width is no multiple of a patch's.
type Remainder int

// The ways.
const (
	// Pad adds zeros on the right and below until patches fit: no pixel is lost, and there is a patch of every image.
	Pad Remainder = iota
	// Crop leaves the last columns and lines out, as a convolution without padding does. An image smaller than a patch is
	// refused.
	Crop
	// Refuse refuses the image.
	Refuse
)

// Pooling says what the head reads.
type Pooling int

// The poolings.
const (
	ClassToken Pooling = iota // a learned token before the patches, as in ViT
	MeanPool                  // the mean over the patches, as in CSWin
)

// Attention is the kind of attention of the blocks.
type Attention int

// The kinds of attention.
const (
	// Softmax is scaled dot-product attention, in time quadratic in the patches.
	Softmax Attention = iota
	// Linear is LightNet's layer for images, in linear time; see [LinearAttention]. It carries encodings that change
	// queries and keys (md-lrpe, which it was made for, rotations, comrope) or tokens, and none that changes scores.
	Linear
)

var (
	remainderNames = []string{"pad", "crop", "refuse"}
	poolingNames   = []string{"class-token", "mean"}
	attentionNames = []string{"softmax", "linear"}
)

// String returns the name used in configuration files.
func (r Remainder) String() string { return nearest.Name("Remainder", int(r), remainderNames) }

// MarshalText returns the name.
func (r Remainder) MarshalText() ([]byte, error) {
	return nearest.Text("Remainder", int(r), remainderNames)
}

// UnmarshalText accepts a name. The error of an unknown one tells the nearest known one.
func (r *Remainder) UnmarshalText(text []byte) error {
	return unmarshal((*int)(r), "remainder", text, remainderNames)
}

// String returns the name used in configuration files.
func (p Pooling) String() string { return nearest.Name("Pooling", int(p), poolingNames) }

// MarshalText returns the name.
func (p Pooling) MarshalText() ([]byte, error) { return nearest.Text("Pooling", int(p), poolingNames) }

// UnmarshalText accepts a name. The error of an unknown one tells the nearest known one.
func (p *Pooling) UnmarshalText(text []byte) error {
	return unmarshal((*int)(p), "pooling", text, poolingNames)
}

// String returns the name used in configuration files.
func (a Attention) String() string { return nearest.Name("Attention", int(a), attentionNames) }

// MarshalText returns the name.
func (a Attention) MarshalText() ([]byte, error) {
	return nearest.Text("Attention", int(a), attentionNames)
}

// UnmarshalText accepts a name. The error of an unknown one tells the nearest known one.
func (a *Attention) UnmarshalText(text []byte) error {
	return unmarshal((*int)(a), "attention", text, attentionNames)
}

// unmarshal sets to to the number of a name.
func unmarshal(to *int, what string, text []byte, names []string) error {
	k, err := nearest.Index(what, string(text), names)
	if err != nil {
		return fmt.Errorf("vision: %w", err)
	}
	*to = k
	return nil
}

// patches returns how many patches an image has down and across, or why it has none.
func (r Remainder) patches(image, patch tensor.Size) (tensor.Size, error) {
	n := tensor.Size{Height: image.Height / patch.Height, Width: image.Width / patch.Width}
	rest := image.Height%patch.Height != 0 || image.Width%patch.Width != 0
	switch {
	case image.Height < 1 || image.Width < 1:
		return n, fmt.Errorf("vision: an image of %v pixels has no patches", image)
	case rest && r == Refuse:
		return n, fmt.Errorf("vision: patches of %v pixels do not divide an image of %v: resize it to %v, or set remainder to pad or crop",
			patch, image, tensor.Size{Height: max(n.Height, 1) * patch.Height, Width: max(n.Width, 1) * patch.Width})
	case r == Crop && (n.Height == 0 || n.Width == 0):
		return n, fmt.Errorf("vision: an image of %v pixels is smaller than a patch of %v: set remainder to pad, or resize it", image, patch)
	case r == Pad:
		n.Height += min(image.Height%patch.Height, 1)
		n.Width += min(image.Width%patch.Width, 1)
	}
	return n, nil
}

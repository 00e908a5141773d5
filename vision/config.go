package vision

import (
	"encoding"
	"errors"
	"fmt"
	"math"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
)

// Config describes a vision transformer. The zero value of every field but Classes is the default named in its comment;
// all together they are ViT-Ti/16 for photographs of 224 by 224 pixels. [ViTTi], [ViTS] and [ViTB] are published models.
type Config struct {
	// Classes is the number of classes. It has no default.
	Classes int `yaml:"classes"`
	// Channels is the number of channels of the images; default 3.
	Channels int `yaml:"channels"`
	// ImageHeight and ImageWidth are the size of the images that the model is trained on; default 224 and ImageHeight.
	// Images of any other size are read too: only encodings with a table of places go by it.
	ImageHeight int `yaml:"imageHeight"`
	ImageWidth  int `yaml:"imageWidth"`
	// PatchHeight and PatchWidth are the size of a patch in pixels; default 16 and PatchHeight.
	PatchHeight int `yaml:"patchHeight"`
	PatchWidth  int `yaml:"patchWidth"`
	// Remainder is what happens to images whose size the patches do not divide; default Pad, zeros on the right and below.
	Remainder Remainder `yaml:"remainder"`

	// Layers is the number of blocks; default 12.
	Layers int `yaml:"layers"`
	// Width is the number of features of a token; default 192.
	Width int `yaml:"width"`
	// Heads is the number of attention heads, which divides Width; default 3.
	Heads int `yaml:"heads"`
	// FFNRatio is the hidden width of the feed-forward part in widths; default 4.
	FFNRatio float64 `yaml:"ffnRatio"`
	// Attention is the kind of attention; default Softmax.
	Attention Attention `yaml:"attention"`
	// GateWidth is the rank of the output gate of Linear attention; default the width of a head.
	GateWidth int `yaml:"gateWidth"`
	// Pooling is what the head reads; default ClassToken.
	Pooling Pooling `yaml:"pooling"`

	// LayerScale is what the learned factors begin with that scale, feature by feature, what each part of a block adds
	// (Touvron and others, "Going deeper with Image Transformers", 2021); default 0, no such factors. DeiT-III has 1e-4.
	LayerScale float64 `yaml:"layerScale"`
	// Dropout is the probability of dropping features of embedded patches, of what each part of a block adds, and of the
	// hidden features of the feed-forward part; default 0, none.
	Dropout float64 `yaml:"dropout"`
	// AttentionDropout is the probability of dropping attention weights; default 0, none. Linear attention has no weights.
	AttentionDropout float64 `yaml:"attentionDropout"`
	// DropPath is the probability of leaving a part of the last block out for an image (stochastic depth); it rises
	// linearly from 0 in the first block. Default 0, none.
	DropPath float64 `yaml:"dropPath"`
	// NormEps is what the norms add to the variance; default 1e-6.
	NormEps float64 `yaml:"normEps"`
	// InitStd is the standard deviation of the first weights of linear layers; default 0.02.
	InitStd float64 `yaml:"initStd"`

	// Encoding tells attention where patches are; nil means encodings.Learned{}. [EncodingNames] lists those that serve
	// images. Settings that depend on the model are filled in where they are zero: see [FitEncoding].
	Encoding encodings.Encoding `yaml:"-"`
	// Patching makes tokens of pixels; nil means [Patches] of PatchHeight by PatchWidth with Remainder, fields that no other
	// one looks at.
	Patching Patching `yaml:"-"`
}

// WithDefaults returns c with every zero that stands for a default replaced by it.
func (c Config) WithDefaults() Config {
	set := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	setFloat := func(field *float64, value float64) {
		if *field == 0 {
			*field = value
		}
	}
	set(&c.Channels, 3)
	set(&c.ImageHeight, 224)
	set(&c.ImageWidth, c.ImageHeight)
	set(&c.PatchHeight, 16)
	set(&c.PatchWidth, c.PatchHeight)
	set(&c.Layers, 12)
	set(&c.Width, 192)
	set(&c.Heads, 3)
	if c.Heads > 0 {
		set(&c.GateWidth, c.Width/c.Heads)
	}
	setFloat(&c.FFNRatio, 4)
	setFloat(&c.NormEps, 1e-6)
	setFloat(&c.InitStd, 0.02)
	if c.Encoding == nil {
		c.Encoding = encodings.Learned{}
	}
	if c.Patching == nil {
		c.Patching = Patches{Size: tensor.Size{Height: c.PatchHeight, Width: c.PatchWidth}, Remainder: c.Remainder}
	}
	return c
}

// maxClasses is the number of class ids that float32 targets hold exactly.
const maxClasses = 1 << 24

// Validate reports the first field that no model can be built with. Zeros stand for their defaults. Whether the encoding
// and a Patching of one's own suit the sizes is theirs to say, when [New] makes them.
func (c Config) Validate() error {
	c = c.WithDefaults()
	for _, f := range []struct {
		name  string
		value int
	}{
		{"channels", c.Channels}, {"imageHeight", c.ImageHeight}, {"imageWidth", c.ImageWidth}, {"patchHeight", c.PatchHeight},
		{"patchWidth", c.PatchWidth}, {"layers", c.Layers}, {"width", c.Width}, {"heads", c.Heads}, {"gateWidth", c.GateWidth},
	} {
		if f.value < 1 {
			return fmt.Errorf("vision: %s is %d: want a positive number, or 0 for the default", f.name, f.value)
		}
	}
	for _, k := range []struct {
		name  string
		value encoding.TextMarshaler
	}{{"remainder", c.Remainder}, {"attention", c.Attention}, {"pooling", c.Pooling}} {
		if _, err := k.value.MarshalText(); err != nil {
			return fmt.Errorf("vision: %s is %v: want one of the values that have a name", k.name, k.value)
		}
	}
	switch {
	case c.Classes == 0:
		return errors.New("vision: classes is not set: say how many classes there are")
	case c.Classes < 2 || c.Classes > maxClasses:
		return fmt.Errorf("vision: classes is %d: want 2 to %d", c.Classes, maxClasses)
	case c.Width%c.Heads != 0:
		return fmt.Errorf("vision: heads %d do not divide width %d: choose a width that is a multiple of heads", c.Heads, c.Width)
	case !(c.FFNRatio*float64(c.Width) >= 1) || math.IsInf(c.FFNRatio, 0):
		return fmt.Errorf("vision: ffnRatio is %v: want a number that makes a hidden width of at least 1 of width %d, or 0 for the default", c.FFNRatio, c.Width)
	case c.Attention == Linear && c.AttentionDropout != 0:
		return errors.New("vision: attentionDropout is for softmax attention: linear attention forms no weights that could be dropped; set dropout, or attention: softmax")
	}
	return c.validateNumbers()
}

// validateNumbers reports the first probability or factor that is out of its range.
func (c Config) validateNumbers() error {
	err := CheckProbabilities(Setting{Name: "dropout", Value: c.Dropout}, Setting{Name: "attentionDropout", Value: c.AttentionDropout},
		Setting{Name: "dropPath", Value: c.DropPath})
	if err == nil {
		err = CheckPositive(Setting{Name: "normEps", Value: c.NormEps}, Setting{Name: "initStd", Value: c.InitStd})
	}
	if err != nil {
		return fmt.Errorf("vision: %w", err)
	}
	if math.IsNaN(c.LayerScale) || math.IsInf(c.LayerScale, 0) {
		return fmt.Errorf("vision: layerScale is %v: want a number, or 0 for no factors", c.LayerScale)
	}
	return nil
}

// ImageSize returns the size of the images that the model is trained on.
func (c Config) ImageSize() tensor.Size {
	c = c.WithDefaults()
	return tensor.Size{Height: c.ImageHeight, Width: c.ImageWidth}
}

// hidden returns the hidden width of the feed-forward part.
func (c Config) hidden() int { return int(c.FFNRatio * float64(c.Width)) }

// leading returns the number of tokens without a place before the patches.
func (c Config) leading() int {
	if c.Pooling == ClassToken {
		return 1
	}
	return 0
}

// dims returns the sizes that the encoding is made for.
func (c Config) dims() encodings.Dims {
	return encodings.Dims{Width: c.Width, Heads: c.Heads, Layers: c.Layers}
}

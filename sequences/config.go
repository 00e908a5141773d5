package sequences

import (
	"encoding"
	"errors"
	"fmt"
	"math"

	"github.com/graft-ml/graft/encodings"
)

// Config describes a decoder-only transformer. The zero value of every field but Vocabulary is the default named in its
// comment; all together they are a small model of LLaMA's form. [LLaMA], [GPT2], [T5Decoder] and [MiniCPM] return the
// forms of published families, of any size.
type Config struct {
	// Vocabulary is the number of token types. It has no default.
	Vocabulary int `yaml:"vocabulary"`
	// Layers is the number of blocks; default 4.
	Layers int `yaml:"layers"`
	// Width is the number of features of a token; default 256.
	Width int `yaml:"width"`
	// Heads is the number of attention heads; default 8.
	Heads int `yaml:"heads"`
	// KVHeads is the number of heads of keys and values, which divides Heads: consecutive heads share one (Ainslie and
	// others 2023); default Heads.
	KVHeads int `yaml:"kvHeads"`
	// HeadDim is the width of a head; default Width / Heads.
	HeadDim int `yaml:"headDim"`
	// FeedForward is the form of the second part of a block; default SwiGLU.
	FeedForward FeedForward `yaml:"feedForward"`
	// FeedForwardWidth is its hidden width; default 4 Width, and 8/3 Width rounded up to a multiple of 16 for the gated
	// forms, which have as many parameters then.
	FeedForwardWidth int `yaml:"feedForwardWidth"`
	// Norm is the norm before each part of a block and after the last block; default RMSNorm.
	Norm Norm `yaml:"norm"`
	// NormEps is what the norms add to the mean square, or to the variance; default 1e-5.
	NormEps float64 `yaml:"normEps"`

	// AttentionBias gives the four products of the attention a bias.
	AttentionBias bool `yaml:"attentionBias"`
	// FeedForwardBias gives the products of the feed-forward part a bias.
	FeedForwardBias bool `yaml:"feedForwardBias"`
	// TiedEmbedding makes the token table serve as the weight of the head too.
	TiedEmbedding bool `yaml:"tiedEmbedding"`

	// EmbeddingScale multiplies the rows of the token table on their way in; default 1.
	EmbeddingScale float64 `yaml:"embeddingScale"`
	// ResidualScale multiplies what each part of a block adds to the tokens; default 1.
	ResidualScale float64 `yaml:"residualScale"`
	// LogitScale multiplies the tokens before the head; default 1. T5 has Width^-1/2 with a tied table.
	LogitScale float64 `yaml:"logitScale"`
	// AttentionScale multiplies the product of query and key; default 1/sqrt(HeadDim). T5 has 1.
	AttentionScale float64 `yaml:"attentionScale"`
	// SoftCap limits scores smoothly, to SoftCap tanh(s / SoftCap), as Gemma 2 does; default 0, no limit.
	SoftCap float64 `yaml:"softCap"`

	// Dropout is the probability of dropping features of embedded tokens and of what each part of a block adds; default
	// 0, none.
	Dropout float64 `yaml:"dropout"`
	// AttentionDropout is the probability of dropping attention weights; default 0, none.
	AttentionDropout float64 `yaml:"attentionDropout"`
	// FeedForwardDropout is the probability of dropping hidden features of the feed-forward part; default 0, none.
	FeedForwardDropout float64 `yaml:"feedForwardDropout"`
	// OutputDropout is the probability of dropping features after the last norm; default 0, none.
	OutputDropout float64 `yaml:"outputDropout"`

	// Encoding tells attention where tokens are; nil means encodings.RoPE{}, the rotation of LLaMA. A model without any
	// has encodings.None{}.
	Encoding encodings.Encoding `yaml:"-"`
	// MaxLength is the most tokens of a sequence that the model reads, in training or in generation: of an example with
	// branches, those of the trunk with the longest. Default 0, no limit but that of the encoding.
	MaxLength int `yaml:"maxLength"`

	// Init is how the first parameters are drawn; default LLaMAInit.
	Init Init `yaml:"init"`
	// InitStd is their standard deviation; default 0.02, and 1 for T5Init, where it is the token table's alone.
	InitStd float64 `yaml:"initStd"`
}

// maxVocabulary is the number of class ids that float32 targets hold exactly.
const maxVocabulary = 1 << 24

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
	set(&c.Layers, 4)
	set(&c.Width, 256)
	set(&c.Heads, 8)
	set(&c.KVHeads, c.Heads)
	if c.Heads > 0 {
		set(&c.HeadDim, c.Width/c.Heads)
	}
	if c.FeedForward.Gated() {
		set(&c.FeedForwardWidth, (8*c.Width+47)/48*16)
	} else {
		set(&c.FeedForwardWidth, 4*c.Width)
	}
	setFloat(&c.NormEps, 1e-5)
	setFloat(&c.EmbeddingScale, 1)
	setFloat(&c.ResidualScale, 1)
	setFloat(&c.LogitScale, 1)
	if c.HeadDim > 0 {
		setFloat(&c.AttentionScale, 1/math.Sqrt(float64(c.HeadDim)))
	}
	if c.Init == T5Init {
		setFloat(&c.InitStd, 1)
	} else {
		setFloat(&c.InitStd, 0.02)
	}
	if c.Encoding == nil {
		c.Encoding = encodings.RoPE{}
	}
	return c
}

// Validate reports the first field that no model can be built with. Zeros stand for their defaults. Whether the encoding
// suits the sizes is its own to say, when [New] makes it.
func (c Config) Validate() error {
	heads, headDim := c.Heads, c.HeadDim
	c = c.WithDefaults()
	for _, f := range []struct {
		name  string
		value int
	}{
		{"layers", c.Layers}, {"width", c.Width}, {"heads", c.Heads}, {"kvHeads", c.KVHeads}, {"headDim", c.HeadDim},
		{"feedForwardWidth", c.FeedForwardWidth}, {"maxLength", c.MaxLength},
	} {
		if f.value < 0 {
			return fmt.Errorf("sequences: %s is %d: want a positive number, or 0 for the default", f.name, f.value)
		}
	}
	if err := c.validateKinds(); err != nil {
		return err
	}
	switch {
	case c.Vocabulary == 0:
		return errors.New("sequences: vocabulary is not set: say how many token types there are")
	case c.Vocabulary < 2 || c.Vocabulary > maxVocabulary:
		return fmt.Errorf("sequences: vocabulary is %d: want 2 to %d token types", c.Vocabulary, maxVocabulary)
	case headDim == 0 && c.Width%c.Heads != 0:
		return fmt.Errorf("sequences: heads %d do not divide width %d: choose a width that is a multiple of heads, or set headDim", c.Heads, c.Width)
	case c.Heads%c.KVHeads != 0 && heads == 0:
		return fmt.Errorf("sequences: kvHeads %d do not divide heads, %d by default: set heads to a multiple", c.KVHeads, c.Heads)
	case c.Heads%c.KVHeads != 0:
		return fmt.Errorf("sequences: kvHeads %d do not divide heads %d: every key and value head serves as many heads", c.KVHeads, c.Heads)
	}
	return c.validateNumbers()
}

// validateNumbers reports the first probability or factor that is out of its range.
func (c Config) validateNumbers() error {
	for _, f := range []struct {
		name  string
		value float64
	}{
		{"dropout", c.Dropout}, {"attentionDropout", c.AttentionDropout}, {"feedForwardDropout", c.FeedForwardDropout},
		{"outputDropout", c.OutputDropout},
	} {
		if !(f.value >= 0 && f.value < 1) {
			return fmt.Errorf("sequences: %s is %v: want a probability below 1", f.name, f.value)
		}
	}
	for _, f := range []struct {
		name  string
		value float64
	}{
		{"normEps", c.NormEps}, {"embeddingScale", c.EmbeddingScale}, {"residualScale", c.ResidualScale}, {"logitScale", c.LogitScale},
		{"attentionScale", c.AttentionScale}, {"initStd", c.InitStd},
	} {
		if !(f.value > 0) || math.IsInf(f.value, 0) {
			return fmt.Errorf("sequences: %s is %v: want a positive number, or 0 for the default", f.name, f.value)
		}
	}
	if !(c.SoftCap >= 0) || math.IsInf(c.SoftCap, 0) {
		return fmt.Errorf("sequences: softCap is %v: want a positive number, or 0 for no limit", c.SoftCap)
	}
	return nil
}

// validateKinds reports the first enumeration with a value that has no name.
func (c Config) validateKinds() error {
	for _, k := range []struct {
		name  string
		value encoding.TextMarshaler
	}{{"feedForward", c.FeedForward}, {"norm", c.Norm}, {"init", c.Init}} {
		if _, err := k.value.MarshalText(); err != nil {
			return fmt.Errorf("sequences: %s is %v: want one of the values that have a name", k.name, k.value)
		}
	}
	return nil
}

// dims returns the sizes that the encoding is made for.
func (c Config) dims() encodings.Dims {
	return encodings.Dims{Width: c.Width, Heads: c.Heads, KVHeads: c.KVHeads, HeadDim: c.HeadDim, Layers: c.Layers}
}

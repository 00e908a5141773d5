package cswin

import (
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// Config describes a CSWin transformer. The zero value of every field but Classes is the default named in its comment; all
// together they are CSWin-T for photographs of 224 by 224 pixels, without drop path. The names in parentheses are those of
// the official code (microsoft/CSWin-Transformer, commit f111ae2).
type Config struct {
	// Classes is the number of classes (num_classes). It has no default.
	Classes int `yaml:"classes"`
	// Channels is the number of channels of the images (in_chans); default 3.
	Channels int `yaml:"channels"`
	// ImageHeight and ImageWidth are the size of the images that the model is trained on (img_size); default 224 and
	// ImageHeight. Images of any other size are read too. Together with Stripes they say in which stages the stripes are as
	// wide as the image, so that one attention among all tokens takes the place of two.
	ImageHeight int `yaml:"imageHeight"`
	ImageWidth  int `yaml:"imageWidth"`
	// PatchKernel and PatchStride are those of the convolution that makes tokens of pixels; default 7 and 4. Its padding is
	// half of what the kernel is larger than the stride, rounded up: 2 by default.
	PatchKernel int `yaml:"patchKernel"`
	PatchStride int `yaml:"patchStride"`

	// Width is the number of features of a token in the first stage (embed_dim); default 64. Every further stage has twice
	// as many as the one before.
	Width int `yaml:"width"`
	// Layers is the number of blocks of every stage (depth); default 1,2,21,1.
	Layers vision.PerStage `yaml:"layers"`
	// Heads is the number of heads in every stage (num_heads); default 2, and twice as many in each further stage.
	Heads vision.PerStage `yaml:"heads"`
	// Stripes is the width of the stripes in every stage, in tokens (split_size); default 1, 2, 7 and then 7 again. That of
	// the last stage means nothing: its attention is among all tokens.
	Stripes vision.PerStage `yaml:"stripes"`
	// FFNRatio is the hidden width of the feed-forward part in widths (mlp_ratio); default 4.
	FFNRatio float64 `yaml:"ffnRatio"`

	// Dropout is the probability of dropping features of what each part of a block adds, and hidden features of the
	// feed-forward part; default 0, none.
	Dropout float64 `yaml:"dropout"`
	// AttentionDropout is the probability of dropping attention weights (attn_drop_rate); default 0, none.
	AttentionDropout float64 `yaml:"attentionDropout"`
	// DropPath is the probability of leaving a part of the last block out for an image (drop_path_rate); it rises linearly
	// from 0 in the first block over the blocks of all stages. Default 0, none.
	DropPath float64 `yaml:"dropPath"`
	// NormEps is what the norms add to the variance; default 1e-5.
	NormEps float64 `yaml:"normEps"`
	// InitStd is the standard deviation of the first weights of linear layers; default 0.02.
	InitStd float64 `yaml:"initStd"`
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
	set(&c.PatchKernel, 7)
	set(&c.PatchStride, 4)
	set(&c.Width, 64)
	if c.Layers == "" {
		c.Layers = "1,2,21,1"
	}
	stages, _ := c.Layers.List() // what is wrong with them is for Validate to say
	heads, stripes := make([]int, len(stages)), make([]int, len(stages))
	for s := range stages {
		heads[s] = 2 << s
		stripes[s] = []int{1, 2, 7}[min(s, 2)]
	}
	if c.Heads == "" {
		c.Heads = vision.Stages(heads...)
	}
	if c.Stripes == "" {
		c.Stripes = vision.Stages(stripes...)
	}
	setFloat(&c.FFNRatio, 4)
	setFloat(&c.NormEps, 1e-5)
	setFloat(&c.InitStd, 0.02)
	return c
}

// ImageSize returns the size of the images that the model is trained on.
func (c Config) ImageSize() tensor.Size {
	c = c.WithDefaults()
	return tensor.Size{Height: c.ImageHeight, Width: c.ImageWidth}
}

// stageConfig is what a stage is made of.
type stageConfig struct {
	layers, width, heads, stripe int
	full                         bool // one attention among all tokens
}

// stages returns those of a configuration that is valid, with defaults.
func (c Config) stages() []stageConfig {
	layers, heads, stripes := c.Layers.Numbers(), c.Heads.Numbers(), c.Stripes.Numbers()
	list := make([]stageConfig, len(layers))
	size := c.patches().grid(c.ImageSize())
	for s := range list {
		if s > 0 {
			size = merge.grid(size)
		}
		list[s] = stageConfig{layers[s], c.Width << s, heads[s], stripes[s], s == len(list)-1 || max(size.Height, size.Width) <= stripes[s]}
	}
	return list
}

// hidden returns the hidden width of the feed-forward part of a stage.
func (c Config) hidden(width int) int { return int(c.FFNRatio * float64(width)) }

// patches returns the form of the convolution that makes tokens.
func (c Config) patches() form {
	return form{c.PatchKernel, c.PatchStride, max(c.PatchKernel-c.PatchStride+1, 0) / 2}
}

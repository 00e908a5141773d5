package twins

import (
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/polyphase"
)

// Config describes a Twins-SVT transformer. The zero value of every field but Classes is the default named in its comment;
// all together they are poly-Twins-S for photographs of 224 by 224 pixels, without drop path. The names in parentheses are
// those of timm.
type Config struct {
	// Classes is the number of classes (num_classes). It has no default.
	Classes int `yaml:"classes"`
	// Channels is the number of channels of the images (in_chans); default 3.
	Channels int `yaml:"channels"`
	// ImageHeight and ImageWidth are the size of the images that the model is trained on (img_size); default 224 and
	// ImageHeight. Other sizes are read too, as far as patches, windows and reductions divide them: see [Model.Accepts].
	ImageHeight int `yaml:"imageHeight"`
	ImageWidth  int `yaml:"imageWidth"`
	// Anchor is what images and tokens are rolled to before each operation of a stride; default polyphase.ToPhase, the
	// shift-equivariant model. polyphase.Nowhere is Twins-SVT as it was published, with as many parameters.
	Anchor polyphase.To `yaml:"anchor"`

	// Patches is the side of the patches that the tokens of every stage are made of (patch_size and 2): of pixels, then of
	// the tokens of the stage before; default 4,2,2,2.
	Patches vision.PerStage `yaml:"patches"`
	// Widths is the number of features of a token in every stage (embed_dims); default 64, and twice as many in each further
	// stage.
	Widths vision.PerStage `yaml:"widths"`
	// Layers is the number of blocks of every stage (depths), in turns with attention in windows and sub-sampled; default
	// 2,2,10,4.
	Layers vision.PerStage `yaml:"layers"`
	// Heads is the number of heads in every stage (num_heads); default 2, and twice as many in each further stage.
	Heads vision.PerStage `yaml:"heads"`
	// Windows is the side of the windows in every stage, in tokens (wss); default 7.
	Windows vision.PerStage `yaml:"windows"`
	// Reductions is the side of the square of tokens that becomes one key and value of sub-sampled attention, in every stage
	// (sr_ratios); default 8,4,2 and then 1, which is attention among all tokens.
	Reductions vision.PerStage `yaml:"reductions"`
	// FFNRatio is the hidden width of the feed-forward part in widths (mlp_ratios); default 4.
	FFNRatio float64 `yaml:"ffnRatio"`

	// Dropout is the probability of dropping features of embedded patches, of what each part of a block adds, and of the
	// hidden features of the feed-forward part (drop_rate); default 0, none.
	Dropout float64 `yaml:"dropout"`
	// AttentionDropout is the probability of dropping attention weights (attn_drop_rate); default 0, none.
	AttentionDropout float64 `yaml:"attentionDropout"`
	// DropPath is the probability of leaving a part of the last block out for an image (drop_path_rate); it rises linearly
	// from 0 in the first block over the blocks of all stages. Default 0, none.
	DropPath float64 `yaml:"dropPath"`
	// NormEps is what the norms add to the variance; default 1e-5. (In timm it is 1e-6 in the norms of blocks and the last one.)
	NormEps float64 `yaml:"normEps"`
	// InitStd is the standard deviation of the first weights of linear layers; default 0.02.
	InitStd float64 `yaml:"initStd"`
}

// WithDefaults returns c with every zero that stands for a default replaced by it. The lists get as many numbers as Layers
// has.
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
	if c.Layers == "" {
		c.Layers = "2,2,10,4"
	}
	stages, _ := c.Layers.List() // what is wrong with them is for Validate to say
	setList := func(field *vision.PerStage, of func(s int) int) {
		if *field != "" {
			return
		}
		list := make([]int, len(stages))
		for s := range list {
			list[s] = of(s)
		}
		*field = vision.Stages(list...)
	}
	setList(&c.Patches, func(s int) int { return []int{4, 2}[min(s, 1)] })
	setList(&c.Widths, func(s int) int { return 64 << s })
	setList(&c.Heads, func(s int) int { return 2 << s })
	setList(&c.Windows, func(int) int { return 7 })
	setList(&c.Reductions, func(s int) int { return []int{8, 4, 2, 1}[min(s, 3)] })
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
	patch, width, layers, heads, window, reduction int
	anchor                                         polyphase.To // before the patches
}

// stages returns those of a configuration whose lists are as long as each other.
func (c Config) stages() []stageConfig {
	var lists [6][]int
	for k, list := range []vision.PerStage{c.Patches, c.Widths, c.Layers, c.Heads, c.Windows, c.Reductions} {
		lists[k], _ = list.List()
	}
	stages := make([]stageConfig, len(lists[0]))
	for s := range stages {
		stages[s] = stageConfig{lists[0][s], lists[1][s], lists[2][s], lists[3][s], lists[4][s], lists[5][s], c.Anchor}
		if s > 0 {
			stages[s].anchor = stages[s-1].after(stages[s].patch, c.Anchor)
		}
	}
	return stages
}

// windowed reports whether block k of the stage has attention in windows. As in timm, windows of one token stand for
// sub-sampled attention.
func (s stageConfig) windowed(k int) bool { return k%2 == 0 && s.window > 1 }

// reduces reports whether a block of the stage makes keys and values of squares.
func (s stageConfig) reduces() bool { return s.reduction > 1 && (s.layers > 1 || s.window == 1) }

// after returns the anchoring that the patches of the next stage want. Where the last roll of this stage was to a multiple of
// their side they want none: that is what the official code relies on, which has none there at all.
func (s stageConfig) after(patch int, anchor polyphase.To) polyphase.To {
	stride := 1
	for k := range s.layers {
		if s.windowed(k) {
			stride = s.window
		} else if s.reduction > 1 {
			stride = s.reduction
		}
	}
	if anchor == polyphase.Nowhere || stride%patch == 0 {
		return polyphase.Nowhere
	}
	return polyphase.ToPhase
}

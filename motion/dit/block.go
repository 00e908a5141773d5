package dit

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Config are the sizes of a [Block].
type Config struct {
	Width     int // of vision and motion tokens
	Heads     int
	TimeWidth int // of what is known of the time step of the diffusion
	FFNWidth  int // of the feed-forward part; 0 means four times Width
	// NoMotion leaves the motion attention out. The released 7B model has it in every block; the paper's text says every
	// second.
	NoMotion bool
}

// Published7B returns the sizes of the 7B model, which begins as CogVideoX-5B.
func Published7B() Config { return Config{Width: 3072, Heads: 48, TimeWidth: 512}.withDefaults() }

func (c Config) withDefaults() Config {
	if c.FFNWidth == 0 {
		c.FFNWidth = 4 * c.Width
	}
	return c
}

// Validate reports what no block can be.
func (c Config) Validate() error {
	if c.Width < 1 || c.TimeWidth < 1 || c.FFNWidth < 0 {
		return fmt.Errorf("dit: Width %d, TimeWidth %d, FFNWidth %d: want at least 1, 0 for FFNWidth's default", c.Width, c.TimeWidth, c.FFNWidth)
	}
	if c.Heads < 1 || c.Width%c.Heads != 0 {
		return fmt.Errorf("dit: %d heads do not divide Width %d: choose a width that they divide", c.Heads, c.Width)
	}
	return nil
}

// Modulation is a layer norm whose scale and shift follow the time step, with a gate for what is made of the normed
// tokens (adaptive layer norm; Peebles and Xie, "Scalable Diffusion Models with Transformers", 2023, section 3.2). The
// official layer makes six numbers a channel and uses the first three; here it makes three.
type Modulation struct {
	Norm *nn.LayerNorm
	Time *nn.Linear // TimeWidth to shift, scale and gate
}

func newModulation(c Config, init *nn.Init) *Modulation {
	return &Modulation{Norm: nn.NewLayerNorm(c.Width), Time: nn.NewLinear(c.TimeWidth, 3*c.Width, init)}
}

// Params declares norm and time.
func (m *Modulation) Params(c *nn.Params) {
	c.Sub("norm", m.Norm)
	c.Sub("time", m.Time)
}

// Apply returns LN(h) (1 + scale) + shift for the tokens h [tokens, width], and the gate [tokens, width]. time [items,
// TimeWidth] is what is known of the time step of each item, items the item of each token.
func (m *Modulation) Apply(tp *tensor.Tape, h, time *tensor.Var, items []int32) (normed, gate *tensor.Var) {
	width := h.Cols()
	all := m.Time.Apply(tp, tp.SiLU(time))
	part := func(k int) *tensor.Var { return tp.Gather(tp.Columns(all, k*width, (k+1)*width), items) }
	shift, scale, gate := part(0), part(1), part(2)
	normed = m.Norm.Apply(tp, h)
	return tp.Add(tp.Add(normed, tp.Mul(normed, scale)), shift), gate
}

// Block is the transformer block of MV-DiT as the 7B model has it: self-attention and a feed-forward part, each on normed
// and modulated tokens and with a gated residual, and between them attention to the movement with a plain residual,
// without norm, modulation or gate. Its modules run in the order of the fields.
type Block struct {
	Config         Config
	SelfModulation *Modulation
	Self           *Attention
	Motion         *Attention // nil where Config.NoMotion
	FFNModulation  *Modulation
	FeedForward    *nn.FeedForward
}

// NewBlock returns a block with PyTorch's default parameters. The error is that of [Config.Validate].
func NewBlock(c Config, init *nn.Init) (*Block, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	b := &Block{Config: c, SelfModulation: newModulation(c, init), Self: NewAttention(c.Width, c.Heads, init)}
	if !c.NoMotion {
		b.Motion = NewAttention(c.Width, c.Heads, init)
	}
	b.FFNModulation = newModulation(c, init)
	b.FeedForward = nn.NewFeedForward(c.Width, c.FFNWidth, nn.GELUTanh, init)
	return b, nil
}

// Params declares self_modulation, self, motion, ffn_modulation and feed_forward.
func (b *Block) Params(c *nn.Params) {
	c.Sub("self_modulation", b.SelfModulation)
	c.Sub("self", b.Self)
	if b.Motion != nil {
		c.Sub("motion", b.Motion)
	}
	c.Sub("ffn_modulation", b.FFNModulation)
	c.Sub("feed_forward", b.FeedForward)
}

// Apply returns the vision tokens [tokens, width] that come of h [tokens, width], the motion tokens m [motion tokens,
// width] and what is known of the time steps, time [items, TimeWidth]. A nil m, where the block has no motion attention,
// is none.
func (b *Block) Apply(tp *tensor.Tape, h, m, time *tensor.Var, p *Places) *tensor.Var {
	if h.Rows() != p.Vision.Tokens() || time.Rows() != p.Vision.Items() || b.Motion != nil && m.Rows() != p.Motion.Tokens() {
		panic(fmt.Sprintf("dit: Block: %d vision tokens and %d time steps, want %d and %d, with the motion tokens of %v", h.Rows(), time.Rows(),
			p.Vision.Tokens(), p.Vision.Items(), p.Motion))
	}
	u, gate := b.SelfModulation.Apply(tp, h, time, p.items)
	h = tp.Add(h, tp.Mul(gate, b.Self.Apply(tp, u, u, p.Vision.Offsets, p.Vision.Offsets, p.vision)))
	if b.Motion != nil {
		h = tp.Add(h, b.Motion.Apply(tp, h, m, p.Vision.Offsets, p.Motion.Offsets, p.Crossed()))
	}
	u, gate = b.FFNModulation.Apply(tp, h, time, p.items)
	return tp.Add(h, tp.Mul(gate, b.FeedForward.Apply(tp, u)))
}

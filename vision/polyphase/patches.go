package polyphase

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

var (
	_ vision.Patching = Patches{}
	_ vision.Stem     = (*Embedding)(nil)
)

// Patches is the beginning of a shift-equivariant transformer, as a setting of vision.Config: an [Anchoring] of the stride
// of a patch, patches, a norm, and a [PositionConv]. A circular shift of an image is a circular shift of its tokens.
type Patches struct {
	Size   tensor.Size // of a patch, in pixels; it divides images
	Anchor To          // default ToPhase. Nowhere makes the same layers without the anchoring, and zeros around the tokens
	// NoPosition leaves the PositionConv out, so that tokens are a set.
	NoPosition bool
	// NormEps is what the norm adds to the variance; 0 means 1e-5.
	NormEps float64
}

// New makes the layers, the convolutions as PyTorch draws them.
func (p Patches) New(channels, width int, init *nn.Init) (vision.Stem, error) {
	if p.Size.Height < 1 || p.Size.Width < 1 {
		return nil, fmt.Errorf("polyphase: patches of %v pixels do not exist: want a height and a width of at least 1", p.Size)
	}
	if _, err := p.Anchor.MarshalText(); err != nil {
		return nil, fmt.Errorf("polyphase: anchor: %w", err)
	}
	if !(p.NormEps >= 0) {
		return nil, fmt.Errorf("polyphase: normEps is %v: want a positive number, or 0 for the default", p.NormEps)
	}
	e := &Embedding{Patches: p, Projection: nn.NewPatchEmbedding(channels, width, p.Size, init), Norm: nn.NewLayerNorm(width)}
	if p.NormEps != 0 {
		e.Norm.Eps = p.NormEps
	}
	if !p.NoPosition {
		e.Position = NewPositionConv(width, p.Anchor != Nowhere, init)
	}
	return e, nil
}

// Embedding is what [Patches] makes for a model. Its modules run in the order of the fields.
type Embedding struct {
	Patches
	Projection *nn.Conv // [width, channels, height, width of a patch]
	Norm       *nn.LayerNorm
	Position   *PositionConv // nil with NoPosition
}

// Params declares the parameters.
func (e *Embedding) Params(c *nn.Params) {
	c.Sub("projection", e.Projection)
	c.Sub("norm", e.Norm)
	if e.Position != nil {
		c.Sub("position", e.Position)
	}
}

// Grid returns how many patches an image has down and across. An image that patches do not divide is refused: one that was
// padded or cropped would not be the same after a shift.
func (e *Embedding) Grid(image tensor.Size) (tensor.Size, error) {
	s := e.Size
	n := tensor.Size{Height: image.Height / s.Height, Width: image.Width / s.Width}
	if n.Height < 1 || n.Width < 1 || image.Height%s.Height != 0 || image.Width%s.Width != 0 {
		return n, fmt.Errorf("polyphase: patches of %v pixels do not divide an image of %v: resize it to %v", s, image,
			tensor.Size{Height: max(n.Height, 1) * s.Height, Width: max(n.Width, 1) * s.Width})
	}
	return n, nil
}

// Tokens returns the tokens [tokens, width] of pixels [pixels, channels] that lie on a grid, and their own grid.
func (e *Embedding) Tokens(tp *tensor.Tape, pixels *tensor.Var, grid tensor.Grid) (*tensor.Var, tensor.Grid) {
	tp.Enter("projection")
	x := e.Patches.anchoring().Apply(tp, pixels, grid)
	x, grid = e.Projection.Apply(tp, x, grid), e.Projection.Grid(grid)
	tp.Leave()
	tp.Enter("norm")
	x = e.Norm.Apply(tp, x)
	tp.Leave()
	if e.Position == nil {
		return x, grid
	}
	tp.Enter("position")
	defer tp.Leave()
	return e.Position.Apply(tp, x, grid), grid
}

func (p Patches) anchoring() Anchoring { return Anchoring{Stride: p.Size, To: p.Anchor} }

// ViT returns the shift-equivariant form of a vision transformer, the poly-ViT of the paper: [Patches] of the size that c
// has, anchored to what is asked for, and no other encoding of places, which would tell a shifted image from the original.
// Attention among all tokens is the same for every order of them, and so are the class token and the mean.
func ViT(c vision.Config, anchor To) vision.Config {
	d := c.WithDefaults()
	c.Patching = Patches{Size: tensor.Size{Height: d.PatchHeight, Width: d.PatchWidth}, Anchor: anchor}
	c.Encoding = encodings.None{}
	return c
}

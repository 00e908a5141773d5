package vision

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var (
	_ Patching = Patches{}
	_ Stem     = (*PatchEmbedding)(nil)
)

// Patches cuts images into patches side by side and projects each by one linear layer (Dosovitskiy and others, "An Image
// is Worth 16x16 Words", ICLR 2021, equation 1): a convolution whose stride is its kernel.
type Patches struct {
	Size      tensor.Size // of a patch, in pixels
	Remainder Remainder   // what happens to images whose size the patches do not divide
}

// New makes the layer. Its weight and bias are drawn from the uniform distribution of bound 1/sqrt(numbers of a patch), as
// PyTorch's convolution has it.
func (p Patches) New(channels, width int, init *nn.Init) (Stem, error) {
	if p.Size.Height < 1 || p.Size.Width < 1 {
		return nil, fmt.Errorf("vision: patches of %v pixels do not exist: want a height and a width of at least 1", p.Size)
	}
	if _, err := p.Remainder.MarshalText(); err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	return &PatchEmbedding{Patches: p, channels: channels, Projection: nn.NewLinear(p.Size.Height*p.Size.Width*channels, width, init)}, nil
}

// PatchEmbedding is what [Patches] makes for a model.
type PatchEmbedding struct {
	Patches
	Projection *nn.Linear // [width, height * width of a patch * channels], the channels of a pixel together

	channels int
}

// Params declares the projection.
func (p *PatchEmbedding) Params(c *nn.Params) { c.Sub("projection", p.Projection) }

// Grid returns how many patches an image has down and across.
func (p *PatchEmbedding) Grid(image tensor.Size) (tensor.Size, error) {
	return p.Remainder.patches(image, p.Size)
}

// Tokens cuts and projects patches; see [CutPatches].
func (p *PatchEmbedding) Tokens(tp *tensor.Tape, pixels *tensor.Var, grid tensor.Grid) (*tensor.Var, tensor.Grid) {
	tp.Enter("projection")
	defer tp.Leave()
	patches, grid := CutPatches(tp, pixels, grid, p.Size, p.Remainder)
	return p.Projection.Apply(tp, patches), grid
}

// LoadConvolution sets the layer to the weight [width, channels, height, width of a patch] and bias [width] of the
// convolution that official models have in its place. A nil bias is one of zeros. The error says what does not fit, and
// nothing changes.
func (p *PatchEmbedding) LoadConvolution(weight, bias *tensor.Tensor) error {
	w := p.Projection.Weight
	s := weight.Shape()
	if len(s) != 4 || s[0] != w.Rows() || s[1] != p.channels || s[2] != p.Size.Height || s[3] != p.Size.Width {
		return fmt.Errorf("vision: a convolution %v does not fit patches of %v pixels of %d channels and tokens of width %d: want [%d %d %d %d]",
			s, p.Size, p.channels, w.Rows(), w.Rows(), p.channels, p.Size.Height, p.Size.Width)
	}
	if bias != nil && bias.Size() != w.Rows() {
		return fmt.Errorf("vision: a bias %v does not fit tokens of width %d", bias.Shape(), w.Rows())
	}
	area := p.Size.Height * p.Size.Width
	for o := range w.Rows() {
		to, from := w.Row(o), weight.Row(o)
		for c := range p.channels {
			for k := range area {
				to[k*p.channels+c] = from[c*area+k]
			}
		}
	}
	p.Projection.Bias.Zero()
	if bias != nil {
		copy(p.Projection.Bias.Data(), bias.Data())
	}
	return nil
}

package ela

import (
	"errors"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

var (
	_ vision.Patching = Gated{}
	_ vision.Stem     = (*GatedStem)(nil)
)

// Gated puts a [Gate] behind what makes tokens of images, as a setting of vision.Config: behind patches of any kind, with or
// without a convolution that tells places.
type Gated struct {
	Patching vision.Patching
	Gate     Config // fitted to the width of the tokens; see [Config.Fit]
}

// New makes the layers of the other setting, then the gate.
func (g Gated) New(channels, width int, init *nn.Init) (vision.Stem, error) {
	if g.Patching == nil {
		return nil, errors.New("ela: nothing is gated: set Patching, to vision.Patches for one")
	}
	stem, err := g.Patching.New(channels, width, init)
	if err != nil {
		return nil, err
	}
	gate, err := New(g.Gate.Fit(width), width, init)
	if err != nil {
		return nil, err
	}
	return &GatedStem{Stem: stem, Gate: gate}, nil
}

// GatedStem is what [Gated] makes for a model.
type GatedStem struct {
	Stem vision.Stem
	Gate *Gate
}

// Params declares the parameters of both.
func (g *GatedStem) Params(c *nn.Params) {
	c.Sub("stem", g.Stem)
	c.Sub("gate", g.Gate)
}

// Grid returns how many rows and columns of tokens an image has, or why it has none.
func (g *GatedStem) Grid(image tensor.Size) (tensor.Size, error) { return g.Stem.Grid(image) }

// Tokens returns the gated tokens [tokens, width] of pixels [pixels, channels] that lie on a grid, and their own grid.
func (g *GatedStem) Tokens(tp *tensor.Tape, pixels *tensor.Var, grid tensor.Grid) (*tensor.Var, tensor.Grid) {
	x, grid := g.Stem.Tokens(tp, pixels, grid)
	tp.Enter("gate")
	defer tp.Leave()
	return g.Gate.Apply(tp, x, grid), grid
}

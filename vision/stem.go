package vision

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Stem makes tokens of the pixels of images: the first part of a model. [PatchEmbedding] is one.
type Stem interface {
	nn.Module
	// Grid returns how many rows and columns of tokens an image has, or why it has none.
	Grid(image tensor.Size) (tensor.Size, error)
	// Tokens returns the tokens [tokens, width] of pixels [pixels, channels] that lie on a grid, and the grid that the
	// tokens lie on: an image for each image, of the size that Grid says.
	Tokens(tp *tensor.Tape, pixels *tensor.Var, grid tensor.Grid) (*tensor.Var, tensor.Grid)
}

// Patching is the setting of a [Stem], a plain struct that a [Config] holds: [Patches] is one.
type Patching interface {
	// New makes the stem of a model for images of so many channels and tokens of the given width. The error says which
	// setting does not fit, and what would.
	New(channels, width int, init *nn.Init) (Stem, error)
}

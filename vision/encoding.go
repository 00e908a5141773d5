package vision

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// EncodingNames returns the names, as encodings.ByName knows them, of the encodings that serve images.
func EncodingNames() []string {
	var names []string
	for _, k := range encodings.List() {
		e := FitEncoding(k.Encoding, tensor.Size{Height: 2, Width: 2}, 0)
		enc, err := e.New(encodings.Dims{Width: 48, Heads: 2}, nn.NewInit(0))
		if err != nil {
			continue
		}
		l, err := encodings.OnGrid(1, 0, 2, 2)
		if err != nil {
			continue
		}
		if _, err := enc.Begin(tensor.NewTape(), l); err == nil {
			names = append(names, k.Name)
		}
	}
	return names
}

// FitEncoding returns e with those settings filled in that are zero and depend on the model: the grid of patches of the
// images that it is trained on, and the number of leading tokens.
//
//   - encodings.Learned without a Shape and a MaxLength gets a table for the grid and the leading tokens.
//   - encodings.SeqPE{} becomes the published setting for ViT but for the width of the transformer that reads digits, which
//     is that of the model, and its dropout; other settings without Axes get 2.
//   - encodings.EVA gets the longer side of the grid as that of pretraining.
//
// All others are as they were: their zero values are for images already.
func FitEncoding(e encodings.Encoding, grid tensor.Size, leading int) encodings.Encoding {
	switch e := e.(type) {
	case encodings.Learned:
		if e.Shape == nil && e.MaxLength == 0 {
			e.Shape, e.Leading = []int{grid.Height, grid.Width}, leading
		}
		return e
	case encodings.SeqPE:
		if e == (encodings.SeqPE{}) {
			e = encodings.SeqPEViTS()
			e.Width, e.Dropout = 0, 0
		}
		if e.Axes == 0 {
			e.Axes = 2
		}
		return e
	case encodings.EVA:
		if e.Trained == 0 {
			e.Trained = max(grid.Height, grid.Width)
		}
		return e
	}
	return e
}

// newEncoder makes the encoding of a model with the given stem, and tries it on the images that the model is for.
func newEncoder(c Config, stem Stem, init *nn.Init) (encodings.Encoder, error) {
	grid, err := stem.Grid(c.ImageSize())
	if err != nil {
		return nil, err
	}
	enc, err := FitEncoding(c.Encoding, grid, c.leading()).New(c.dims(), init)
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	l, err := encodings.OnGrid(1, c.leading(), grid.Height, grid.Width)
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	tp := tensor.NewTape()
	pos, err := enc.Begin(tp, l)
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	if c.Attention == Linear {
		if err := linearCarries(tp, c, l, pos); err != nil {
			return nil, err
		}
	}
	return enc, nil
}

// linearCarries reports what an encoding says that linear attention cannot be told.
func linearCarries(tp *tensor.Tape, c Config, l *encodings.Layout, pos encodings.Positions) error {
	refuse := func(what string) error {
		return fmt.Errorf("vision: linear attention cannot carry %s, %s of scores: it forms none; choose md-lrpe, axial-rope, mixed-rope, a comrope or an encoding of tokens, or attention: softmax",
			c.Encoding.Name(), what)
	}
	zeros := tp.Const(tensor.New(l.Tokens(), c.Width))
	a := &encodings.Attention{Input: zeros}
	a.Heads, a.Queries, a.Query, a.Key, a.Value = c.Heads, l.Offsets, zeros, zeros, zeros
	pos.Attend(tp, a)
	_, routes := pos.(encodings.Router)
	switch m := a.Mask; {
	case m.Causal || m.Window != nil || m.QuerySegments != nil || m.KeySegments != nil || m.Neighbours != nil || m.Allow != nil:
		return refuse("a mask")
	case len(a.Biases) > 0 || a.Relative != nil:
		return refuse("a bias")
	case a.SoftCap != 0 || a.Clamp != 0 || a.Decay.Factor != 0:
		return refuse("a function")
	case routes:
		return refuse("a mixture")
	}
	return nil
}

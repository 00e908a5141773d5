package encodings

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// None says nothing of positions (NoPE): order shows only through a causal mask, and without one attention sees a set.
// It is the control of every comparison, and in decoders a contender (Haviv and others, "Transformer language models
// without positional encodings still learn positional information", 2022; Kazemnejad and others, "The impact of
// positional encoding on length generalization in transformers", 2023).
type None struct{}

var _ Encoding = None{}

// Name returns none.
func (None) Name() string { return "none" }

// New never fails for a model that exists.
func (n None) New(d Dims, _ *nn.Init) (Encoder, error) {
	if _, err := d.fill(n.Name()); err != nil {
		return nil, err
	}
	return none{}, nil
}

type none struct{ Bare }

// Begin serves every layout.
func (none) Begin(*tensor.Tape, *Layout) (Positions, error) { return Silent{}, nil }

// Branches says that it goes by places alone.
func (none) Branches() string { return "" }

// Relative reports that results do not depend on where a sequence begins.
func (none) Relative() bool { return true }

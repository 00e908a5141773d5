package gps

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// normaliser is a norm of nodes.
type normaliser interface {
	nn.Module
	normalise(tp *tensor.Tape, x *tensor.Var, b *Batch) *tensor.Var
}

// newNorm makes the norm of a configuration; nil where it has none.
func newNorm(c Config) normaliser {
	switch c.Norm {
	case BatchNorm:
		return batchNorm{newBatchNorm(c)}
	case GraphLayerNorm:
		return NewGraphNorm(c.Width)
	case NoNorm:
		return nil
	}
	panic(fmt.Sprintf("gps: a layer with norm %v: expected one that Config.Validate knows", c.Norm))
}

func newBatchNorm(c Config) *nn.BatchNorm {
	n := nn.NewBatchNorm(c.Width)
	n.Momentum = c.NormMomentum
	return n
}

type batchNorm struct{ *nn.BatchNorm }

func (n batchNorm) normalise(tp *tensor.Tape, x *tensor.Var, _ *Batch) *tensor.Var {
	return n.Apply(tp, x)
}

func (n *GraphNorm) normalise(tp *tensor.Tape, x *tensor.Var, b *Batch) *tensor.Var {
	return n.Apply(tp, x, b.Offsets)
}

package features

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Predictor turns node features into predictions: what a [Head] names. One of its two networks is there.
type Predictor struct {
	Readout    *nn.Readout // SANHead
	MLP        *nn.MLP     // GraphHead, NodeHead
	prediction Prediction
}

// NewPredictor returns a head that reads features of the given width. The activation is that of SANHead; GraphGym's MLP
// has ReLU.
func (p Prediction) NewPredictor(width int, act nn.Activation, in *nn.Init) Predictor {
	p = p.withDefaults()
	if p.Head == SANHead {
		return Predictor{Readout: nn.NewReadout(width, p.Outputs, act, in), prediction: p}
	}
	return Predictor{MLP: nn.NewMLP(width, p.Outputs, p.Layers, in), prediction: p}
}

// Params declares the network as readout or mlp.
func (p Predictor) Params(c *nn.Params) {
	if p.Readout != nil {
		c.Sub("readout", p.Readout)
	}
	if p.MLP != nil {
		c.Sub("mlp", p.MLP)
	}
}

// Predict returns predictions from node features x [nodes, width]: [graphs, outputs], where graph g owns the rows
// offsets[g]:offsets[g+1], or [nodes, outputs] for NodeHead.
func (p Predictor) Predict(tp *tensor.Tape, x *tensor.Var, offsets []int) *tensor.Var {
	if !p.prediction.PerNode() {
		x = tp.Pool(x, offsets, p.prediction.Pooling)
	}
	if p.Readout != nil {
		return p.Readout.Apply(tp, x)
	}
	return p.MLP.Apply(tp, x)
}

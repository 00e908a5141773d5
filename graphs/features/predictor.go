package features

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Predictor turns node features into predictions: what a [Head] names. One of its two networks is there.
type Predictor struct {
	Readout    *nn.Readout // SANHead
	MLP        *nn.MLP     // GraphHead, NodeHead, EdgeHead
	prediction Prediction
}

// NewPredictor returns a head that reads features of nodes of the given width. EdgeHead reads features of edges beside
// them, edges wide; 0 is none. The activation is that of SANHead; GraphGym's MLP has ReLU.
func (p Prediction) NewPredictor(width, edges int, act nn.Activation, in *nn.Init) Predictor {
	p = p.withDefaults()
	switch p.Head {
	case EdgeHead:
		width = 2*width + edges
	case SANHead:
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

// Predict returns predictions from the features of the nodes of a batch, x [nodes, width]: [graphs, outputs], for NodeHead
// [nodes, outputs], for EdgeHead [edges, outputs]. edges is what EdgeHead reads beside nodes [edges, width], nil where it
// was made for none; others do not look at it.
func (p Predictor) Predict(tp *tensor.Tape, x, edges *tensor.Var, b *Batch) *tensor.Var {
	switch p.prediction.Head {
	case NodeHead:
	case EdgeHead:
		ends := tp.Concat(tp.Gather(x, b.edgeFrom), tp.Gather(x, b.edgeTo))
		if x = ends; edges != nil {
			x = tp.Concat(ends, edges)
		}
	default:
		x = tp.Pool(x, b.Offsets, p.prediction.Pooling)
	}
	if p.Readout != nil {
		return p.Readout.Apply(tp, x)
	}
	return p.MLP.Apply(tp, x)
}

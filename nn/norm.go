package nn

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// The constants of PyTorch's normalisations, which the constructors set.
const (
	defaultEps      = 1e-5
	defaultMomentum = 0.1
)

const rmsEps = 1e-6

// BatchNorm normalises each column over the rows of the batch, then scales and shifts it (Ioffe and Szegedy 2015). An
// evaluation pass uses the running statistics instead of the batch's.
type BatchNorm struct {
	Weight, Bias *tensor.Tensor // [width]
	// RunningMean and RunningVar [width] follow the statistics of the training batches; the variance is the unbiased
	// one.
	RunningMean, RunningVar *tensor.Tensor
	Momentum                float64 // weight of a new batch in the running statistics
	Eps                     float64 // added to the variance
	// NoStats makes every pass normalise by its own rows. The running statistics are then neither used nor saved.
	NoStats bool
}

// NewBatchNorm returns a layer that neither scales nor shifts yet, with momentum 0.1 and eps 1e-5.
func NewBatchNorm(width int) *BatchNorm {
	n := &BatchNorm{
		Weight: normVector("BatchNorm", width, 1), Bias: tensor.New(width),
		RunningMean: tensor.New(width), RunningVar: tensor.New(width),
		Momentum: defaultMomentum, Eps: defaultEps,
	}
	n.RunningVar.Fill(1)
	return n
}

// Params declares weight and bias, and the running statistics as buffers.
func (n *BatchNorm) Params(c *Params) {
	c.Param("weight", n.Weight)
	c.Param("bias", n.Bias)
	if !n.NoStats {
		c.Buffer("running_mean", n.RunningMean)
		c.Buffer("running_var", n.RunningVar)
	}
}

// Apply returns x [rows, width] normalised. A training pass over a single row gives the bias: its variance is 0.
func (n *BatchNorm) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	return tp.BatchNorm(x, tp.Leaf(n.Weight), tp.Leaf(n.Bias), n.Stats())
}

// Stats returns the running statistics in the form that kernels take.
func (n *BatchNorm) Stats() tensor.NormStats {
	stats := tensor.NormStats{Mean: n.RunningMean, Var: n.RunningVar, Momentum: n.Momentum, Eps: n.Eps}
	if n.NoStats {
		stats.Mean, stats.Var = nil, nil
	}
	return stats
}

// LayerNorm normalises each row over its columns, then scales and shifts the columns (Ba, Kiros and Hinton 2016).
type LayerNorm struct {
	Weight, Bias *tensor.Tensor // [width]
	Eps          float64        // added to the variance
}

// NewLayerNorm returns a layer that neither scales nor shifts yet, with eps 1e-5.
func NewLayerNorm(width int) *LayerNorm { return NewLayerNormEps(width, defaultEps) }

// NewLayerNormEps returns a layer that neither scales nor shifts yet, with another eps.
func NewLayerNormEps(width int, eps float64) *LayerNorm {
	return &LayerNorm{Weight: normVector("LayerNorm", width, 1), Bias: tensor.New(width), Eps: eps}
}

// Params declares weight and bias.
func (n *LayerNorm) Params(c *Params) {
	c.Param("weight", n.Weight)
	c.Param("bias", n.Bias)
}

// Apply returns x [rows, width] normalised. A constant row gives the bias.
func (n *LayerNorm) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	return tp.LayerNorm(x, tp.Leaf(n.Weight), tp.Leaf(n.Bias), n.Eps)
}

// RMSNorm divides each row by the root of its mean square, then scales the columns (Zhang and Sennrich 2019). Unlike
// [LayerNorm] it takes off no mean and adds no bias.
type RMSNorm struct {
	Weight *tensor.Tensor // [width]; nil where the layer does not scale
	Eps    float64        // added to the mean square
}

// NewRMSNorm returns a layer that does not scale yet, with eps 1e-6, that of T5 and of the first LLaMA; LLaMA 2 has 1e-5.
func NewRMSNorm(width int) *RMSNorm {
	return &RMSNorm{Weight: normVector("RMSNorm", width, 1), Eps: rmsEps}
}

// Params declares the weight.
func (n *RMSNorm) Params(c *Params) { c.Param("weight", n.Weight) }

// Apply returns x [rows, width] normalised. A row of zeros stays one.
func (n *RMSNorm) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	if n.Weight == nil {
		return tp.RMSNorm(x, nil, n.Eps)
	}
	return tp.RMSNorm(x, tp.Leaf(n.Weight), n.Eps)
}

func normVector(layer string, width int, value float32) *tensor.Tensor {
	if width <= 0 {
		panic(fmt.Sprintf("nn: %s: width %d is not positive", layer, width))
	}
	t := tensor.New(width)
	t.Fill(value)
	return t
}

package nn

import (
	"fmt"
	"strconv"

	"github.com/graft-ml/graft/tensor"
)

// MLP is the head of GraphGym (You, Ying and Leskovec 2020) as PyTorch Geometric 2.2 builds it: hidden layers of the
// width of the input, each a linear layer, ReLU, and a division of every row by its Euclidean norm; then a linear layer.
// The division is not in the paper's text, but published results were obtained with it.
type MLP struct {
	Hidden []*Linear
	Out    *Linear
}

// unitEps is the smallest norm that GraphGym divides a row by.
const unitEps = 1e-12

// NewMLP returns a head of the given number of layers, the last one included, from width in to width out.
func NewMLP(in, out, layers int, init *Init) *MLP {
	if layers < 1 {
		panic(fmt.Sprintf("nn: MLP: %d layers, want at least 1", layers))
	}
	m := &MLP{}
	for i := 1; i < layers; i++ {
		m.Hidden = append(m.Hidden, NewLinear(in, in, init))
	}
	m.Out = NewLinear(in, out, init)
	return m
}

// Params declares the hidden layers as hidden.0, hidden.1, ... and the last as out.
func (m *MLP) Params(c *Params) {
	for i, l := range m.Hidden {
		c.Sub("hidden."+strconv.Itoa(i), l)
	}
	c.Sub("out", m.Out)
}

// Apply returns the head's output [rows, out] for x [rows, in].
func (m *MLP) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	for i, l := range m.Hidden {
		tp.Enter("hidden")
		tp.Enter(strconv.Itoa(i))
		x = tp.UnitRows(tp.ReLU(l.Apply(tp, x)), unitEps)
		tp.Leave()
		tp.Leave()
	}
	tp.Enter("out")
	defer tp.Leave()
	return m.Out.Apply(tp, x)
}

// Readout is the head of the graph benchmarks of Dwivedi and others (2020), which SAN and its followers use for graphs:
// linear layers that halve the width twice, with activations between them, then one to the output.
type Readout struct {
	Layers     []*Linear
	Activation Activation
}

// readoutHalvings is the number of layers before the last.
const readoutHalvings = 2

// NewReadout returns a head from width in, at least 4, to width out. Widths are halved downwards.
func NewReadout(in, out int, act Activation, init *Init) *Readout {
	if in>>readoutHalvings == 0 {
		panic(fmt.Sprintf("nn: Readout: width %d cannot be halved %d times", in, readoutHalvings))
	}
	r := &Readout{Activation: act}
	for i := 0; i < readoutHalvings; i++ {
		r.Layers = append(r.Layers, NewLinear(in>>i, in>>(i+1), init))
	}
	r.Layers = append(r.Layers, NewLinear(in>>readoutHalvings, out, init))
	return r
}

// Params declares the layers as layer.0, layer.1, ...
func (r *Readout) Params(c *Params) {
	for i, l := range r.Layers {
		c.Sub("layer."+strconv.Itoa(i), l)
	}
}

// Apply returns the head's output [rows, out] for x [rows, in].
func (r *Readout) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	for i, l := range r.Layers {
		tp.Enter("layer")
		tp.Enter(strconv.Itoa(i))
		x = l.Apply(tp, x)
		if i+1 < len(r.Layers) {
			x = r.Activation.Apply(tp, x)
		}
		tp.Leave()
		tp.Leave()
	}
	return x
}

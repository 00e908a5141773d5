package joined

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Reading says how the statistics of a node become channels: those of RWSE, of heat kernels and their like
// (KernelPENodeEncoder of rampasek/GraphGPS, encoder/kernel_pos_encoder.py). The zero value normalises each statistic
// over the nodes of the batch and has one linear layer, as all published configurations do.
type Reading struct {
	Width int // channels that are joined, dim_pe; 0 means the default of the encoding
	// Layers is the number of layers of an MLP with ReLU after each, the inner ones twice as wide; 0 means
	// a linear layer without activation.
	Layers int
	NoNorm bool // leaves the batch normalisation of the statistics out
}

// check refuses settings that do not fit.
func (r Reading) check(name string) error {
	if r.Width < 0 || r.Layers < 0 {
		return fmt.Errorf("joined: %s: %d channels, %d layers: want no negative number", name, r.Width, r.Layers)
	}
	return nil
}

func (r Reading) channels(fallback int) int {
	if r.Width == 0 {
		return fallback
	}
	return r.Width
}

// reader is a Reading with what it learns.
type reader struct {
	name string
	norm *nn.BatchNorm // nil where there is none
	mlp  mlp
}

// newReader returns a reader of statistics for a number of channels.
func (r Reading) newReader(name string, statistics, channels int, init *nn.Init) *reader {
	out := &reader{name: name}
	if !r.NoNorm {
		out.norm = nn.NewBatchNorm(statistics)
	}
	if r.Layers == 0 {
		out.mlp = mlp{layers: []*nn.Linear{nn.NewLinear(statistics, channels, init)}}
		return out
	}
	out.mlp = newMLP(statistics, channels, r.Layers, init)
	return out
}

// Params declares norm and the layers 0, 1, ...
func (r *reader) Params(c *nn.Params) {
	if r.norm != nil {
		c.Sub("norm", r.norm)
	}
	c.Sub("layer", &r.mlp)
}

// Apply returns the channels [nodes, channels] of the statistics.
func (r *reader) Apply(tp *tensor.Tape, f *Features) *tensor.Var {
	want := r.mlp.layers[0].In()
	if f.Statistics == nil || f.Statistics.Cols() != want {
		panic(fmt.Sprintf("joined: %s: features that another encoding prepared, expected [nodes, %d]", r.name, want))
	}
	x := tp.Const(f.Statistics)
	if r.norm != nil {
		x = r.norm.Apply(tp, x)
	}
	return r.mlp.apply(tp, x)
}

// mlp is a stack of linear layers, each with a ReLU after it where active.
type mlp struct {
	layers []*nn.Linear
	active bool
}

// newMLP returns the MLP of the official encoders: Linear(in, 2 out), ReLU, [Linear(2 out, 2 out), ReLU]..., Linear(2 out,
// out), ReLU; of one layer Linear(in, out), ReLU.
func newMLP(in, out, layers int, init *nn.Init) mlp {
	m := mlp{active: true}
	for l := range layers {
		width := 2 * out
		if l == layers-1 {
			width = out
		}
		m.layers = append(m.layers, nn.NewLinear(in, width, init))
		in = width
	}
	return m
}

// Params declares the layers as 0, 1, ...
func (m *mlp) Params(c *nn.Params) {
	for i, l := range m.layers {
		c.Sub(fmt.Sprint(i), l)
	}
}

func (m *mlp) apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	for _, l := range m.layers {
		if x = l.Apply(tp, x); m.active {
			x = tp.ReLU(x)
		}
	}
	return x
}

// prepareRows fills features with the statistics of nodes, [nodes, columns].
func prepareRows(s statistic, columns int, b *graphs.Batch, items []int, c *Cache, into *Features) error {
	numbers, err := into.fill(s, b, items, c)
	if err != nil {
		return err
	}
	into.Statistics = tensor.FromSlice(numbers, b.Nodes(), columns)
	return nil
}

package joined

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// SignNet joins what is learned of eigenvectors without regard to their signs (Lim and others, "Sign and basis invariant
// networks for spectral graph representation learning", ICLR 2023, equation 3; SignNetNodeEncoder of rampasek/GraphGPS,
// commit 2801570, encoder/signnet_pos_encoder.py). A network φ of messages along the edges, GIN, reads the entries of one
// eigenvector v_k at all nodes, once as they are and once with the other sign:
//
//	MLP      ρ(φ(v_1) + φ(-v_1), ..., φ(v_K) + φ(-v_K))
//	DeepSet  ρ(sum over the frequencies k that the graph has of φ(v_k) + φ(-v_k))
//
// Frequencies that a graph is too small for are vectors of zeros, which the MLP reads too. φ has Layers layers
//
//	x_i <- Linear(BatchNorm(ReLU(Linear(x_i + sum over j->i of x_j))))
//
// with a batch normalisation before all but the first; ρ is [Linear, ReLU, BatchNorm]..., Linear. Normalisations of φ go
// over nodes and frequencies; both signs pass them one after the other, as in the official code.
//
// The zero value is the published default on ZINC with the MLP: 8 channels, 8 frequencies of D - A, 8 layers.
type SignNet struct {
	Waves
	Width      int // channels that are joined, dim_pe; 0 means 8
	Model      SignModel
	Layers     int // of φ, at least 2; 0 means 8
	Hidden     int // width of the layers of φ and ρ, phi_hidden_dim; 0 means 64
	Out        int // width of what φ gives for a frequency, phi_out_dim; 0 means 4
	PostLayers int // layers of ρ; 0 means 2
}

// SignModel says how the frequencies are joined.
type SignModel int

const (
	SignMLP     SignModel = iota // side by side
	SignDeepSet                  // summed
)

var signModelNames = []string{"MLP", "DeepSet"}

// String returns the name that the official configurations have.
func (m SignModel) String() string { return nearest.Name("SignModel", int(m), signModelNames) }

// MarshalText returns the name.
func (m SignModel) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads a name. The error of an unknown one tells the nearest known one.
func (m *SignModel) UnmarshalText(text []byte) error {
	i, err := nearest.Index("model", string(text), signModelNames)
	*m = SignModel(i)
	return err
}

var _ Encoding = SignNet{}

// Name returns signnet.
func (SignNet) Name() string { return "signnet" }

// Channels is Width, 8 where it is not set.
func (e SignNet) Channels() int { return e.filled().Width }

func (e SignNet) filled() SignNet {
	for field, fallback := range map[*int]int{&e.Width: 8, &e.Layers: 8, &e.Hidden: 64, &e.Out: 4, &e.PostLayers: 2} {
		if *field == 0 {
			*field = fallback
		}
	}
	e.Frequencies = e.frequencies()
	return e
}

func (e SignNet) check() error {
	if err := e.Waves.check(e.Name()); err != nil {
		return err
	}
	f := e.filled()
	if f.Width < 0 || f.Layers < 2 || f.Hidden < 0 || f.Out < 0 || f.PostLayers < 0 || f.Model < 0 || int(f.Model) >= len(signModelNames) {
		return fmt.Errorf("joined: signnet: width %d, %d layers, hidden %d, out %d, %d layers after them, model %v: want at least 2 layers, no negative number, and a model of %v",
			e.Width, e.Layers, e.Hidden, e.Out, e.PostLayers, e.Model, signModelNames)
	}
	return nil
}

// Prepare computes the eigenvectors and lays out the edges.
func (e SignNet) Prepare(b *graphs.Batch, items []int, c *Cache, into *Features) error {
	if err := e.check(); err != nil {
		panic(err)
	}
	if err := e.prepare(b, items, c, into); err != nil {
		return err
	}
	e.pad(b, into)
	into.fillEdges(b)
	return nil
}

// fillEdges lays out the edges of a batch for messages.
func (f *Features) fillEdges(b *graphs.Batch) {
	for side := range f.ends {
		f.ends[side] = resize(f.ends[side], b.Edges())
	}
	for g, graph := range b.Graphs {
		for k, edge := range graph.Edges {
			at := b.EdgeOffsets[g] + k
			f.ends[0][at], f.ends[1][at] = int32(b.Offsets[g]+edge.From), int32(b.Offsets[g]+edge.To)
		}
	}
	f.edges.Fill(b.Nodes(), f.ends[0], f.ends[1])
}

// New refuses sizes that do not fit.
func (e SignNet) New(init *nn.Init) (Encoder, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	e = e.filled()
	s := &signNet{SignNet: e}
	in := 1
	for l := range e.Layers {
		out := e.Hidden
		if l == e.Layers-1 {
			out = e.Out
		}
		layer := &signLayer{update: newSignMLP(in, e.Hidden, out, 2, init)}
		if l > 0 {
			layer.norm = nn.NewBatchNorm(in)
		}
		s.phi = append(s.phi, layer)
		in = out
	}
	if e.Model == SignMLP {
		in *= e.Frequencies
	}
	s.rho = newSignMLP(in, e.Hidden, e.Width, e.PostLayers, init)
	return s, nil
}

type signNet struct {
	SignNet
	phi []*signLayer
	rho signMLP
}

// Params declares phi.0, phi.1, ... and rho.
func (s *signNet) Params(c *nn.Params) {
	for i, l := range s.phi {
		c.Sub(fmt.Sprintf("phi.%d", i), l)
	}
	c.Sub("rho", &s.rho)
}

// Apply returns the channels [nodes, width].
func (s *signNet) Apply(tp *tensor.Tape, f *Features) *tensor.Var {
	if f.padded == nil || f.padded.Cols() != s.Frequencies || f.edges.Nodes() != f.padded.Rows() {
		panic(fmt.Sprintf("joined: signnet: features that another encoding prepared, expected those of %+v", s.SignNet))
	}
	v := tp.Const(f.padded) // [nodes, frequencies]
	x := tp.Add(s.encode(tp, v, &f.edges), s.encode(tp, tp.Scale(v, -1), &f.edges))
	n := v.Rows()
	if s.Model == SignDeepSet { // the rows of frequencies of a node become one
		x = tp.Reshape(x, n*s.Frequencies, s.Out)
		x = tp.Pool(tp.ScaleRows(x, f.present), f.groups, tensor.PoolSum)
	}
	return s.rho.apply(tp, x)
}

// encode returns φ of the vectors x [nodes, frequencies]: [nodes, frequencies * out].
func (s *signNet) encode(tp *tensor.Tape, x *tensor.Var, edges *messages.Edges) *tensor.Var {
	for _, l := range s.phi {
		x = l.apply(tp, x, edges, s.Frequencies)
	}
	return x
}

// signLayer is a layer of GIN on every frequency by itself.
type signLayer struct {
	norm   *nn.BatchNorm // nil in the first
	update signMLP
}

// Params declares norm and update.
func (l *signLayer) Params(c *nn.Params) {
	if l.norm != nil {
		c.Sub("norm", l.norm)
	}
	c.Sub("update", &l.update)
}

// apply takes and returns nodes with frequency after frequency in a row, so that the sum of messages knows nothing of
// frequencies, and linear layers and normalisations see a row for each.
func (l *signLayer) apply(tp *tensor.Tape, x *tensor.Var, edges *messages.Edges, frequencies int) *tensor.Var {
	nodes, width := x.Rows(), x.Cols()/frequencies
	if l.norm != nil {
		x = tp.Reshape(l.norm.Apply(tp, tp.Reshape(x, nodes*frequencies, width)), nodes, frequencies*width)
	}
	x = tp.Add(x, messages.Sum(tp, edges, x, nil))
	x = l.update.apply(tp, tp.Reshape(x, nodes*frequencies, width))
	return tp.Reshape(x, nodes, frequencies*x.Cols())
}

// signMLP is [Linear, ReLU, BatchNorm]..., Linear.
type signMLP struct {
	layers []*nn.Linear
	norms  []*nn.BatchNorm
}

func newSignMLP(in, hidden, out, layers int, init *nn.Init) signMLP {
	var m signMLP
	for range layers - 1 {
		m.layers = append(m.layers, nn.NewLinear(in, hidden, init))
		m.norms = append(m.norms, nn.NewBatchNorm(hidden))
		in = hidden
	}
	m.layers = append(m.layers, nn.NewLinear(in, out, init))
	return m
}

// Params declares layer.0, ... and norm.0, ...
func (m *signMLP) Params(c *nn.Params) {
	for i, l := range m.layers {
		c.Sub(fmt.Sprintf("layer.%d", i), l)
	}
	for i, n := range m.norms {
		c.Sub(fmt.Sprintf("norm.%d", i), n)
	}
}

func (m *signMLP) apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	for i, l := range m.layers {
		if x = l.Apply(tp, x); i < len(m.norms) {
			x = m.norms[i].Apply(tp, tp.ReLU(x))
		}
	}
	return x
}

package joined

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// LapPE joins what is learned of a node's entries in the eigenvectors of its graph's Laplacian (Kreuzer and others,
// "Rethinking graph transformers with spectral attention", NeurIPS 2021; LapPENodeEncoder of rampasek/GraphGPS, commit
// 2801570, encoder/laplace_pos_encoder.py). For every node and frequency k the pair (v_k[i], λ_k) goes through a linear
// layer and a network, and the results of all frequencies are summed:
//
//	DeepSet      Linear(2, 2p), ReLU, [Linear(2p, 2p), ReLU]..., Linear(2p, p), ReLU; of one layer Linear(2, p), ReLU
//	Transformer  Linear(2, p), then blocks of attention among the frequencies of a node
//
// and then, where PostLayers is set, through an MLP of so many layers. Frequencies that a graph is too small for do not
// count. In training each frequency has a sign drawn for the pass, for all nodes and graphs of the batch, because an
// eigenvector is as good with the other one.
//
// The zero value is the published default of MNIST, CIFAR10 and Cora: 8 channels, 8 frequencies of D - A, 2 layers.
type LapPE struct {
	Waves
	Width int // channels that are joined, dim_pe; 0 means 8
	Model WaveModel
	// Layers is the number of layers of the DeepSet, or of blocks of the Transformer; 0 means 2.
	Layers     int
	Heads      int // of the Transformer; 0 means 4
	PostLayers int // layers of the MLP after the sum; 0 means none
	// BatchNorm normalises the pairs over the batch before the first layer, each frequency by itself, its entries and its
	// eigenvalues together, zeros where a graph has no such frequency (raw_norm_type BatchNorm).
	BatchNorm bool
}

// WaveModel is the network over the frequencies of a node.
type WaveModel int

const (
	DeepSet     WaveModel = iota // every frequency by itself
	Transformer                  // attention among the frequencies
)

var waveModelNames = []string{"DeepSet", "Transformer"}

// String returns the name that the official configurations have.
func (m WaveModel) String() string { return nearest.Name("WaveModel", int(m), waveModelNames) }

// MarshalText returns the name.
func (m WaveModel) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads a name. The error of an unknown one tells the nearest known one.
func (m *WaveModel) UnmarshalText(text []byte) error {
	i, err := nearest.Index("model", string(text), waveModelNames)
	*m = WaveModel(i)
	return err
}

var _ Encoding = LapPE{}

// Name returns lappe.
func (LapPE) Name() string { return "lappe" }

// Channels is Width, 8 where it is not set.
func (e LapPE) Channels() int { return e.filled().Width }

func (e LapPE) filled() LapPE {
	for field, fallback := range map[*int]int{&e.Width: 8, &e.Layers: 2, &e.Heads: 4} {
		if *field == 0 {
			*field = fallback
		}
	}
	e.Frequencies = e.frequencies()
	return e
}

func (e LapPE) check() error {
	if err := e.Waves.check(e.Name()); err != nil {
		return err
	}
	if e.Width < 0 || e.Layers < 0 || e.Heads < 0 || e.PostLayers < 0 || e.Model < 0 || int(e.Model) >= len(waveModelNames) {
		return fmt.Errorf("joined: lappe: width %d, %d layers, %d heads, %d layers after the sum, model %v: want no negative number, and a model of %v",
			e.Width, e.Layers, e.Heads, e.PostLayers, e.Model, waveModelNames)
	}
	if f := e.filled(); e.Model == Transformer && f.Width%f.Heads != 0 {
		return fmt.Errorf("joined: lappe: %d heads do not divide width %d", f.Heads, f.Width)
	}
	return nil
}

// Prepare computes the eigenvectors.
func (e LapPE) Prepare(b *graphs.Batch, items []int, c *Cache, into *Features) error {
	if err := e.check(); err != nil {
		panic(err)
	}
	if err := e.prepare(b, items, c, into); err != nil {
		return err
	}
	if e.BatchNorm {
		e.interleave(b, into)
	}
	return nil
}

// interleave fills the table that a batch normalisation reads, [2 nodes, frequencies]: for every node a row of entries and
// one of eigenvalues; and says where in it each number of the rows of frequencies is.
func (e LapPE) interleave(b *graphs.Batch, into *Features) {
	k := e.frequencies()
	into.padded = resizeTensor(into.padded, 2*b.Nodes(), k)
	into.padded.Zero()
	into.places = resize(into.places, into.Statistics.Size())
	for i := range b.Nodes() {
		for c, r := 0, into.Rows[i]; r < into.Rows[i+1]; c, r = c+1, r+1 {
			for part, x := range into.Statistics.Row(r) {
				into.padded.Row(2*i + part)[c] = x
				into.places[2*r+part] = int32((2*i+part)*k + c)
			}
		}
	}
}

// New refuses sizes that do not fit.
func (e LapPE) New(init *nn.Init) (Encoder, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	e = e.filled()
	l := &lapPE{LapPE: e}
	if e.BatchNorm {
		l.norm = nn.NewBatchNorm(e.Frequencies)
	}
	switch e.Model {
	case DeepSet:
		l.set = newMLP(2, e.Width, e.Layers, init)
	case Transformer:
		l.set = mlp{layers: []*nn.Linear{nn.NewLinear(2, e.Width, init)}}
		for range e.Layers {
			l.blocks = append(l.blocks, newWaveBlock(e.Width, e.Heads, init))
		}
	}
	if e.PostLayers > 0 {
		l.post = newMLP(e.Width, e.Width, e.PostLayers, init)
	}
	return l, nil
}

type lapPE struct {
	LapPE
	norm   *nn.BatchNorm // nil where there is none
	set    mlp           // of the DeepSet; of the Transformer the layer before the blocks
	blocks []*waveBlock
	post   mlp
}

// Params declares norm, layer.0, ..., block.0, ... and post.0, ..., those that there are.
func (l *lapPE) Params(c *nn.Params) {
	if l.norm != nil {
		c.Sub("norm", l.norm)
	}
	c.Sub("layer", &l.set)
	for i, b := range l.blocks {
		c.Sub(fmt.Sprintf("block.%d", i), b)
	}
	c.Sub("post", &l.post)
}

// Apply returns the channels [nodes, width].
func (l *lapPE) Apply(tp *tensor.Tape, f *Features) *tensor.Var {
	if f.Rows == nil || l.norm != nil && (f.padded == nil || f.padded.Cols() != l.Frequencies) {
		panic(fmt.Sprintf("joined: lappe: features that another encoding prepared, expected those of %+v", l.LapPE))
	}
	x := l.pairs(tp, f) // [rows, 2]
	x = l.set.apply(tp, x)
	for _, b := range l.blocks {
		x = b.apply(tp, x, f.Rows)
	}
	return l.post.apply(tp, tp.Pool(x, f.Rows, tensor.PoolSum))
}

// pairs returns the entries and eigenvalues of the frequencies of every node, with the signs of the pass.
func (l *lapPE) pairs(tp *tensor.Tape, f *Features) *tensor.Var {
	var signs []float32
	if tp.Training() {
		signs = drawSigns(tp, l.Frequencies)
	}
	if l.norm == nil {
		if signs == nil {
			return tp.Const(f.Statistics)
		}
		x := tp.Out(false, f.Statistics.Rows(), 2)
		copy(x.Data(), f.Statistics.Data())
		for i := range len(f.Rows) - 1 {
			row := x.Data()[2*f.Rows[i] : 2*f.Rows[i+1]]
			for c := 0; 2*c < len(row); c++ {
				row[2*c] *= signs[c]
			}
		}
		return x
	}
	x := tp.Const(f.padded)
	if signs != nil {
		x = tp.Out(false, f.padded.Rows(), f.padded.Cols())
		copy(x.Data(), f.padded.Data())
		for i := 0; i < x.Rows(); i += 2 {
			row := x.Data()[i*l.Frequencies : (i+1)*l.Frequencies]
			simd.Mul(row, row, signs)
		}
	}
	x = tp.Reshape(l.norm.Apply(tp, x), f.padded.Size(), 1)
	return tp.Reshape(tp.Gather(x, f.places), f.Statistics.Rows(), 2)
}

// drawSigns draws a 1 or -1 for each frequency.
func drawSigns(tp *tensor.Tape, n int) []float32 {
	signs := tp.Out(false, 1, n).Data()
	key, counter := tp.Draw()
	simd.DropoutMask(signs, key, counter, 0.5) // 0 or 2
	simd.AddConst(signs, signs, -1)
	return signs
}

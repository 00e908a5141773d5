package joined

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/spectra"
	"github.com/graft-ml/graft/nn"
)

// HeatKernel joins what is learned of the heat that is left at a node after some times (HKdiagSE of rampasek/GraphGPS,
// commit 2801570, transform/posenc_stats.py: get_heat_kernels_diag). With eigenvalues λ and unit eigenvectors v of L = D - A,
//
//	h_i(t) = t^(Space/2) sum over λ > 1e-8 of exp(-t λ) v[i]²,  channels = Linear(BatchNorm(h_i))
//
// It needs all eigenvectors: graphs of more than [spectra.DenseNodes] nodes are refused.
type HeatKernel struct {
	Reading // of width 16 where it is not set
	// Times are the times; nil means 1, 2, ..., 20. The official code has no default.
	Times []float64
	// Space is the dimension of the space that the graph is like, 0 in the official code.
	Space float64
}

var _ Encoding = HeatKernel{}

// Name returns heat-kernel.
func (HeatKernel) Name() string { return "heat-kernel" }

// Channels is Width, 16 where it is not set.
func (e HeatKernel) Channels() int { return e.channels(16) }

func (e HeatKernel) times() []float64 {
	if e.Times != nil {
		return e.Times
	}
	times := make([]float64, 20)
	for i := range times {
		times[i] = float64(i + 1)
	}
	return times
}

func (e HeatKernel) check() error {
	if err := e.Reading.check(e.Name()); err != nil {
		return err
	}
	if len(e.times()) == 0 {
		return fmt.Errorf("joined: heat-kernel: no times: want at least one, or nil for 1 to 20")
	}
	for _, t := range e.times() {
		if !(t > 0) || math.IsInf(t, 0) || math.IsNaN(e.Space) || math.IsInf(e.Space, 0) {
			return fmt.Errorf("joined: heat-kernel: time %v, space %v: want a positive time and a dimension", t, e.Space)
		}
	}
	return nil
}

// Prepare computes the heat, [nodes, times].
func (e HeatKernel) Prepare(b *graphs.Batch, items []int, c *Cache, into *Features) error {
	if err := e.check(); err != nil {
		panic(err)
	}
	words := make([]string, len(e.times()))
	for i, t := range e.times() {
		words[i] = strconv.FormatFloat(t, 'g', -1, 64)
	}
	return prepareRows(heat{strings.Join(words, " "), e.Space}, len(words), b, items, c, into)
}

// New refuses times that are none.
func (e HeatKernel) New(init *nn.Init) (Encoder, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return e.newReader(e.Name(), len(e.times()), e.Channels(), init), nil
}

// heat is the statistic of [HeatKernel].
type heat struct {
	times string // a word each: a slice could not be compared
	space float64
}

func (h heat) size(g *graphs.Graph) int { return g.Nodes * len(strings.Fields(h.times)) }

func (h heat) compute(g *graphs.Graph, out []float32, _ *scratch) error {
	values, vectors, err := spectra.New(g, false).Full()
	if err != nil {
		return err
	}
	words := strings.Fields(h.times)
	warmth, scale := make([][]float64, len(words)), make([]float64, len(words))
	for c, word := range words {
		t, err := strconv.ParseFloat(word, 64)
		if err != nil {
			panic(err) // it was formatted
		}
		warmth[c], scale[c] = make([]float64, len(values)), math.Pow(t, h.space/2)
		for m, value := range values {
			if value > 1e-8 {
				warmth[c][m] = math.Exp(-t * value)
			}
		}
	}
	for i := range g.Nodes {
		v := vectors.RawRowView(i)
		for c := range words {
			sum := 0.0
			for m, x := range v {
				sum += warmth[c][m] * x * x
			}
			out[i*len(words)+c] = float32(sum * scale[c])
		}
	}
	return nil
}

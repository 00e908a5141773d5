package gps

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/encodings/joined"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var (
	_ features.Filler   = (*Batch)(nil)
	_ features.Numbered = (*Batch)(nil)
)

// Batch is what a model reads: graphs laid end to end with their features and targets, their edges sorted for messages,
// and what was computed of them for encodings. Make one with [NewBatch] or through [Data].
type Batch struct {
	features.Batch

	maker *maker
	items []int // the numbers of the graphs in their source, for the cache; nil where they have none

	from, to []int32 // [edges] node rows
	edges    messages.Edges
	layout   *encodings.Layout // for the encoding that drives the attention

	gcnEdge  *tensor.Tensor // [edges, 1]
	gcnSelf  []float32      // [nodes]
	looped   messages.Edges // the edges between different nodes, and a loop of each node, for GAT
	loopFrom []int32
	loopTo   []int32

	logDegree, inverseLogDegree []float32 // [nodes] ln(1+d) of the edges that come to a node, at least 1, for PNA

	positions, stable joined.Features
	sparse            sparse
	pairs             *attention.Pairs // of BigBird; nil for others
}

// maker is what the batches of a configuration have in common.
type maker struct {
	config            Config
	read              features.Config
	positions, stable preparer           // nil where there are none
	cache             *joined.Cache      // may be nil
	encoding          encodings.Encoding // nil where there is none
}

// preparer is an encoding of package joined, or joined.StableLapPE.
type preparer interface {
	Prepare(b *graphs.Batch, items []int, c *joined.Cache, into *joined.Features) error
}

// newMaker returns the maker of batches for a configuration.
func newMaker(c Config, cache *joined.Cache) (*maker, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	m := &maker{config: c, read: c.read(), cache: cache}
	p, err := c.positions()
	if err != nil {
		return nil, fmt.Errorf("gps: %w", err)
	}
	if p != nil {
		m.positions = p
	}
	if c.StableFrequencies > 0 {
		m.stable = c.stable()
	}
	if m.encoding, err = c.encoding(); err != nil {
		return nil, fmt.Errorf("gps: %w", err)
	}
	return m, nil
}

func (m *maker) empty() *Batch { return &Batch{maker: m, sparse: newSparse(m.config)} }

// NewBatch prepares graphs for a model with configuration c. Its targets are those of the head: labels of nodes for
// NodeHead, of edges for EdgeHead, where the graphs have them, else targets of graphs. The error is that of
// [Config.Validate], or a *graphs.ItemError that names the graph that the model cannot read or that is too large for an
// encoding.
func NewBatch(c Config, gs []*graphs.Graph) (*Batch, error) {
	m, err := newMaker(c, nil)
	if err != nil {
		return nil, err
	}
	b := m.empty()
	return b, b.Fill(gs)
}

// Number tells the numbers of the graphs of the next Fill in their source.
func (b *Batch) Number(items []int) { b.items = append(b.items[:0], items...) }

// Fill replaces the contents by graphs, for the configuration that the batch was made with, and reuses the memory. The
// batch must not be in use.
func (b *Batch) Fill(gs []*graphs.Graph) error {
	m := b.maker
	items := b.items
	if b.items = b.items[:0]; len(items) == 0 {
		items = nil
	}
	if err := b.Batch.Fill(m.read, gs); err != nil {
		return err
	}
	if err := b.fillEncoding(); err != nil {
		return err
	}
	b.fillEdges()
	if m.positions != nil {
		if err := m.positions.Prepare(&b.Batch.Batch, items, m.cache, &b.positions); err != nil {
			return err
		}
	}
	if m.stable != nil {
		if err := m.stable.Prepare(&b.Batch.Batch, items, m.cache, &b.stable); err != nil {
			return err
		}
	}
	if m.config.Attention == BigBird {
		b.pairs = b.sparse.pairs(b.Offsets)
	}
	return nil
}

// Dump returns what the batch holds, for the file that a training loop writes when a step goes wrong: the graphs with
// their types and features, and what was computed of them for Positions, where that is one encoding.
func (b *Batch) Dump() []nn.Named {
	out := b.Batch.Dump()
	if t := b.positions.Statistics; t != nil {
		out = append(out, nn.Named{Path: "positions", Tensor: t})
	}
	return out
}

// fillEncoding refuses graphs that the encoding of the attention cannot serve: it has something for every pair of nodes.
func (b *Batch) fillEncoding() error {
	e := b.maker.encoding
	if e == nil {
		return nil
	}
	if err := b.CheckPairs(); err != nil {
		return err
	}
	if paths, ok := e.(encodings.ShortestPath); ok && len(paths.EdgeTypes) > 0 {
		for item, g := range b.Graphs {
			if err := g.CheckTypes(nil, paths.EdgeTypes); err != nil {
				return &graphs.ItemError{Item: item, Graph: g.ID, Err: err}
			}
		}
	}
	b.layout = encodings.OfGraphs(&b.Batch.Batch)
	return nil
}

// fillEdges lays out the edges and what the kind of messages wants of them.
func (b *Batch) fillEdges() {
	b.from, b.to = b.from[:0], b.to[:0]
	for g, graph := range b.Graphs {
		at := b.Offsets[g]
		for _, e := range graph.Edges {
			b.from, b.to = append(b.from, int32(at+e.From)), append(b.to, int32(at+e.To))
		}
	}
	if b.maker.config.Local == NoLocal {
		return
	}
	b.edges.Fill(b.Nodes(), b.from, b.to)
	switch b.maker.config.Local {
	case LocalGCN:
		b.gcnEdge = features.Resize(b.gcnEdge, b.Edges(), 1)
		b.gcnSelf = resize(b.gcnSelf, b.Nodes())
		b.edges.GCNWeights(b.gcnEdge.Data(), b.gcnSelf)
	case LocalPNA:
		b.logDegree, b.inverseLogDegree = resize(b.logDegree, b.Nodes()), resize(b.inverseLogDegree, b.Nodes())
		for i := range b.Nodes() {
			l := math.Log1p(float64(max(b.edges.InDegree(i), 1)))
			b.logDegree[i], b.inverseLogDegree[i] = float32(l), float32(1/l)
		}
	case LocalGAT:
		b.fillLoops()
	}
}

// fillLoops puts a loop at each node in place of the loops that are there.
func (b *Batch) fillLoops() {
	b.loopFrom, b.loopTo = b.loopFrom[:0], b.loopTo[:0]
	for k, from := range b.from {
		if to := b.to[k]; from != to {
			b.loopFrom, b.loopTo = append(b.loopFrom, from), append(b.loopTo, to)
		}
	}
	for i := range int32(b.Nodes()) {
		b.loopFrom, b.loopTo = append(b.loopFrom, i), append(b.loopTo, i)
	}
	b.looped.Fill(b.Nodes(), b.loopFrom, b.loopTo)
}

// resize returns a slice of n numbers, in the memory of s where that suffices.
func resize(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n, n+n/8)
	}
	return s[:n]
}

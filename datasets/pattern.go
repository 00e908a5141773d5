package datasets

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/graphs"
)

var patternInfo = Info{
	Name: "pattern", Title: "PATTERN: find the planted subgraph in a stochastic block model", Task: NodeClassification,
	Train: 10_000, Val: 2_000, Test: 2_000,
	MeanNodes: 117, MeanEdges: 5_870,
	NodeTypes: []int{3}, NodeFeatures: 3, Classes: 2,
	Metric:    "accuracy, mean over classes (higher is better)",
	SplitRule: "100 patterns, each in 100 training, 20 validation and 20 test graphs",
	Generated: true,
	Licence:   "none needed: generated from its definition",
	Origin:    "Dwivedi et al., Benchmarking Graph Neural Networks, arXiv 2003.00982",
	Notes: "The node signal is there as a type id and as a one-hot feature. Graphs 100k..100k+99 of training share pattern k, so shuffle. " +
		"The published files, drawn without a seed, have 118.9 nodes and 6,098.9 edges on average; the means here are those of the definition.",
}

// The numbers of PATTERN.
const (
	patternBlocks = 5
	patternWithin = 0.5
	patternAcross = 0.35
	patternShape  = 0.5 // bonds within a pattern
	patternJoin   = 0.5 // bonds between pattern and blocks
	patternValues = 3   // values of the node signal
)

func loadPattern(_ context.Context, o Options) (*Set, error) {
	return &Set{
		Train: patternSource{o.Seed, Train, patternInfo.Train, 100},
		Val:   patternSource{o.Seed, Val, patternInfo.Val, 20},
		Test:  patternSource{o.Seed, Test, patternInfo.Test, 20},
	}, nil
}

// patternSource generates the graphs of one split of PATTERN.
type patternSource struct {
	seed       uint64
	split      Split
	n          int
	perPattern int // graphs in a row that share a pattern
}

var _ Source = patternSource{}

// Len is the number of graphs.
func (s patternSource) Len() int { return s.n }

// Graph generates graph i; the error is always nil.
func (s patternSource) Graph(i int) (*graphs.Graph, error) {
	mustHave(i, s.n)
	shape, shapeSignal := plantedPattern(s.seed, i/s.perPattern)
	r := stream(s.seed, streamPattern+int(s.split), i)

	community := communities(r, patternBlocks)
	base := len(community)
	n := base + shape.n
	a := newAdjacency(n)
	a.blockModel(r, community, patternWithin, patternAcross)
	signal := make([]int32, n)
	for v := range base {
		signal[v] = int32(r.IntN(patternValues))
	}
	label := make([]int32, n)
	for v := range shape.n {
		signal[base+v], label[base+v] = shapeSignal[v], 1
		for u := range base {
			a.connect(r, u, base+v, patternJoin)
		}
		for u := range v {
			if shape.bonds[u*shape.n+v] {
				a.bonds[(base+u)*n+base+v] = true
				a.count++
			}
		}
	}
	perm := r.Perm(n)
	g := a.graph(perm)
	g.ID = fmt.Sprintf("pattern/%v/%d", s.split, i)
	signals(g, signal, perm, patternValues)
	labels(g, label, perm)
	return g, nil
}

// plantedPattern draws pattern k of a seed: its bonds and its signal.
func plantedPattern(seed uint64, k int) (shape *adjacency, signal []int32) {
	r := stream(seed, streamPatternShapes, k)
	shape = newAdjacency(blockSize(r))
	shape.blockModel(r, make([]int32, shape.n), patternShape, patternShape)
	signal = make([]int32, shape.n)
	for v := range signal {
		signal[v] = int32(r.IntN(patternValues))
	}
	return shape, signal
}

func mustHave(i, n int) {
	if i < 0 || i >= n {
		panic(fmt.Sprintf("datasets: Graph: number %d, expected 0..%d", i, n-1))
	}
}

package datasets

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/graphs"
)

var clusterInfo = Info{
	Name: "cluster", Title: "CLUSTER: find the community of each node from one marked node per community", Task: NodeClassification,
	Train: 10_000, Val: 1_000, Test: 1_000,
	MeanNodes: 117, MeanEdges: 4_290,
	NodeTypes: []int{7}, NodeFeatures: 7, Classes: 6,
	Metric:    "accuracy, mean over classes (higher is better)",
	SplitRule: "independent graphs",
	Generated: true,
	Licence:   "none needed: generated from its definition",
	Origin:    "Dwivedi et al., Benchmarking Graph Neural Networks, arXiv 2003.00982",
	Notes: "The node signal is there as a type id and as a one-hot feature: 0, or r+1 at the marked node of community r. " +
		"The published files, drawn without a seed, have 117.2 nodes and 4,303.9 edges on average; the means here are those of the definition.",
}

// The numbers of CLUSTER.
const (
	clusterBlocks = 6
	clusterWithin = 0.55
	clusterAcross = 0.25
)

func loadCluster(_ context.Context, o Options) (*Set, error) {
	return &Set{
		Train: clusterSource{o.Seed, Train, clusterInfo.Train},
		Val:   clusterSource{o.Seed, Val, clusterInfo.Val},
		Test:  clusterSource{o.Seed, Test, clusterInfo.Test},
	}, nil
}

// clusterSource generates the graphs of one split of CLUSTER.
type clusterSource struct {
	seed  uint64
	split Split
	n     int
}

var _ Source = clusterSource{}

// Len is the number of graphs.
func (s clusterSource) Len() int { return s.n }

// Graph generates graph i; the error is always nil.
func (s clusterSource) Graph(i int) (*graphs.Graph, error) {
	mustHave(i, s.n)
	r := stream(s.seed, streamCluster+int(s.split), i)
	community := communities(r, clusterBlocks)
	n := len(community)
	a := newAdjacency(n)
	a.blockModel(r, community, clusterWithin, clusterAcross)
	signal := make([]int32, n)
	for lo, c := 0, int32(0); c < clusterBlocks; c++ {
		hi := lo
		for hi < n && community[hi] == c {
			hi++
		}
		signal[lo+r.IntN(hi-lo)] = c + 1
		lo = hi
	}
	perm := r.Perm(n)
	g := a.graph(perm)
	g.ID = fmt.Sprintf("cluster/%v/%d", s.split, i)
	signals(g, signal, perm, clusterBlocks+1)
	labels(g, community, perm)
	return g, nil
}

package datasets

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/graphs"
)

var cslInfo = Info{
	Name: "csl", Title: "CSL: tell apart rings with skip links that message passing cannot", Task: GraphClassification,
	Train: 90, Val: 30, Test: 30,
	MeanNodes: cslNodes, MeanEdges: 4 * cslNodes,
	NodeTypes: []int{1}, Classes: 10, Targets: 1,
	Metric:    "accuracy (higher is better)",
	SplitRule: "5 folds, 9 graphs of each class to train on, 3 to validate, 3 to test",
	Folds:     cslFolds,
	Generated: true,
	Licence:   "none needed: generated from its definition",
	Origin:    "Murphy et al., Relational Pooling for Graph Representations, ICML 2019; folds as in Dwivedi et al., arXiv 2003.00982",
	Notes: "All graphs are 4-regular with 41 nodes and without features: any model bounded by the 1-WL test, message passing included, " +
		"stays at 10 %, the share of one class in ten.",
}

// The numbers of CSL.
const (
	cslNodes  = 41
	cslCopies = 15 // relabellings per class
	cslFolds  = 5
)

// cslSkips are the lengths of the skip links, one per class. 41 is prime, so
// these ten rings are pairwise not isomorphic.
var cslSkips = [...]int{2, 3, 4, 5, 6, 9, 11, 12, 13, 16}

// loadCSL generates the 150 graphs. The copies of a class are dealt to five parts
// of three; fold f tests on part f, validates on the next and trains on the rest.
// Classes take turns within a split, so the first graphs of it are balanced.
func loadCSL(_ context.Context, o Options) (*Set, error) {
	var parts [3]Slice
	for copy := range cslCopies {
		split := Train
		switch (copy%cslFolds - o.Fold + cslFolds) % cslFolds {
		case 0:
			split = Test
		case 1:
			split = Val
		}
		for class := range cslSkips {
			number := copy*len(cslSkips) + class
			perm := stream(o.Seed, streamCSL, number).Perm(cslNodes)
			g := cslGraph(class).Permute(perm)
			g.ID = fmt.Sprintf("csl/%d", number)
			parts[split] = append(parts[split], g)
		}
	}
	return &Set{Train: parts[Train], Val: parts[Val], Test: parts[Test]}, nil
}

// cslGraph is the ring of a class with its skip links, nodes in order of the ring.
func cslGraph(class int) *graphs.Graph {
	g := &graphs.Graph{Nodes: cslNodes, NodeTypes: make([]int32, cslNodes), Target: []float32{float32(class)}}
	for _, step := range []int{1, cslSkips[class]} {
		for i := range cslNodes {
			g.AddBond(i, (i+step)%cslNodes)
		}
	}
	return g
}

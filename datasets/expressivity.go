package datasets

import (
	"context"
	"fmt"
	"strconv"

	"github.com/graft-ml/graft/graphs"
)

// expressivityFolder holds the sets that ask which graphs a model tells apart.
const expressivityFolder = "expressivity"

// sr25Info is the table of SR25.
//
//	graphs  nodes  edges  classes  metric    split                licence
//	15      25     300    15       accuracy  train = val = test   MIT (gbouritsas/GSN); list of B. McKay, E. Spence
//
// The graphs are the strongly regular graphs srg(25,12,5,6).
var sr25Info = Info{
	Name: "sr25", Title: "SR25: tell 15 strongly regular graphs apart", Task: GraphClassification,
	Train: 15, Val: 15, Test: 15, Repeated: true,
	MeanNodes: 25, MeanEdges: 300,
	NodeTypes: []int{1}, Classes: 15, Targets: 1,
	Metric:    "accuracy (higher is better)",
	SplitRule: "none: every split is all graphs, each of which is a class",
	Licence:   "MIT (the copy of Bouritsas et al., GSN)",
	Origin:    "sr251256.g6 (github.com/gbouritsas/GSN, github.com/balcilar/gnn-matlang) in a folder expressivity",
	Notes: "All graphs are srg(25,12,5,6): models bounded by the 3-WL test stay at 1 in 15, 6.67 %. " +
		"Also reported is how many of the 105 pairs get equal outputs from random weights.",
}

func loadSR25(_ context.Context, o Options) (*Set, error) {
	path, err := dataFile(o.Dir, sr25Info, expressivityFolder, "sr251256.g6", "sr251256.g6.gz")
	if err != nil {
		return nil, err
	}
	texts, err := readGraph6(path, sr25Info.Train, 25)
	if err != nil {
		return nil, err
	}
	s := &graph6Source{texts: texts, classes: true}
	return &Set{Train: s, Val: s, Test: s}, nil
}

// graph8cInfo is the table of graph8c.
//
//	graphs  nodes  edges  targets  metric                      licence
//	11,117  8      28.82  -        pairs with equal outputs    none stated; list of B. McKay
//
// Edges are the mean of directed ones.
var graph8cInfo = Info{
	Name: "graph8c", Title: "graph8c: all connected graphs of 8 nodes", Task: Distinction,
	Test:      11_117,
	MeanNodes: 8, MeanEdges: 28.82,
	NodeTypes: []int{1},
	Metric:    "pairs with equal outputs of random weights (lower is better)",
	SplitRule: "none: there is nothing to learn",
	Licence:   "none stated (list of B. McKay)",
	Origin:    "graph8c.g6.gz (github.com/balcilar/gnn-matlang) in a folder expressivity",
	Notes: "Of the 61,788,286 pairs the 1-WL test leaves 312 equal; published for random weights: GCN 4,775, GIN 386, PPGN 0 " +
		"(Balcilar et al., ICML 2021).",
}

func loadGraph8c(_ context.Context, o Options) (*Set, error) {
	path, err := dataFile(o.Dir, graph8cInfo, expressivityFolder, "graph8c.g6.gz", "graph8c.g6")
	if err != nil {
		return nil, err
	}
	texts, err := readGraph6(path, graph8cInfo.Test, 8)
	if err != nil {
		return nil, err
	}
	return &Set{Train: Slice(nil), Val: Slice(nil), Test: &graph6Source{texts: texts}}, nil
}

// cslPublishedInfo is the table of the published copies of CSL; for the generated
// ones see csl.
//
//	graphs  nodes  edges  classes  metric    split             licence
//	150     41     164    10       accuracy  5 folds 90/30/30  none stated (PurdueMINDS/RelationalPooling); folds MIT
var cslPublishedInfo = Info{
	Name: "csl-published", Title: "CSL: the 150 graphs and folds that were published", Task: GraphClassification,
	Train: 90, Val: 30, Test: 30, Folds: cslFolds,
	MeanNodes: cslNodes, MeanEdges: 4 * cslNodes,
	NodeTypes: []int{1}, Classes: 10, Targets: 1,
	Metric:    "accuracy (higher is better)",
	SplitRule: "5 folds as published, 9 graphs of each class to train on, 3 to validate, 3 to test",
	Licence:   "none stated; the folds are MIT",
	Origin: "csl.jsonl.gz (the graphs of github.com/PurdueMINDS/RelationalPooling as JSON Lines) and csl_folds.json " +
		"(github.com/graphdeeplearning/benchmarking-gnns) in a folder expressivity",
	Notes: "The data set csl makes graphs of the same ten classes from their definition, with any seed.",
}

func loadCSLPublished(ctx context.Context, o Options) (*Set, error) {
	path, err := dataFile(o.Dir, cslPublishedInfo, expressivityFolder, "csl.jsonl.gz", "csl.jsonl")
	if err != nil {
		return nil, err
	}
	foldsPath, err := dataFile(o.Dir, cslPublishedInfo, expressivityFolder, "csl_folds.json", "csl_folds.json.gz")
	if err != nil {
		return nil, err
	}
	list, err := readGraphs(ctx, path, func(*graphs.Reader) {}, checkCSL)
	if err != nil {
		return nil, err
	}
	if got, want := len(list), cslPublishedInfo.Graphs(); got != want {
		return nil, notPublished(path, 0, "%d graphs, expected %d", got, want)
	}
	for i, g := range list {
		g.ID = strconv.Itoa(i)
		g.NodeTypes = make([]int32, g.Nodes)
	}
	folds, err := readFoldLists(foldsPath)
	if err != nil {
		return nil, err
	}
	if len(folds) != cslFolds {
		return nil, notPublished(foldsPath, 0, "%d folds, expected %d", len(folds), cslFolds)
	}
	fold := &folds[o.Fold]
	if reason := fold.check(len(list), true, nil); reason != "" {
		return nil, notPublished(foldsPath, 0, "fold %d: %s", o.Fold, reason)
	}
	return cut(Slice(list), fold), nil
}

// checkCSL tells what keeps a graph from being one of CSL.
func checkCSL(g *graphs.Graph) string {
	switch {
	case g.Nodes != cslNodes || len(g.Edges) != 4*cslNodes:
		return fmt.Sprintf("%d nodes and %d directed edges, expected %d and %d", g.Nodes, len(g.Edges), cslNodes, 4*cslNodes)
	case len(g.Target) != 1 || g.Target[0] != float32(int(g.Target[0])) || g.Target[0] < 0 || int(g.Target[0]) >= len(cslSkips):
		return fmt.Sprintf("the class %v is none of 0..%d", g.Target, len(cslSkips)-1)
	}
	return ""
}

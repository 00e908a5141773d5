package datasets

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/graft-ml/graft/graphs"
)

// NodeVocabulary is the number of atom types that occur in ZINC-12k; the full
// set, and some models, number 28.
const NodeVocabulary = 21

var zincInfo = Info{
	Name: "zinc", Title: "ZINC-12k: penalised logP of drug-like molecules", Task: GraphRegression,
	Train: 10_000, Val: 1_000, Test: 1_000,
	MeanNodes: 23.16, MeanEdges: 49.83,
	NodeTypes: []int{NodeVocabulary}, EdgeTypes: []int{4}, Targets: 1,
	Metric:    "mean absolute error (lower is better)",
	SplitRule: "as published", Fetched: true,
	Licence: "ZINC is free to use; its authors ask not to redistribute major portions without permission",
	Origin: "the subset of Dwivedi et al., arXiv 2003.00982 (github.com/graphdeeplearning/benchmarking-gnns, data/molecules), " +
		"as JSON Lines: train.jsonl.gz, val.jsonl.gz, test.jsonl.gz in a folder zinc12k",
	Notes: "Node types are atoms with explicit hydrogens and charge, edge types bonds: 1 single, 2 double, 3 triple; 0 is never used. " +
		"Targets are used as they are.",
}

// zincTolerance is how far mean nodes and edges of a split may be from those of
// the set: the splits of ZINC-12k themselves differ by 0.05 and 0.15.
const zincTolerance = 0.5

func loadZINC(ctx context.Context, o Options) (*Set, error) {
	dir, err := dataFolder(o.Dir, zincInfo, "zinc12k", "train.jsonl.gz")
	if err != nil {
		return nil, err
	}
	set := new(Set)
	for split, part := range []struct {
		source *Source
		graphs int
	}{{&set.Train, zincInfo.Train}, {&set.Val, zincInfo.Val}, {&set.Test, zincInfo.Test}} {
		path := filepath.Join(dir, Split(split).String()+".jsonl.gz")
		list, err := readZINC(ctx, path)
		if err != nil {
			return nil, err
		}
		if err := assertZINC(path, list, part.graphs); err != nil {
			return nil, err
		}
		*part.source = Slice(list)
	}
	return set, nil
}

// readZINC reads one split and checks each molecule.
func readZINC(ctx context.Context, path string) ([]*graphs.Graph, error) {
	return readGraphs(ctx, path, func(r *graphs.Reader) {
		r.NodeVocabulary, r.EdgeVocabulary = zincInfo.NodeTypes, zincInfo.EdgeTypes
	}, func(g *graphs.Graph) string {
		if len(g.Target) != 1 || math.IsNaN(float64(g.Target[0])) {
			return "the molecule has no single target"
		}
		for e, bond := range g.EdgeTypes {
			if bond == 0 {
				return fmt.Sprintf("the bond %d-%d has type 0, expected 1..3", g.Edges[e].From, g.Edges[e].To)
			}
		}
		return ""
	})
}

// assertZINC compares a split with what is known of it.
func assertZINC(path string, list []*graphs.Graph, want int) error {
	bad := func(format string, args ...any) error {
		return &FileError{Path: path, Reason: fmt.Sprintf(format, args...), Hint: "this is not the published ZINC-12k: get the file again"}
	}
	if len(list) != want {
		return bad("%d molecules, expected %d", len(list), want)
	}
	var seen Info
	seen.measure(list)
	if math.Abs(seen.MeanNodes-zincInfo.MeanNodes) > zincTolerance || math.Abs(seen.MeanEdges-zincInfo.MeanEdges) > zincTolerance {
		return bad("%.2f nodes and %.2f edges on average, expected about %.2f and %.2f",
			seen.MeanNodes, seen.MeanEdges, zincInfo.MeanNodes, zincInfo.MeanEdges)
	}
	return nil
}

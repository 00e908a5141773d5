package datasets

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/graphs"
)

// karateInfo is the table of Zachary's karate club.
//
//	nodes  edges  edge weights  classes  labels train/val/test  metric    licence
//	34     156    yes           2        2/0/32                 accuracy  none stated (Zachary 1977)
//
// Edges are directed, two a friendship; the weight is the number of contexts in
// which two members met.
var karateInfo = Info{
	Name: "karate", Title: "Zachary's karate club: whom does a member follow when the club splits", Task: NodeClassification,
	Train: 1, Test: 1, Repeated: true,
	MeanNodes: karateNodes, MeanEdges: 156,
	NodeTypes: []int{1}, Classes: 2,
	Metric:    "accuracy over the nodes of a split (higher is better)",
	SplitRule: "the two leaders, nodes 0 and 33, are given; the 32 others are asked for",
	Licence:   "none stated (Zachary, J. Anthropological Research 1977)",
	Origin:    "karate.json (the graph of networkx, with weights) in a folder nodes",
	Notes:     "One graph: each split has it with the labels of its own nodes. Class 0 stays with Mr. Hi, class 1 goes with the officer.",
}

const karateNodes = 34

func loadKarate(_ context.Context, o Options) (*Set, error) {
	path, err := dataFile(o.Dir, karateInfo, nodesFolder, "karate.json", "karate.json.gz")
	if err != nil {
		return nil, err
	}
	var file karateFile
	if err := readJSON(path, &file); err != nil {
		return nil, err
	}
	train, test, reason := file.graphs()
	if reason != "" {
		return nil, notPublished(path, 0, "%s", reason)
	}
	return &Set{Train: Slice{train}, Val: Slice(nil), Test: Slice{test}}, nil
}

type karateFile struct {
	N     int
	Edges [][]float32 // two nodes and the weight
	Club  []int32
}

// graphs makes the graph twice: with the labels of the leaders, and with those of
// the others. reason tells what is wrong with the file.
func (f *karateFile) graphs() (train, test *graphs.Graph, reason string) {
	if f.N != karateNodes || len(f.Club) != karateNodes {
		return nil, nil, fmt.Sprintf("%d nodes and %d clubs, expected %d", f.N, len(f.Club), karateNodes)
	}
	train = &graphs.Graph{ID: karateInfo.Name, Nodes: karateNodes, NodeTypes: make([]int32, karateNodes)}
	for k, row := range f.Edges {
		if len(row) != 3 {
			return nil, nil, fmt.Sprintf("edge %d has %d values, expected two nodes and a weight", k, len(row))
		}
		for _, end := range row[:2] {
			if end < 0 || end >= karateNodes || end != float32(int(end)) {
				return nil, nil, fmt.Sprintf("edge %d: there is no node %v", k, end)
			}
		}
		before := len(train.Edges)
		train.AddBond(int(row[0]), int(row[1]))
		for range len(train.Edges) - before {
			train.EdgeWeights = append(train.EdgeWeights, row[2])
		}
	}
	for i, class := range f.Club {
		if class != 0 && class != 1 {
			return nil, nil, fmt.Sprintf("node %d is of club %d, expected 0 or 1", i, class)
		}
	}
	if err := train.Validate(); err != nil {
		return nil, nil, err.Error()
	}
	if float64(len(train.Edges)) != karateInfo.MeanEdges {
		return nil, nil, fmt.Sprintf("%d edges, expected %v", len(train.Edges)/2, karateInfo.MeanEdges/2)
	}
	test = train.Clone()
	train.NodeLabels, test.NodeLabels = make([]int32, karateNodes), make([]int32, karateNodes)
	for i, class := range f.Club {
		train.NodeLabels[i], test.NodeLabels[i] = graphs.NoLabel, class
		if i == 0 || i == karateNodes-1 {
			train.NodeLabels[i], test.NodeLabels[i] = class, graphs.NoLabel
		}
	}
	return train, test, ""
}

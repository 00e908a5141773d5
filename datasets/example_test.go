package datasets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
)

func ExampleLoad() {
	set, err := datasets.Load(context.Background(), "csl", datasets.Options{Seed: 1, Fold: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := set.Test.Graph(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Train.Len(), set.Val.Len(), set.Test.Len(), "graphs")
	fmt.Println(g.Nodes, "nodes,", len(g.Edges), "edges, class", g.Target[0])
	// Output:
	// 90 30 30 graphs
	// 41 nodes, 164 edges, class 0
}

func ExampleLoad_unknown() {
	_, err := datasets.Load(context.Background(), "patern", datasets.Options{})
	var unknown *datasets.UnknownError
	if errors.As(err, &unknown) {
		message, _, _ := strings.Cut(err.Error(), "?")
		fmt.Println(message+"?", len(unknown.Known), "are known")
	}
	// Output: datasets: unknown data set "patern"; did you mean "pattern"? 25 are known
}

// The caller's own graphs make a set as well.
func ExampleNew() {
	ring := graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}, {2, 0}})
	path := graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}})
	ring.Target, path.Target = []float32{1}, []float32{0}
	set, err := datasets.New("rings", []*graphs.Graph{ring, path}, nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Info.Graphs(), "graphs,", set.Info.MeanEdges, "edges on average")
	// Output: 2 graphs, 5 edges on average
}

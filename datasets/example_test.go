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
	// Output: datasets: unknown data set "patern"; did you mean "pattern"? 27 are known
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

// One pass counts all there is to say about a set.
func ExampleMeasure() {
	set, err := datasets.Load(context.Background(), "csl", datasets.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := datasets.Measure(context.Background(), set)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.All.Graphs, "graphs of", s.All.MeanNodes, "nodes and", s.All.MeanEdges, "directed edges")
	fmt.Println("graphs of each class to test on:", s.Splits[datasets.Test].Targets[0].Classes)
	// Output:
	// 150 graphs of 41 nodes and 164 directed edges
	// graphs of each class to test on: [3 3 3 3 3 3 3 3 3 3]
}

// A set in the text format of the TU collection is read from a folder or a zip
// archive.
func ExampleReadTU() {
	set, err := datasets.ReadTU(context.Background(), "testdata/PATHS", datasets.TUOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := set.Graph(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Len(), "graphs; number 1 has", g.Nodes, "nodes,", len(g.Edges), "edges and class", set.Classes[set.ClassOf(1)])
	// Output: 2 graphs; number 1 has 3 nodes, 4 edges and class 7
}

// graph6 is the form in which lists of small graphs are published.
func ExampleGraph6Reader() {
	r := datasets.NewGraph6Reader("list.g6", strings.NewReader("Bw\nC~\nC\n"))
	for {
		g, err := r.Read()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(g.Nodes, "nodes,", len(g.Edges)/2, "bonds")
	}
	// Output:
	// 3 nodes, 3 bonds
	// 4 nodes, 6 bonds
	// datasets: list.g6:3: 0 bytes for the edges of 4 nodes, expected 1; each line must be one graph in graph6 form
}

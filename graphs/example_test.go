package graphs_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/graft-ml/graft/graphs"
	"gonum.org/v1/gonum/graph/simple"
)

// A gonum graph keeps its IDs; rows follow them in ascending order.
func ExampleFromGonum() {
	roads := simple.NewWeightedUndirectedGraph(0, 0)
	roads.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(20), T: simple.Node(10), W: 2})
	roads.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(20), T: simple.Node(30), W: 1})

	g, ids, err := graphs.FromGonum(roads)
	if err != nil {
		fmt.Println(err)
		return
	}
	for e, edge := range g.Edges {
		fmt.Println(ids[edge.From], "->", ids[edge.To], "weight", g.Weight(e))
	}
	// Output:
	// 10 -> 20 weight 2
	// 20 -> 10 weight 2
	// 20 -> 30 weight 1
	// 30 -> 20 weight 1
}

// Graphs of a batch lie end to end; a pair is a row as well.
func ExampleNewBatch() {
	path := graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}})
	pair := graphs.Directed(2, [][2]int{{0, 1}})
	b, err := graphs.NewBatch([]*graphs.Graph{path, pair})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := b.EdgePairs()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.Nodes(), "nodes,", b.Pairs(), "pairs")
	fmt.Println("the edge 0->1 of the second graph is pair row", rows[4], "= 9 + 1*2 + 0: query 1, key 0")
	// Output:
	// 5 nodes, 13 pairs
	// the edge 0->1 of the second graph is pair row 11 = 9 + 1*2 + 0: query 1, key 0
}

// A bad line is named; the lines after it can still be read.
func ExampleReader() {
	in := `{"i":1,"x":[0,2,1],"e":[[0,1,1],[1,2,2]],"y":0.5}
{"i":2,"x":[0,2],"e":[[0,5,1]],"y":0.5}
{"i":3,"x":[4],"e":[],"y":0.1}`
	r := graphs.NewReader(strings.NewReader(in))
	r.Name = "molecules.jsonl"
	w := graphs.NewWriter(os.Stdout)
	for range 3 {
		g, err := r.Read()
		if err == nil {
			err = w.Write(g)
		}
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// {"i":1,"x":[0,2,1],"e":[[0,1,1],[1,2,2]],"y":0.5}
	// graphs: molecules.jsonl:2: edge 0: 0->5: node 5 is out of range, the graph has nodes 0..1; count nodes from 0
	// {"i":3,"x":[4],"e":[],"y":0.1}
}

package encodings_test

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs"
	"gonum.org/v1/gonum/graph/simple"
)

// A path 0 - 1 - 2, built with gonum, wrapped, batched and encoded.
func ExampleRRWP() {
	path := simple.NewUndirectedGraph()
	path.SetEdge(simple.Edge{F: simple.Node(0), T: simple.Node(1)})
	path.SetEdge(simple.Edge{F: simple.Node(1), T: simple.Node(2)})

	g, _, err := graphs.FromGonum(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := graphs.NewBatch([]*graphs.Graph{g})
	if err != nil {
		fmt.Println(err)
		return
	}
	node, pair := encodings.RRWP{Steps: 4}.Encode(batch)
	fmt.Println("node 0 returns to itself after 0, 1, 2, 3 steps:", node.Row(0))
	fmt.Println("and walks to node 1:", pair.Row(0*3+1))
	fmt.Println("node 1 walks to node 0:", pair.Row(1*3+0))
	// Output:
	// node 0 returns to itself after 0, 1, 2, 3 steps: [1 0 0.5 0]
	// and walks to node 1: [0 1 0 1]
	// node 1 walks to node 0: [0 0.5 0 0.5]
}

// With SPD a pair holds its distance as a one-hot vector.
func ExampleRRWP_sPD() {
	path := graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}})
	batch, err := graphs.NewBatch([]*graphs.Graph{path})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, pair := encodings.RRWP{Steps: 3, SPD: true}.Encode(batch)
	for j := range 3 {
		fmt.Println("from 0 to", j, pair.Row(j))
	}
	// Output:
	// from 0 to 0 [1 0 0]
	// from 0 to 1 [0 1 0]
	// from 0 to 2 [0 0 1]
}

package neighbours_test

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/neighbours"
)

// A path of a thousand nodes, of which two have a class, becomes two small graphs.
func Example() {
	path := graphs.Undirected(1000, nil)
	path.ID = "path"
	for i := range 1000 {
		if i > 0 {
			path.AddBond(i-1, i)
		}
		path.NodeLabels = append(path.NodeLabels, graphs.NoLabel)
	}
	path.NodeLabels[0], path.NodeLabels[500] = 1, 0

	data, err := neighbours.Labelled(graphs.Slice{path}, neighbours.Options{Hops: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range data.Len() {
		g, _ := data.Graph(i) // a Source gives no errors
		fmt.Println(g.ID, "nodes", g.Nodes, "edges", len(g.Edges), "labels", g.NodeLabels)
	}
	// Output:
	// path/0 nodes 3 edges 4 labels [1 -1 -1]
	// path/500 nodes 5 edges 8 labels [0 -1 -1 -1 -1]
}

func ExampleAdjacency() {
	a := neighbours.NewAdjacency(graphs.Directed(4, [][2]int{{0, 2}, {2, 0}, {3, 2}, {2, 2}}))
	fmt.Println(a.Near(0), a.Near(1), a.Near(2))
	// Output: [2] [] [0 3]
}

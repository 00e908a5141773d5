package depict_test

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/depict"
	"github.com/graft-ml/graft/graphs/smiles"
)

// Benzene is a regular hexagon with sides of length 1.
func Example() {
	m, err := smiles.Parse("c1ccccc1")
	if err != nil {
		fmt.Println(err)
		return
	}
	places, err := depict.FromSMILES(m).Layout()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range places {
		fmt.Printf("%.2f %.2f\n", p.X, p.Y)
	}
	// Output:
	// 0.00 -1.50
	// 0.00 -0.50
	// 0.87 0.00
	// 1.73 -0.50
	// 1.73 -1.50
	// 0.87 -2.00
}

// A graph with two parts: a triangle and a lone node beside it.
func ExampleGraph() {
	g := graphs.Undirected(4, [][2]int{{0, 1}, {1, 2}, {2, 0}})
	d, err := depict.Graph(g, depict.GraphOptions{Title: "a triangle and a node"})
	if err != nil {
		fmt.Println(err)
		return
	}
	width, height := d.Size()
	fmt.Printf("%.0f x %.0f points\n", width, height)
	// Output: 141 x 122 points
}

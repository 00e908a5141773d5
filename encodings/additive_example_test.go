package encodings_test

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Slopes halve from head to head where there are eight.
func ExampleALiBi_Slopes() {
	fmt.Println(encodings.ALiBi{}.Slopes(8)[:3])
	fmt.Println(encodings.ALiBi{}.Slopes(3))
	// Output:
	// [0.5 0.25 0.125]
	// [0.0625 0.00390625 0.25]
}

// The error of a sequence that is longer than a learned table says what to do.
func ExampleLearned() {
	layout, err := encodings.Sequences([]int{0, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	encoder, err := encodings.Learned{MaxLength: 2}.New(encodings.Dims{Width: 4, Heads: 1}, nn.NewInit(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	_, err = encoder.Begin(tp, layout)
	fmt.Println(err)
	// Output:
	// encodings: learned cannot serve sequences: token 2 has place 2, and the table ends after MaxLength 2 places: set more, or take an encoding that extrapolates: alibi, t5-bias, none, or a rotation with rescaled places
}

// The eigenvector of the smallest eigenvalue of a path rises from one end to the other.
func ExampleLaplacian_Features() {
	path := graphs.Undirected(4, [][2]int{{0, 1}, {1, 2}, {2, 3}})
	batch, err := graphs.NewBatch([]*graphs.Graph{path})
	if err != nil {
		fmt.Println(err)
		return
	}
	vectors, values, err := encodings.Laplacian{Vectors: 1, Unnormalised: true}.Features(batch)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f: %.2f\n", values.Data(), vectors.Data())
	// Output:
	// [0.59]: [0.65 0.27 -0.27 -0.65]
}

// Distances of a path whose last node cannot be left.
func ExampleDistances() {
	g := graphs.Directed(3, [][2]int{{0, 1}, {1, 0}, {1, 2}})
	fmt.Println(encodings.Distances(g))
	// Output:
	// [0 1 2 1 0 1 -1 -1 0]
}

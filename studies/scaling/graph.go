package scaling

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/graft-ml/graft/graphs"
)

// classes is the number of classes of nodes, and of their features.
const classes = 10

// RandomGraph makes a graph of some nodes and nodes*degree/2 different bonds between random ones: nodes*degree directed
// edges. Each node has ten features from the normal distribution, and the class of the largest. The same seed makes the
// same graph. degree is from 1 to half of the nodes.
func RandomGraph(nodes, degree int, seed uint64) (*graphs.Graph, error) {
	if err := checkGraph(nodes, degree); err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(seed, uint64(nodes)))
	want := nodes * degree / 2
	bonds := make([]uint64, 0, want)
	for len(bonds) < want {
		for len(bonds) < want {
			if a, b := r.Uint64N(uint64(nodes)), r.Uint64N(uint64(nodes)); a != b {
				bonds = append(bonds, min(a, b)<<32|max(a, b))
			}
		}
		slices.Sort(bonds)
		bonds = slices.Compact(bonds)
	}
	g := &graphs.Graph{Nodes: nodes, ID: fmt.Sprintf("random-%d-%d", nodes, degree), Edges: make([]graphs.Edge, 0, 2*want),
		NodeFeatures: make([]float32, classes*nodes), NodeLabels: make([]int32, nodes)}
	for _, bond := range bonds {
		g.AddBond(int(bond>>32), int(uint32(bond)))
	}
	for i := range nodes {
		row := g.NodeFeatures[i*classes : (i+1)*classes]
		for k := range row {
			row[k] = float32(r.NormFloat64())
			if row[k] > row[g.NodeLabels[i]] {
				g.NodeLabels[i] = int32(k)
			}
		}
	}
	return g, nil
}

// mostNodes is far beyond what any machine trains.
const mostNodes = 1 << 31

func checkGraph(nodes, degree int) error {
	switch {
	case nodes < 2 || nodes > mostNodes:
		return fmt.Errorf("scaling: a graph of %d nodes: want from 2 to %d", nodes, mostNodes)
	case degree < 1 || degree > nodes/2:
		return fmt.Errorf("scaling: degree %d in a graph of %d nodes: want from 1 to half of the nodes, %d", degree, nodes, nodes/2)
	}
	return nil
}

package datasets

import (
	"math/rand/v2"

	"github.com/graft-ml/graft/graphs"
)

// adjacency is a symmetric table of bonds between nodes, without self loops.
type adjacency struct {
	n     int
	bonds []bool // [n, n], used where row < column
	count int
}

func newAdjacency(n int) *adjacency { return &adjacency{n: n, bonds: make([]bool, n*n)} }

// connect joins nodes i < j with probability p.
func (a *adjacency) connect(r *rand.Rand, i, j int, p float64) {
	if r.Float64() < p {
		a.bonds[i*a.n+j] = true
		a.count++
	}
}

// blockModel draws the pairs among nodes 0..len(community)-1 of a stochastic
// block model: probability within inside a community, across between two.
func (a *adjacency) blockModel(r *rand.Rand, community []int32, within, across float64) {
	for j := range community {
		for i := range j {
			p := across
			if community[i] == community[j] {
				p = within
			}
			a.connect(r, i, j, p)
		}
	}
}

// graph gives the bonds as a graph whose node i is renamed perm[i]; both
// directions of a bond lie side by side, bonds sorted by their nodes.
func (a *adjacency) graph(perm []int) *graphs.Graph {
	renamed := make([]bool, a.n*a.n)
	for i := range a.n {
		for j := i + 1; j < a.n; j++ {
			if a.bonds[i*a.n+j] {
				u, v := perm[i], perm[j]
				renamed[min(u, v)*a.n+max(u, v)] = true
			}
		}
	}
	g := &graphs.Graph{Nodes: a.n, Edges: make([]graphs.Edge, 0, 2*a.count)}
	for u := range a.n {
		for v, bond := range renamed[u*a.n : (u+1)*a.n] {
			if bond {
				g.AddBond(u, v)
			}
		}
	}
	return g
}

// communities draws the sizes of blocks, each uniform in 5..34, and gives the
// block of every node.
func communities(r *rand.Rand, blocks int) []int32 {
	var community []int32
	for c := range blocks {
		for range blockSize(r) {
			community = append(community, int32(c))
		}
	}
	return community
}

// blockSize is uniform in 5..34: numpy's randint(5, 35) leaves 35 out.
func blockSize(r *rand.Rand) int { return 5 + r.IntN(30) }

// signals gives node i's signal to node perm[i] as a type id and as a one-hot
// row of real features: papers differ in which of the two they embed.
func signals(g *graphs.Graph, signal []int32, perm []int, values int) {
	g.NodeTypes = make([]int32, g.Nodes)
	g.NodeFeatures = make([]float32, g.Nodes*values)
	for i, p := range perm {
		g.NodeTypes[p] = signal[i]
		g.NodeFeatures[p*values+int(signal[i])] = 1
	}
}

// labels gives node i's label to node perm[i].
func labels(g *graphs.Graph, label []int32, perm []int) {
	g.NodeLabels = make([]int32, g.Nodes)
	for i, p := range perm {
		g.NodeLabels[p] = label[i]
	}
}

package neighbours

import (
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/splitmix"
)

// sampler draws neighbourhoods. It is for one goroutine at a time.
type sampler struct {
	at    []int32 // [nodes of the large graph] place in nodes, +1; 0 for nodes that are not there
	nodes []int32 // the neighbourhood, the centre first
	free  []int32 // neighbours that may be drawn
	edges []int32 // edges of the neighbourhood
}

// random returns the numbers that the neighbourhood of a node is drawn with.
func random(seed uint64, node int) *rand.Rand {
	high := splitmix.Mix(seed)
	return rand.New(rand.NewPCG(high, splitmix.Mix(high+uint64(node))))
}

// draw fills s.nodes with the neighbourhood of a node, and s.at with the places of its nodes.
func (s *sampler) draw(a *Adjacency, node int, o Options) {
	if len(s.at) < a.graph.Nodes {
		s.at = make([]int32, a.graph.Nodes)
	}
	s.nodes = append(s.nodes[:0], int32(node))
	s.at[node] = 1
	r := random(o.Seed, node)
	for hop, from := 0, 0; hop < o.Hops && from < len(s.nodes); hop++ {
		to := len(s.nodes)
		for _, at := range s.nodes[from:to] {
			s.reach(a, int(at), o.fanOut(hop), r)
		}
		from = to
		if o.MostNodes > 0 && len(s.nodes) >= o.MostNodes {
			s.cut(to, o.MostNodes, r)
			return
		}
	}
}

// reach adds neighbours of a node that are not there yet, most of them (0: all), in ascending order.
func (s *sampler) reach(a *Adjacency, node, most int, r *rand.Rand) {
	s.free = s.free[:0]
	for _, j := range a.Near(node) {
		if s.at[j] == 0 {
			s.free = append(s.free, j)
		}
	}
	if most > 0 && most < len(s.free) {
		s.free = choose(s.free, most, r)
	}
	for _, j := range s.free {
		s.nodes = append(s.nodes, j)
		s.at[j] = int32(len(s.nodes))
	}
}

// cut leaves most nodes, by drawing among those from first on.
func (s *sampler) cut(first, most int, r *rand.Rand) {
	last := s.nodes[first:]
	for _, j := range last {
		s.at[j] = 0
	}
	// Drawn are places, which sorted give the nodes in the order in which they were reached.
	s.free = s.free[:0]
	for k := range last {
		s.free = append(s.free, int32(k))
	}
	for k, place := range choose(s.free, most-first, r) {
		last[k] = last[place]
		s.at[last[k]] = int32(first + k + 1)
	}
	s.nodes = s.nodes[:most]
}

// choose draws n of the numbers, which ascend, each as likely as any other, and returns them in ascending order.
func choose(numbers []int32, n int, r *rand.Rand) []int32 {
	for k := range n {
		other := k + r.IntN(len(numbers)-k)
		numbers[k], numbers[other] = numbers[other], numbers[k]
	}
	slices.Sort(numbers[:n])
	return numbers[:n]
}

// induced returns the graph of the nodes that draw has chosen, and forgets them.
func (s *sampler) induced(a *Adjacency) *graphs.Graph {
	big := a.graph
	s.edges = s.edges[:0]
	for _, i := range s.nodes {
		for _, e := range a.edgesFrom(i) {
			if s.at[big.Edges[e].To] > 0 {
				s.edges = append(s.edges, e)
			}
		}
	}
	slices.Sort(s.edges) // as in the large graph: both directions of a bond stay side by side
	g := &graphs.Graph{Nodes: len(s.nodes), ID: big.ID + "/" + strconv.Itoa(int(s.nodes[0]))}
	g.Edges = make([]graphs.Edge, len(s.edges))
	for k, e := range s.edges {
		edge := big.Edges[e]
		g.Edges[k] = graphs.Edge{From: int(s.at[edge.From]) - 1, To: int(s.at[edge.To]) - 1}
	}
	if len(big.EdgeWeights) > 0 {
		g.EdgeWeights = reals(big.EdgeWeights, 1, s.edges)
	}
	g.NodeTypes = ids(big.NodeTypes, big.NodeTypeColumns(), s.nodes)
	g.NodeFeatures = reals(big.NodeFeatures, big.NodeFeatureColumns(), s.nodes)
	g.EdgeTypes = ids(big.EdgeTypes, big.EdgeTypeColumns(), s.edges)
	g.EdgeFeatures = reals(big.EdgeFeatures, big.EdgeFeatureColumns(), s.edges)
	for _, i := range s.nodes {
		s.at[i] = 0
	}
	return g
}

// reals returns some rows of a table of numbers; nil where it has no columns.
func reals(from []float32, columns int, rows []int32) []float32 {
	if columns == 0 {
		return nil
	}
	list := make([]float32, 0, columns*len(rows))
	for _, r := range rows {
		list = append(list, from[int(r)*columns:(int(r)+1)*columns]...)
	}
	return list
}

// ids returns some rows of a table of type ids; nil where it has no columns.
func ids(from []int32, columns int, rows []int32) []int32 {
	if columns == 0 {
		return nil
	}
	list := make([]int32, 0, columns*len(rows))
	for _, r := range rows {
		list = append(list, from[int(r)*columns:(int(r)+1)*columns]...)
	}
	return list
}

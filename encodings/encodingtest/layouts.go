package encodingtest

import (
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs"
)

// Layout is a layout to check an encoding on.
type Layout struct {
	Name string
	*encodings.Layout
	Causal bool // attention is
	// Ambiguous says that the nodes of some graph may be renumbered without changing it, or that several paths are equally
	// short, so that an encoding may have to choose by number. Such graphs are not used to check permutations.
	Ambiguous bool
}

// Layouts returns small layouts of every kind: ragged, with items of one token and of none, with and without leading
// tokens.
func Layouts() []Layout {
	must := func(l *encodings.Layout, err error) *encodings.Layout {
		if err != nil {
			panic(err)
		}
		return l
	}
	points := func(tokens, rank int) []float64 {
		coords := make([]float64, tokens*rank)
		for i := range coords {
			coords[i] = float64(i*i%11)/2 - 1.5
		}
		return coords
	}
	asymmetric, symmetric := graphsToCheck()
	return []Layout{
		{Name: "sequences", Layout: must(encodings.Sequences([]int{0, 5, 6, 6, 10})), Causal: true},
		{Name: "no sequences", Layout: must(encodings.Sequences([]int{0})), Causal: true},
		{Name: "line", Layout: must(encodings.OnGrid(2, 0, 5))},
		{Name: "grid", Layout: must(encodings.OnGrid(2, 0, 2, 3))},
		{Name: "grid after a leading token", Layout: must(encodings.OnGrid(2, 1, 3, 2))},
		{Name: "grids of several shapes", Layout: must(encodings.OnGrids(0, []int{2, 3}, []int{1, 1}, []int{3, 2}))},
		{Name: "grids of several shapes after a leading token", Layout: must(encodings.OnGrids(1, []int{2, 3}, []int{1, 1}, []int{2, 2}))},
		{Name: "clips of several shapes", Layout: must(encodings.OnGrids(0, []int{1, 2, 2}, []int{2, 1, 2}))},
		{Name: "clip", Layout: must(encodings.OnGrid(1, 0, 2, 2, 2))},
		{Name: "points on a line", Layout: must(encodings.AtPoints([]int{0, 4, 4, 5}, 0, 1, points(5, 1)))},
		{Name: "points", Layout: must(encodings.AtPoints([]int{0, 4, 4, 5}, 0, 2, points(5, 2)))},
		{Name: "points after a leading token", Layout: must(encodings.AtPoints([]int{0, 4, 6}, 1, 2, points(6, 2)))},
		{Name: "points in space", Layout: must(encodings.AtPoints([]int{0, 1, 5}, 0, 3, points(5, 3)))},
		{Name: "graphs", Layout: encodings.OfGraphs(asymmetric)},
		{Name: "graphs after a leading token", Layout: encodings.OfGraphsWithLeading(asymmetric, 1)},
		{Name: "symmetric graphs", Layout: encodings.OfGraphs(symmetric), Ambiguous: true},
		{Name: "symmetric graphs after a leading token", Layout: encodings.OfGraphsWithLeading(symmetric, 1), Ambiguous: true},
		{Name: "table in one order", Layout: must(encodings.InOrders([]int{0, 4, 5}, []int32{2, 0, 1, 3, 0}))},
		{Name: "table in two orders", Layout: must(encodings.InOrders([]int{0, 4, 5, 11},
			[]int32{0, 1, 2, 3, 0, 0, 1, 2, 3, 4, 5}, []int32{0, 2, 1, 3, 0, 0, 2, 4, 1, 3, 5}))},
	}
}

// graphsToCheck returns graphs that only one numbering of their nodes fits, and graphs of which this is not so: a ring,
// one node, nodes without edges, two parts.
func graphsToCheck() (asymmetric, symmetric *graphs.Batch) {
	batch := func(list ...*graphs.Graph) *graphs.Batch {
		for _, g := range list {
			for i := range g.Nodes {
				g.NodeTypes = append(g.NodeTypes, int32(i%2))
			}
			types := map[[2]int]int32{}
			for _, e := range g.Edges {
				ends := [2]int{min(e.From, e.To), max(e.From, e.To)}
				if _, ok := types[ends]; !ok {
					types[ends] = int32(len(types) % 2)
				}
				g.EdgeTypes = append(g.EdgeTypes, types[ends])
			}
		}
		b, err := graphs.NewBatch(list)
		if err != nil {
			panic(err)
		}
		return b
	}
	asymmetric = batch(
		graphs.Undirected(6, [][2]int{{0, 1}, {1, 2}, {2, 0}, {1, 3}, {2, 4}, {4, 5}}), // a triangle with two tails
		graphs.Undirected(1, nil), // one node
		graphs.Undirected(7, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {2, 6}}),         // a tree
		graphs.Undirected(6, [][2]int{{5, 4}, {4, 3}, {3, 5}, {4, 2}, {3, 1}, {1, 0}, {1, 1}}), // with a self loop
	)
	symmetric = batch(
		graphs.Undirected(5, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 0}}),
		graphs.Undirected(3, nil),
		graphs.Undirected(5, [][2]int{{0, 1}, {2, 3}, {3, 4}, {4, 2}}),
		graphs.Undirected(4, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 0}}),
	)
	return asymmetric, symmetric
}

// item returns the layout of one item alone.
func (l Layout) item(b int) Layout {
	from, to := l.Offsets[b], l.Offsets[b+1]
	one := *l.Layout
	one.Offsets = []int{0, to - from}
	one.Memory = nil
	if one.Shapes != nil {
		one.Shape, one.Shapes = one.Shapes[b], nil
	}
	if one.Coords != nil {
		one.Coords = one.Coords[from*l.Rank : to*l.Rank]
	}
	if one.Past != nil {
		one.Past = one.Past[b : b+1]
	}
	if one.Graphs != nil {
		batch, err := graphs.NewBatch(one.Graphs.Graphs[b : b+1])
		if err != nil {
			panic(err)
		}
		one.Graphs = batch
	}
	one.Orders = nil
	for _, order := range l.Orders {
		one.Orders = append(one.Orders, order[from:to])
	}
	l.Layout = &one
	return l
}

// permuted returns the layout with its tokens in another order, and that order: token t becomes token to[t]. Leading
// tokens stay where they are.
func (l Layout) permuted() (other Layout, to []int) {
	one := *l.Layout
	to = make([]int, l.Tokens())
	var list []*graphs.Graph
	for b := range l.Items() {
		from, lead := l.Offsets[b], min(l.Leading, l.Offsets[b+1]-l.Offsets[b])
		n := l.Offsets[b+1] - from - lead
		for t := range lead {
			to[from+t] = from + t
		}
		perm := make([]int, n)
		step := 1
		for _, s := range []int{5, 3, 2} { // a step that n has no factor of visits all
			if n%s != 0 && n > s {
				step = s
				break
			}
		}
		for t := range perm {
			perm[t] = (t*step + 1) % n
			to[from+lead+t] = from + lead + perm[t]
		}
		if l.Graphs != nil {
			list = append(list, l.Graphs.Graphs[b].Permute(perm))
		}
	}
	one.Coords = make([]float64, len(l.Coords))
	for t := range l.Tokens() {
		if l.Rank > 0 {
			copy(one.Coords[to[t]*l.Rank:(to[t]+1)*l.Rank], l.At(t))
		}
	}
	one.Orders = nil
	for _, order := range l.Orders {
		places := make([]int32, len(order))
		for t, p := range order {
			places[to[t]] = p
		}
		one.Orders = append(one.Orders, places)
	}
	if l.Graphs != nil {
		batch, err := graphs.NewBatch(list)
		if err != nil {
			panic(err)
		}
		one.Graphs = batch
	}
	l.Layout = &one
	return l, to
}

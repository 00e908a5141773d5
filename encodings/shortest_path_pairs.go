package encodings

import (
	"math"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/tensor"
)

// unreachable is the distance of nodes that no path joins.
const unreachable = math.MaxInt32 / 2

// paths are the shortest paths of one graph of n nodes.
type paths struct {
	n        int
	distance []int32 // [n * n] by start
	via      []int32 // [n * n]: a node between the two ends, -1 where there is none; nil where paths were not asked for
	queue    []int32
}

// search finds the distances, by a search in breadth from every node.
func (p *paths) search(g *graphs.Graph) {
	p.n, p.via = g.Nodes, nil
	p.distance = make([]int32, p.n*p.n)
	start, to := make([]int32, p.n+1), make([]int32, len(g.Edges))
	for _, e := range g.Edges {
		start[e.From+1]++
	}
	for i := range p.n {
		start[i+1] += start[i]
	}
	at := append([]int32(nil), start[:p.n]...)
	for _, e := range g.Edges {
		to[at[e.From]] = int32(e.To)
		at[e.From]++
	}
	for i := range p.n {
		row := p.distance[i*p.n : (i+1)*p.n]
		for j := range row {
			row[j] = unreachable
		}
		row[i] = 0
		p.queue = append(p.queue[:0], int32(i))
		for k := 0; k < len(p.queue); k++ {
			node := p.queue[k]
			for _, next := range to[start[node]:start[node+1]] {
				if row[next] == unreachable {
					row[next] = row[node] + 1
					p.queue = append(p.queue, next)
				}
			}
		}
	}
}

// floydWarshall finds distances and paths. Of several shortest paths it takes the one that the official code takes,
// whose loops these are: a path through k replaces another only where it is shorter.
func (p *paths) floydWarshall(g *graphs.Graph) {
	n := g.Nodes
	p.n = n
	p.distance, p.via = make([]int32, n*n), make([]int32, n*n)
	for k := range p.distance {
		p.distance[k], p.via[k] = unreachable, -1
	}
	for _, e := range g.Edges {
		p.distance[e.From*n+e.To] = 1
	}
	for i := range n {
		p.distance[i*n+i] = 0
	}
	for k := range n {
		from := p.distance[k*n : (k+1)*n]
		for i := range n {
			first := p.distance[i*n+k]
			if first == unreachable {
				continue
			}
			row, via := p.distance[i*n:(i+1)*n], p.via[i*n:(i+1)*n]
			for j, rest := range from {
				if row[j] > first+rest {
					row[j], via[j] = first+rest, int32(k)
				}
			}
		}
	}
}

// path appends the nodes after i on the path to j, j included, until there are most of them.
func (p *paths) path(nodes []int32, i, j, most int) []int32 {
	if len(nodes) >= most {
		return nodes
	}
	if k := p.via[i*p.n+j]; k >= 0 {
		return p.path(p.path(nodes, i, int(k), most), int(k), j, most)
	}
	return append(nodes, int32(j))
}

// hopEntries are the edges on paths: edge number hop of the path of a pair has in some column the type type.
type hopEntries struct {
	pair, hop, kind []int32
	weight          []float32 // 1 over the length of the path and the number of columns
}

// fillPairs makes the tables' indices of all pairs, graph by graph.
func (e *shortestPath) fillPairs(p *pathBias, l *Layout) {
	starts := make([]int, l.Items()+1) // the pairs of each item
	for b := range l.Items() {
		n := l.Offsets[b+1] - l.Offsets[b]
		starts[b+1] = starts[b] + n*n
	}
	pairs := starts[l.Items()]
	p.index = make([]int32, pairs)
	if e.MaxDistance > 0 {
		p.allow = make([]bool, pairs)
	}
	if e.edges != nil && e.Edges == OneHop {
		p.typeOf = make([][]int32, len(e.EdgeTypes))
		for c := range p.typeOf {
			p.typeOf[c] = make([]int32, pairs)
		}
	}
	entries := make([]hopEntries, l.Items())
	parallel.For(l.Items(), 1, parallel.Func(func(lo, hi int) {
		for b := lo; b < hi; b++ {
			e.fillGraph(p, &entries[b], l.Graphs.Graphs[b], starts[b], l.Leading)
		}
	}))
	for _, one := range entries {
		p.hops.pair = append(p.hops.pair, one.pair...)
		p.hops.hop = append(p.hops.hop, one.hop...)
		p.hops.kind = append(p.hops.kind, one.kind...)
		p.hops.weight = append(p.hops.weight, one.weight...)
	}
}

// fillGraph makes the indices of one graph, whose pairs begin at start.
func (e *shortestPath) fillGraph(p *pathBias, entries *hopEntries, g *graphs.Graph, start, leading int) {
	found := &paths{}
	multi := e.edges != nil && e.Edges == MultiHop
	if multi {
		found.floydWarshall(g)
	} else {
		found.search(g)
	}
	n := leading + g.Nodes
	row := func(i, j int) int { return start + (leading+i)*n + leading + j } // the pair of two nodes
	others := int32(-1)                                                      // the row of pairs with a leading token
	if e.virtual != nil {
		others = int32(e.Distances)
	}
	for k := start; k < start+n*n; k++ {
		p.index[k] = others
		if p.allow != nil {
			p.allow[k] = true
		}
		for _, index := range p.typeOf {
			index[k] = -1
		}
	}
	for i := range g.Nodes {
		for j := range g.Nodes {
			d := int(found.distance[i*g.Nodes+j])
			p.index[row(i, j)] = int32(min(d, e.Distances-1))
			if p.allow != nil {
				p.allow[row(i, j)] = d < e.MaxDistance
			}
		}
	}
	if e.edges == nil || len(g.Edges) == 0 {
		return
	}
	columns := len(e.EdgeTypes)
	if !multi {
		for k, edge := range g.Edges {
			offset := 0
			for c, size := range e.EdgeTypes {
				p.typeOf[c][row(edge.From, edge.To)] = int32(offset) + g.EdgeTypes[k*columns+c]
				offset += size
			}
		}
		return
	}
	number := make(map[[2]int32]int, len(g.Edges))
	for k, edge := range g.Edges {
		number[[2]int32{int32(edge.From), int32(edge.To)}] = k
	}
	var nodes []int32
	for i := range g.Nodes {
		for j := range g.Nodes {
			d := int(found.distance[i*g.Nodes+j])
			if i == j || d >= e.Distances-1 {
				continue
			}
			nodes = found.path(nodes[:0], i, j, e.MaxHops)
			from := int32(i)
			for hop, to := range nodes {
				edge := number[[2]int32{from, to}]
				from = to
				offset := 0
				for c, size := range e.EdgeTypes {
					entries.pair = append(entries.pair, int32(row(i, j)))
					entries.hop = append(entries.hop, int32(hop))
					entries.kind = append(entries.kind, int32(offset)+g.EdgeTypes[edge*columns+c])
					entries.weight = append(entries.weight, 1/float32(min(d, e.MaxHops)*columns))
					offset += size
				}
			}
		}
	}
}

// multiHop returns c of all pairs, [pairs, heads]. Only the types that occur meet the matrices of the hops.
func (e *shortestPath) multiHop(tp *tensor.Tape, entries hopEntries, pairs int) *tensor.Var {
	zeros := tp.Out(false, pairs, e.heads)
	zeros.Value().Zero()
	if len(entries.pair) == 0 {
		return zeros
	}
	place := make([]int32, e.edges.Rows()) // of a type among those that occur, plus 1
	var kinds []int32
	for _, k := range entries.kind {
		if place[k] == 0 {
			kinds = append(kinds, k)
			place[k] = int32(len(kinds))
		}
	}
	hops := int32(0)
	for _, h := range entries.hop {
		hops = max(hops, h+1)
	}
	types, matrices := tp.Gather(tp.Leaf(e.edges), kinds), tp.Leaf(e.hops)
	var products *tensor.Var // E D_1 of the types that occur, then E D_2, ...
	for h := range int(hops) {
		product := tp.MatMul(types, tp.Rows(matrices, h*e.heads, (h+1)*e.heads))
		if h == 0 {
			products = product
		} else {
			products = tp.ConcatRows(products, product)
		}
	}
	rows := make([]int32, len(entries.pair))
	for k := range rows {
		rows[k] = entries.hop[k]*int32(len(kinds)) + place[entries.kind[k]] - 1
	}
	return tp.ScatterAdd(zeros, tp.ScaleRows(tp.Gather(products, rows), entries.weight), entries.pair)
}

package joined

import "github.com/graft-ml/graft/graphs"

// links are the entries of a sparse matrix, row by row.
type links struct {
	start  []int32 // [rows+1]
	to     []int32 // the columns
	weight []float32
}

// fill makes the adjacency matrix of a graph; the columns of a row have the order of the edges.
func (l *links) fill(g *graphs.Graph) {
	l.resize(g.Nodes, len(g.Edges))
	for _, edge := range g.Edges {
		l.start[edge.From+1]++
	}
	l.place(g.Nodes)
	for e, edge := range g.Edges {
		l.put(edge.From, edge.To, g.Weight(e))
	}
	l.settle(g.Nodes)
}

// transpose makes the transpose of a square matrix; the columns of a row ascend.
func (l *links) transpose(of *links, n int) {
	l.resize(n, len(of.to))
	for _, to := range of.to {
		l.start[to+1]++
	}
	l.place(n)
	for i := range n {
		for e := of.start[i]; e < of.start[i+1]; e++ {
			l.put(int(of.to[e]), i, of.weight[e])
		}
	}
	l.settle(n)
}

func (l *links) resize(rows, entries int) {
	l.start, l.to, l.weight = resize(l.start, rows+1), resize(l.to, entries), resize(l.weight, entries)
	clear(l.start)
}

// place turns the numbers of entries of the rows into where they begin.
func (l *links) place(rows int) {
	for i := range rows {
		l.start[i+1] += l.start[i]
	}
}

// put adds an entry; the start of its row moves on, until settle moves all back.
func (l *links) put(row, column int, weight float32) {
	at := l.start[row]
	l.start[row]++
	l.to[at], l.weight[at] = int32(column), weight
}

func (l *links) settle(rows int) {
	copy(l.start[1:], l.start[:rows])
	l.start[0] = 0
}

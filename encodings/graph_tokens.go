package encodings

import (
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/tensor"
)

// OfGraphsWithLeading lays out the nodes of a batch of graphs, those of each graph after leading tokens that are no
// nodes, such as Graphormer's virtual node.
func OfGraphsWithLeading(b *graphs.Batch, leading int) *Layout {
	if leading < 0 {
		panic("encodings: OfGraphsWithLeading: a negative number of leading tokens, expected at least 0")
	}
	l := OfGraphs(b)
	if leading == 0 {
		return l
	}
	l.Leading = leading
	l.Offsets = make([]int, len(b.Offsets))
	for g, at := range b.Offsets {
		l.Offsets[g] = at + g*leading
	}
	return l
}

// nodes returns the token of every node of a layout of graphs, [nodes]; nil where all tokens are nodes.
func (l *Layout) nodes() []int32 {
	if l.Leading == 0 {
		return nil
	}
	tokens := make([]int32, 0, l.Graphs.Nodes())
	for b := range l.Items() {
		for t := l.Offsets[b] + l.Leading; t < l.Offsets[b+1]; t++ {
			tokens = append(tokens, int32(t))
		}
	}
	return tokens
}

// addToNodes returns x [tokens, width] with features [nodes, width] added to the tokens of nodes, see [Layout.nodes].
func addToNodes(tp *tensor.Tape, x, features *tensor.Var, nodes []int32) *tensor.Var {
	if nodes == nil {
		return tp.Add(x, features)
	}
	return tp.ScatterAdd(x, features, nodes)
}

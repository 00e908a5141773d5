package datasets

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/graft-ml/graft/graphs"
)

// expInfo and cexpInfo are the tables of EXP and CEXP (Abboud et al., IJCAI 2021).
//
//	set   graphs  nodes  edges   node types  classes  metric    split              licence
//	exp   1,200   48.70  120.88  2           2        accuracy  10 folds by place  GPL-3.0 (repository)
//	cexp  1,200   55.78  139.56  2           2        accuracy  10 folds by place  GPL-3.0 (repository)
//
// Nodes and edges are means, edges directed. Graphs 2k and 2k+1 are a pair, of
// which the first encodes a formula that can be satisfied, class 1. The folds are
// those of the authors' code: fold f tests on graphs 120f to 120f+119, and of the
// 1,080 others validates on those at 108f to 108f+107. Pairs are never torn.
var (
	expInfo = Info{
		Name: "exp", Title: "EXP: which formulas can be satisfied; no pair is told apart by the 1-WL test",
		MeanNodes: 48.70, MeanEdges: 120.88,
		Notes: "The 1-WL test tells none of the 600 pairs apart, so that models bounded by it stay at 50 %.",
	}
	cexpInfo = Info{
		Name: "cexp", Title: "CEXP: EXP with half of the pairs changed so that the 1-WL test tells them apart",
		MeanNodes: 55.78, MeanEdges: 139.56,
		Notes: "The 1-WL test tells 300 of the 600 pairs apart, so that models bounded by it stay at 75 %.",
	}
)

const (
	expGraphs = 1200
	expFolds  = 10
)

func expSets() []entry {
	var all []entry
	for _, i := range []Info{expInfo, cexpInfo} {
		i.Task, i.Classes, i.Targets, i.NodeTypes = GraphClassification, 2, 1, []int{2}
		i.Train, i.Val, i.Test, i.Folds = 972, 108, 120, expFolds
		i.Metric, i.SplitRule = "accuracy (higher is better)", "ten folds in the order of the file, as in the authors' code"
		i.Licence = "GPL-3.0 (the repository's)"
		i.Origin = i.Name + ".txt.gz (Data/*/GRAPHSAT.txt of github.com/ralphabb/GNN-RNI) in a folder expressivity"
		all = append(all, entry{i, func(ctx context.Context, o Options) (*Set, error) { return loadEXP(ctx, o, i) }})
	}
	return all
}

func loadEXP(ctx context.Context, o Options, info Info) (*Set, error) {
	path, err := dataFile(o.Dir, info, expressivityFolder, info.Name+".txt.gz", info.Name+".txt")
	if err != nil {
		return nil, err
	}
	file, err := openData(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // only read from: closing cannot lose anything
	p, err := readTaggedGraphs(ctx, newLines(path, file), 2, 2)
	if err != nil {
		return nil, err
	}
	if p.Len() != expGraphs {
		return nil, notPublished(path, 0, "%d graphs, expected %d", p.Len(), expGraphs)
	}
	return cut(p, foldInPlace(expGraphs, expFolds, o.Fold)), nil
}

// foldInPlace tests on the graphs at the place of a fold, and validates on those
// at its place among the others.
func foldInPlace(n, folds, fold int) *split3 {
	all := firstNumbers(n)
	size := n / folds
	s := &split3{Test: all[fold*size : (fold+1)*size : (fold+1)*size]}
	rest := slices.Concat(all[:fold*size], all[(fold+1)*size:])
	size = len(rest) / folds
	s.Val = rest[fold*size : (fold+1)*size : (fold+1)*size]
	s.Train = slices.Concat(rest[:fold*size], rest[(fold+1)*size:])
	return s
}

// Limits of a file of tagged graphs.
const (
	maxTaggedGraphs = 1_000_000
	maxTaggedNodes  = 100_000
)

// readTaggedGraphs reads the text form of the GIN and GNN-RNI code: the number of
// graphs; of each, a line with its number of nodes and its class, then a line a
// node with its type, its number of neighbours and these, counted from 0.
func readTaggedGraphs(ctx context.Context, l *lines, classes, types int64) (*packed, error) {
	r := &taggedReader{lines: l, classes: classes, types: types}
	if err := r.cutLine(1, 1); err != nil {
		return nil, err
	}
	n, err := l.whole(r.parts[0], "number of graphs", 1, maxTaggedGraphs)
	if err != nil {
		return nil, err
	}
	p := &packed{untyped: true}
	for i := range int(n) {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		g, err := r.graph()
		if err != nil {
			return nil, err
		}
		p.add(g, uint64(i))
	}
	if _, err := l.next(); err == nil {
		return nil, l.fail("", "there is more after the %d graphs that line 1 announces", n)
	} else if err != io.EOF {
		return nil, err
	}
	return p, nil
}

type taggedReader struct {
	*lines
	classes, types int64
	parts          [][]byte
}

// cutLine cuts the next line into from low to high values.
func (r *taggedReader) cutLine(low, high int) error {
	line, err := r.next()
	if err == io.EOF {
		r.n++
		return r.fail("it is cut off: copy it again", "the file ends here")
	}
	if err != nil {
		return err
	}
	r.parts = fields(r.parts, line)
	if n := len(r.parts); n < low || n > high {
		return r.fail("separate values by blanks", "%d values, expected %s", n, between(low, high))
	}
	return nil
}

func between(low, high int) string {
	if low == high {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d to %d", low, high)
}

func (r *taggedReader) graph() (*graphs.Graph, error) {
	if err := r.cutLine(2, 2); err != nil {
		return nil, err
	}
	n, err := r.whole(r.parts[0], "number of nodes", 1, maxTaggedNodes)
	if err != nil {
		return nil, err
	}
	class, err := r.whole(r.parts[1], "class", 0, r.classes-1)
	if err != nil {
		return nil, err
	}
	g := &graphs.Graph{Nodes: int(n), Target: []float32{float32(class)}}
	seen := map[[2]int]int{} // the line of each edge
	for u := range g.Nodes {
		if err := r.node(g, u, seen); err != nil {
			return nil, err
		}
	}
	if u, v := firstOneWay(seen); u >= 0 {
		r.n = seen[[2]int{u, v}]
		return nil, r.fail("", "node %d has the neighbour %d, but node %[2]d does not have %[1]d", u, v)
	}
	return g, nil
}

// firstOneWay is the smallest edge without a reverse, or -1, -1: the smallest, so
// that the message is always the same.
func firstOneWay(seen map[[2]int]int) (u, v int) {
	u, v = -1, -1
	for e := range seen {
		if seen[[2]int{e[1], e[0]}] == 0 && (u < 0 || e[0] < u || e[0] == u && e[1] < v) {
			u, v = e[0], e[1]
		}
	}
	return u, v
}

// node reads the line of node u and adds its bonds with nodes above it.
func (r *taggedReader) node(g *graphs.Graph, u int, seen map[[2]int]int) error {
	if err := r.cutLine(2, g.Nodes+1); err != nil {
		return err
	}
	kind, err := r.whole(r.parts[0], "node type", 0, r.types-1)
	if err != nil {
		return err
	}
	g.NodeTypes = append(g.NodeTypes, int32(kind))
	degree, err := r.whole(r.parts[1], "number of neighbours", 0, int64(g.Nodes)-1)
	if err != nil {
		return err
	}
	if got := len(r.parts) - 2; int64(got) != degree {
		return r.fail("", "%d neighbours are announced, %d are there", degree, got)
	}
	for _, text := range r.parts[2:] {
		v, err := r.whole(text, "neighbour", 0, int64(g.Nodes)-1)
		if err != nil {
			return err
		}
		edge := [2]int{u, int(v)}
		switch {
		case int(v) == u:
			return r.fail("", "node %d is its own neighbour", u)
		case seen[edge] != 0:
			return r.fail("", "the neighbour %d comes twice", v)
		}
		seen[edge] = r.n
		if int(v) > u {
			g.AddBond(u, int(v))
		}
	}
	return nil
}

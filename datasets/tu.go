package datasets

import (
	"context"
	"fmt"
	"strconv"

	"github.com/graft-ml/graft/graphs"
)

// TUOptions say how the reader of the TU text format treats what users of the
// collection treat differently. The zero value is strict.
type TUOptions struct {
	// MergeEdges takes an edge that is listed several times as one; its labels and
	// attributes must agree. IMDB-BINARY lists every edge twice.
	MergeEdges bool
	// DropSelfLoops leaves edges from a node to itself out.
	DropSelfLoops bool
	// Directed accepts an edge whose reverse is not listed.
	Directed bool
	// DegreeTypes gives nodes of a set without node labels their degree as type.
	DegreeTypes bool
}

var _ Source = (*TU)(nil)

// TU is a data set in the text format of the TU collection (Morris et al.,
// TUDataset, 2020): NAME_A.txt with a directed edge a line, NAME_graph_indicator.txt
// with the graph of each node, NAME_graph_labels.txt with the class of each graph
// (or NAME_graph_attributes.txt with numbers to predict), and, where they are
// there, labels and attributes of nodes and edges. Node and graph numbers of the
// files begin at 1 and count over the whole set.
//
// Labels of nodes and edges become type ids, attributes real features, in the
// order of the files; edges are sorted by their ends. A TU holds the set in flat
// arrays, eight bytes an edge, and makes each graph when it is asked for.
type TU struct {
	Name string // of the files
	// Classes, NodeLabels and EdgeLabels give the number in the files for each class
	// and, by column, each type id: they are numbered in ascending order.
	Classes                []int
	NodeLabels, EdgeLabels [][]int

	offsets []int32    // [graphs+1] first node of each graph
	edges   [][2]int32 // [edges] nodes within their graph, sorted
	starts  []int      // [graphs+1] first edge of each graph

	classOf                      []int32   // [graphs], nil where targets are numbers
	targets                      []float32 // [graphs, targetColumns]
	nodeTypes, edgeTypes         []int32
	nodeFeatures, edgeFeatures   []float32
	targetColumns                int
	nodeTypeColumns, nodeColumns int
	edgeTypeColumns, edgeColumns int
}

// ReadTU reads a folder with the files of one set, or a zip archive of it. Every
// number is checked: the error is a *FileError with file and line, or that of ctx.
func ReadTU(ctx context.Context, path string, o TUOptions) (*TU, error) {
	files, err := findTU(path)
	if err != nil {
		return nil, err
	}
	defer files.close()
	return readTU(ctx, path, files, o)
}

// Len is the number of graphs.
func (t *TU) Len() int { return len(t.offsets) - 1 }

// ClassOf is the class of graph i, or -1 where graphs have no classes.
func (t *TU) ClassOf(i int) int {
	if t.classOf == nil {
		return -1
	}
	return int(t.classOf[i])
}

// Graph makes graph i, whose ID is its number from 0; the error is always nil.
func (t *TU) Graph(i int) (*graphs.Graph, error) {
	mustHave(i, t.Len())
	first, last := int(t.offsets[i]), int(t.offsets[i+1])
	from, to := t.starts[i], t.starts[i+1]
	g := &graphs.Graph{
		ID: strconv.Itoa(i), Nodes: last - first, Edges: make([]graphs.Edge, to-from),
		NodeTypes: rows(t.nodeTypes, first, last, t.nodeTypeColumns),
		EdgeTypes: rows(t.edgeTypes, from, to, t.edgeTypeColumns),
	}
	for e, edge := range t.edges[from:to] {
		g.Edges[e] = graphs.Edge{From: int(edge[0]), To: int(edge[1])}
	}
	if n := t.nodeColumns; n > 0 {
		g.NodeFeatures = t.nodeFeatures[first*n : last*n : last*n]
	}
	if n := t.edgeColumns; n > 0 {
		g.EdgeFeatures = t.edgeFeatures[from*n : to*n : to*n]
	}
	switch {
	case t.classOf != nil:
		g.Target = []float32{float32(t.classOf[i])}
	case t.targetColumns > 0:
		n := t.targetColumns
		g.Target = t.targets[i*n : (i+1)*n : (i+1)*n]
	}
	return g, nil
}

// rows cuts some rows out of a table of ids; nil where it has no columns.
func rows(ids []int32, from, to, columns int) []int32 {
	if columns == 0 {
		return nil
	}
	return ids[from*columns : to*columns : to*columns]
}

// Folds cuts the set into ten folds with the same share of every class, drawn by
// seed, and gives the set of one of them, 0..9: see [StratifiedFolds]. It is for
// sets whose graphs have classes; those without are dealt as if they had one.
func (t *TU) Folds(fold int, seed uint64) (*Set, error) {
	if fold < 0 || fold >= tuFolds {
		return nil, fmt.Errorf("datasets: %s: fold %d is out of range; choose one of 0..%d", t.Name, fold, tuFolds-1)
	}
	classes := t.classOf
	if classes == nil {
		classes = make([]int32, t.Len())
	}
	set := cut(t, stratified(classes, tuFolds, fold, seed))
	set.Name, set.Info = t.Name, t.info()
	set.Info.Train, set.Info.Val, set.Info.Test = set.Train.Len(), set.Val.Len(), set.Test.Len()
	return set, nil
}

// tuFolds is the number of folds of all protocols of the collection.
const tuFolds = 10

// info is what the files say of the set.
func (t *TU) info() Info {
	i := Info{
		Name: t.Name, Title: t.Name, Task: GraphRegression, Targets: t.targetColumns,
		MeanNodes: float64(t.offsets[t.Len()]) / float64(t.Len()), MeanEdges: float64(len(t.edges)) / float64(t.Len()),
		NodeFeatures: t.nodeColumns, EdgeFeatures: t.edgeColumns,
		NodeTypes: widen(nil, t.nodeTypes, t.nodeTypeColumns), EdgeTypes: widen(nil, t.edgeTypes, t.edgeTypeColumns),
		Folds: tuFolds, SplitRule: "ten folds, stratified by class, 8:1:1", Protocols: []Protocol{StratifiedFolds},
	}
	if t.classOf != nil {
		i.Task, i.Classes, i.Targets = GraphClassification, len(t.Classes), 1
	}
	return i
}

package files

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
)

// load loads files that must be fine.
func load(t *testing.T, k Kind, o Options, texts map[string]string) *Loaded {
	t.Helper()
	l, err := Load(context.Background(), Request{Kind: k, Dir: write(t, texts), Options: o}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// all gives the graphs of a set by their ids.
func all(t *testing.T, s *datasets.Set) map[string]*graphs.Graph {
	t.Helper()
	out := map[string]*graphs.Graph{}
	for _, source := range []datasets.Source{s.Train, s.Val, s.Test} {
		for i := range source.Len() {
			g, err := source.Graph(i)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Validate(); err != nil {
				t.Error(err)
			}
			out[g.ID] = g
		}
	}
	return out
}

// three graphs in two tables, with a split.
const (
	manyNodes = "graph,id,color,size,y,split\nA,1,red,1,10,train\nA,2,blue,3,10,train\nB,1,red,5,20,train\nC,1,green,7,30,test\nC,2,red,9,30,test\n"
	manyEdges = "graph,source,target,weight,kind\nA,1,2,0.5,s\nC,2,1,2,d\n"
)

func TestTables(t *testing.T) {
	o := Options{Path: "e.csv", Nodes: "n.csv", SplitColumn: "split", Unknown: UnknownRow}
	l := load(t, Graphs, o, map[string]string{"n.csv": manyNodes, "e.csv": manyEdges})
	s := l.Schema
	// Numbers 1, 3, 5: mean 3, deviation sqrt(8/3). Blue occurs once: it counts as unknown.
	sd := math.Sqrt(8.0 / 3)
	wantNodes := []Column{{Name: "color", Categories: []string{"red"}, Unknown: true}, {Name: "size", Mean: 3, SD: sd}}
	wantEdges := []Column{{Name: "kind", Categories: []string{}, Unknown: true}}
	if !reflect.DeepEqual(s.Nodes.Columns, wantNodes) || !reflect.DeepEqual(s.Edges.Columns, wantEdges) {
		t.Errorf("columns %+v and %+v", s.Nodes.Columns, s.Edges.Columns)
	}
	if want := []Target{{Name: "y", Mean: 15, SD: 5}}; !reflect.DeepEqual(s.Targets, want) {
		t.Errorf("targets %+v, want %+v", s.Targets, want)
	}
	got := all(t, l.Set)
	f := func(v float64) float32 { return float32((v - 3) / sd) }
	for id, want := range map[string]graphs.Graph{
		"A": {Nodes: 2, Edges: []graphs.Edge{{From: 0, To: 1}, {From: 1, To: 0}}, EdgeWeights: []float32{0.5, 0.5}, NodeTypes: []int32{0, 1}, NodeFeatures: []float32{f(1), f(3)}, EdgeTypes: []int32{0, 0}, Target: []float32{-1}},
		"B": {Nodes: 1, NodeTypes: []int32{0}, NodeFeatures: []float32{f(5)}, Target: []float32{1}},
		"C": {Nodes: 2, Edges: []graphs.Edge{{From: 1, To: 0}, {From: 0, To: 1}}, EdgeWeights: []float32{2, 2}, NodeTypes: []int32{1, 0}, NodeFeatures: []float32{f(7), f(9)}, EdgeTypes: []int32{0, 0}, Target: []float32{3}},
	} {
		want.ID = id
		if fmt.Sprintf("%+v", *got[id]) != fmt.Sprintf("%+v", want) {
			t.Errorf("graph %s is %+v\nwant %+v", id, *got[id], want)
		}
	}
	if l.Set.Train.Len() != 2 || l.Set.Val.Len() != 0 || l.Set.Test.Len() != 1 {
		t.Errorf("splits of %d, %d, %d graphs", l.Set.Train.Len(), l.Set.Val.Len(), l.Set.Test.Len())
	}
}

// TestOptionsOfTables changes one option and looks at what it does.
func TestOptionsOfTables(t *testing.T) {
	texts := func(nodes, edges string) map[string]string { return map[string]string{"n.csv": nodes, "e.csv": edges} }
	base := Options{Path: "e.csv", Nodes: "n.csv", Task: NodeClassification}
	edit := func(f func(*Options)) Options {
		o := base
		f(&o)
		return o
	}
	for _, c := range []struct {
		name  string
		o     Options
		texts map[string]string
		want  func(g *graphs.Graph, s *Schema) bool
	}{
		{"undirected", base, texts(nodes, edges), func(g *graphs.Graph, _ *Schema) bool { return len(g.Edges) == 10 && g.EdgeWeights == nil }},
		{"directed", edit(func(o *Options) { o.Directed = true }), texts(nodes, edges+"b,a\n"), func(g *graphs.Graph, _ *Schema) bool { return len(g.Edges) == 6 }},
		{"loops kept", edit(func(o *Options) { o.SelfLoops = KeepLoops }), texts(nodes, edges+"a,a\n"), func(g *graphs.Graph, _ *Schema) bool {
			return len(g.Edges) == 11 && g.Edges[10] == graphs.Edge{}
		}},
		{"loops dropped", edit(func(o *Options) { o.SelfLoops = DropLoops }), texts(nodes, edges+"a,a\n"), func(g *graphs.Graph, _ *Schema) bool { return len(g.Edges) == 10 }},
		{"edges merged", edit(func(o *Options) { o.MultiEdges = MergeMultiEdges }), texts(nodes, edges+"b,a\na,b\n"), func(g *graphs.Graph, _ *Schema) bool {
			return len(g.Edges) == 10 && g.EdgeWeights[0] == 3 && g.EdgeWeights[1] == 3 && g.EdgeWeights[2] == 1
		}},
		{"mean", edit(func(o *Options) { o.Impute = ImputeMean }), texts(strings.Replace(nodes, "a,x,1", "a,,NA", 1), edges), func(g *graphs.Graph, s *Schema) bool {
			return g.NodeTypes[0] == 1 && g.NodeFeatures[0] == 0 && s.Nodes.Columns[0].Common == 1 // y is more frequent
		}},
		{"zero", edit(func(o *Options) { o.Impute = ImputeZero }), texts(strings.Replace(nodes, "a,x,1", "a,,", 1), edges), func(g *graphs.Graph, s *Schema) bool {
			c := s.Nodes.Columns[1]
			return g.NodeTypes[0] == 2 && s.Nodes.Types()[0] == 3 && g.NodeFeatures[0] == float32(-c.Mean/c.SD)
		}},
		{"categorical", edit(func(o *Options) { o.Categorical = "mass" }), texts(strings.Replace(nodes, "a,x,1", "a,x,10", 1), edges), func(g *graphs.Graph, s *Schema) bool {
			return slices.Equal(s.Nodes.Columns[1].Categories, []string{"2", "3", "4", "5", "6", "10"}) && g.NodeTypes[1] == 5 && len(g.NodeFeatures) == 0
		}},
		{"ignored", edit(func(o *Options) { o.Ignore = "mass, kind" }), texts(nodes, edges), func(g *graphs.Graph, s *Schema) bool {
			return len(s.Nodes.Columns) == 0 && g.NodeTypes == nil && g.NodeFeatures == nil
		}},
		{"constant column", base, texts("id,c,label\na,7,l\nb,7,r\n", "source,target\n"), func(g *graphs.Graph, s *Schema) bool {
			return s.Nodes.Columns[0].SD == 1 && g.NodeFeatures[0] == 0
		}},
		{"other names", Options{Path: "e.csv", Nodes: "n.csv", Task: NodeClassification, IDColumn: "name", SourceColumn: "from", SinkColumn: "to", WeightColumn: "w", TargetColumn: "side"},
			texts("name,side\na,l\nb,r\n", "from,to,w\na,b,3\n"), func(g *graphs.Graph, _ *Schema) bool {
				return g.Nodes == 2 && len(g.Edges) == 2 && g.EdgeWeights[1] == 3
			}},
	} {
		l := load(t, Graphs, c.o, c.texts)
		g, err := l.Set.Train.Graph(0)
		if err != nil || !c.want(g, l.Schema) {
			t.Errorf("%s: %+v, %+v (%v)", c.name, g, l.Schema, err)
		}
	}
}

// TestNodeSplits: nodes of one graph are split, and each split shows other labels.
func TestNodeSplits(t *testing.T) {
	var n strings.Builder
	n.WriteString("id,label\n")
	for i := range 40 {
		fmt.Fprintf(&n, "%d,%s\n", i, []string{"l", "r", "", "NaN"}[i%4])
	}
	o := Options{Path: "e.csv", Nodes: "n.csv", Task: NodeClassification}
	l := load(t, Graphs, o, map[string]string{"n.csv": n.String(), "e.csv": "source,target\n0,1\n"})
	seen := make([]int, 40)
	for s, want := range []int{16, 2, 2} {
		source := l.Set.Split(datasets.Split(s))
		g, err := source.Graph(0)
		if err != nil || source.Len() != 1 {
			t.Fatalf("split %d: %d graphs, %v", s, source.Len(), err)
		}
		given := 0
		for i, c := range g.NodeLabels {
			if c != graphs.NoLabel {
				given++
				seen[i]++
				if int(c) != i%4 {
					t.Errorf("node %d has class %d", i, c)
				}
			}
		}
		if given != want {
			t.Errorf("split %d shows %d labels, want %d", s, given, want)
		}
	}
	for i, n := range seen {
		if (n == 1) != (i%4 < 2) {
			t.Errorf("node %d is shown in %d splits", i, n)
		}
	}
	// By a column; nodes without label need no split.
	o.SplitColumn = "s"
	l = load(t, Graphs, o, map[string]string{"n.csv": "id,label,s\na,l,train\nb,r,train\nc,l,val\nd,r,TEST\ne,,\n", "e.csv": "source,target\n"})
	for s, want := range [][]int32{{0, 1, -1, -1, -1}, {-1, -1, 0, -1, -1}, {-1, -1, -1, 1, -1}} {
		g, err := l.Set.Split(datasets.Split(s)).Graph(0)
		if err != nil || !slices.Equal(g.NodeLabels, want) {
			t.Errorf("split %d: %v (%v), want %v", s, g, err, want)
		}
	}
	if l.AllClasses != [3]bool{true, false, false} {
		t.Errorf("all classes: %v", l.AllClasses)
	}
}

// TestKnownSchema: loading again by the schema gives the same graphs, and other files
// are refused.
func TestKnownSchema(t *testing.T) {
	q := Request{Kind: Graphs, Options: Options{Path: "e.csv", Nodes: "n.csv", SplitColumn: "split"}, Dir: write(t, map[string]string{"n.csv": strings.ReplaceAll(strings.ReplaceAll(manyNodes, "green", "red"), "blue", "red"), "e.csv": strings.ReplaceAll(manyEdges, ",d", ",s")})}
	first, err := Load(context.Background(), q, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := first.Schema.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	known, err := ParseSchema(text)
	if err != nil || !reflect.DeepEqual(known, first.Schema) {
		t.Fatalf("%v, %+v, want %+v", err, known, first.Schema)
	}
	again, err := Load(context.Background(), q, known)
	if err != nil || !reflect.DeepEqual(all(t, first.Set), all(t, again.Set)) {
		t.Errorf("again: %v", err)
	}
	q.Dir = write(t, map[string]string{"n.csv": manyNodes + "D,1,red,1,5,val\n", "e.csv": manyEdges})
	if _, err := Load(context.Background(), q, known); err == nil || !strings.HasSuffix(err.Error(), "e.csv: it is not the file that the model was trained on: its contents differ; put that file back; for other data there is graft predict") {
		t.Errorf("other files: %v", err)
	}
}

// TestReadForPrediction: other files are read by the schema, without targets, and what
// it does not know is refused.
func TestReadForPrediction(t *testing.T) {
	trained := load(t, Graphs, Options{Path: "e.csv", Nodes: "n.csv", SplitColumn: "split", Unknown: UnknownRow}, map[string]string{"n.csv": manyNodes, "e.csv": manyEdges})
	dir := write(t, map[string]string{
		"n.csv": "size,id,color,extra\n4,a,red,\n,b,violet,\n", "e.csv": "source,target,kind\na,b,q\n", "bare.csv": "id,color\na,red\n", "none.csv": "source,target\n",
	})
	read := func(o Options) (*graphs.Graph, error) {
		r, err := ReadTables(context.Background(), Request{Dir: dir, Options: o}, trained.Schema)
		if err != nil {
			return nil, err
		}
		g, err := r.Read()
		if err == nil {
			if _, end := r.Read(); end != io.EOF || !slices.Equal(r.NodeIDs(), []string{"a", "b"}) || r.Line() != 2 {
				t.Errorf("nodes %v, line %d, then %v", r.NodeIDs(), r.Line(), end)
			}
		}
		return g, err
	}
	o := Options{Path: "e.csv", Nodes: "n.csv", Unknown: UnknownRow, Impute: ImputeMean}
	g, err := read(o)
	if err != nil || !slices.Equal(g.NodeTypes, []int32{0, 1}) || g.NodeFeatures[1] != 0 || len(g.EdgeTypes) != 2 {
		t.Errorf("%+v, %v", g, err)
	}
	o.Impute = RefuseMissing
	if _, err := read(o); err == nil || !strings.HasSuffix(err.Error(), `n.csv:3: column "size": the value is missing; fill it in, or set data.files.impute to mean or zero`) {
		t.Errorf("missing: %v", err)
	}
	o.Path, o.Nodes = "none.csv", "bare.csv"
	if _, err := read(o); err == nil || !strings.HasSuffix(err.Error(), `bare.csv:2: nodes have no column "size", which the model reads; they have "color"`) {
		t.Errorf("missing column: %v", err)
	}
	trained = load(t, Graphs, Options{Path: "e.csv", Nodes: "n.csv", Task: NodeClassification}, map[string]string{"n.csv": nodes, "e.csv": edges})
	dir = write(t, map[string]string{"n.csv": "id,kind,mass\na,z,1\n", "e.csv": "source,target\n"})
	if _, err := read(Options{Path: "e.csv", Nodes: "n.csv"}); err == nil || !strings.HasSuffix(err.Error(),
		`n.csv:2: column "kind": the category "z" does not occur in the training split; set data.files.unknown to row to have an id for such, or leave the column out with data.files.ignore`) {
		t.Errorf("unknown category: %v", err)
	}
}

// TestLimit keeps the first graphs of each split, for learning the schema too.
func TestLimit(t *testing.T) {
	q := Request{Dir: write(t, map[string]string{"m.csv": molecules}), Options: Options{Path: "m.csv", TargetColumn: "y"}, Limit: datasets.Limit{Train: 2}}
	l, err := Load(context.Background(), q, nil)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i := range l.Set.Train.Len() {
		g, err := l.Set.Train.Graph(i)
		if err != nil {
			t.Fatal(err)
		}
		sum += float64(g.Target[0])
	}
	if l.Set.Train.Len() != 2 || l.Set.Val.Len() != 1 || math.Abs(sum) > 1e-6 {
		t.Errorf("%d and %d graphs, targets add up to %v", l.Set.Train.Len(), l.Set.Val.Len(), sum)
	}
	if _, err := Load(context.Background(), Request{Dir: filepath.Join(q.Dir, "x"), Options: q.Options}, nil); err == nil {
		t.Error("a folder that does not exist was read")
	}
}

// TestContext ends loading early.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for k, o := range map[Kind]Options{
		CSV: {Path: "m.csv", TargetColumn: "y"}, Graphs: {Path: "e.csv", Nodes: "n.csv", Task: NodeClassification}, JSONLines: {Path: "j.jsonl"},
	} {
		dir := write(t, map[string]string{"m.csv": molecules, "n.csv": nodes, "e.csv": edges, "j.jsonl": `{"n":1,"y":1}`})
		if _, err := Load(ctx, Request{Kind: k, Dir: dir, Options: o}, nil); err != context.Canceled {
			t.Errorf("%v: %v", k, err)
		}
	}
}

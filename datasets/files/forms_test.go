package files

import (
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

func TestJSONLines(t *testing.T) {
	const text = `{"i":"a","x":[3,1],"e":[[0,1,7]],"y":2}
{"i":"b","x":[1],"e":[],"y":4}
`
	l := load(t, JSONLines, Options{Path: "g.jsonl"}, map[string]string{"g.jsonl": strings.Repeat(text, 5)})
	want := []Column{{Name: "x0", Categories: []string{"1", "3"}}}
	if !reflect.DeepEqual(l.Schema.Nodes.Columns, want) || l.Schema.Edges.Columns[0].Name != "e0" || l.Schema.Targets[0].Name != "y" {
		t.Errorf("%+v", l.Schema)
	}
	g := all(t, l.Set)["a"]
	if !slices.Equal(g.NodeTypes, []int32{1, 0}) || len(g.Edges) != 2 || !slices.Equal(g.EdgeTypes, []int32{0, 0}) {
		t.Errorf("%+v", g)
	}

	// Real features, several targets of which one is missing, weights, features of edges.
	l = load(t, JSONLines, Options{Path: "g.jsonl", TargetColumn: "y1,y0"}, map[string]string{"g.jsonl": strings.Repeat(
		`{"x":[[1,5],[3,5]],"e":[[0,1]],"w":[2],"ef":[[4]],"y":[null,1]}`+"\n", 6)})
	if c := l.Schema.Nodes.Columns; len(c) != 2 || c[0].Mean != 2 || c[0].SD != 1 || c[1].SD != 1 || l.Schema.Edges.Columns[0].Mean != 4 {
		t.Errorf("%+v", l.Schema)
	}
	g, err := l.Set.Train.Graph(0)
	if err != nil || !slices.Equal(g.NodeFeatures, []float32{-1, 0, 1, 0}) || g.EdgeWeights[1] != 2 || g.Target[0] != 0 || !math.IsNaN(float64(g.Target[1])) {
		t.Errorf("%+v, %v", g, err)
	}

	// Labels of nodes are no features.
	l = load(t, JSONLines, Options{Path: "g.jsonl", Task: NodeClassification}, map[string]string{"g.jsonl": strings.Repeat(`{"x":[0,0,1],"e":[[0,1]],"l":[5,-1,2]}`+"\n", 10)})
	g, err = l.Set.Train.Graph(0)
	if err != nil || !slices.Equal(g.NodeLabels, []int32{1, graphs.NoLabel, 0}) || len(l.Schema.Nodes.Columns) != 1 || l.Set.Train.Len() != 8 {
		t.Errorf("%+v, %v", g, err)
	}

	// Prediction does not look at targets, goes on behind a bad line, and refuses what was
	// not in the training split.
	r := NewGraphReader("p.jsonl", strings.NewReader("{\"x\":[1],\"e\":[],\"y\":[1,2,3]}\n{\n{\"x\":[9],\"e\":[]}\n{\"x\":[0],\"e\":[],\"l\":[0]}\n"), JSONLines, Options{}, l.Schema)
	var got []string
	for {
		g, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, fmt.Sprint(g.NodeTypes, r.Line()))
	}
	if len(got) != 4 || got[0] != "[1] 1" || !strings.HasPrefix(got[1], "files: p.jsonl:2: byte 2: malformed JSON") ||
		!strings.HasPrefix(got[2], `files: p.jsonl:3: column "x0": the category "9" does not occur in the training split`) || got[3] != "[0] 4" {
		t.Errorf("%q", got)
	}
}

func TestGraph6(t *testing.T) {
	l := load(t, Graph6, Options{Path: "a.g6", GraphTable: "t.csv", SplitColumn: "s", GraphColumn: "line", TargetColumn: "edges"}, map[string]string{
		"a.g6": ">>graph6<<Bw\nA_\n\n@\n", "t.csv": "line,edges,s\n4,0,train\n1,3,train\n2,1,test\n",
	})
	got := all(t, l.Set)
	if g := got["1"]; len(got) != 3 || g.Nodes != 3 || len(g.Edges) != 6 || g.Target[0] != 1 || got["4"].Target[0] != -1 {
		t.Errorf("%+v", got)
	}
	if types, n := l.Schema.Nodes.Types(), l.Schema.Nodes.Numbers(); len(types) != 0 || n != 0 || l.Schema.Nodes.String() != "none" {
		t.Errorf("%+v", l.Schema)
	}
}

func TestOptions(t *testing.T) {
	valid := map[Kind]Options{
		CSV: {Path: "m.csv"}, Graphs: {Path: "e.csv", Nodes: "n.csv"}, GraphML: {Path: "g.graphml"}, Graph6: {Path: "a.g6", GraphTable: "t.csv"}, JSONLines: {Path: "a.jsonl"},
	}
	for k, o := range valid {
		if err := (Request{Kind: k, Options: o}).Validate(); err != nil {
			t.Errorf("%v: %v", k, err)
		}
	}
	for _, c := range []struct {
		kind   Kind
		change func(*Request)
		want   string
	}{
		{CSV, func(q *Request) { q.Options.Path = "" }, "files: path: no file: name the table of molecules"},
		{CSV, func(q *Request) { q.Kind = 9 }, "files: kind: Kind(9): want one of csv, graphs, graphml, graph6, jsonl"},
		{CSV, func(q *Request) { q.Options.Nodes = "n" }, "files: nodes: a table of nodes belongs to one of edges, not to csv"},
		{CSV, func(q *Request) { q.Options.GraphTable = "n" }, "files: graphTable: a table of molecules has its targets itself"},
		{CSV, func(q *Request) { q.Options.Task = NodeClassification }, "files: task: node-classification: csv has no labels of nodes"},
		{CSV, func(q *Request) { q.Options.Task = 7 }, "files: task: Task(7): want one of regression, classification, node-classification"},
		{CSV, func(q *Request) { q.Options.Features = "ogg" }, `files: features: unknown features "ogg"; did you mean "ogb"?`},
		{CSV, func(q *Request) { q.Options.Directed = true }, "files: directed: csv says itself which edges are directed"},
		{CSV, func(q *Request) { q.Options.MaxRow = -1 }, "files: maxRow: -1: want a number of bytes, or 0 for 1048576"},
		{CSV, func(q *Request) { q.Options.MaxNodes = -1 }, "files: maxNodes: -1: want a number of nodes, or 0 for 1000"},
		{CSV, func(q *Request) { q.Options.TargetColumn = "a,,b" }, `files: targetColumn: "a,,b" holds an empty name`},
		{CSV, func(q *Request) { q.Options.Ignore = "a,a" }, `files: ignore: "a,a" holds "a" twice`},
		{CSV, func(q *Request) { q.Options.Numeric = `"a` }, `files: numeric: "\"a" is no list: want names with commas between them`},
		{CSV, func(q *Request) { q.Protocol = 4 }, "files: protocol: ogb: files are split by random, scaffold (molecules only), or a column"},
		{CSV, func(q *Request) { q.Protocol, q.Options.SplitColumn = 3, "s" }, `files: protocol: random: the column "s" says already`},
		{Graphs, func(q *Request) { q.Protocol = 2 }, "files: protocol: scaffold: only molecules have scaffolds"},
		{Graphs, func(q *Request) { q.Options.Nodes = "" }, "files: nodes: a table of edges has no targets"},
		{Graphs, func(q *Request) { q.Options.SkipBad = true }, "files: skipBad: only rows of molecules can be left out, not parts of graphs"},
		{Graphs, func(q *Request) { q.Options.Task, q.Options.TargetColumn = NodeClassification, "a,b" }, "files: targetColumn: 2 columns: nodes and edges have one label each"},
		{Graphs, func(q *Request) { q.Options.Task, q.Options.GraphTable = NodeClassification, "t" }, "files: graphTable: a table of graphs has no labels of nodes"},
		{Graph6, func(q *Request) { q.Options.GraphTable = "" }, "files: graphTable: graph6 has no targets: name a table that has them"},
	} {
		q := Request{Kind: c.kind, Options: valid[c.kind]}
		c.change(&q)
		if err := q.Validate(); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	for _, names := range [][]string{{"a"}, {"a", "b c"}, {`say "x"`, "a,b", "ü"}, {" a"}} {
		list, err := List(Join(names))
		if names[0] == " a" {
			names = []string{"a"}
		}
		if err != nil || !slices.Equal(list, names) {
			t.Errorf("%q came back as %q, %v", names, list, err)
		}
	}
}

// TestKinds: every name leads to its value and back, and a wrong one to the nearest.
func TestKinds(t *testing.T) {
	type named interface {
		fmt.Stringer
		MarshalText() ([]byte, error)
	}
	for _, c := range []struct {
		names string
		parse func(string) (named, error)
		wrong string
		hint  string
	}{
		{"csv graphs graphml graph6 jsonl", func(s string) (named, error) { var k Kind; err := k.UnmarshalText([]byte(s)); return k, err }, "grahml", `"graphml"`},
		{"regression classification node-classification", func(s string) (named, error) { var k Task; err := k.UnmarshalText([]byte(s)); return k, err }, "clasification", `"classification"`},
		{"auto comma semicolon tab", func(s string) (named, error) { var k Delimiter; err := k.UnmarshalText([]byte(s)); return k, err }, "coma", `"comma"`},
		{"refuse mean zero", func(s string) (named, error) { var k Impute; err := k.UnmarshalText([]byte(s)); return k, err }, "men", `"mean"`},
		{"refuse row", func(s string) (named, error) { var k Unknown; err := k.UnmarshalText([]byte(s)); return k, err }, "raw", `"row"`},
		{"refuse keep drop", func(s string) (named, error) { var k SelfLoops; err := k.UnmarshalText([]byte(s)); return k, err }, "keeep", `"keep"`},
		{"refuse merge", func(s string) (named, error) { var k MultiEdges; err := k.UnmarshalText([]byte(s)); return k, err }, "merg", `"merge"`},
	} {
		for _, name := range strings.Fields(c.names) {
			v, err := c.parse(name)
			text, bad := v.MarshalText()
			if err != nil || bad != nil || v.String() != name || string(text) != name {
				t.Errorf("%s: %v, %v", name, v, err)
			}
		}
		if _, err := c.parse(c.wrong); err == nil || !strings.Contains(err.Error(), "did you mean "+c.hint) {
			t.Errorf("%s: %v", c.wrong, err)
		}
	}
	var d Delimiter
	if err := d.UnmarshalText([]byte(";")); err != nil || d != Semicolon {
		t.Errorf("a delimiter by itself: %v, %v", d, err)
	}
}

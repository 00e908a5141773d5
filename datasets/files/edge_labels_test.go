package files

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
)

// TestEdgeLabels reads classes of edges of a table, of GraphML and of JSON Lines. The column of a class is no feature, and
// both directions of an edge that has none are of its class.
func TestEdgeLabels(t *testing.T) {
	none := int32(graphs.NoLabel)
	for name, c := range map[string]struct {
		kind  Kind
		o     Options
		texts map[string]string
		want  map[datasets.Split][]int32 // of the one graph
		types int                        // columns of edge types that are left
	}{
		"table": {Graphs, Options{Path: "e.csv", TargetColumn: "kind", SplitColumn: "split"},
			map[string]string{"e.csv": "source,target,kind,colour,split\na,b,x,red,train\nb,c,y,red,val\nc,a,,blue,train\nc,d,y,blue,train\n"},
			map[datasets.Split][]int32{
				datasets.Train: {0, 0, none, none, none, none, 1, 1},
				datasets.Val:   {none, none, 1, 1, none, none, none, none},
			}, 1},
		"directed": {Graphs, Options{Path: "e.csv", TargetColumn: "kind", SplitColumn: "split", Directed: true},
			map[string]string{"e.csv": "source,target,kind,split\na,b,x,train\nb,a,y,train\nb,b,y,test\n"},
			map[datasets.Split][]int32{datasets.Train: {0, 1, none}, datasets.Test: {none, none, 1}}, 0},
		"JSON Lines": {JSONLines, Options{Path: "g.jsonl"},
			map[string]string{"g.jsonl": `{"n":3,"e":[[0,1],[1,2]],"el":[3,-1]}` + "\n" + `{"n":2,"e":[[0,1]],"el":[0]}` + "\n"}, nil, 0},
		"GraphML": {GraphML, Options{Path: "g.graphml", TargetColumn: "kind", SplitColumn: "split"},
			map[string]string{"g.graphml": `<graphml><key id="k" for="edge" attr.name="kind" attr.type="string"/><key id="s" for="edge" attr.name="split" attr.type="string"/>` +
				`<graph edgedefault="undirected"><node id="a"/><node id="b"/><edge source="a" target="b"><data key="k">x</data><data key="s">train</data></edge>` +
				`<edge source="b" target="a" directed="true"><data key="k">y</data><data key="s">train</data></edge></graph></graphml>`}, nil, 0},
	} {
		c.o.Task, c.o.SelfLoops = EdgeClassification, KeepLoops
		if name == "GraphML" { // an edge with and without direction: no such thing
			c.texts["g.graphml"] = strings.Replace(c.texts["g.graphml"], `source="b" target="a" directed="true"`, `source="a" target="a"`, 1)
			c.want = map[datasets.Split][]int32{datasets.Train: {0, 0, 1}}
		}
		l := load(t, c.kind, c.o, c.texts)
		if l.Set.Info.Task != datasets.EdgeClassification || l.Set.Info.Classes != 2 || l.Set.Info.Targets != 0 {
			t.Errorf("%s: %+v", name, l.Set.Info)
		}
		if got := len(l.Schema.Edges.Types()); got != c.types || l.Schema.Edges.Numbers() != 0 {
			t.Errorf("%s: features of edges %v", name, l.Schema.Edges)
		}
		for split, want := range c.want {
			g, err := l.Set.Split(split).Graph(0)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Validate(); err != nil || !slices.Equal(g.EdgeLabels, want) || g.NodeLabels != nil {
				t.Errorf("%s: split %v has labels %v of %v, want %v (%v)", name, split, g.EdgeLabels, g.Edges, want, err)
			}
		}
		if c.kind == JSONLines {
			labels := 0
			for _, g := range all(t, l.Set) {
				labels += len(g.EdgeLabels)
			}
			if labels != 4+2 {
				t.Errorf("%s: %d labels", name, labels)
			}
		}
	}
}

func TestEdgeLabelErrors(t *testing.T) {
	table := map[string]string{"e.csv": "source,target,kind\na,b,x\nb,c,y\n"}
	for want, c := range map[string]struct {
		kind  Kind
		o     Options
		texts map[string]string
	}{
		`there is no column "knd"`: {Graphs, Options{Path: "e.csv", TargetColumn: "knd"}, table},
		`neither graphs nor edges have a column "part"; graphs have none, edges "kind"`: {Graphs, Options{Path: "e.csv", TargetColumn: "kind", SplitColumn: "part"}, table},
		`labels of edges are given in some graphs and not in others`: {JSONLines, Options{Path: "g.jsonl"},
			map[string]string{"g.jsonl": `{"n":2,"e":[[0,1]],"el":[1]}` + "\n" + `{"n":2,"e":[[0,1]]}` + "\n"}},
		`task: edge-classification: csv has no labels of nodes or edges`: {CSV, Options{Path: "e.csv"}, table},
		`targetColumn: 2 columns: nodes and edges have one label each`:   {Graphs, Options{Path: "e.csv", TargetColumn: "kind,b"}, table},
	} {
		c.o.Task = EdgeClassification
		_, err := Load(context.Background(), Request{Kind: c.kind, Dir: write(t, c.texts), Options: c.o}, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

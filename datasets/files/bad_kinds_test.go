package files

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

// Ten graphs of two nodes as JSON Lines, five in graph6 with a table, two in GraphML.
var (
	jsonGraphs   = strings.Repeat(`{"x":[0,1],"e":[[0,1]],"y":2}`+"\n"+`{"x":[0,1],"e":[[0,1]],"y":1}`+"\n", 5)
	graph6Graphs = "Bw\nBW\nA_\nCF\nD?{\n"
	graph6Table  = "graph,y\n1,3\n2,2\n3,1\n4,3\n5,4\n"
	xmlGraph     = `<graph id="A" edgedefault="undirected"><data key="t">1</data><node id="a"/><node id="b"/><edge source="a" target="b"/></graph>` + "\n"
)

// xmlOf is a GraphML file with the target y of graphs.
func xmlOf(graphs string) string {
	return `<graphml><key id="t" for="graph" attr.name="y" attr.type="double"/>` + "\n" + graphs + "</graphml>"
}

// TestBadInputOfKinds has for every kind of file what TestBadInput has for tables of
// molecules, and what tables of edges and nodes have of their own. All open files in one
// way, so that one bomb is enough.
func TestBadInputOfKinds(t *testing.T) {
	long := strings.Repeat("1", 10<<20)
	jsonLines := func(name, text, want string) bad {
		return bad{"JSON Lines, " + name, JSONLines, Options{Path: "a.jsonl"}, map[string]string{"a.jsonl": text}, want}
	}
	graph6 := func(name, text, table, want string) bad {
		return bad{"graph6, " + name, Graph6, Options{Path: "a.g6", GraphTable: "t.csv"}, map[string]string{"a.g6": text, "t.csv": table}, want}
	}
	graphML := func(name, text, want string) bad {
		return bad{"GraphML, " + name, GraphML, Options{Path: "a.graphml"}, map[string]string{"a.graphml": text}, want}
	}
	tables := func(name, nodes, edges, want string) bad {
		return bad{"tables, " + name, Graphs, Options{Path: "e.csv", Nodes: "n.csv", Task: NodeClassification},
			map[string]string{"n.csv": nodes, "e.csv": edges}, want}
	}
	for _, c := range []bad{
		jsonLines("empty", "", "a.jsonl: there are no graphs in it"),
		jsonLines("blank", "\n\n", "a.jsonl: there are no graphs in it"),
		jsonLines("a table", molecules, `a.jsonl:1: byte 1: malformed JSON: 'i' where "{" was expected; each line must be one JSON object`),
		jsonLines("no target", `{"x":[0]}`, `a.jsonl:1: no column of targets is named; there are "x0"`),
		jsonLines("invalid UTF-8", jsonGraphs+"{\"\xff\":1}\n", "a.jsonl:11: byte "),
		jsonLines("a line of 10 MB", jsonGraphs+`{"x":[`+long+"],\"y\":1}\n", "a.jsonl:11: byte 7: node type 11111111111111111111111111111... is out of range"),
		jsonLines("NaN target", jsonGraphs+`{"x":[0],"e":[],"y":NaN}`, "a.jsonl:11: byte 21: malformed JSON: NaN and Infinity are not numbers of JSON; fill features in; write null for a missing target"),
		jsonLines("missing target", jsonGraphs+`{"x":[0],"e":[],"y":null}`, `a.jsonl:11: column "y": the target is missing`),
		jsonLines("node out of range", jsonGraphs+`{"x":[0],"e":[[0,1]],"y":1}`, `a.jsonl:11: graph "a.jsonl:11": edge 0: 0->1: node 1 is out of range`),
		jsonLines("negative node", jsonGraphs+`{"x":[0],"e":[[0,-1]],"y":1}`, "a.jsonl:11: "),
		jsonLines("self loop", jsonGraphs+`{"x":[0,0],"e":[[0,1],[1,1]],"y":1}`, "a.jsonl:11: the edge leads from node 1 to itself; set data.files.selfLoops to keep or drop"),
		jsonLines("multi-edge", jsonGraphs+`{"x":[0,1],"e":[[0,1],[0,1]],"y":1}`, `a.jsonl:11: graph "a.jsonl:11": edge 1: 0->1 repeats edge 0; merge parallel edges into one`),
		jsonLines("both directions", jsonGraphs+`{"x":[0,1],"e":[[0,1],[1,0]],"y":1}`, "a.jsonl:11: edge 1: 1-0 repeats edge 0 the other way round"),
		{"JSON Lines, bomb", JSONLines, Options{Path: "a.gz"}, map[string]string{"a.gz": squeezed(strings.Repeat("\n", 18<<20))}, "a.gz:…: it unpacks to far more than data does"},

		graph6("empty", "", graph6Table, "a.g6: there are no graphs in it"),
		graph6("invalid UTF-8", graph6Graphs+"\xff\n", graph6Table, "a.g6:6: the line is not UTF-8 text; save the file as UTF-8"),
		graph6("a line of 10 MB", graph6Graphs+strings.Repeat("?", 10<<20), graph6Table, "a.g6:6: the line is longer than 1048576 bytes"),
		graph6("wrong delimiter", graph6Graphs, strings.ReplaceAll(graph6Table, ",", "|"), `t.csv:1: there is no column "graph"; the columns are "graph|y"; columns must be separated by commas, semicolons or tabs`),
		graph6("missing column", graph6Graphs, "graph,z\n1,2\n", "t.csv:1: "),
		graph6("NaN target", graph6Graphs, strings.Replace(graph6Table, "4,3", "4,NaN", 1), `t.csv:5: column "y": the target is missing`),
		graph6("duplicate ids", graph6Graphs, graph6Table+"5,4\n", `t.csv:7: column "graph": the graph "5" was that of line 6 already`),
		graph6("id out of range", graph6Graphs, graph6Table+"6,4\n", `t.csv:7: column "graph": there is no graph "6" in a.g6`),

		graphML("empty", "", "a.graphml: the file holds no GraphML"),
		graphML("no graph", xmlOf(""), "a.graphml: there are no graphs in it"),
		graphML("NaN target", xmlOf(xmlGraph+strings.NewReplacer(">1<", ">NaN<", `"A"`, `"B"`).Replace(xmlGraph)), `a.graphml:3: column "y": the target is missing`),
		graphML("self loop", xmlOf(strings.Replace(xmlGraph, `target="b"`, `target="a"`, 1)), "a.graphml:2: the edge leads from node a to itself; set data.files.selfLoops to keep or drop"),

		tables("wrong delimiter of edges", nodes, strings.ReplaceAll(edges, ",", "|"), `e.csv:1: there is no column "source"; the columns are "source|target"; columns must be separated by commas, semicolons or tabs`),
		tables("missing column of edges", nodes, strings.Replace(edges, "source", "from", 1), `e.csv:1: there is no column "source"; the columns are "from", "target"; did you mean "from"? data.files.sourceColumn says which it is`),
		tables("missing column of nodes", strings.Replace(nodes, "id", "name", 1), edges, `n.csv:1: there is no column "id"; the columns are "name"`),
		tables("missing column of labels", strings.Replace(nodes, "label", "side", 1), edges, "n.csv:1: no column of targets is named"),
		tables("a line of 10 MB among edges", nodes, edges+"a,"+long+"\n", "e.csv:7: the row is longer than 1048576 bytes"),
		tables("a line of 10 MB among nodes", nodes+"g,"+long+",1,l\n", edges, "n.csv:8: the row is longer than 1048576 bytes"),
		tables("invalid UTF-8", nodes, edges+"a,\xff\n", "e.csv:7: byte 3, 0xff, is not UTF-8 text; save the file as UTF-8"),
	} {
		dir := write(t, c.texts)
		_, err := Load(context.Background(), Request{Kind: c.kind, Dir: dir, Options: c.o}, nil)
		got := strings.TrimPrefix(strings.ReplaceAll(fmt.Sprint(err), dir+string(filepath.Separator), ""), "files: ")
		if begin, rest, _ := strings.Cut(c.want, "…"); !strings.HasPrefix(got, begin) || !strings.Contains(got, rest) {
			t.Errorf("%s:\n got %.300s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestToleratedKinds: byte order marks and the line ends of Windows change nothing.
func TestToleratedKinds(t *testing.T) {
	for _, c := range []bad{
		{"JSON Lines", JSONLines, Options{Path: "a"}, map[string]string{"a": jsonGraphs}, ""},
		{"graph6", Graph6, Options{Path: "a", GraphTable: "t"}, map[string]string{"a": graph6Graphs, "t": graph6Table}, ""},
		{"GraphML", GraphML, Options{Path: "a"}, map[string]string{"a": xmlOf(xmlGraph + strings.ReplaceAll(xmlGraph, `"A"`, `"B"`))}, ""},
		{"tables", Graphs, Options{Path: "e", Nodes: "n", Task: NodeClassification}, map[string]string{"n": nodes, "e": edges}, ""},
	} {
		plain := load(t, c.kind, c.o, c.texts)
		for name, text := range c.texts {
			c.texts[name] = "\xef\xbb\xbf" + strings.ReplaceAll(text, "\n", "\r\n")
		}
		other := load(t, c.kind, c.o, c.texts)
		if fmt.Sprintf("%+v", other.Schema.Targets) != fmt.Sprintf("%+v", plain.Schema.Targets) || other.Set.Train.Len() != plain.Set.Train.Len() {
			t.Errorf("%s: %+v, want %+v", c.name, other.Schema, plain.Schema)
		}
	}
}

// TestJSONLoops keeps edges from a node to itself, or leaves them out with their
// features.
func TestJSONLoops(t *testing.T) {
	const line = `{"n":2,"e":[[0,0,5],[0,1,6],[1,1,5]],"ef":[[1],[2],[3]],"w":[1,2,3],"y":1}` + "\n"
	texts := map[string]string{"a": strings.Repeat(line, 9) + strings.Replace(line, `"y":1`, `"y":2`, 1)}
	for handling, want := range map[SelfLoops][]graphs.Edge{
		KeepLoops: {{From: 0, To: 0}, {From: 0, To: 1}, {From: 1, To: 0}, {From: 1, To: 1}},
		DropLoops: {{From: 0, To: 1}, {From: 1, To: 0}},
	} {
		l := load(t, JSONLines, Options{Path: "a", SelfLoops: handling}, texts)
		g, err := l.Set.Train.Graph(0)
		if err != nil || !slices.Equal(g.Edges, want) || len(g.EdgeTypes) != len(want) || len(g.EdgeFeatures) != len(want) {
			t.Errorf("%v: %+v, %v", handling, g, err)
		} else if handling == DropLoops && (g.EdgeWeights[0] != 2 || !slices.Equal(l.Schema.Edges.Columns[0].Categories, []string{"6"}) || l.Schema.Edges.Columns[1].Mean != 2) {
			t.Errorf("%v: %+v, %+v", handling, g, l.Schema.Edges)
		}
	}
	// Nothing is left of a graph of loops.
	l := load(t, JSONLines, Options{Path: "a", SelfLoops: DropLoops}, map[string]string{"a": strings.Repeat(`{"n":1,"e":[[0,0]],"y":1}`+"\n"+`{"n":1,"e":[[0,0]],"y":2}`+"\n", 5)})
	if g, err := l.Set.Train.Graph(0); err != nil || len(g.Edges) != 0 {
		t.Errorf("%+v, %v", g, err)
	}
}

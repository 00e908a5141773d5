package files

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes files in a new folder.
func write(t *testing.T, texts map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// squeezed is gzip data.
func squeezed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// molecules is a table of ten molecules that a bad row may follow.
const molecules = "id,smiles,y\n1,C,1\n2,CC,2\n3,CCC,3\n4,CO,4\n5,CCO,5\n6,CN,6\n7,CCN,7\n8,O,8\n9,C1CC1,9\n10,c1ccccc1,10\n"

// nodes and edges are a graph of six nodes.
const (
	nodes = "id,kind,mass,label\na,x,1,l\nb,x,2,l\nc,y,3,l\nd,y,4,r\ne,x,5,r\nf,y,6,r\n"
	edges = "source,target\na,b\nb,c\nc,d\nd,e\ne,f\n"
)

// bad is an input that is refused.
type bad struct {
	name  string
	kind  Kind
	o     Options
	texts map[string]string
	want  string // the beginning of the error, without the folder; … stands for any text
}

func badInputs() []bad {
	csv := func(name, text, want string, change ...func(*Options)) bad {
		o := Options{Path: "m.csv", TargetColumn: "y"}
		for _, c := range change {
			c(&o)
		}
		return bad{name, CSV, o, map[string]string{"m.csv": text}, want}
	}
	graph := func(name, nodes, edges, want string, change ...func(*Options)) bad {
		o := Options{Path: "e.csv", Nodes: "n.csv", Task: NodeClassification}
		for _, c := range change {
			c(&o)
		}
		return bad{name, Graphs, o, map[string]string{"n.csv": nodes, "e.csv": edges}, want}
	}
	ids := func(o *Options) { o.IDColumn = "id" }
	classes := func(o *Options) { o.Task = Classification }
	two := func(o *Options) { o.TargetColumn = "y,id" }
	long := strings.Repeat("C", 10<<20)
	bomb := squeezed("smiles,y,more\n" + strings.Repeat("C,1,"+strings.Repeat("x", 1<<18)+"\n", 100))
	list := []bad{
		csv("empty file", "", "m.csv: the file is empty; its first line must name the columns"),
		csv("names only", "id,smiles,y\n", "m.csv: there are no graphs in it"),
		csv("wrong delimiter", strings.ReplaceAll(molecules, ",", ";"), `m.csv:1: there is no column "smiles"; the columns are "id;smiles;y"; they seem to be separated by semicolons, not by commas: set data.files.delimiter to semicolon`, func(o *Options) { o.Delimiter = Comma }),
		csv("another delimiter in the rows", "smiles,y\nC;1\n", "m.csv:2: the row has another number of cells than the 2 columns"),
		csv("missing column", strings.Replace(molecules, "smiles", "smile", 1), `m.csv:1: there is no column "smiles"; the columns are "id", "smile", "y"; did you mean "smile"? --smiles-column says which it is`),
		csv("missing target column", molecules, `m.csv:1: there is no column "z"`, func(o *Options) { o.TargetColumn = "z" }),
		csv("no target named", "smiles,value\nC,1\n", `m.csv:1: no column of targets is named; the columns are "smiles", "value"; --target-column says which it is`, func(o *Options) { o.TargetColumn = "" }),
		csv("a line of 10 MB", molecules+"11,"+long+",1\n", "m.csv:12: the row is longer than 1048576 bytes"),
		csv("invalid UTF-8", molecules+"11,C,\xff\n", "m.csv:12: byte 6, 0xff, is not UTF-8 text; save the file as UTF-8"),
		csv("UTF-16", "\xff\xfes\x00m\x00", "m.csv:1: the line of names: byte 1, 0xff, is not UTF-8 text"),
		csv("NaN target", molecules+"11,C,NaN\n", `m.csv:12: column "y": the target is missing; leave the row out: there is nothing to learn from it`),
		csv("empty target", molecules+"11,C,\n", `m.csv:12: column "y": the target is missing`),
		csv("infinite target", molecules+"11,C,inf\n", `m.csv:12: column "y": the target "inf" is not a finite number; for classes, set data.files.task to classification`),
		csv("huge target", molecules+"11,C,1e39\n", `m.csv:12: column "y": the target "1e39" is not a finite number`),
		csv("all of several targets missing", molecules+",C,na\n", "m.csv:12: all targets are missing", two),
		csv("word for a number", molecules+"11,C,high\n", `m.csv:12: column "y": the target "high" is not a finite number`),
		csv("duplicate ids", molecules+"3,C,1\n", `m.csv:12: column "id": the id "3" was that of line 4 already; give every row an id of its own`, ids),
		csv("missing id", molecules+",C,1\n", `m.csv:12: column "id": the id is missing`, ids),
		csv("bad SMILES", molecules+"11,C1CC,1\n", `m.csv:12: column "smiles": "C1CC": column 2, "1": ring closure 1 is never closed`),
		csv("valence", molecules+"11,CN(C)(C)C,1\n", `m.csv:12: column "smiles": "CN(C)(C)C": column 2`),
		csv("empty SMILES", molecules+"11,,1\n", `m.csv:12: column "smiles": the molecule is missing`),
		csv("atom without ZINC type", molecules+"11,[U],1\n", `m.csv:12: column "smiles": "[U]": features zinc: atom 0`, func(o *Options) { o.Features = "zinc" }),
		csv("too many nodes", molecules+"11,"+strings.Repeat("C", 1001)+",1\n", `m.csv:12: column "smiles": the graph has 1001 nodes, the limit is 1000; attention looks at all pairs of nodes`),
		csv("one class", "smiles,y\nC,a\nCC,a\n", `m.csv: the target "y" has one class only: "a"; there is nothing to tell apart`, classes),
		csv("too many classes", manyClasses(), `m.csv: the target "y" has more than 1000 classes; if it is a number, set data.files.task to regression`, classes),
		csv("several targets of many classes", molecules, `m.csv: the target "y" has 10 classes; several targets must have two classes each: train one model a target`, classes, two),
		csv("bad split", "smiles,y,s\nC,1,train\nC,1,tset\n", `m.csv:3: column "s": "tset" is no split: want train, val or test`, func(o *Options) { o.SplitColumn = "s" }),
		csv("nothing to train on", "smiles,y,s\nC,1,test\n", `m.csv: none of its 1 graphs is one to train on`, func(o *Options) { o.SplitColumn = "s" }),
		csv("open quote", molecules+"11,\"C,1\n12,C,1\n", "m.csv:12: a quote that opens in this row is never closed"),
		{"missing file", CSV, Options{Path: "x.csv", TargetColumn: "y"}, nil, "x.csv: no such file or directory; check the name"},
		{"a folder", CSV, Options{Path: ".", TargetColumn: "y"}, nil, ": it is a folder, not a file"},
		{"gz bomb", CSV, Options{Path: "m.csv.gz", TargetColumn: "y"}, map[string]string{"m.csv.gz": bomb}, "m.csv.gz:…: it unpacks to far more than data does"},
		{"gz cut off", CSV, Options{Path: "m.csv.gz", TargetColumn: "y"}, map[string]string{"m.csv.gz": squeezed(molecules)[:60]}, "m.csv.gz:6: the compressed data ends too early; the file is cut off: copy it again"},
		{"gz that is none", CSV, Options{Path: "m.csv.gz", TargetColumn: "y"}, map[string]string{"m.csv.gz": molecules}, "m.csv.gz: it is not sound gzip data"},

		graph("empty nodes", "", edges, "n.csv: the file is empty"),
		graph("empty edges", nodes, "", "e.csv: the file is empty"),
		graph("unknown node", nodes, edges+"a,z\n", `e.csv:7: column "target": there is no node "z" in n.csv; list every node there`),
		graph("missing end", nodes, edges+",a\n", `e.csv:7: column "source": the node is missing`),
		graph("self loop", nodes, edges+"a,a\n", "e.csv:7: the edge leads from node a to itself; set data.files.selfLoops to keep or drop"),
		graph("multi-edge", nodes, edges+"a,b\n", "e.csv:7: the edge a-b repeats that of line 2; set data.files.multiEdges to merge"),
		graph("edge the other way round", nodes, edges+"b,a\n", "e.csv:7: the edge b-a repeats that of line 2 the other way round; if both directions are listed, set data.files.directed to true; else set data.files.multiEdges to merge"),
		graph("directed multi-edge", nodes, edges+"a,b\n", "e.csv:7: the edge a-b repeats that of line 2", func(o *Options) { o.Directed = true }),
		graph("duplicate node", nodes+"a,x,1,l\n", edges, `n.csv:8: column "id": the id "a" was that of line 2 already; give every node an id of its own`),
		graph("missing node id", nodes+",x,1,l\n", edges, `n.csv:8: column "id": the id is missing`),
		graph("weight 0", nodes, "source,target,weight\na,b,0\n", "e.csv:2: the weight 0 is not a positive finite number; leave edges of weight 0 out"),
		graph("negative weight", nodes, "source,target,weight\na,b,-1\n", "e.csv:2: the weight -1 is not a positive finite number"),
		graph("no weight", nodes, "source,target,weight\na,b,\n", `e.csv:2: column "weight": the weight "" is not a finite number`),
		graph("missing number", strings.Replace(nodes, "x,1", "x,", 1), edges, `n.csv:2: column "mass": the value is missing; fill it in, or set data.files.impute to mean or zero`),
		graph("missing category", strings.Replace(nodes, "a,x", "a,", 1), edges, `n.csv:2: column "kind": the value is missing`),
		graph("word in a numeric column", strings.Replace(nodes, "x,1", "x,heavy", 1), edges, `n.csv:2: column "mass": "heavy" is not a number, but all values of the training split are`, func(o *Options) { o.Numeric = "mass" }),
		graph("unknown column", nodes, edges, `n.csv: neither nodes nor edges have a column "massa"; nodes have "kind", "mass", "label", edges none`, func(o *Options) { o.Ignore = "massa" }),
		graph("a column twice", "id,x,x,label\na,1,2,l\n", edges, `n.csv:1: the column "x" comes twice`),
		graph("no labels", strings.ReplaceAll(strings.ReplaceAll(nodes, ",l\n", ",\n"), ",r\n", ",\n"), edges, `n.csv: the target "label" has one class only: ; there is nothing to tell apart`),
		graph("too many nodes of a graph", nodes, edges, "n.csv:2: the graph has 6 nodes, the limit is 5", func(o *Options) { o.MaxNodes = 5 }),
		graph("graph column in one table", nodes, "graph,source,target\n1,a,b\n", `n.csv:1: `+`e.csv has a column "graph" but this table has none`),
		graph("an edge between graphs", "id,graph,label\na,1,l\nb,2,r\n", edges, `e.csv:2: the edge leads from graph "1" to graph "2"; an edge joins nodes of one graph`),
		graph("ids repeated in another graph", "id,graph,label\na,1,l\na,2,r\n", edges, `n.csv:3: column "id": the id "a" was that of line 2 already; if ids are those of a graph, give e.csv a column "graph" too`),
		{"targets that differ in a graph", Graphs, Options{Path: "e.csv", Nodes: "n.csv", Task: Classification}, map[string]string{"n.csv": nodes, "e.csv": edges},
			`n.csv:5: column "label": "r", but another node of the graph "graph" says "l" (line 2)`},
		{"a graph without row", Graphs, Options{Path: "e.csv", Nodes: "n.csv", GraphTable: "g.csv"}, map[string]string{"n.csv": "id,graph\na,1\nb,2\n", "e.csv": "source,target\n", "g.csv": "graph,y\n1,5\n"},
			`n.csv:3: the graph "2" has no row in g.csv`},
		{"a row without graph", Graphs, Options{Path: "e.csv", Nodes: "n.csv", GraphTable: "g.csv"}, map[string]string{"n.csv": "id,graph\na,1\n", "e.csv": "source,target\n", "g.csv": "graph,y\n1,5\n3,6\n"},
			`g.csv:3: column "graph": there is no graph "3" in e.csv`},
		{"a row twice", Graphs, Options{Path: "e.csv", Nodes: "n.csv", GraphTable: "g.csv"}, map[string]string{"n.csv": "id,graph\na,1\n", "e.csv": "source,target\n", "g.csv": "graph,y\n1,5\n1,6\n"},
			`g.csv:3: column "graph": the graph "1" was that of line 2 already`},
		{"graph6", Graph6, Options{Path: "a.g6", GraphTable: "g.csv"}, map[string]string{"a.g6": "Bw\nB\x01\n", "g.csv": "graph,y\n1,5\n"}, "a.g6:2: column 2: the byte"},
		{"JSON Lines", JSONLines, Options{Path: "a.jsonl"}, map[string]string{"a.jsonl": `{"n":2,"e":[[0,2]],"y":1}`}, `a.jsonl:1: graph "a.jsonl:1": edge 0: 0->2: node 2 is out of range`},
		{"JSON Lines that differ", JSONLines, Options{Path: "a.jsonl"}, map[string]string{"a.jsonl": "{\"n\":2,\"e\":[[0,1]],\"y\":1}\n{\"x\":[1],\"e\":[],\"y\":1}\n"}, "a.jsonl:2: 1 type ids a node, the graphs before it have 0"},
		{"JSON that is none", JSONLines, Options{Path: "a.jsonl"}, map[string]string{"a.jsonl": "{]\n"}, "a.jsonl:1: byte 2: malformed JSON"},
	}
	return list
}

func manyClasses() string {
	var b strings.Builder
	b.WriteString("smiles,y\n")
	for i := range 1002 {
		fmt.Fprintf(&b, "C,%d\n", i)
	}
	return b.String()
}

// TestBadInput: what cannot be used is refused with file, line, reason and, where there
// is something to do, a hint; nothing panics.
func TestBadInput(t *testing.T) {
	for _, c := range badInputs() {
		dir := write(t, c.texts)
		_, err := Load(context.Background(), Request{Kind: c.kind, Dir: dir, Options: c.o}, nil)
		got := fmt.Sprint(err)
		got = strings.TrimPrefix(strings.ReplaceAll(got, dir+string(filepath.Separator), ""), "files: ")
		if c.name == "a folder" {
			got = strings.TrimPrefix(got, dir)
		}
		if begin, rest, _ := strings.Cut(c.want, "…"); !strings.HasPrefix(got, begin) || !strings.Contains(got, rest) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestToleratedInput: the same data in other clothes is the same.
func TestToleratedInput(t *testing.T) {
	plain, err := Load(context.Background(), Request{Dir: write(t, map[string]string{"m.csv": molecules}), Options: Options{Path: "m.csv", TargetColumn: "y"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"byte order mark": "\xef\xbb\xbf" + molecules,
		"CR LF":           strings.ReplaceAll(molecules, "\n", "\r\n"),
		"semicolons":      strings.ReplaceAll(molecules, ",", ";"),
		"tabs":            strings.ReplaceAll(molecules, ",", "\t"),
		"blanks":          strings.ReplaceAll(molecules, ",", " , "),
		"quotes":          quotedCells(molecules),
		"blank lines":     strings.ReplaceAll(molecules, "\n", "\n\n"),
		"no end of line":  strings.TrimSuffix(molecules, "\n"),
	} {
		l, err := Load(context.Background(), Request{Dir: write(t, map[string]string{"m.csv": text}), Options: Options{Path: "m.csv", TargetColumn: "y"}}, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, want := l.Schema.Targets[0], plain.Schema.Targets[0]; got.Mean != want.Mean || got.SD != want.SD || l.Set.Train.Len() != 8 {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	squeezedDir := write(t, map[string]string{"m.csv.gz": squeezed(molecules)})
	if l, err := Load(context.Background(), Request{Dir: squeezedDir, Options: Options{Path: "m.csv.gz", TargetColumn: "y"}}, nil); err != nil || l.Set.Train.Len() != 8 {
		t.Errorf("compressed: %v", err)
	}
}

// quotedCells puts every cell in quotes.
func quotedCells(table string) string {
	var b strings.Builder
	for line := range strings.Lines(table) {
		b.WriteString(`"` + strings.ReplaceAll(strings.TrimSuffix(line, "\n"), ",", `","`) + "\"\n")
	}
	return b.String()
}

// TestSkipBad leaves rows out and counts them.
func TestSkipBad(t *testing.T) {
	dir := write(t, map[string]string{"m.csv": molecules + "11,C1CC,1\n12,C,\n13,C\n14,C\xff,1\n15,CO,3\n"})
	l, err := Load(context.Background(), Request{Dir: dir, Options: Options{Path: "m.csv", TargetColumn: "y", IDColumn: "id", SkipBad: true}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := `4 rows were left out; the first: ` + filepath.Join(dir, "m.csv") + `:12: column "smiles": "C1CC": column 2`
	if n := l.Set.Train.Len() + l.Set.Val.Len() + l.Set.Test.Len(); n != 11 || len(l.Notes) != 1 || !strings.HasPrefix(l.Notes[0], want) {
		t.Errorf("%d graphs, notes %q, want %q", n, l.Notes, want)
	}
}

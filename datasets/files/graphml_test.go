package files

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

const graphML = `<?xml version="1.0" encoding="UTF-8"?>
<!-- two graphs -->
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
  <key id="c" for="node" attr.name="color" attr.type="string"><default>red</default></key>
  <key id="m" for="node" attr.name="mass" attr.type="double"/>
  <key id="w" for="edge" attr.name="weight" attr.type="double"><default>1</default></key>
  <key id="k" for="edge" attr.name="kind" attr.type="string"/>
  <key id="t" for="graph" attr.name="y" attr.type="double"/>
  <key id="g" for="node" yfiles.type="nodegraphics"/>
  <graph id="A" edgedefault="undirected">
    <desc>any <b>text</b></desc>
    <data key="t">1.5</data>
    <edge source="n1" target="n0"><data key="k">s</data></edge>
    <node id="n0"><data key="m">2</data><data key="g"><y:ShapeNode><y:Fill color="#fff"/></y:ShapeNode></data></node>
    <node id="n1"><data key="c">blue</data><data key="m"> 4 </data></node>
    <edge source="n0" target="n1" directed="true" id="e1"/>
  </graph>
  <graph edgedefault="directed">
    <data key="t">2.5</data>
    <node id="n0"><data key="m">6</data></node>
    <node id="x&amp;y"><data key="m">8</data></node>
    <edge source="x&amp;y" target="n0"><data key="w">0.25</data><data key="k">d</data></edge>
  </graph>
</graphml>
`

// drafts reads all graphs of a GraphML text.
func drafts(text string, o Options) ([]*draft, *headers, error) {
	o = o.WithDefaults(GraphML)
	f := newGraphML("g.graphml", strings.NewReader(text), &o)
	var list []*draft
	for {
		d, err := f.next()
		if err == io.EOF {
			return list, f.headers(), nil
		}
		if err != nil {
			return list, f.headers(), err
		}
		list = append(list, d)
	}
}

func TestGraphML(t *testing.T) {
	text := strings.Replace(graphML, `    <edge source="n0" target="n1" directed="true" id="e1"/>`+"\n", "", 1)
	list, h, err := drafts(text, Options{})
	if err != nil || len(list) != 2 {
		t.Fatal(len(list), err)
	}
	if !slices.Equal(h.node.names, []string{"color", "mass"}) || !slices.Equal(h.node.kinds, []columnKind{categorical, numeric}) ||
		!slices.Equal(h.edge.names, []string{"kind"}) || !slices.Equal(h.graph.names, []string{"y"}) {
		t.Errorf("headers %+v", h)
	}
	a, b := list[0], list[1]
	if a.id != "A" || a.line != 10 || b.id != "2" || !slices.Equal(a.graph, []string{"1.5"}) || !slices.Equal(b.nodeIDs, []string{"n0", "x&y"}) {
		t.Errorf("%+v, %+v", a, b)
	}
	if !slices.Equal(a.node.text[0], []string{"red", "blue"}) || !slices.Equal(a.node.text[1], []string{"2", "4"}) || !slices.Equal(a.edge.text[0], []string{"s"}) {
		t.Errorf("cells %+v, %+v", a.node, a.edge)
	}
	g, _ := a.structure()
	if !slices.Equal(g.Edges, []graphs.Edge{{From: 1, To: 0}, {From: 0, To: 1}}) || g.EdgeWeights != nil {
		t.Errorf("%+v", g)
	}
	if g, _ = b.structure(); !slices.Equal(g.Edges, []graphs.Edge{{From: 1, To: 0}}) || g.EdgeWeights[0] != 0.25 {
		t.Errorf("%+v", g)
	}
	l := load(t, GraphML, Options{Path: "g.graphml", SplitColumn: "split"}, map[string]string{"g.graphml": strings.NewReplacer(
		`  <key id="g"`, `  <key id="s" for="graph" attr.name="split" attr.type="string"><default>train</default></key><key id="g"`).Replace(text)})
	if got := all(t, l.Set)["A"]; l.Set.Train.Len() != 2 || got.Target[0] != -1 || !slices.Equal(got.NodeTypes, []int32{1, 0}) {
		t.Errorf("%+v", got)
	}
}

func TestGraphMLErrors(t *testing.T) {
	const head = `<graphml><key id="c" for="node" attr.name="color" attr.type="string"/>`
	nested := strings.Repeat("<graph>", 1000)
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "files: g.graphml: the file holds no GraphML"},
		{"not XML", "source,target\n", "files: g.graphml: the file holds no GraphML"},
		{"another root", "<svg/>", `files: g.graphml:1: the root is an element "svg", expected graphml; this is not GraphML`},
		{"malformed", "<graphml>\n<graph></graphml>", "files: g.graphml:2: malformed XML: element <graph> closed by </graphml>"},
		{"cut off", "<graphml>\n<graph><node id='a'>", "files: g.graphml:2: malformed XML: unexpected EOF"},
		{"entity", "<!DOCTYPE x [<!ENTITY a \"b\">]><graphml><graph id='&a;'/></graphml>", "files: g.graphml:1: malformed XML: invalid character entity &a;"},
		{"latin", `<?xml version="1.0" encoding="ISO-8859-1"?><graphml/>`, `files: g.graphml:1: xml: encoding "ISO-8859-1" declared but Decoder.CharsetReader is nil`},
		{"not UTF-8", "<graphml><graph id='\xff'/></graphml>", "files: g.graphml:1: malformed XML: invalid UTF-8"},
		{"unknown node", head + "<graph><node id='a'/>\n<edge source='a' target='b'/></graph></graphml>", `files: g.graphml:2: there is no node "b" in the graph "1"`},
		{"duplicate node", head + "<graph><node id='a'/>\n<node id='a'/></graph></graphml>", `files: g.graphml:2: the id "a" of a node is empty or that of another; give every node of a graph an id of its own`},
		{"self loop", head + "<graph><node id='a'/>\n<edge source='a' target='a'/></graph></graphml>", "files: g.graphml:2: the edge leads from node a to itself"},
		{"multi-edge", head + "<graph><node id='a'/><node id='b'/>\n<edge source='a' target='b'/>\n<edge source='a' target='b'/></graph></graphml>", "files: g.graphml:3: the edge a-b repeats that of line 2"},
		{"both directed and not", graphML, "files: g.graphml:16: the edge between nodes n0 and n1 is given with and without direction (first in line 13)"},
		{"nested", head + nested, "files: g.graphml:1: an element graph, which plain graphs do not have; write a plain graph"},
		{"hyperedge", head + "<graph><hyperedge/></graph></graphml>", "files: g.graphml:1: an element hyperedge, which plain graphs do not have"},
		{"undeclared key", head + "<graph><node id='a'><data key='x'>1</data></node></graph></graphml>", `files: g.graphml:1: data of a key "x", which is not declared; there are "c"; declare it in front of the graphs`},
		{"key of another element", head + "<graph><data key='c'>1</data></graph></graphml>", `files: g.graphml:1: the key "c" is declared for other elements than this`},
		{"key behind a graph", head + "<graph/><key id='d'/></graphml>", "files: g.graphml:1: a key stands behind a graph: keys come first"},
		{"two keys of a name", head + `<key id="d" attr.name="color"/></graphml>`, `files: g.graphml:1: two keys of a node are called "color"`},
		{"two keys of an id", head + `<key id="c"/></graphml>`, `files: g.graphml:1: a key has the id "c", which is empty or that of another`},
		{"a type", `<graphml><key id="d" attr.name="x" attr.type="date"/></graphml>`, `files: g.graphml:1: the key "d" has the type "date", expected boolean, int`},
		{"elements in data", head + "<graph><node id='a'><data key='c'><b/></data></node></graph></graphml>", "files: g.graphml:1: an element b stands in the middle of data"},
		{"long value", head + "<graph><node id='a'><data key='c'>" + strings.Repeat("x", 2000) + "</data></node></graph></graphml>", "files: g.graphml:1: a value is longer than 1000 bytes"},
		{"edgedefault", head + "<graph edgedefault='both'/></graphml>", `files: g.graphml:1: edgedefault is "both", expected directed or undirected`},
		{"directed", head + "<graph><edge directed='x'/></graph></graphml>", `files: g.graphml:1: directed is "x", expected true or false`},
		{"weight", `<graphml><key id="w" attr.name="weight"/><graph><node id='a'/><node id='b'/><edge source='a' target='b'><data key='w'>x</data></edge></graph></graphml>`, `files: g.graphml:1: the weight "x" is not a finite number`},
		{"too many nodes", head + "<graph>" + manyGraphMLNodes(6) + "</graph></graphml>", `files: g.graphml:1: the graph "1" has more than 5 nodes, the limit; attention looks at all pairs`},
	} {
		if _, _, err := drafts(c.text, Options{MaxRow: 1000, MaxNodes: 5}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

func manyGraphMLNodes(n int) (text string) {
	for i := range n {
		text += fmt.Sprintf("<node id='%d'/>", i)
	}
	return text
}

// FuzzGraphML: whatever a file holds, loading it gives valid graphs or an error of the
// package.
func FuzzGraphML(f *testing.F) {
	f.Add(graphML)
	for _, text := range []string{
		"", "<graphml/>", "<graphml><graph/></graphml>", "<graphml><key id='y' for='graph' attr.name='y'><default>1</default></key><graph><node id='a'/></graph></graphml>",
		"<graphml><key id='y' for='node' attr.name='y'/><graph><node id='a'><data key='y'>1</data></node><node id='b'/><edge source='a' target='b'/></graph></graphml>",
		"<graphml>" + strings.Repeat("<x>", 100), "<graphml><key id='w' attr.name='weight'><default>2</default></key><graph edgedefault='directed'><node id='a'/><edge source='a' target='a'/></graph></graphml>",
	} {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, fmt.Sprintf("%d.graphml", os.Getpid()))
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, o := range []Options{{Path: path}, {Path: path, Task: NodeClassification, SelfLoops: KeepLoops, MultiEdges: MergeMultiEdges, Impute: ImputeZero, Unknown: UnknownRow, TargetColumn: "y"}} {
			l, err := Load(context.Background(), Request{Kind: GraphML, Options: o}, nil)
			if err != nil {
				if !strings.HasPrefix(err.Error(), "files: ") {
					t.Fatalf("an error of another package: %v", err)
				}
				continue
			}
			text, err := l.Schema.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			known, err := ParseSchema(text)
			if err != nil {
				t.Fatalf("the schema %s cannot be read: %v", text, err)
			}
			if _, err := Load(context.Background(), Request{Kind: GraphML, Options: o}, known); err != nil {
				t.Fatalf("again: %v", err)
			}
			for i := range l.Set.Train.Len() {
				if g, err := l.Set.Train.Graph(i); err != nil || g.Validate() != nil {
					t.Fatal(err, g.Validate())
				}
			}
		}
	})
}

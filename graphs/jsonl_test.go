package graphs

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func read(text string) (*Graph, error) {
	r := NewReader(strings.NewReader(text))
	r.Name = "f.jsonl"
	return r.Read()
}

func TestReadForms(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		line string
		want Graph
	}{
		{`{"i":912,"x":[6,0,2],"e":[[0,1,1],[1,2,3]],"y":1.5}`, Graph{ID: "912", Nodes: 3, NodeTypes: []int32{6, 0, 2},
			Edges: []Edge{{0, 1}, {1, 0}, {1, 2}, {2, 1}}, EdgeTypes: []int32{1, 1, 3, 3}, Target: []float32{1.5}}},
		{`{"n":2,"e":[[0,1],[1,1]],"y":0}`, Graph{ID: "f.jsonl:1", Nodes: 2, Edges: []Edge{{0, 1}, {1, 0}, {1, 1}}, Target: []float32{0}}},
		{` {"y": [1, null, -2e-3] , "x":[[0.5,1],[2,-3]], "i":"a\u00e9" } `, Graph{ID: "aé", Nodes: 2,
			NodeFeatures: []float32{0.5, 1, 2, -3}, Target: []float32{1, nan, -2e-3}}},
		{`{"i":1,"e":[[1,0]],"directed":true,"w":[0.25],"ef":[[7,8]],"n":2,"l":[1,0]}`, Graph{ID: "1", Nodes: 2, Edges: []Edge{{1, 0}},
			EdgeWeights: []float32{0.25}, EdgeFeatures: []float32{7, 8}, NodeLabels: []int32{1, 0}}},
		{`{"i":1,"xt":[[1,2],[3,4]],"x":[[0.5],[1]],"directed":false,"e":[[0,1,5,6]]}`, Graph{ID: "1", Nodes: 2, NodeTypes: []int32{1, 2, 3, 4},
			NodeFeatures: []float32{0.5, 1}, Edges: []Edge{{0, 1}, {1, 0}}, EdgeTypes: []int32{5, 6, 5, 6}}},
		{`{"i":1,"n":2,"e":[[0,1],[1,1]],"el":[2,-1]}`, Graph{ID: "1", Nodes: 2, Edges: []Edge{{0, 1}, {1, 0}, {1, 1}}, EdgeLabels: []int32{2, 2, -1}}},
		{`{"i":1,"n":2,"directed":true,"e":[[0,1],[1,0]],"el":[0,1]}`, Graph{ID: "1", Nodes: 2, Edges: []Edge{{0, 1}, {1, 0}}, EdgeLabels: []int32{0, 1}}},
		{`{"i":"","x":[0]}`, Graph{Nodes: 1, NodeTypes: []int32{0}}},
		{`{"i":1,"x":[0],"e":[],"y":null}`, Graph{ID: "1", Nodes: 1, NodeTypes: []int32{0}, Target: []float32{nan}}},
	} {
		got, err := read(c.line)
		if err != nil {
			t.Errorf("%s: %v", c.line, err)
		} else if !same(got, &c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.line, *got, c.want)
		}
	}
}

func TestReadMessages(t *testing.T) {
	oneObject := "; each line must be one JSON object"
	sameNumber := "; make them agree"
	for _, c := range []struct{ line, want string }{
		{`{"x":[0,1`, `column 10: malformed JSON: the line ends where "," or "]" was expected; the line may be cut off`},
		{`[1]`, `column 1: malformed JSON: '[' where "{" was expected` + oneObject},
		{`{"x":[0,]}`, `column 9: malformed JSON: ']' where a value was expected` + oneObject},
		{`{"x":[0]} {}`, `column 11: malformed JSON: more text after the object; write one graph a line`},
		{`{x:[0]}`, `column 2: malformed JSON: 'x' where a key in quotes was expected` + oneObject},
		{`{"i":"a`, `column 8: malformed JSON: the line ends where the end of a string was expected; the line may be cut off`},
		{`{"i":"\q","n":1}`, `column 6: malformed JSON: a string with a wrong escape or a control character`},
		{`{"n":01}`, `column 7: malformed JSON: '1' where "," or "}" was expected` + oneObject},
		{`{"x":[[NaN]]}`, `column 8: malformed JSON: NaN and Infinity are not numbers of JSON; fill features in; write null for a missing target`},
		{`{"x":[[-Infinity]]}`, `column 9: malformed JSON: NaN and Infinity are not numbers of JSON; fill features in; write null for a missing target`},
		{`{"x":[[null]]}`, `column 8: node feature is null; fill the value in, or leave the graph out`},
		{`{"x":[[1e39]]}`, `column 8: node feature 1e39 is too large for a float32`},
		{`{"x":[0.5]}`, `column 7: node type 0.5 is not a whole number; write ids as whole numbers, and real features as a list of numbers per node or edge`},
		{`{"x":[3000000000]}`, `column 7: node type 3000000000 is out of range`},
		{`{"x":[[1,2],[3]]}`, `column 13: node 1 has 1 values, node 0 has 2; give every node the same number of values`},
		{`{"x":[0],"x":[0]}`, `column 10: key "x" comes twice`},
		{`{"x":[0],"xt":[[0]]}`, `column 15: "x" and "xt" both hold type ids; give type ids in "x" or in "xt", not in both`},
		{`{"xt":[[0]],"x":[0]}`, `column 20: "x" and "xt" both hold type ids; give type ids in "x" or in "xt", not in both`},
		{`{"X":[0]}`, `column 2: unknown key "X"; did you mean "x"? Reader.ExtraKeys skips keys it does not know`},
		{`{"n":2,"edges":[]}`, `column 8: unknown key "edges"; did you mean "e"? Reader.ExtraKeys skips keys it does not know`},
		{`{"n":2,"e":[[0]]}`, `column 17: edges of 1 numbers; write an edge as [u, v] or [u, v, type]`},
		{`{"n":2,"directed":1,"e":[]}`, `column 19: malformed JSON: '1' where true or false was expected` + oneObject},
		{`{"n":-1}`, `column 8: n is negative`},
		{`{}`, `nodes: neither "x" nor "n"; give node features in "x", or the number of nodes in "n"`},
		{`{"n":0}`, `nodes: an empty graph (0 nodes); leave it out: there is nothing to attend to`},
		{`{"x":[],"e":[],"y":1}`, `nodes: an empty graph (0 nodes); leave it out: there is nothing to attend to`},
		{`{"n":3,"x":[0]}`, `nodes: "n" has 3 nodes, "x" has 1` + sameNumber},
		{`{"x":[[0.5]],"xt":[[0],[1]]}`, `nodes: "x" has 1 nodes, "xt" has 2` + sameNumber},
		{`{"n":1000001}`, `nodes: 1000001 nodes, the limit is 1000000; raise Reader.MaxNodes if the graph is meant to be that large`},
		{`{"x":[0,0],"e":[[0,2]]}`, `edge 0: 0->2: node 2 is out of range, the graph has nodes 0..1; count nodes from 0`},
		{`{"x":[0,0],"e":[[0,-1]]}`, `edge 0: 0->-1: node -1 is out of range, the graph has nodes 0..1; count nodes from 0`},
		{`{"x":[0,-4]}`, `node type 1: -4 (node 1, column 0) is negative; count ids from 0`},
		{`{"x":[0,28]}`, `node type 1: 28 (node 1, column 0) is beyond the vocabulary of 28 (ids 0..27); number types as the training data does`},
		{`{"x":[0,0],"e":[[0,1,4]]}`, `edge type 0: 4 (edge 0, column 0) is beyond the vocabulary of 4 (ids 0..3); number types as the training data does`},
		{`{"x":[0,0],"e":[[0,1]]}`, `edge types: 0 type ids per edge, expected 1; write the features that the model was trained with`},
		{`{"n":2,"e":[[0,1],[1,0]]}`, `edge 1: 1-0 repeats edge 0 the other way round; list each undirected edge once, or say "directed": true`},
		{`{"n":3,"e":[[0,1],[1,2],[0,1]]}`, `edge 2: 0->1 repeats edge 0; merge parallel edges into one, with the sum of their weights if they have any`},
		{`{"n":2,"e":[[0,1]],"w":[1,2]}`, `edge weights: 2 weights for 1 listed edges; give one in "w" per edge in "e"`},
		{`{"n":2,"e":[[0,1]],"w":[0]}`, `edge weight 0: 0 is not a positive finite number; a walk takes an edge with a probability in proportion to its weight: leave edges of weight 0 out`},
		{`{"n":2,"e":[[0,1]],"ef":[[1],[2]]}`, `edge features: 2 rows for 1 listed edges; give one row in "ef" per edge in "e"`},
		{`{"n":2,"e":[[0,1]],"el":[1,1]}`, `edge labels: 2 labels for 1 listed edges; give one in "el" per edge in "e"`},
		{`{"n":2,"l":[1]}`, `node labels: 1 labels for 2 nodes; give one label per node, or none at all`},
	} {
		r := NewReader(strings.NewReader(`{"x":[0]}` + "\n\n" + c.line + "\n" + `{"x":[3]}`))
		r.Name, r.NodeVocabulary, r.EdgeVocabulary = "f.jsonl", []int{28}, []int{4}
		if !strings.Contains(c.want, "vocabulary") && !strings.Contains(c.want, "expected 1;") {
			r.NodeVocabulary, r.EdgeVocabulary = nil, nil
		}
		if _, err := r.Read(); err != nil {
			t.Fatal(err)
		}
		_, err := r.Read()
		var parse *ParseError
		if !errors.As(err, &parse) {
			t.Errorf("%s: error %v, expected a *ParseError", c.line, err)
			continue
		}
		if got, want := err.Error(), "graphs: f.jsonl:3: "+c.want; got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.line, got, want)
		}
		if g, err := r.Read(); err != nil || g.NodeTypes[0] != 3 {
			t.Errorf("%s: the line after it gave %v, %v", c.line, g, err)
		}
		if _, err := r.Read(); err != io.EOF {
			t.Errorf("%s: at the end: %v", c.line, err)
		}
	}
}

func TestReaderLimitsAndOptions(t *testing.T) {
	long := `{"i":"` + strings.Repeat("a", 100_000) + `","n":1}`
	r := NewReader(strings.NewReader(long + "\n" + `{"n":1,"extra":{"a":[1,{"b":null}],"c":"d"}}`))
	r.MaxLine, r.ExtraKeys = 99_999, true
	_, err := r.Read()
	if want := "graphs: line 1: the line is longer than 99999 bytes; write one graph a line, or raise Reader.MaxLine"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if g, err := r.Read(); err != nil || g.ID != "line 2" || r.Line() != 2 {
		t.Errorf("after a long line: %+v, %v", g, err)
	}
	if g, err := read(long); err != nil || len(g.ID) != 100_000 {
		t.Errorf("a line longer than the buffer: %v", err)
	}
	r = NewReader(strings.NewReader(`{"n":1,"extra":` + strings.Repeat("[", 1000)))
	r.ExtraKeys = true
	if _, err := r.Read(); err == nil || !strings.Contains(err.Error(), "more than 64 levels of nesting") {
		t.Errorf("deep nesting gave %v", err)
	}
	r = NewReader(strings.NewReader(`{"n":11}`))
	r.MaxNodes = 10
	if _, err := r.Read(); err == nil || !strings.Contains(err.Error(), "11 nodes, the limit is 10") {
		t.Errorf("too many nodes gave %v", err)
	}
}

func TestReaderPassesReadErrorsOn(t *testing.T) {
	cause := errors.New("the disk is gone")
	r := NewReader(io.MultiReader(strings.NewReader("{\"n\":1}\n{\"n\":"), iotest.ErrReader(cause)))
	r.Name = "f.jsonl"
	all, err := r.ReadAll()
	if len(all) != 1 || !errors.Is(err, cause) || err.Error() != "graphs: f.jsonl:2: the disk is gone" {
		t.Errorf("%d graphs, error %v", len(all), err)
	}
}

func TestWriteForms(t *testing.T) {
	for _, line := range []string{
		`{"i":912,"x":[6,0,2],"e":[[0,1,1],[1,2,3]],"y":1.5}`,
		`{"i":"a b","n":2,"e":[[0,1],[1,1]],"y":0}`,
		`{"i":"007","x":[[0.5,1],[2,-3]],"e":[],"y":[1,null,-0.002]}`,
		`{"n":2,"directed":true,"e":[[1,0]],"w":[0.25],"ef":[[7,8]],"el":[4],"l":[1,0]}`,
		`{"n":2,"e":[[0,1]],"el":[-1]}`,
		`{"i":1,"x":[[0.5],[1]],"xt":[[1,2],[3,4]],"e":[[0,1,5,6]],"w":[2]}`,
	} {
		g, err := read(line)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, `{"n"`) {
			g.ID = ""
		}
		var out bytes.Buffer
		if err := NewWriter(&out).Write(g); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != line+"\n" {
			t.Errorf("got  %swant %s", got, line)
		}
	}
	var invalid *InvalidError
	if err := NewWriter(io.Discard).Write(new(Graph)); !errors.As(err, &invalid) {
		t.Errorf("writing an empty graph gave %v", err)
	}
}

func TestWriteThenRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var out bytes.Buffer
		w := NewWriter(&out)
		list := rapid.SliceOfN(rapid.Custom(anyGraph), 1, 4).Draw(t, "graphs")
		for i, g := range list {
			if g.ID == "" {
				g.ID = "f.jsonl:" + string(rune('1'+i)) // what the reader calls it
			}
			if err := w.Write(g); err != nil {
				t.Fatal(err)
			}
		}
		text := out.String()
		r := NewReader(&out)
		r.Name = "f.jsonl"
		back, err := r.ReadAll()
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		for i, g := range list {
			if !same(g, back[i]) {
				t.Fatalf("graph %d: got %+v, expected %+v\n%s", i, back[i], g, text)
			}
		}
	})
}

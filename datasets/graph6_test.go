package datasets

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/graph/encoding/graph6"

	"github.com/graft-ml/graft/graphs"
)

// asGonum reads a valid text with gonum.
func asGonum(t *testing.T, text string) *graphs.Graph {
	t.Helper()
	g, _, err := graphs.FromGonum(graph6.Graph(text))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// equalEdges compares the edges of two graphs whatever their order.
func equalEdges(a, b *graphs.Graph) bool {
	if a.Nodes != b.Nodes || len(a.Edges) != len(b.Edges) {
		return false
	}
	in := map[graphs.Edge]bool{}
	for _, e := range a.Edges {
		in[e] = true
	}
	for _, e := range b.Edges {
		if !in[e] {
			return false
		}
	}
	return true
}

func TestGraph6AgainstGonum(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 7, 25, 62, 63, 64, 130} {
		g := &graphs.Graph{Nodes: n}
		for v := range n {
			for u := range v {
				if r.IntN(3) == 0 {
					g.AddBond(u, v)
				}
			}
		}
		text := string(graph6.Encode(g.Gonum()))
		read, err := NewGraph6Reader("f", strings.NewReader(text)).Read()
		if err != nil {
			t.Fatalf("%d nodes: %v", n, err)
		}
		if !equalEdges(read, g) || !equalEdges(read, asGonum(t, text)) || read.Validate() != nil || read.ID != "1" {
			t.Errorf("%d nodes: %d edges, expected %d", n, len(read.Edges), len(g.Edges))
		}
	}
}

func TestGraph6Reader(t *testing.T) {
	r := NewGraph6Reader("f", strings.NewReader(">>graph6<<A_\r\n\nA?\n>>graph6<<A_\n@\n"))
	for _, want := range []int{2, 0, -1, 0} {
		g, err := r.Read()
		if want < 0 {
			if err == nil || r.Line() != 4 {
				t.Errorf("a header within was read: %v", err)
			}
			continue
		}
		if err != nil || len(g.Edges) != want {
			t.Errorf("line %d: %v, expected %d edges", r.Line(), err, want)
		}
	}
	if _, err := r.Read(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	const must = "; each line must be one graph in graph6 form"
	for _, c := range []struct{ text, want string }{
		{"?", "f:1: the graph has no nodes" + must},
		{"A", "f:1: 0 bytes for the edges of 2 nodes, expected 1" + must},
		{"A__", "f:1: 2 bytes for the edges of 2 nodes, expected 1" + must},
		{"A`", "f:1: the last byte has bits beyond the last pair of nodes" + must},
		{"A\x7f", "f:1: column 2: the byte '\\x7f' is none of graph6, which has 63 to 126" + must},
		{"A;", "f:1: column 2: the byte ';' is none of graph6, which has 63 to 126" + must},
		{"~", "f:1: the number of nodes is cut off" + must},
		{"~??", "f:1: the number of nodes is cut off" + must},
		{"~~?????", "f:1: the number of nodes is cut off" + must},
		{"~~~~~~~~", "f:1: 68719476735 nodes, the limit is 10000" + must},
		{"~A??", "f:1: 0 bytes for the edges of 8192 nodes, expected 5591723" + must},
		{strings.Repeat("~", 10<<20), "f:1: the line is longer than 1048576 bytes; the file is not what its name says, or its line ends are lost"},
	} {
		_, err := NewGraph6Reader("f", strings.NewReader(c.text)).Read()
		var file *FileError
		if !errors.As(err, &file) || err.Error() != "datasets: "+c.want {
			t.Errorf("%.20q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestBRECRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"0 Basic A_ A?", "f:1: 1 values, expected the number of the pair, its category and two graphs; separate them by tabs"},
		{"0\tBasic\tA_\tA?\n2\tBasic\tA_\tA?\n", "f:2: number of the pair: 2 is out of range, expected 1 to 1"},
		{"x\tBasic\tA_\tA?\n", `f:1: number of the pair: "x" is not a whole number`},
		{"0\tBasic\tA_\tA\n", "f:1: 0 bytes for the edges of 2 nodes, expected 1"},
		{"0\tBasic\t~O?_\tA?\n", "f:1: 65568 nodes, the limit is 1000"},
	} {
		_, err := parseBREC(context.Background(), newLines("f", strings.NewReader(c.text)))
		if err == nil || err.Error() != "datasets: "+c.want {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
	rows, err := parseBREC(context.Background(), newLines("f", strings.NewReader("\xef\xbb\xbf0\tBasic\tA_\tA?\r\n")))
	if err != nil || len(rows) != 1 || rows[0] != (brecRow{"Basic", "A_", "A?"}) {
		t.Errorf("rows %v, %v", rows, err)
	}
}

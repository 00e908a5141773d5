package datasets

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

func taggedOf(text string) (*packed, error) {
	return readTaggedGraphs(context.Background(), newLines("f", strings.NewReader(text)), 2, 2)
}

func TestTaggedGraphs(t *testing.T) {
	for _, text := range []string{"2\n3 1\n0 1 2\n1 0\n0 1 0\n1 0\n1 0\n", "\xef\xbb\xbf2\r\n3\t1\r\n0 1 2\r\n\r\n1 0\r\n0 1 0\r\n1 0\r\n1 0\r\n"} {
		p, err := taggedOf(text)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "graphs", p.Len(), 2)
		same(t, "first", graphAt(t, p, 0), &graphs.Graph{ID: "0", Nodes: 3, NodeTypes: []int32{0, 1, 0},
			Edges: []graphs.Edge{{From: 0, To: 2}, {From: 2, To: 0}}, Target: []float32{1}})
		same(t, "second", graphAt(t, p, 1), &graphs.Graph{ID: "1", Nodes: 1, NodeTypes: []int32{1}, Edges: []graphs.Edge{}, Target: []float32{0}})
	}
}

func TestTaggedGraphsRefuse(t *testing.T) {
	const cutOff = ": the file ends here; it is cut off: copy it again"
	for _, c := range []struct{ text, want string }{
		{"", "f:1" + cutOff},
		{"0\n", "f:1: number of graphs: 0 is out of range, expected 1 to 1000000"},
		{"99999999999\n", "f:1: number of graphs: 99999999999 is out of range, expected 1 to 1000000"},
		{"1000000\n1 0\n0 0\n", "f:4" + cutOff},
		{"1\n2 0\n0 1 1\n", "f:4" + cutOff},
		{"1\n2;0\n", "f:2: 1 values, expected 2; separate values by blanks"},
		{"1\n2 2\n", "f:2: class: 2 is out of range, expected 0 to 1"},
		{"1\n999999999 0\n", "f:2: number of nodes: 999999999 is out of range, expected 1 to 100000"},
		{"1\n2 0\n2 0\n", "f:3: node type: 2 is out of range, expected 0 to 1"},
		{"1\n2 0\n0 1\n", "f:3: 1 neighbours are announced, 0 are there"},
		{"1\n2 0\n0 1 2\n", "f:3: neighbour: 2 is out of range, expected 0 to 1"},
		{"1\n2 0\n0 1 0\n", "f:3: node 0 is its own neighbour"},
		{"1\n3 0\n0 2 1 1\n", "f:3: the neighbour 1 comes twice"},
		{"1\n2 0\n0 1 1\n0 0\n", "f:3: node 0 has the neighbour 1, but node 1 does not have 0"},
		{"1\n2 0\n0 1 1 1 1\n", "f:3: 5 values, expected 2 to 3; separate values by blanks"},
		{"1\n1 0\n0 0\n1 0\n", "f:4: there is more after the 1 graphs that line 1 announces"},
		{"1\n1 0\n0 \xff\n", "f:3: the line is not UTF-8 text; save the file as UTF-8"},
		{"1\n1 NaN\n", `f:2: class: "NaN" is not a whole number`},
	} {
		_, err := taggedOf(c.text)
		var file *FileError
		if !errors.As(err, &file) || err.Error() != "datasets: "+c.want {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := readTaggedGraphs(ctx, newLines("f", strings.NewReader("1\n1 0\n0 0\n")), 2, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled read gave %v", err)
	}
}

func TestFoldInPlace(t *testing.T) {
	for fold := range 10 {
		s := foldInPlace(1200, 10, fold)
		same(t, "sizes", [3]int{len(s.Train), len(s.Val), len(s.Test)}, [3]int{972, 108, 120})
		same(t, "check", s.check(1200, true, nil), "")
		same(t, "pairs are whole", (s.Val[0]%2 == 0) && (s.Test[0]%2 == 0), true)
	}
}

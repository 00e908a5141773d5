package datasets

import (
	"context"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

// tuOf is a set in memory.
func tuOf(parts map[string]string) *tuFiles {
	f := &tuFiles{name: "T", shown: map[string]string{}, open: map[string]func() (io.ReadCloser, error){}}
	for part, text := range parts {
		f.shown[part] = "T_" + part + ".txt"
		f.open[part] = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	}
	return f
}

func readTUOf(parts map[string]string, o TUOptions) (*TU, error) {
	return readTU(context.Background(), "T", tuOf(parts), o)
}

// small is two graphs: a path of three nodes, and an edge.
func small() map[string]string {
	return map[string]string{
		"A":               "1, 2\n2, 1\n2,3\n3,2\n5, 4\n4, 5\n",
		"graph_indicator": "1\n1\n1\n2\n2\n",
		"graph_labels":    "7\n-1\n",
		"node_labels":     "3\n1\n3\n9\n1\n",
		"node_attributes": " 0.5, 1e3\n1,2\n3,4\n5,6\n-7,8\n",
		"edge_labels":     "4\n4\n2\n2\n4\n4\n",
		"edge_attributes": "1\n2\n3\n4\n5\n6\n",
	}
}

func TestTUReader(t *testing.T) {
	text := small()
	crlf := maps.Clone(text)
	for part, s := range crlf {
		crlf[part] = "\xef\xbb\xbf" + strings.ReplaceAll(s, "\n", "\r\n\r\n")
	}
	for form, parts := range map[string]map[string]string{"LF": text, "byte order mark, CR LF, blank lines": crlf} {
		tu, err := readTUOf(parts, TUOptions{})
		if err != nil {
			t.Fatal(form, err)
		}
		same(t, "classes", tu.Classes, []int{-1, 7})
		same(t, "node labels", tu.NodeLabels, [][]int{{1, 3, 9}})
		same(t, "edge labels", tu.EdgeLabels, [][]int{{2, 4}})
		a, b := graphAt(t, tu, 0), graphAt(t, tu, 1)
		same(t, "first graph", a, &graphs.Graph{ID: "0", Nodes: 3, Edges: []graphs.Edge{{From: 0, To: 1}, {From: 1, To: 0}, {From: 1, To: 2}, {From: 2, To: 1}},
			NodeTypes: []int32{1, 0, 1}, NodeFeatures: []float32{0.5, 1000, 1, 2, 3, 4},
			EdgeTypes: []int32{1, 1, 0, 0}, EdgeFeatures: []float32{1, 2, 3, 4}, Target: []float32{1}})
		same(t, "second graph", b, &graphs.Graph{ID: "1", Nodes: 2, Edges: []graphs.Edge{{From: 0, To: 1}, {From: 1, To: 0}},
			NodeTypes: []int32{2, 0}, NodeFeatures: []float32{5, 6, -7, 8},
			EdgeTypes: []int32{1, 1}, EdgeFeatures: []float32{6, 5}, Target: []float32{0}}) // sorted: 4->5 is line 6
		same(t, "class", tu.ClassOf(0), 1)
	}
}

func TestTUOptions(t *testing.T) {
	parts := map[string]string{"A": "1,1\n1,2\n2,1\n2,1\n", "graph_indicator": "1\n1\n2\n", "graph_attributes": "0.5,1\n2,3\n"}
	tu, err := readTUOf(parts, TUOptions{MergeEdges: true, DropSelfLoops: true, DegreeTypes: true})
	if err != nil {
		t.Fatal(err)
	}
	g := graphAt(t, tu, 0)
	same(t, "edges", g.Edges, []graphs.Edge{{From: 0, To: 1}, {From: 1, To: 0}})
	same(t, "degrees", g.NodeTypes, []int32{1, 1})
	same(t, "targets", g.Target, []float32{0.5, 1})
	same(t, "class", tu.ClassOf(0), -1)
	same(t, "second graph", graphAt(t, tu, 1).NodeTypes, []int32{0})
	set, err := tu.Folds(1, 5)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "task", set.Info.Task, GraphRegression)
	same(t, "split", set.Info.Train+set.Info.Val+set.Info.Test, 2)
	if _, err := tu.Folds(10, 5); err == nil || err.Error() != "datasets: T: fold 10 is out of range; choose one of 0..9" {
		t.Errorf("fold 10: %v", err)
	}
	parts["A"] = "1,2\n"
	if tu, err = readTUOf(parts, TUOptions{Directed: true}); err != nil || len(graphAt(t, tu, 0).Edges) != 1 {
		t.Errorf("a directed edge: %v", err)
	}
}

func TestTURefuses(t *testing.T) {
	const separate = "; separate values by commas"
	for _, c := range []struct {
		part, text, want string // the part that is replaced; "-" takes it away
	}{
		{"A", "1;2\n", "T_A.txt:1: 1 values, expected 2" + separate},
		{"A", "1,2,3\n", "T_A.txt:1: 3 values, expected 2" + separate},
		{"A", "1,x\n", `T_A.txt:1: node number: "x" is not a whole number`},
		{"A", "1,2\n0,1\n", "T_A.txt:2: node number: 0 is out of range, expected 1 to 5"},
		{"A", "\n1,6\n", "T_A.txt:2: node number: 6 is out of range, expected 1 to 5"},
		{"A", "1,99999999999999999999\n", `T_A.txt:1: node number: "99999999999999999999" is not a whole number`},
		{"A", "1,4\n", "T_A.txt:1: the edge 1, 4 joins graph 1 with graph 2"},
		{"A", "2,2\n", "T_A.txt:1: the edge 2, 2 leads from a node to itself; remove it, or set TUOptions.DropSelfLoops"},
		{"A", "1,2\n2,1\n1,2\n", "T_edge_labels.txt:4: a line too many: there are 3 edges; the files of a set must belong together"},
		{"A", "1,2\n2,1\n2,3\n4,5\n5,4\n1,2\n", "T_A.txt:6: the edge 1, 2 repeats line 1; remove it, or set TUOptions.MergeEdges"},
		{"A", "1,2\n2,1\n2,3\n4,5\n5,4\n1,3\n", "T_A.txt:6: the edge 1, 3 has no reverse; list both directions, or set TUOptions.Directed"},
		{"A", ",\n", "T_A.txt:1: there are separators but no values"},
		{"A", "1,2\xff\n", "T_A.txt:1: the line is not UTF-8 text; save the file as UTF-8"},
		{"A", "1,2\n" + strings.Repeat("1", 10<<20), "T_A.txt:2: the line is longer than 1048576 bytes; the file is not what its name says, or its line ends are lost"},
		{"A", "-", "T: there is no T_A.txt; the set is not complete: get it again"},
		{"graph_indicator", "", "T_graph_indicator.txt: the file is empty; it must give the graph of each node, one a line"},
		{"graph_indicator", "-", "T: there is no T_graph_indicator.txt; the set is not complete: get it again"},
		{"graph_indicator", "2\n", "T_graph_indicator.txt:1: graph 2 comes after graph 0: graph 1 has no nodes; number graphs from 1 without gaps"},
		{"graph_indicator", "1\n2\n1\n", "T_graph_indicator.txt:3: graph 1 comes after graph 2; sort nodes by their graph"},
		{"graph_indicator", "0\n", "T_graph_indicator.txt:1: graph number: 0 is out of range, expected 1 to 2147483647"},
		{"graph_labels", "1\n", "T_graph_labels.txt: 1 lines for 2 graphs; the file is cut off or of another set"},
		{"graph_labels", "1\n2\n3\n", "T_graph_labels.txt:3: a line too many: there are 2 graphs; the files of a set must belong together"},
		{"graph_labels", "1 2\n2 3\n", "T_graph_labels.txt: 2 labels a graph, expected 1; keep one of them"},
		{"graph_labels", "1\n0.5\n", `T_graph_labels.txt:2: graph label: "0.5" is not a whole number`},
		{"graph_labels", "-", "T: there is neither T_graph_labels.txt nor T_graph_attributes.txt; one of them must say what is to be predicted"},
		{"node_labels", "1\n2 3\n", "T_node_labels.txt:2: 2 values, the lines before have 1" + separate},
		{"node_attributes", "1,2\nNaN,4\n", `T_node_attributes.txt:2: node attribute: "NaN" is not a finite number; fill missing values in`},
		{"node_attributes", "1,2\n,4\n", "T_node_attributes.txt:2: 1 values, the lines before have 2" + separate},
		{"node_attributes", "1,1e99\n", `T_node_attributes.txt:1: node attribute: "1e99" is not a finite number; fill missing values in`},
		{"edge_attributes", "1\n", "T_edge_attributes.txt: 1 lines for 6 edges; the file is cut off or of another set"},
	} {
		parts := small()
		if parts[c.part] = c.text; c.text == "-" {
			delete(parts, c.part)
		}
		_, err := readTUOf(parts, TUOptions{})
		var file *FileError
		if !errors.As(err, &file) {
			t.Errorf("%s %.20q: error %v, expected a *FileError", c.part, c.text, err)
		} else if got := strings.TrimPrefix(err.Error(), "datasets: "); got != c.want {
			t.Errorf("%s %.20q:\n got %s\nwant %s", c.part, c.text, got, c.want)
		}
	}
	parts := small()
	parts["A"] = "1,2\n2,1\n2,3\n3,2\n1,2\n4,5\n"
	_, err := readTUOf(parts, TUOptions{MergeEdges: true, Directed: true})
	if want := "datasets: T_A.txt:5: the edge 1, 2 repeats line 1 with another label or attribute; keep one of them"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := readTU(ctx, "T", tuOf(small()), TUOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled read gave %v", err)
	}
}

func TestTUFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "odd [name]*")
	for part, text := range small() {
		write(t, filepath.Join(dir, "SET", "SET_"+part+".txt"), []byte(text))
	}
	for _, at := range []string{dir, filepath.Join(dir, "SET")} {
		tu, err := ReadTU(context.Background(), at, TUOptions{})
		if err != nil || tu.Len() != 2 || tu.Name != "SET" {
			t.Errorf("%s: %+v, %v", at, tu, err)
		}
	}
	write(t, filepath.Join(dir, "SET", "SET_node_labels.txt"), []byte("x\n"))
	_, err := ReadTU(context.Background(), dir, TUOptions{})
	want := "datasets: " + filepath.Join(dir, "SET", "SET_node_labels.txt") + `:1: node label: "x" is not a whole number`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	write(t, filepath.Join(dir, "SET", "OTHER_A.txt"), nil)
	for at, want := range map[string]string{
		dir:                           ": there are 2 files called NAME_A.txt; keep one data set in it",
		t.TempDir():                   ": there is no file called NAME_A.txt; name the folder or archive of one data set in TU format",
		filepath.Join(dir, "nowhere"): ": no such file or directory; name a folder with NAME_A.txt and its neighbours, or NAME.zip",
	} {
		if _, err := ReadTU(context.Background(), at, TUOptions{}); err == nil || err.Error() != "datasets: "+at+want {
			t.Errorf("got %v\nwant %s", err, at+want)
		}
	}
}

package datasets

import (
	"errors"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

// planetoidOf reads a graph of 4 words and 3 classes.
func planetoidOf(nodes, edges string) (*planetoidReader, error) {
	r := &planetoidReader{words: 4, classes: 3, maxNodes: 3}
	if err := r.readNodes(newLines("n", strings.NewReader(nodes))); err != nil {
		return nil, err
	}
	return r, r.readEdges(newLines("e", strings.NewReader(edges)))
}

const threePapers = "0\t2\ttrain\t0 3\n1\t-1\t-\t\n2\t0\ttest\t1\n"

func TestPlanetoid(t *testing.T) {
	for _, form := range []*strings.Replacer{strings.NewReplacer(), strings.NewReplacer("\n", "\r\n\r\n")} {
		r, err := planetoidOf("\xef\xbb\xbf"+form.Replace(threePapers), form.Replace("0\t2\n1\t2\n"))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "graph", r.g, graphs.Graph{Nodes: 3, NodeTypes: []int32{0, 0, 0}, NodeFeatures: []float32{0.5, 0, 0, 0.5, 0, 0, 0, 0, 0, 1, 0, 0},
			Edges: []graphs.Edge{{From: 0, To: 2}, {From: 2, To: 0}, {From: 1, To: 2}, {From: 2, To: 1}}})
		for split, want := range [][]int32{{2, -1, -1}, {-1, -1, -1}, {-1, -1, 0}} {
			labels, count := r.labelsOf(Split(split))
			same(t, "labels", labels, want)
			same(t, "their number", count, []int{1, 0, 1}[split])
		}
	}
}

func TestPlanetoidRefuses(t *testing.T) {
	for _, c := range []struct{ nodes, edges, want string }{
		{"", "", "n: the file is empty; get it again"},
		{"0,2,train,0\n", "", "n:1: 1 values, expected node, class, split and words; separate them by tabs"},
		{"1\t2\ttrain\t0\n", "", "n:1: node: 1 is out of range, expected 0 to 0"},
		{"0\t3\ttrain\t0\n", "", "n:1: class: 3 is out of range, expected -1 to 2"},
		{"0\tNaN\ttrain\t0\n", "", `n:1: class: "NaN" is not a whole number`},
		{"0\t2\ttrian\t0\n", "", `n:1: the split is "trian", expected train, val, test or -`},
		{"0\t-1\ttrain\t0\n", "", "n:1: a node of split train has no class"},
		{"0\t2\ttrain\t4\n", "", "n:1: word: 4 is out of range, expected 0 to 3"},
		{"0\t2\ttrain\t3 3\n", "", "n:1: the word 3 comes twice"},
		{threePapers + "3\t0\t-\t\n", "", "n:4: a node too many, expected 3; this is not the published data: get the file again"},
		{threePapers, "0 1\n", "e:1: 1 values, expected two nodes; separate them by tabs"},
		{threePapers, "0\t3\n", "e:1: node: 3 is out of range, expected 0 to 2"},
		{threePapers, "0\t-1\n", "e:1: node: -1 is out of range, expected 0 to 2"},
		{threePapers, "1\t1\n", "e:1: the edge 1, 1 leads from a node to itself; remove it"},
		{threePapers, "1\t0\n", "e:1: the edge 1, 0 names the larger node first; list each edge once, the smaller node first"},
		{threePapers, "0\t1\n1\t2\n0\t1\n", "e:3: the edge 0, 1 repeats line 1; remove it"},
		{threePapers, "0\t1\xff\n", "e:1: the line is not UTF-8 text; save the file as UTF-8"},
	} {
		_, err := planetoidOf(c.nodes, c.edges)
		var file *FileError
		if !errors.As(err, &file) || err.Error() != "datasets: "+c.want {
			t.Errorf("%q, %q:\n got %v\nwant %s", c.nodes, c.edges, err, c.want)
		}
	}
}

func TestKarateRefuses(t *testing.T) {
	club := make([]int32, karateNodes)
	odd := append([]int32{2}, club[1:]...)
	for _, c := range []struct {
		file karateFile
		want string
	}{
		{karateFile{N: 33, Club: club}, "33 nodes and 34 clubs, expected 34"},
		{karateFile{N: 34, Club: club, Edges: [][]float32{{0, 1}}}, "edge 0 has 2 values, expected two nodes and a weight"},
		{karateFile{N: 34, Club: club, Edges: [][]float32{{0, 34, 1}}}, "edge 0: there is no node 34"},
		{karateFile{N: 34, Club: club, Edges: [][]float32{{0, 0.5, 1}}}, "edge 0: there is no node 0.5"},
		{karateFile{N: 34, Club: odd}, "node 0 is of club 2, expected 0 or 1"},
		{karateFile{N: 34, Club: club, Edges: [][]float32{{0, 1, 0}}}, "graphs: graph \"karate\": edge weight 0"},
		{karateFile{N: 34, Club: club, Edges: [][]float32{{0, 1, 1}}}, "1 edges, expected 78"},
	} {
		if _, _, got := c.file.graphs(); !strings.HasPrefix(got, c.want) {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
	}
}

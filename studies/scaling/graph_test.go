package scaling

import (
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

func TestRandomGraph(t *testing.T) {
	for _, c := range []struct{ nodes, degree int }{{2, 1}, {3, 1}, {20, 4}, {20, 10}, {1001, 7}} {
		g, err := RandomGraph(c.nodes, c.degree, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Validate(); err != nil {
			t.Errorf("%d nodes: %v", c.nodes, err)
		}
		if want := 2 * (c.nodes * c.degree / 2); g.Nodes != c.nodes || len(g.Edges) != want {
			t.Errorf("%d nodes and %d edges, want %d and %d", g.Nodes, len(g.Edges), c.nodes, want)
		}
		seen := map[graphs.Edge]bool{}
		for _, e := range g.Edges {
			if seen[e] || e.From == e.To {
				t.Errorf("%d nodes: edge %v is there twice, or a loop", c.nodes, e)
			}
			seen[e] = true
		}
		for e := range seen {
			if !seen[graphs.Edge{From: e.To, To: e.From}] {
				t.Errorf("%d nodes: edge %v has no way back", c.nodes, e)
			}
		}
		for i, label := range g.NodeLabels {
			for k, v := range g.NodeFeatures[i*classes : (i+1)*classes] {
				if v > g.NodeFeatures[i*classes+int(label)] {
					t.Errorf("node %d has class %d, but feature %d is larger", i, label, k)
				}
			}
		}
		again, err := RandomGraph(c.nodes, c.degree, 1)
		if err != nil || !reflect.DeepEqual(g, again) {
			t.Errorf("%d nodes: the same seed makes another graph: %v", c.nodes, err)
		}
		if other, err := RandomGraph(c.nodes, c.degree, 2); err != nil || reflect.DeepEqual(g.NodeFeatures, other.NodeFeatures) {
			t.Errorf("%d nodes: another seed makes the same graph: %v", c.nodes, err)
		}
	}
}

func TestRandomGraphMistakes(t *testing.T) {
	for _, c := range []struct {
		nodes, degree int
		want          string
	}{
		{1, 1, "a graph of 1 nodes: want from 2 to"}, {-1, 1, "a graph of -1 nodes"}, {mostNodes + 1, 1, "want from 2 to 2147483648"},
		{10, 0, "degree 0 in a graph of 10 nodes: want from 1 to half of the nodes, 5"}, {10, 6, "degree 6 in"},
	} {
		if _, err := RandomGraph(c.nodes, c.degree, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %s", c, err, c.want)
		}
	}
}

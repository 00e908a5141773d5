package depict

import (
	"bytes"
	"errors"
	"image/png"
	"math"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

func layoutGraph(t *testing.T, g *graphs.Graph) []Point {
	t.Helper()
	p, err := LayoutGraph(g)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, p)
	return p
}

// ringGraph is a ring with links that skip so many nodes.
func ringGraph(n, skip int) *graphs.Graph {
	g := &graphs.Graph{Nodes: n}
	for _, step := range []int{1, skip} {
		if step > 0 {
			for i := range n {
				g.AddBond(i, (i+step)%n)
			}
		}
	}
	return g
}

// A path is drawn straight, a ring round, each with edges of length 1 or nearly.
func TestLayoutShowsTheShape(t *testing.T) {
	path := &graphs.Graph{Nodes: 12}
	for i := range 11 {
		path.AddBond(i, i+1)
	}
	p := layoutGraph(t, path)
	for i := range 11 {
		if d := p[i].distance(p[i+1]); math.Abs(d-1) > 0.02 {
			t.Errorf("edge %d of a path is %.3f long", i, d)
		}
	}
	if h := boxOf(p).height(); h > 0.05 {
		t.Errorf("a path is %.3f high", h)
	}
	for _, skip := range []int{0, 2} {
		p = layoutGraph(t, ringGraph(41, skip))
		c := middle(p)
		low, high := math.Inf(1), 0.0
		for _, q := range p {
			low, high = min(low, q.distance(c)), max(high, q.distance(c))
		}
		if high > 1.4*low {
			t.Errorf("a ring with skip %d: nodes are %.2f to %.2f from its middle", skip, low, high)
		}
	}
}

// Neighbours lie nearer than others, on the average of many graphs.
func TestLayoutFollowsDistances(t *testing.T) {
	grid := &graphs.Graph{Nodes: 49}
	for i := range 49 {
		if i%7 < 6 {
			grid.AddBond(i, i+1)
		}
		if i < 42 {
			grid.AddBond(i, i+7)
		}
	}
	p := layoutGraph(t, grid)
	for _, e := range grid.Edges {
		if d := p[e.From].distance(p[e.To]); d < 0.6 || d > 1.4 {
			t.Errorf("edge %v of a grid is %.2f long", e, d)
		}
	}
}

func TestPartsLieSideBySide(t *testing.T) {
	g := &graphs.Graph{Nodes: 16}
	for i := range 6 {
		g.AddBond(i, (i+1)%6)
	}
	g.AddBond(6, 7)
	g.AddBond(7, 8)
	p := layoutGraph(t, g)
	first, second := boxOf(p[:6]), boxOf(p[6:9])
	if second.low.X < first.high.X && first.low.X < second.high.X && second.low.Y < first.high.Y && first.low.Y < second.high.Y {
		t.Errorf("parts overlap: %v and %v", first, second)
	}
	for i := 9; i < 16; i++ {
		for j := range i {
			if d := p[i].distance(p[j]); d < 0.5 {
				t.Errorf("lone node %d is %.2f from node %d", i, d, j)
			}
		}
	}
}

func TestGraphPictures(t *testing.T) {
	typed := ringGraph(8, 3)
	typed.NodeTypes = []int32{0, 1, 2, 0, 1, 2, 7, 7}
	for range typed.Edges {
		typed.EdgeTypes = append(typed.EdgeTypes, int32(len(typed.EdgeTypes)%3))
	}
	labelled := ringGraph(5, 0)
	labelled.NodeLabels = []int32{0, 1, graphs.NoLabel, 1, 0}
	many := ringGraph(60, 7)
	for i := range 60 {
		many.NodeTypes = append(many.NodeTypes, int32(i))
	}
	directed := graphs.Directed(3, [][2]int{{0, 1}, {1, 2}, {2, 2}})
	for name, c := range map[string]struct {
		g *graphs.Graph
		o GraphOptions
	}{
		"one node": {&graphs.Graph{Nodes: 1}, GraphOptions{Title: "one"}},
		"no edges": {&graphs.Graph{Nodes: 30}, GraphOptions{}},
		"typed":    {typed, GraphOptions{NodeNames: []string{"C", "N"}, EdgeNames: []string{"single"}, Notes: []string{"a note"}}},
		"labelled": {labelled, GraphOptions{}}, "many types": {many, GraphOptions{}}, "directed": {directed, GraphOptions{}},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Graph(c.g, c.o)
			if err != nil {
				t.Fatal(err)
			}
			paintable(t, d)
		})
	}
}

func TestKinds(t *testing.T) {
	if k := newKinds("type", []int{3, 3, 3}, nil, tints); k != nil {
		t.Errorf("one kind gets a legend: %v", k.names)
	}
	k := newKinds("type", []int{3, graphs.NoLabel, 1, 3}, []string{"a", "b"}, tints)
	if len(k.names) != 3 || k.names[0] != "b" || k.names[1] != "3" || k.names[2] != "not given" {
		t.Errorf("names %v", k.names)
	}
	if k.of[0] != 1 || k.of[1] != 2 || k.of[2] != 0 {
		t.Errorf("kinds %v", k.of)
	}
	var values []int
	for v := range 20 {
		for range v + 1 {
			values = append(values, v)
		}
	}
	k = newKinds("type", values, nil, tints)
	if len(k.names) != len(tints) || k.names[len(tints)-1] != "others" || k.of[0] != len(tints)-1 || k.names[0] != "9" {
		t.Errorf("names %v, the rarest is kind %d", k.names, k.of[0])
	}
}

func TestTooLarge(t *testing.T) {
	var size *SizeError
	if _, err := Graph(&graphs.Graph{Nodes: MostNodes + 1}, GraphOptions{}); !errors.As(err, &size) || size.Have != MostNodes+1 {
		t.Errorf("%v", err)
	}
	dense := &graphs.Graph{Nodes: 400}
	for i := range 400 {
		for j := range i {
			dense.AddBond(i, j)
		}
	}
	if _, err := Graph(dense, GraphOptions{}); !errors.As(err, &size) || size.What != "edges" {
		t.Errorf("%v", err)
	}
	var invalid *graphs.InvalidError
	if _, err := Graph(&graphs.Graph{Nodes: 1, Edges: []graphs.Edge{{From: 0, To: 1}}}, GraphOptions{}); !errors.As(err, &invalid) {
		t.Errorf("%v", err)
	}
}

func TestWritePNG(t *testing.T) {
	d, err := Molecule(parse(t, "CCO"), MoleculeOptions{Title: "a title that is broader than the molecule", Notes: []string{"ethanol"}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := d.WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	w, h := d.Size()
	if got := img.Bounds(); math.Abs(float64(got.Dx())-float64(w)*dpi/72) > 2 || math.Abs(float64(got.Dy())-float64(h)*dpi/72) > 2 {
		t.Errorf("%v dots for %v x %v points", got, w, h)
	}
	broken := errors.New("the disk is full")
	if err := d.WritePNG(failing{broken}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

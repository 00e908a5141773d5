package encodings

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
)

func TestLayouts(t *testing.T) {
	sequences, _ := Sequences([]int{0, 2, 2, 5})
	more, _ := ContinuedSequences([]int{0, 1, 3}, []int{4, 0}, NewMemory(2))
	grid, _ := OnGrid(2, 1, 2, 3)
	points, _ := AtPoints([]int{0, 1, 3}, 1, 2, []float64{math.NaN(), 7, 9, 9, 0.5, -1})
	table, _ := InOrders([]int{0, 3}, []int32{0, 1, 2}, []int32{2, 0, 1})
	batch, err := graphs.NewBatch([]*graphs.Graph{graphs.Undirected(2, [][2]int{{0, 1}}), graphs.Undirected(1, nil)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		l             *Layout
		text          string
		items, tokens int
		coords        []float64
	}{
		{sequences, "sequences", 3, 5, []float64{0, 1, 0, 1, 2}},
		{more, "sequences that go on", 2, 3, []float64{4, 0, 1}},
		{grid, "a 2-D grid [2 3]", 2, 14, []float64{0, 0, 0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2, 0, 0, 0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2}},
		{points, "2-D points", 2, 3, []float64{0, 0, 0, 0, 0.5, -1}},
		{table, "tables in 2 orders", 1, 3, []float64{0, 1, 2}},
		{OfGraphs(batch), "graphs", 2, 3, nil},
		{OfGraphsWithLeading(batch, 1), "graphs", 2, 5, nil},
		{grid.Flat(), "sequences", 2, 14, []float64{0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6}},
	} {
		if c.l.String() != c.text || c.l.Items() != c.items || c.l.Tokens() != c.tokens || !reflect.DeepEqual(c.l.Coords, c.coords) {
			t.Errorf("%v of %d items and %d tokens at %v, want %s of %d and %d at %v",
				c.l, c.l.Items(), c.l.Tokens(), c.l.Coords, c.text, c.items, c.tokens, c.coords)
		}
	}
	if !grid.Leads(1, 7) || grid.Leads(1, 8) {
		t.Error("the first token of the second grid leads, and it alone")
	}
	if err := grid.Refuse("rope", "it has one axis"); err.Error() != "encodings: rope cannot serve a 2-D grid [2 3]: it has one axis" {
		t.Error(err)
	}
}

// Grids of one shape are one layout, whichever way they are laid out; those of several keep their own shapes.
func TestOnGrids(t *testing.T) {
	same, err := OnGrids(1, []int{2, 3}, []int{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	want, err := OnGrid(2, 1, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(same, want) {
		t.Errorf("%+v, want %+v", same, want)
	}
	l, err := OnGrids(1, []int{1, 2}, []int{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(l.Offsets, []int{0, 3, 6}) || !slices.Equal(l.Coords, []float64{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}) ||
		!slices.Equal(l.ShapeOf(0), []int{1, 2}) || !slices.Equal(l.ShapeOf(1), []int{2, 1}) || l.Shape != nil {
		t.Errorf("%+v", l)
	}
	if l.String() != "2-D grids of different shapes" {
		t.Error(l)
	}
}

func TestLayoutErrors(t *testing.T) {
	refuse := func(_ *Layout, err error) error { return err }
	for want, err := range map[string]error{
		"offsets [] do not begin with 0":                 refuse(Sequences(nil)),
		"offsets [1 2] do not begin with 0":              refuse(Sequences([]int{1, 2})),
		"offset 2 is 1, below the one before, 3":         refuse(Sequences([]int{0, 3, 1})),
		"1 numbers of past tokens for 2 sequences":       refuse(ContinuedSequences([]int{0, 1, 2}, []int{3}, nil)),
		"sequence 1 has -1 past tokens":                  refuse(ContinuedSequences([]int{0, 1, 2}, []int{3, -1}, nil)),
		"a memory of 3 sequences for 2":                  refuse(ContinuedSequences([]int{0, 1, 2}, []int{3, 1}, NewMemory(3))),
		"a grid of shape [2 0] has no cells":             refuse(OnGrid(1, 0, 2, 0)),
		"a grid of shape [100000 100000] has no cells, ": refuse(OnGrid(1, 0, 100000, 100000)),
		"too many cells":                                 refuse(OnGrid(100000, 0, 10000, 10000)),
		"-1 grids of shape [2]":                          refuse(OnGrid(-1, 0, 2)),
		"no grids: want at least one":                    refuse(OnGrids(0)),
		"grid 1 has the shape [3], and grid 0 [2 2]":     refuse(OnGrids(0, []int{2, 2}, []int{3})),
		"a grid of shape [0 2] has no cells":             refuse(OnGrids(0, []int{2, 2}, []int{0, 2})),
		"2 grids, the last of shape [40000 40000], have": refuse(OnGrids(0, []int{40000, 39999}, []int{40000, 40000})),
		"3 coordinates for 2 tokens of 2 each":           refuse(AtPoints([]int{0, 2}, 0, 2, []float64{1, 2, 3})),
		"coordinate 1 of token 0 of item 1 is NaN":       refuse(AtPoints([]int{0, 1, 2}, 0, 2, []float64{1, 2, 3, math.NaN()})),
		"coordinate 0 of token 0 of item 0 is -Inf":      refuse(AtPoints([]int{0, 1}, 0, 1, []float64{math.Inf(-1)})),
		"a table in no order":                            refuse(InOrders([]int{0, 1})),
		"order 1 has 1 places for 2 tokens":              refuse(InOrders([]int{0, 2}, []int32{0, 1}, []int32{0})),
		"order 0 gives token 1 of item 0 the place 0":    refuse(InOrders([]int{0, 2}, []int32{0, 0})),
		"order 0 gives token 0 of item 1 the place 2":    refuse(InOrders([]int{0, 1, 3}, []int32{0, 2, 1})),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

func TestMemory(t *testing.T) {
	m := NewMemory(3)
	for b, x := range m.Get(1, "phase", 2).Data() {
		if x != 0 {
			t.Fatalf("number %d is %v at first", b, x)
		}
	}
	copy(m.Get(1, "phase", 2).Data(), []float32{0, 1, 2, 3, 4, 5})
	if got := m.Get(0, "phase", 2).Data(); got[1] != 0 {
		t.Errorf("another layer has %v", got)
	}
	m.Keep([]int{2, 2, 0, 1})
	if got, want := m.Get(1, "phase", 2).Data(), []float32{4, 5, 4, 5, 0, 1, 2, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("the memory of sequences 2, 2, 0, 1 is %v, want %v", got, want)
	}
}

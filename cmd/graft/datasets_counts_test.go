package main

import (
	"context"
	"slices"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
)

// Histograms of splits get the bins of the coarsest, and no count is lost.
func TestStacked(t *testing.T) {
	h := stacked([]datasets.Histogram{
		{Low: -3, Width: 0.5, Counts: []int{1, 2, 3}}, // -3 to -1.5
		{Low: -2, Width: 2, Counts: []int{5, 6}},      // -2 to 2
		{},
	}, []string{"train", "val", "test"})
	if h.Low != -4 || h.Width != 2 || len(h.Series) != 2 {
		t.Fatalf("%+v", h)
	}
	for k, want := range [][]int{{3, 3, 0}, {0, 5, 6}} {
		if !slices.Equal(h.Series[k].Counts, want) {
			t.Errorf("%s: %v, want %v", h.Series[k].Name, h.Series[k].Counts, want)
		}
	}
	// Whole numbers stand in the middle of their bars.
	if h := stacked([]datasets.Histogram{{Low: 41, Width: 1, Counts: []int{9}}}, []string{"all"}); h.Low != 40.5 {
		t.Errorf("%+v", h)
	}
	if h := stacked([]datasets.Histogram{{}}, []string{"all"}); len(h.Series) != 0 {
		t.Errorf("%+v", h)
	}
}

// What is drawn of a set depends on what is asked of its graphs.
func TestHistograms(t *testing.T) {
	graph := func(target ...float32) *graphs.Graph {
		g := graphs.Undirected(3, [][2]int{{0, 1}})
		g.Target = target
		return g
	}
	labelled := graphs.Undirected(4, nil)
	labelled.NodeLabels = []int32{0, 1, 1, graphs.NoLabel}
	for name, c := range map[string]struct {
		task  datasets.Task
		list  []*graphs.Graph
		want  []string // titles
		notes string   // of the last
	}{
		"numbers":   {datasets.GraphRegression, []*graphs.Graph{graph(1.5, -2), graph(0.25, 7)}, []string{"x: sizes of graphs", "x: target 0", "x: target 1"}, ""},
		"classes":   {datasets.GraphClassification, []*graphs.Graph{graph(0), graph(2)}, []string{"x: sizes of graphs", "x: target"}, ""},
		"labels":    {datasets.GraphMultiLabel, []*graphs.Graph{graph(0, 1), graph(1, 1)}, []string{"x: sizes of graphs", "x: labels"}, ""},
		"nodes":     {datasets.NodeClassification, []*graphs.Graph{labelled}, []string{"x: sizes of graphs", "x: classes of nodes"}, "1 missing"},
		"no target": {datasets.Distinction, []*graphs.Graph{graph()}, []string{"x: sizes of graphs"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := datasets.New("x", c.list, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			set.Info.Task = c.task
			stats, err := datasets.Measure(context.Background(), set)
			if err != nil {
				t.Fatal(err)
			}
			all := histograms(set.Info, stats)
			var titles []string
			for _, h := range all {
				titles = append(titles, h.Title)
				if h.XLabel == "" || h.YLabel == "" {
					t.Errorf("%s: axes %q and %q", h.Title, h.XLabel, h.YLabel)
				}
			}
			if !slices.Equal(titles, c.want) {
				t.Errorf("titles %q, want %q", titles, c.want)
			}
			if last := all[len(all)-1]; last.Notes != c.notes {
				t.Errorf("notes %q, want %q", last.Notes, c.notes)
			}
			table := countTable("counted")
			addCounts(&table, set.Info, stats)
			if len(table.Rows) < 5 {
				t.Errorf("only %d rows", len(table.Rows))
			}
		})
	}
}

// Sets of molecules are drawn as such, by the features they have.
func TestStructureOfSets(t *testing.T) {
	ogb := &graphs.Graph{Nodes: 1, NodeTypes: []int32{5, 0, 4, 5, 4, 0, 2, 0, 0}}
	for name, c := range map[string]struct {
		g       *graphs.Graph
		formula string
	}{
		"zinc": {&graphs.Graph{Nodes: 1, NodeTypes: []int32{0}}, "CH4"}, "esol": {ogb, "CH4"}, "csl": {&graphs.Graph{Nodes: 1}, ""},
	} {
		info, err := datasets.Describe(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := structure(info, c.g)
		if err != nil {
			t.Fatal(err)
		}
		if (s == nil) != (c.formula == "") || s != nil && s.Formula() != c.formula {
			t.Errorf("%s: %+v, want %s", name, s, c.formula)
		}
	}
}

func TestSpan(t *testing.T) {
	if a, b := span(41, 41), span(9, 1234); a != "41" || b != "9 to 1,234" {
		t.Errorf("%q, %q", a, b)
	}
	if r := rounded(23.1664); r.Text != "23.17" || r.Value != 23.1664 {
		t.Errorf("%+v", r)
	}
}

package main

import (
	"fmt"
	"math"
	"strconv"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/report"
)

// countTable has a column for each split and one for all graphs.
func countTable(first string) report.Table {
	t := report.Table{Columns: []report.Column{{Key: first}}}
	for _, key := range []string{"train", "val", "test", "all"} {
		t.Columns = append(t.Columns, report.Column{Key: key, Right: true})
	}
	return t
}

// mostClassRows is how many classes get a row each.
const mostClassRows = 24

// addCounts adds a row for each thing that was counted. A row that would only say
// that there are none is left out.
func addCounts(t *report.Table, info datasets.Info, stats *datasets.Statistics) {
	if stats == nil {
		return
	}
	splits := append(stats.Splits[:], stats.All)
	row := func(heading string, value func(datasets.SplitStatistics) any) {
		cells, told := []any{heading}, false
		for _, s := range splits {
			if s.Graphs == 0 {
				cells = append(cells, nil)
				continue
			}
			v := value(s)
			if n, isCount := v.(int); isCount {
				told = told || n != 0
				v = report.Cell{Text: report.Count(n), Value: n}
			} else {
				told = told || v != nil && fmt.Sprint(v) != "[]"
			}
			cells = append(cells, v)
		}
		if told {
			t.Add(cells...)
		}
	}
	row("graphs", func(s datasets.SplitStatistics) any { return s.Graphs })
	row("nodes", func(s datasets.SplitStatistics) any { return s.Nodes })
	row("nodes a graph, mean", func(s datasets.SplitStatistics) any { return rounded(s.MeanNodes) })
	row("nodes a graph, least to most", func(s datasets.SplitStatistics) any { return span(s.MinNodes, s.MaxNodes) })
	row("directed edges", func(s datasets.SplitStatistics) any { return s.Edges })
	row("directed edges a graph, mean", func(s datasets.SplitStatistics) any { return rounded(s.MeanEdges) })
	row("directed edges a graph, least to most", func(s datasets.SplitStatistics) any { return span(s.MinEdges, s.MaxEdges) })
	row("self loops", func(s datasets.SplitStatistics) any { return s.SelfLoops })
	row("nodes without edges", func(s datasets.SplitStatistics) any { return s.Isolated })
	row("node types that occur, a column", func(s datasets.SplitStatistics) any { return fmt.Sprint(s.NodeTypes) })
	row("edge types that occur, a column", func(s datasets.SplitStatistics) any { return fmt.Sprint(s.EdgeTypes) })
	row("real node features", func(s datasets.SplitStatistics) any { return s.NodeFeatures })
	row("real edge features", func(s datasets.SplitStatistics) any { return s.EdgeFeatures })
	for k := range stats.All.Targets {
		of := func(s datasets.SplitStatistics) *datasets.Summary {
			if k >= len(s.Targets) {
				return nil
			}
			return &s.Targets[k]
		}
		addSummary(row, targetName(k, len(stats.All.Targets)), info.Task, of, stats.All.Targets[k])
	}
	if labels := stats.All.NodeLabels; labels != nil {
		addSummary(row, "node", datasets.NodeClassification, func(s datasets.SplitStatistics) *datasets.Summary { return s.NodeLabels }, *labels)
	}
	if labels := stats.All.EdgeLabels; labels != nil {
		addSummary(row, "edge", datasets.EdgeClassification, func(s datasets.SplitStatistics) *datasets.Summary { return s.EdgeLabels }, *labels)
	}
}

func targetName(k, targets int) string {
	if targets == 1 {
		return "target"
	}
	return "target " + strconv.Itoa(k)
}

// addSummary adds the rows of a target, or of the labels of nodes or edges.
func addSummary(row func(string, func(datasets.SplitStatistics) any), name string, task datasets.Task,
	of func(datasets.SplitStatistics) *datasets.Summary, all datasets.Summary) {
	add := func(heading string, value func(datasets.Summary) any) {
		row(heading, func(s datasets.SplitStatistics) any {
			if sum := of(s); sum != nil && (sum.Given > 0 || sum.Missing > 0) {
				return value(*sum)
			}
			return nil
		})
	}
	class := func(k int) func(datasets.Summary) any {
		return func(s datasets.Summary) any {
			if k < len(s.Classes) {
				return s.Classes[k]
			}
			return 0
		}
	}
	switch {
	case task == datasets.GraphMultiLabel:
		add(name+", yes", class(1))
	case task.Classes() && all.Classes != nil && len(all.Classes) <= mostClassRows:
		what := "graphs"
		if task != datasets.GraphClassification {
			what = name + "s"
		}
		for k := range all.Classes {
			add(fmt.Sprintf("%s of class %d", what, k), class(k))
		}
	case task.Classes():
		add(name+", classes", func(s datasets.Summary) any { return len(s.Classes) })
	default:
		add(name+", mean", func(s datasets.Summary) any { return s.Mean })
		add(name+", standard deviation", func(s datasets.Summary) any { return s.Std })
		add(name+", least", func(s datasets.Summary) any { return s.Min })
		add(name+", most", func(s datasets.Summary) any { return s.Max })
	}
	missing := name + ", missing"
	if name == "node" || name == "edge" {
		missing = name + "s without class"
	}
	add(missing, func(s datasets.Summary) any { return s.Missing })
}

// rounded is a mean as tables of data sets give it, to two places.
func rounded(v float64) report.Cell {
	return report.Cell{Text: strconv.FormatFloat(v, 'f', 2, 64), Value: v}
}

func span(least, most int) string {
	if least == most {
		return report.Count(least)
	}
	return report.Count(least) + " to " + report.Count(most)
}

// histograms draws sizes and labels.
func histograms(info datasets.Info, stats *datasets.Statistics) []report.Histogram {
	splits, names := stats.Splits[:], []string{"train", "val", "test"}
	if info.Repeated { // the same graphs each time
		splits, names = []datasets.SplitStatistics{stats.All}, []string{"all"}
	}
	stack := func(of func(datasets.SplitStatistics) datasets.Histogram) report.Histogram {
		var list []datasets.Histogram
		for _, s := range splits {
			list = append(list, of(s))
		}
		return stacked(list, names)
	}
	sizes := stack(func(s datasets.SplitStatistics) datasets.Histogram { return s.Sizes })
	sizes.Title, sizes.XLabel, sizes.YLabel = info.Name+": sizes of graphs", "nodes a graph", "graphs"
	all := []report.Histogram{sizes}
	if info.Task == datasets.GraphMultiLabel {
		return append(all, yesses(info, splits, names))
	}
	for k := range stats.All.Targets {
		of := func(s datasets.SplitStatistics) *datasets.Summary {
			if k >= len(s.Targets) {
				return nil
			}
			return &s.Targets[k]
		}
		h := labelHistogram(info.Task, splits, names, of)
		h.Title, h.YLabel = info.Name+": "+targetName(k, len(stats.All.Targets)), "graphs"
		if unit := targetUnit(info.Name); unit != "" {
			h.XLabel = unit
		}
		h.Notes = missingNote(stats.All.Targets[k].Missing)
		all = append(all, h)
		if len(all) > mostPanels {
			break
		}
	}
	if labels := stats.All.NodeLabels; labels != nil {
		// Splits of one graph differ in which nodes have labels.
		h := labelHistogram(datasets.NodeClassification, stats.Splits[:], []string{"train", "val", "test"},
			func(s datasets.SplitStatistics) *datasets.Summary { return s.NodeLabels })
		h.Title, h.YLabel, h.Notes = info.Name+": classes of nodes", "nodes", missingNote(labels.Missing)
		all = append(all, h)
	}
	if labels := stats.All.EdgeLabels; labels != nil {
		h := labelHistogram(datasets.EdgeClassification, stats.Splits[:], []string{"train", "val", "test"},
			func(s datasets.SplitStatistics) *datasets.Summary { return s.EdgeLabels })
		h.Title, h.YLabel, h.Notes = info.Name+": classes of edges", "edges", missingNote(labels.Missing)
		all = append(all, h)
	}
	return all
}

// targetUnit is what the number to predict measures, of sets that say so.
func targetUnit(name string) string {
	switch name {
	case "zinc":
		return "penalised logP, each term standardised"
	case "esol":
		return "log10 of solubility in mol per litre"
	case "freesolv":
		return "energy of hydration in kcal per mol"
	case "lipophilicity":
		return "log D at pH 7.4"
	}
	return ""
}

// mostPanels is how many targets get a histogram.
const mostPanels = 12

func missingNote(n int) string {
	if n == 0 {
		return ""
	}
	return report.Count(n) + " missing"
}

// labelHistogram counts classes, or the values of a number.
func labelHistogram(task datasets.Task, splits []datasets.SplitStatistics, names []string, of func(datasets.SplitStatistics) *datasets.Summary) report.Histogram {
	if !task.Classes() {
		var list []datasets.Histogram
		for _, s := range splits {
			h := datasets.Histogram{}
			if sum := of(s); sum != nil {
				h = sum.Values
			}
			list = append(list, h)
		}
		h := stacked(list, names)
		h.XLabel = "target"
		return h
	}
	h := report.Histogram{XLabel: "class"}
	for k, s := range splits {
		if sum := of(s); sum != nil && sum.Given > 0 {
			h.Series = append(h.Series, report.Series{Name: names[k], Counts: sum.Classes})
			for c := len(h.Labels); c < len(sum.Classes); c++ {
				h.Labels = append(h.Labels, strconv.Itoa(c))
			}
		}
	}
	return h
}

// yesses counts for each of several labels the graphs that have it.
func yesses(info datasets.Info, splits []datasets.SplitStatistics, names []string) report.Histogram {
	h := report.Histogram{Title: info.Name + ": labels", XLabel: "label", YLabel: "graphs that have it"}
	for k, s := range splits {
		series := report.Series{Name: names[k]}
		for _, t := range s.Targets {
			yes := 0
			if len(t.Classes) > 1 {
				yes = t.Classes[1]
			}
			series.Counts = append(series.Counts, yes)
		}
		h.Series = append(h.Series, series)
		for c := len(h.Labels); c < len(series.Counts); c++ {
			h.Labels = append(h.Labels, strconv.Itoa(c))
		}
	}
	return h
}

// stacked brings histograms to the same bins, those of the coarsest: widths are
// powers of two and bins begin at multiples of them.
func stacked(list []datasets.Histogram, names []string) report.Histogram {
	var out report.Histogram
	low, high := math.Inf(1), math.Inf(-1)
	for _, h := range list {
		out.Width = max(out.Width, h.Width)
	}
	if out.Width == 0 {
		return out
	}
	for _, h := range list {
		if h.Width > 0 {
			low = min(low, math.Floor(h.Low/out.Width)*out.Width)
			high = max(high, math.Ceil((h.Low+h.Width*float64(len(h.Counts)))/out.Width)*out.Width)
		}
	}
	bins := int(math.Round((high - low) / out.Width))
	for k, h := range list {
		if h.Width == 0 {
			continue
		}
		s := report.Series{Name: names[k], Counts: make([]int, bins)}
		for b, n := range h.Counts {
			s.Counts[int((h.Low+h.Width*float64(b)-low)/out.Width)] += n
		}
		out.Series = append(out.Series, s)
	}
	if out.Low = low; out.Width == 1 { // whole numbers stand in the middle of their bars
		out.Low -= 0.5
	}
	return out
}

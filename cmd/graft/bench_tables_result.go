package main

import (
	"fmt"
	"math"
	"strconv"

	"github.com/graft-ml/graft/report"
	tablestudy "github.com/graft-ml/graft/studies/tables"
)

// sizesTable is the table for programs: a row for every model and size.
func sizesTable(cells []tablestudy.Cell) report.Table {
	t := report.Table{Columns: []report.Column{
		{Key: "task"}, {Key: "reader"}, {Key: "seed"}, {Key: "size"}, {Key: "trained"}, {Key: "accuracy"}, {Key: "examples"}, {Key: "parameters"},
		{Key: "steps"}, {Key: "tokens"}, {Key: "tokensPerSecond"}, {Key: "loss"}, {Key: "trainSeconds"}, {Key: "testSeconds"},
	}}
	for _, c := range cells {
		for _, s := range c.Scores {
			t.Add(c.Task, c.Reader, c.Seed, s.Size, s.Trained, s.Accuracy(), s.Examples, c.Parameters, c.Steps, c.Tokens, c.TokensPerSecond(), c.Loss, c.TrainSeconds, c.TestSeconds)
		}
	}
	return t
}

// readerTables are those for people: accuracy by size for each task, and what there is to say of two orders.
func readerTables(s tablestudy.Study, cells []tablestudy.Cell) []report.Table {
	rows := tablestudy.Rows(cells)
	var list []report.Table
	for _, task := range s.Tasks {
		list = append(list, accuracyTable(s, task, rows))
	}
	return append(list, marginTable(rows), routerTable(s, rows))
}

// accuracyTable has a row for each reader of a task, and a column for each size.
func accuracyTable(s tablestudy.Study, task string, rows []tablestudy.Row) report.Table {
	t := report.Table{
		Title: fmt.Sprintf("%s: right answers in %%, learned from tables of %s rows and columns; %s steps of %s tokens", task, inWords(s.Sizes),
			report.Count(s.Steps), report.Count(s.BatchTokens)),
		Columns: []report.Column{{Key: "reader"}},
	}
	number := func(key string) { t.Columns = append(t.Columns, report.Column{Key: key, Right: true}) }
	for _, r := range rows {
		if r.Task != task {
			continue
		}
		if len(t.Rows) == 0 {
			for _, score := range r.Scores {
				number(strconv.Itoa(score.Size))
			}
			for _, key := range []string{"learned", "larger", "parameters", "tokens/s", "training"} {
				number(key)
			}
			if len(s.Seeds) > 1 {
				number("seeds")
			}
		}
		values := []any{r.Reader}
		for _, score := range r.Scores {
			values = append(values, percent(score.Accuracy()))
		}
		speed := math.Round(float64(r.Tokens) / r.TrainSeconds)
		values = append(values, mean(r.Scores, true), mean(r.Scores, false), report.Cell{Text: report.Count(r.Parameters), Value: r.Parameters},
			report.Cell{Text: report.Count(int(speed)), Value: speed}, seconds(r.TrainSeconds/float64(r.Seeds)))
		if len(s.Seeds) > 1 {
			values = append(values, r.Seeds)
		}
		t.Rows = append(t.Rows, values)
	}
	return t
}

// inWords writes 2, 3 and 4.
func inWords(sizes []int) string {
	text := ""
	for i, n := range sizes {
		switch {
		case i > 0 && i == len(sizes)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += strconv.Itoa(n)
	}
	return text
}

// mean writes the mean over sizes that were learned from, or over the others; nothing where there are none.
func mean(s tablestudy.Scores, trained bool) any {
	m := s.Mean(trained)
	if math.IsNaN(m) {
		return nil
	}
	return percent(m)
}

// marginTable says how far readers of two orders are ahead of the better one that reads in one line.
func marginTable(rows []tablestudy.Row) report.Table {
	t := report.Table{
		Title: "Both orders beside the better of one line: right answers in %, mean over sizes",
		Columns: []report.Column{{Key: "task"}, {Key: "reader"}, {Key: "sizes"}, {Key: "accuracy", Right: true},
			{Key: "than", Heading: "one line"}, {Key: "best", Heading: "accuracy", Right: true}, {Key: "points", Heading: "ahead by", Right: true}},
	}
	for _, c := range tablestudy.Compare(rows) {
		for _, part := range []struct {
			sizes string
			tablestudy.Margin
		}{{"learned", c.Trained}, {"larger", c.HeldOut}} {
			if m := part.Margin; m.Than != "" {
				t.Add(c.Task, c.Reader, part.sizes, percent(m.Accuracy), m.Than, percent(m.Best), report.Cell{Text: fmt.Sprintf("%+.1f", m.Points()), Value: m.Points()})
			}
		}
	}
	return t
}

// routerTable says how the routers weigh the two orders.
func routerTable(s tablestudy.Study, rows []tablestudy.Row) report.Table {
	t := report.Table{
		Title:   "Weight of the order by columns, mean over the cells: 0 is rows alone, 1 columns alone",
		Columns: []report.Column{{Key: "task"}, {Key: "reader"}},
	}
	for layer := range s.Model.Layers {
		t.Columns = append(t.Columns, report.Column{Key: fmt.Sprintf("layer%d", layer+1), Heading: fmt.Sprintf("layer %d", layer+1), Right: true})
	}
	for _, r := range rows {
		if len(r.Columns) != s.Model.Layers {
			continue
		}
		values := []any{r.Task, r.Reader}
		for _, w := range r.Columns {
			values = append(values, report.Cell{Text: fmt.Sprintf("%.3f", w), Value: w})
		}
		t.Rows = append(t.Rows, values)
	}
	return t
}

// readerLine says in a line what a model can do.
func readerLine(c tablestudy.Cell) string {
	text := fmt.Sprintf("%s read by %s, seed %d:", c.Task, c.Reader, c.Seed)
	for i, s := range c.Scores {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(" %s %% of size %d", percent(s.Accuracy()).Text, s.Size)
	}
	return fmt.Sprintf("%s; loss %.3g after %s steps in %s, %s tokens/s", text, c.Loss, report.Count(c.Steps), report.Duration(seconds(c.TrainSeconds)),
		report.Count(int(c.TokensPerSecond())))
}

// readingLine says in a line what is being done.
func readingLine(p tablestudy.Progress) string {
	what := fmt.Sprintf("%s read by %s, seed %d (%d of %d)", p.Task, p.Reader, p.Seed, p.Cell, p.Cells)
	if p.Size > 0 {
		return fmt.Sprintf("%s: questions of size %d", what, p.Size)
	}
	return fmt.Sprintf("%s: step %s of %s, loss %.3g", what, report.Count(p.Step), report.Count(p.Steps), p.Loss)
}

// plotReaders draws accuracy by size, a panel a task and a line a reader, the largest size that was learned marked.
func plotReaders(path string, cells []tablestudy.Cell) error {
	var panels []report.Panel
	for _, r := range tablestudy.Rows(cells) {
		if len(panels) == 0 || panels[len(panels)-1].Title != r.Task {
			panels = append(panels, report.Panel{Title: r.Task, XLabel: "rows and columns", YLabel: "right answers, %", High: 100, MarkLabel: "largest learned"})
		}
		panel := &panels[len(panels)-1]
		var points []report.Point
		for _, s := range r.Scores {
			points = append(points, report.Point{X: float64(s.Size), Y: 100 * s.Accuracy()})
			if s.Trained {
				panel.Mark = max(panel.Mark, float64(s.Size))
			}
		}
		addLine(panel, r.Reader, points)
	}
	return report.WritePNG(path, panels...)
}

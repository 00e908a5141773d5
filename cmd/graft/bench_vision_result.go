package main

import (
	"fmt"
	"strconv"

	"github.com/graft-ml/graft/report"
	visionstudy "github.com/graft-ml/graft/studies/vision"
)

// resolutionsTable is the table for programs: a row for every model and resolution, shifts in that of the trained one.
func resolutionsTable(cells []visionstudy.Cell) report.Table {
	t := report.Table{Columns: []report.Column{
		{Key: "encoding"}, {Key: "seed"}, {Key: "resolution"}, {Key: "trained"}, {Key: "accuracy"}, {Key: "examples"},
		{Key: "shifts"}, {Key: "kept"}, {Key: "alike"}, {Key: "shiftedAccuracy"}, {Key: "parameters"}, {Key: "feedForwardWidth"},
		{Key: "steps"}, {Key: "images"}, {Key: "loss"}, {Key: "secondsPerStep"}, {Key: "trainSeconds"}, {Key: "testSeconds"},
	}}
	for _, c := range cells {
		for _, s := range c.Scores {
			shift := []any{nil, nil, nil, nil}
			if s.Trained && c.Shift.Shifts > 0 {
				shift = []any{c.Shift.Shifts, c.Shift.Kept, nil, c.Shift.Accuracy}
				if c.Shift.Shifts > c.Shift.Images {
					shift[2] = c.Shift.Consistency
				}
			}
			row := append([]any{c.Encoding, c.Seed, s.Resolution, s.Trained, s.Accuracy(), s.Examples}, shift...)
			t.Add(append(row, c.Parameters, c.FeedForwardWidth, c.Steps, c.Images, c.Loss, c.SecondsPerStep(), c.TrainSeconds, c.TestSeconds)...)
		}
	}
	return t
}

// visionTables are those for people: accuracy by resolution, and shifts.
func visionTables(s visionstudy.Study, cells []visionstudy.Cell) []report.Table {
	rows := visionstudy.Rows(cells)
	return []report.Table{resolutionTable(s, rows), shiftTable(s, rows)}
}

// resolutionTable has a row for each encoding, and a column for each resolution.
func resolutionTable(s visionstudy.Study, rows []visionstudy.Row) report.Table {
	t := report.Table{
		Title: fmt.Sprintf("%s: right answers in %% by resolution, %d learned; %s images to learn from, %s to test on, %s steps of %d%s", s.Set.Info.Name, s.Size,
			report.Count(s.Set.Train.Len()), report.Count(s.Set.Test.Len()), report.Count(s.Steps), s.BatchSize, deviations(s)),
		Columns: []report.Column{{Key: "encoding"}},
	}
	number := func(key string) { t.Columns = append(t.Columns, report.Column{Key: key, Right: true}) }
	for _, resolution := range rows[0].Resolutions {
		number(strconv.Itoa(resolution))
	}
	for _, key := range []string{"parameters", "feed-forward", "ms/step", "training"} {
		number(key)
	}
	if len(s.Seeds) > 1 {
		number("seeds")
	}
	for _, r := range rows {
		values := []any{r.Encoding}
		for _, score := range r.Scores {
			values = append(values, spread(score, r.Seeds))
		}
		values = append(values, report.Cell{Text: report.Count(r.Parameters), Value: r.Parameters}, r.FeedForwardWidth,
			report.Cell{Text: digits(1000 * r.SecondsPerStep), Value: 1000 * r.SecondsPerStep}, seconds(r.TrainSeconds))
		if len(s.Seeds) > 1 {
			values = append(values, r.Seeds)
		}
		t.Rows = append(t.Rows, values)
	}
	return t
}

// deviations says what stands behind the sign ± where there is one.
func deviations(s visionstudy.Study) string {
	if len(s.Seeds) < 2 {
		return ""
	}
	return "; mean ± deviation over the seeds"
}

// spread writes a share over seeds in hundredths.
func spread(s visionstudy.Spread, seeds int) report.Cell {
	cell := percent(s.Mean)
	if seeds > 1 {
		cell.Text = fmt.Sprintf("%.1f ± %.1f", 100*s.Mean, 100*s.SD)
	}
	return cell
}

// shiftTable has a row for each encoding; none where nothing was shifted.
func shiftTable(s visionstudy.Study, rows []visionstudy.Row) report.Table {
	t := report.Table{
		Title: fmt.Sprintf("%s: circular shifts by whole pixels, in %%: kept are those with the class of the image as it was, alike are pairs of shifts with one class%s", s.Set.Info.Name, deviations(s)),
		Columns: []report.Column{{Key: "encoding"}, {Key: "kept", Right: true}, {Key: "alike", Right: true}, {Key: "accuracy", Heading: "right as it was", Right: true},
			{Key: "shifted", Heading: "right when shifted", Right: true}, {Key: "shifts", Heading: "shifts an image", Right: true}},
	}
	for _, r := range rows {
		if r.Shifts == 0 || r.Trained < 0 {
			continue
		}
		var alike any
		if r.Shifts > 1 {
			alike = whole(r.Consistency, r.Seeds)
		}
		t.Add(r.Encoding, whole(r.Kept, r.Seeds), alike, spread(r.Scores[r.Trained], r.Seeds), spread(r.Shifted, r.Seeds), r.Shifts)
	}
	return t
}

// whole writes a share so that 100 means all, and not nearly all.
func whole(s visionstudy.Spread, seeds int) report.Cell {
	cell := spread(s, seeds)
	if s.Mean < 1 && s.Mean > 0.9995 {
		cell.Text = fmt.Sprintf("%.4g", 100*min(s.Mean, 0.99999))
	}
	return cell
}

// seenLine says in a line what a model can do.
func seenLine(c visionstudy.Cell) string {
	text := fmt.Sprintf("%s, seed %d:", c.Encoding, c.Seed)
	for i, s := range c.Scores {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(" %s %% at %d", percent(s.Accuracy()).Text, s.Resolution)
	}
	if c.Shift.Shifts > 0 {
		text += fmt.Sprintf("; %s %% of shifts keep the class", whole(visionstudy.Spread{Mean: c.Shift.Kept}, 1).Text)
	}
	return fmt.Sprintf("%s; loss %.3g after %s steps in %s, %s ms a step; tests in %s", text, c.Loss, report.Count(c.Steps), report.Duration(seconds(c.TrainSeconds)),
		digits(1000*c.SecondsPerStep()), report.Duration(seconds(c.TestSeconds)))
}

// seeingLine says in a line what is being done.
func seeingLine(p visionstudy.Progress) string {
	what := fmt.Sprintf("%s, seed %d (%d of %d)", p.Encoding, p.Seed, p.Cell, p.Cells)
	switch {
	case p.Shifting:
		return what + ": shifted images"
	case p.Resolution > 0:
		return fmt.Sprintf("%s: images of %d by %[2]d pixels", what, p.Resolution)
	}
	return fmt.Sprintf("%s: step %s of %s, loss %.3g", what, report.Count(p.Step), report.Count(p.Steps), p.Loss)
}

// plotVision draws a chart for each resolution, a bar an encoding, those that were not trained beside the trained one, and
// one of shifts.
func plotVision(path string, s visionstudy.Study, cells []visionstudy.Cell) error {
	rows := visionstudy.Rows(cells)
	trained := fmt.Sprintf("at %d by %[1]d, learned", s.Size)
	charts := make([]report.Chart, len(rows[0].Resolutions))
	for k, resolution := range rows[0].Resolutions {
		size := fmt.Sprintf("%d by %[1]d", resolution)
		charts[k] = report.Chart{Title: s.Set.Info.Name + " at " + size + " pixels", YLabel: "right answers, %", BarName: "at " + size, MarkName: trained}
		if k == rows[0].Trained {
			charts[k].Title += ", which were learned"
		}
	}
	shifted := report.Chart{Title: "circular shifts by whole pixels", YLabel: "%", BarName: "keep the class", MarkName: "right when shifted"}
	for _, r := range rows {
		for k, score := range r.Scores {
			bar := bar(r.Encoding, score)
			if r.Trained >= 0 && k != r.Trained {
				bar.Mark = 100 * r.Scores[r.Trained].Mean
			}
			charts[k].Bars = append(charts[k].Bars, bar)
		}
		if r.Shifts > 0 {
			bar := bar(r.Encoding, r.Kept)
			bar.Label = whole(visionstudy.Spread{Mean: r.Kept.Mean}, 1).Text
			bar.Mark, bar.MarkSpread = 100*r.Shifted.Mean, 100*r.Shifted.SD
			shifted.Bars = append(shifted.Bars, bar)
		}
	}
	if len(shifted.Bars) > 0 {
		charts = append(charts, shifted)
	}
	return report.WriteCharts(path, charts...)
}

// bar is a share in hundredths.
func bar(name string, s visionstudy.Spread) report.Bar {
	return report.Bar{Name: name, Label: percent(s.Mean).Text, Value: 100 * s.Mean, Spread: 100 * s.SD}
}

package main

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/studies"
)

// scoresTable is the table for programs: a row for every length.
func scoresTable(task string, cells []studies.Cell) report.Table {
	t := report.Table{Columns: []report.Column{
		{Key: "task"}, {Key: "encoding"}, {Key: "seed"}, {Key: "length"}, {Key: "trained"}, {Key: "accuracy"}, {Key: "examples"},
		{Key: "parameters"}, {Key: "steps"}, {Key: "loss"}, {Key: "trainSeconds"}, {Key: "testSeconds"},
	}}
	for _, c := range cells {
		for _, s := range c.Scores {
			t.Add(task, c.Encoding, c.Seed, s.Length, s.Trained, s.Accuracy(), s.Examples, c.Parameters, c.Steps, c.Loss, c.TrainSeconds, c.TestSeconds)
		}
	}
	return t
}

// lengthsTable is the table for people: a row for every encoding.
func lengthsTable(s studies.Lengths, cells []studies.Cell) report.Table {
	trained, tested := ranges(cells)
	t := report.Table{
		Title:   fmt.Sprintf("%s: right answers in %%, trained on lengths %v; %s steps of %d", s.Task, trained, report.Count(s.Steps), s.BatchSize),
		Columns: []report.Column{{Key: "encoding"}, {Key: trained.String(), Right: true}},
	}
	columns := someLengths(tested)
	for _, length := range columns {
		t.Columns = append(t.Columns, report.Column{Key: strconv.Itoa(length), Right: true})
	}
	t.Columns = append(t.Columns, report.Column{Key: tested.String(), Right: true}, report.Column{Key: "parameters", Right: true}, report.Column{Key: "training", Right: true})
	if len(s.Seeds) > 1 {
		t.Columns = append(t.Columns, report.Column{Key: "seeds", Right: true})
	}
	for _, r := range studies.Rows(cells) {
		values := []any{r.Encoding, percent(r.Scores.Mean(trained))}
		for _, length := range columns {
			values = append(values, percent(r.Scores.Mean(lengths.Range{Min: length, Max: length})))
		}
		values = append(values, percent(r.Scores.Mean(tested)), report.Cell{Text: report.Count(r.Parameters), Value: r.Parameters}, seconds(r.TrainSeconds))
		if len(s.Seeds) > 1 {
			values = append(values, r.Seeds)
		}
		t.Rows = append(t.Rows, values)
	}
	return t
}

// ranges gives the lengths of training and test that results have.
func ranges(cells []studies.Cell) (trained, tested lengths.Range) {
	widen := func(r *lengths.Range, length int) {
		if r.Min == 0 {
			r.Min = length
		}
		r.Max = length
	}
	for _, s := range cells[0].Scores {
		if s.Trained {
			widen(&trained, s.Length)
		} else {
			widen(&tested, s.Length)
		}
	}
	return trained, tested
}

// someLengths are at most ten lengths of a range, evenly spread from the first: more columns fit no page.
func someLengths(r lengths.Range) []int {
	const most = 10
	var some []int
	for length, step := r.Min, (r.Max-r.Min)/most+1; length <= r.Max; length += step {
		some = append(some, length)
	}
	return some
}

// percent writes a share in hundredths, with a digit behind the point where that is needed.
func percent(share float64) report.Cell {
	return report.Cell{Text: report.Number(math.Round(1000*share) / 10), Value: share}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// cellLine says in a line what a model can do.
func cellLine(c studies.Cell) string {
	trained, tested := ranges([]studies.Cell{c})
	return fmt.Sprintf("%s, seed %d: %s %% of lengths %v, %s %% of %v; loss %.3g after %s steps in %s", c.Encoding, c.Seed,
		percent(c.Scores.Mean(trained)).Text, trained, percent(c.Scores.Mean(tested)).Text, tested, c.Loss, report.Count(c.Steps), report.Duration(seconds(c.TrainSeconds)))
}

// progressLine says in a line what is being done.
func progressLine(p studies.Progress) string {
	what := fmt.Sprintf("%s, seed %d (%d of %d)", p.Encoding, p.Seed, p.Cell, p.Cells)
	if p.Length > 0 {
		return fmt.Sprintf("%s: questions of length %d", what, p.Length)
	}
	return fmt.Sprintf("%s: step %s of %s, loss %.3g", what, report.Count(p.Step), report.Count(p.Steps), p.Loss)
}

// plotStudy draws accuracy by length, a line an encoding, the longest training length marked.
func plotStudy(path string, s studies.Lengths, cells []studies.Cell) error {
	trained, _ := ranges(cells)
	panel := report.Panel{
		Title: fmt.Sprintf("%s, trained on lengths %v", s.Task, trained), XLabel: "length", YLabel: "right answers, %", High: 100,
		Mark: float64(trained.Max), MarkLabel: "longest trained",
	}
	for _, r := range studies.Rows(cells) {
		var points []report.Point
		for _, score := range r.Scores {
			points = append(points, report.Point{X: float64(score.Length), Y: 100 * score.Accuracy()})
		}
		addLine(&panel, r.Encoding, points)
	}
	return report.WritePNG(path, panel)
}

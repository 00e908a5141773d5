package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/studies/benchmark"
)

// showResults prints the table of results, and draws it where that is asked for.
func (p *program) showResults(results []benchmark.Result, plot string, format report.Format) error {
	rows := benchmark.Rows(results)
	if plot != "" {
		if err := report.WriteCharts(plot, chartsOf(rows)...); err != nil {
			return err
		}
	}
	if !format.ForPeople() {
		t := resultsData(rows)
		return t.Write(p.out, format)
	}
	var notes footnotes
	t := resultsTable(rows, format, &notes)
	if err := t.Write(p.out, format); err != nil {
		return err
	}
	notes.write(p.out, format)
	published := publishedTable(rows)
	if len(published.Rows) == 0 {
		return nil
	}
	fmt.Fprintln(p.out)
	return published.Write(p.out, format)
}

// resultsTable is the table for people: a row for a model on a data set.
func resultsTable(rows []benchmark.Row, format report.Format, notes *footnotes) report.Table {
	t := report.Table{
		Title: resultsTitle(rows),
		Columns: []report.Column{
			{Key: "dataset", Heading: "data"}, {Key: "model"}, {Key: "metric"}, {Key: "test", Right: true}, {Key: "val", Right: true},
			{Key: "published", Right: true}, {Key: "parameters", Right: true}, {Key: "epochs", Right: true}, {Key: "seeds", Right: true},
			{Key: "folds", Right: true}, {Key: "time", Heading: "a training", Right: true}, {Key: "notes"},
		},
	}
	for _, r := range rows {
		test := meanText(r.Metric, r.Test)
		if r.Best {
			if format == report.Markdown {
				test = "**" + test + "**"
			} else {
				test += " *"
			}
		}
		published, folds := "", ""
		if f := r.Published(); f != nil {
			published = figureText(*f)
		}
		if r.OfFolds > 0 {
			folds = fmt.Sprintf("%d of %d", len(r.Folds), r.OfFolds)
		}
		t.Add(r.Dataset, r.Model, metricText(r.Metric), test, meanText(r.Metric, r.Val), published, report.Count(r.Parameters), r.Epochs, len(r.Seeds), folds, seconds(r.Seconds), notes.numbers(r.Notes))
	}
	return withoutEmpty(t)
}

// resultsTitle says what the numbers of a table are.
func resultsTitle(rows []benchmark.Row) string {
	title := "Test scores at the best epoch by validation"
	if slices.ContainsFunc(rows, func(r benchmark.Row) bool { return r.Test.Over != benchmark.OverNothing }) {
		title += ": mean ± sample standard deviation over seeds"
	}
	for i, r := range rows[1:] {
		if last := rows[i]; last.Dataset == r.Dataset && last.Epochs != r.Epochs {
			return title + ". Epochs differ: the terms are not equal."
		}
	}
	return title + "."
}

// footnotes are notes of a table, each once.
type footnotes []string

// numbers gives those of notes, from 1, as text.
func (f *footnotes) numbers(notes []string) string {
	var numbers []string
	for _, note := range notes {
		i := slices.Index(*f, note)
		if i < 0 {
			i = len(*f)
			*f = append(*f, note)
		}
		numbers = append(numbers, strconv.Itoa(i+1))
	}
	return strings.Join(numbers, ", ")
}

// write puts them below the table.
func (f footnotes) write(w io.Writer, format report.Format) {
	if format == report.Markdown && len(f) > 0 {
		fmt.Fprintln(w) // else they would be rows
	}
	for i, note := range f {
		fmt.Fprintf(w, "%d. %s\n", i+1, note)
	}
}

// withoutEmpty leaves columns out that have nothing to say.
func withoutEmpty(t report.Table) report.Table {
	for i := len(t.Columns) - 1; i >= 0; i-- {
		if slices.ContainsFunc(t.Rows, func(row []any) bool { return row[i] != "" }) {
			continue
		}
		t.Columns = slices.Delete(t.Columns, i, i+1)
		for k := range t.Rows {
			t.Rows[k] = slices.Delete(t.Rows[k], i, i+1)
		}
	}
	return t
}

// publishedTable lists what is published of the data sets of rows.
func publishedTable(rows []benchmark.Row) report.Table {
	t := report.Table{Title: "Published figures, with the budgets of their papers.", Columns: []report.Column{
		{Key: "dataset", Heading: "data"}, {Key: "model"}, {Key: "metric"}, {Key: "published", Right: true}, {Key: "parameters", Right: true}, {Key: "how", Wrap: 34}, {Key: "source", Wrap: 48},
	}}
	for _, f := range publishedOf(rows) {
		parameters := ""
		if f.Parameters > 0 {
			parameters = "about " + report.Count(f.Parameters)
		}
		t.Add(f.Dataset, f.Title, metricText(f.Metric), figureText(f), parameters, f.Note, f.Source)
	}
	return withoutEmpty(t)
}

// publishedOf lists the published figures of the data sets of rows, each set once for
// each of its protocols.
func publishedOf(rows []benchmark.Row) []benchmark.Figure {
	var all []benchmark.Figure
	seen := map[string]bool{}
	for _, r := range rows {
		if key := fmt.Sprint(r.Dataset, r.Protocol); !seen[key] {
			seen[key] = true
			all = append(all, benchmark.Published(r.Dataset, r.Protocol)...)
		}
	}
	return all
}

// resultsData is the table for programs: rows that were measured, then what is published
// of their data sets.
func resultsData(rows []benchmark.Row) report.Table {
	t := report.Table{Columns: []report.Column{
		{Key: "kind"}, {Key: "dataset"}, {Key: "protocol"}, {Key: "model"}, {Key: "metric"}, {Key: "test"}, {Key: "testSpread"}, {Key: "val"}, {Key: "valSpread"},
		{Key: "spreadOver"}, {Key: "seeds"}, {Key: "folds"}, {Key: "ofFolds"}, {Key: "parameters"}, {Key: "epochs"}, {Key: "secondsATraining"}, {Key: "secondsInAll"},
		{Key: "best"}, {Key: "published"}, {Key: "publishedSpread"}, {Key: "source"}, {Key: "notes"},
	}}
	for _, r := range rows {
		var published, spread, source any
		if f := r.Published(); f != nil {
			published, spread, source = f.Value, orNil(f.Spread), f.Source
		}
		t.Add("measured", r.Dataset, r.Protocol.String(), r.Model, r.Metric, r.Test.Value, spreadOf(r.Test), r.Val.Value, spreadOf(r.Val),
			r.Test.Over.String(), len(r.Seeds), len(r.Folds), r.OfFolds, r.Parameters, r.Epochs, r.Seconds, r.TotalSeconds,
			r.Best, published, spread, source, notesList(r.Notes))
	}
	for _, f := range publishedOf(rows) {
		var notes []string
		if f.Note != "" {
			notes = append(notes, f.Note)
		}
		var parameters any
		if f.Parameters > 0 {
			parameters = f.Parameters
		}
		t.Add("published", f.Dataset, f.Protocol.String(), f.Title, f.Metric, f.Value, orNil(f.Spread), nil, nil,
			nil, nil, nil, nil, parameters, nil, nil, nil, nil, nil, nil, f.Source, notesList(notes))
	}
	return t
}

// notesList is a list also where there are no notes, for JSON.
func notesList(notes []string) []string { return append([]string{}, notes...) }

func orNil(v float64) any {
	if v == 0 {
		return nil
	}
	return v
}

func spreadOf(m benchmark.Mean) any {
	if m.Over == benchmark.OverNothing {
		return nil
	}
	return m.Spread
}

// inPercent tells whether people read a metric in hundredths.
func inPercent(metric string) bool {
	return strings.HasPrefix(metric, "accuracy") || metric == "rocauc"
}

func metricText(metric string) string {
	if inPercent(metric) {
		return metric + ", %"
	}
	return metric
}

// scale is the unit that people read a metric in, and the digits behind the point that a
// measurement is worth.
func scale(metric string) (unit float64, digits int) {
	if inPercent(metric) {
		return 100, 2
	}
	return 1, 4
}

// meanText writes a measured mean with its spread.
func meanText(metric string, m benchmark.Mean) string {
	if math.IsNaN(m.Value) {
		return ""
	}
	unit, digits := scale(metric)
	text := strconv.FormatFloat(unit*m.Value, 'f', digits, 64)
	if m.Over == benchmark.OverNothing {
		return text
	}
	text += " ± " + strconv.FormatFloat(unit*m.Spread, 'f', digits, 64)
	if m.Over == benchmark.OverFolds {
		text += " (folds)"
	}
	return text
}

// figureText writes a published figure with the digits that it was published with.
func figureText(f benchmark.Figure) string {
	unit, _ := scale(f.Metric)
	value, spread := report.Number(unit*f.Value), report.Number(unit*f.Spread)
	behind := func(text string) int {
		_, digits, _ := strings.Cut(text, ".")
		return len(digits)
	}
	digits := behind(value)
	if f.Spread == 0 {
		return value
	}
	digits = max(digits, behind(spread))
	return fmt.Sprintf("%.*f ± %.*f", digits, unit*f.Value, digits, unit*f.Spread)
}

// chartsOf draws a chart for each data set.
func chartsOf(rows []benchmark.Row) []report.Chart {
	var charts []report.Chart
	for i, r := range rows {
		if i == 0 || rows[i-1].Dataset != r.Dataset || rows[i-1].Metric != r.Metric {
			direction := "lower"
			if r.HigherIsBetter {
				direction = "higher"
			}
			charts = append(charts, report.Chart{
				Title: fmt.Sprintf("%s, test %s (%s is better)", r.Dataset, r.Metric, direction), YLabel: metricText(r.Metric), BarName: "measured", MarkName: "published",
			})
		}
		c := &charts[len(charts)-1]
		unit, digits := scale(r.Metric)
		b := report.Bar{Name: r.Model, Value: unit * r.Test.Value, Spread: unit * r.Test.Spread, Label: strconv.FormatFloat(unit*r.Test.Value, 'f', digits, 64)}
		if slices.ContainsFunc(rows, func(other benchmark.Row) bool {
			return other.Dataset == r.Dataset && other.Model == r.Model && other.Epochs != r.Epochs
		}) {
			b.Name += fmt.Sprintf(", %d epochs", r.Epochs)
		}
		if f := r.Published(); f != nil {
			b.Mark, b.MarkSpread = unit*f.Value, unit*f.Spread
		}
		c.Bars = append(c.Bars, b)
	}
	return charts
}

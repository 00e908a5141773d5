package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/report"
)

// listTableSets lists the sets of questions about tables.
func (p *program) listTableSets(format report.Format) error {
	t := report.Table{Columns: []report.Column{
		{Key: "name"}, {Key: "task"}, {Key: "train", Right: true}, {Key: "val", Right: true}, {Key: "test", Right: true},
		{Key: "metric"}, {Key: "from"}, {Key: "protocols", Heading: "splits, default first", Wrap: 24}, {Key: "title", Heading: "about", Wrap: 50},
	}}
	for _, info := range tableqa.List() {
		from := "files"
		if info.Generated {
			from = "generated"
		}
		count := func(n int) report.Cell { return report.Cell{Text: report.Count(n), Value: n} }
		t.Add(info.Name, info.Task.String(), count(info.Train), count(info.Val), count(info.Test), info.Metric.String(), from, tableProtocols(info), info.Title)
	}
	return t.Write(p.out, format)
}

// tableProtocols lists the split protocols of a set, the default first.
func tableProtocols(info tableqa.Info) []string {
	var names []string
	for _, p := range info.Protocols {
		names = append(names, p.String())
	}
	return names
}

// tableSetInfo prints what is known of a set, and what others measured on it.
func (p *program) tableSetInfo(c *cli.Context, info tableqa.Info, format report.Format) error {
	for _, flag := range []string{"plot", "protocol", "data"} {
		if c.IsSet(flag) {
			return misuse("graft datasets info: --%s is about sets of graphs: of %s, which is one of questions about tables, nothing is counted", flag, info.Name)
		}
	}
	rows := []property{
		{"name", "name", info.Name}, {"title", "about", info.Title}, {"task", "task", info.Task.String()},
		{"train", "training questions", info.Train}, {"val", "validation questions", info.Val}, {"test", "test questions", info.Test},
		{"metric", "metric", info.Metric.String()}, {"splitRule", "split", info.SplitRule},
		{"protocols", "split rules, default first", tableProtocols(info)}, {"folds", "folds", info.Folds},
		{"generated", "generated", info.Generated}, {"files", "files", info.Files},
		{"licence", "licence", info.Licence}, {"origin", "origin", info.Origin}, {"notes", "notes", info.Notes},
	}
	published := report.Table{Columns: []report.Column{{Key: "model"}, {Key: "part"}, {Key: "value", Heading: "per cent", Right: true}, {Key: "source", Wrap: 50}}}
	for _, f := range info.Published {
		published.Add(f.Model, f.Part, f.Value, f.Source)
	}
	switch format {
	case report.JSON:
		t := report.Table{Rows: [][]any{nil}}
		for _, r := range append(rows, property{"published", "", info.Published}) {
			t.Columns, t.Rows[0] = append(t.Columns, report.Column{Key: r.key}), append(t.Rows[0], r.value)
		}
		return t.Write(p.out, format)
	case report.CSV:
		t := report.Table{Columns: []report.Column{{Key: "property"}, {Key: "value"}}}
		for _, r := range rows {
			t.Add(r.key, fmt.Sprint(r.value))
		}
		return t.Write(p.out, format)
	}
	t := report.Table{Columns: []report.Column{{Key: "property"}, {Key: "value", Heading: info.Name, Wrap: 72}}}
	for _, r := range rows[1:] {
		if r.told() {
			t.Add(r.heading, r.value)
		}
	}
	if err := t.Write(p.out, format); err != nil || len(published.Rows) == 0 {
		return err
	}
	if _, err := fmt.Fprintln(p.out); err != nil {
		return err
	}
	return published.Write(p.out, format)
}

package main

import (
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
		t.Add(info.Name, info.Task.String(), count(info.Train), count(info.Val), count(info.Test), info.Metric.String(), from, protocolNames(info.Protocols), info.Title)
	}
	return t.Write(p.out, format)
}

// tableSetInfo prints what is known of a set, and what others measured on it.
func (p *program) tableSetInfo(info tableqa.Info, format report.Format) error {
	rows := []property{
		{"name", "name", info.Name}, {"title", "about", info.Title}, {"task", "task", info.Task.String()},
		{"train", "training questions", info.Train}, {"val", "validation questions", info.Val}, {"test", "test questions", info.Test},
		{"metric", "metric", info.Metric.String()}, {"splitRule", "split", info.SplitRule},
		{"protocols", "split rules, default first", protocolNames(info.Protocols)}, {"folds", "folds", info.Folds},
		{"generated", "generated", info.Generated}, {"folder", "folder of the files", info.Folder}, {"files", "files", info.Files},
		{"licence", "licence", info.Licence}, {"origin", "origin", info.Origin}, {"notes", "notes", info.Notes},
	}
	published := report.Table{Columns: []report.Column{{Key: "model"}, {Key: "part"}, {Key: "value", Heading: "per cent", Right: true}, {Key: "source", Wrap: 50}}}
	for _, f := range info.Published {
		published.Add(f.Model, f.Part, f.Value, f.Source)
	}
	return p.printKnown(info.Name, rows, property{"published", "", info.Published}, &published, format)
}

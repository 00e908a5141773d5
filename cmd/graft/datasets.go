package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/report"
)

const datasetsManual = `Data sets that recipes can name. Generated ones are made on the fly from
their definitions; the others are read from files: graft datasets get NAME
fetches them, --data DIR or $GRAFT_DATA says where they are otherwise.

Example:

   graft datasets info zinc`

func (p *program) datasetsCommand() *cli.Command {
	return &cli.Command{
		Name: "datasets", Usage: "list, describe and fetch data sets", Description: datasetsManual,
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list the data sets", Flags: []cli.Flag{formatFlag()}, Action: p.datasetsList,
				Description: "Lists the data sets with their sizes.\n\nExample: graft datasets list --format json",
			},
			{
				Name: "info", Usage: "describe a data set", ArgsUsage: "NAME", Flags: []cli.Flag{formatFlag()}, Action: p.datasetsInfo,
				Description:  "Prints what is known of a data set: sizes, features, classes, metric, split,\nlicence, origin. It does not look at files.\n\nExample: graft datasets info zinc",
				BashComplete: p.completeNames(datasets.Names),
			},
			p.datasetsGetCommand(),
		},
	}
}

func (p *program) datasetsList(c *cli.Context) error {
	if _, err := arguments(c, 0, 0); err != nil {
		return err
	}
	format, err := formatOf(c)
	if err != nil {
		return err
	}
	t := report.Table{Columns: []report.Column{
		{Key: "name"}, {Key: "task"}, {Key: "graphs", Right: true}, {Key: "nodes", Right: true}, {Key: "edges", Right: true},
		{Key: "from"}, {Key: "title", Heading: "about", Wrap: 50},
	}}
	for _, name := range datasets.Names() {
		info, err := datasets.Describe(name)
		if err != nil {
			return err
		}
		from := "files"
		if info.Generated {
			from = "generated"
		}
		t.Add(info.Name, info.Task.String(), report.Cell{Text: report.Count(info.Graphs()), Value: info.Graphs()},
			info.MeanNodes, info.MeanEdges, from, info.Title)
	}
	return t.Write(p.out, format)
}

func (p *program) datasetsInfo(c *cli.Context) error {
	args, format, err := argumentsAndFormat(c, 1, 1)
	if err != nil {
		return err
	}
	info, err := datasets.Describe(args[0])
	if err != nil {
		return err
	}
	rows := []struct {
		key, heading string
		value        any
	}{
		{"name", "name", info.Name}, {"title", "about", info.Title}, {"task", "task", info.Task.String()},
		{"train", "training graphs", info.Train}, {"val", "validation graphs", info.Val}, {"test", "test graphs", info.Test},
		{"meanNodes", "nodes, mean", info.MeanNodes}, {"meanEdges", "directed edges, mean", info.MeanEdges},
		{"nodeTypes", "node types, a column", info.NodeTypes}, {"nodeFeatures", "real node features", info.NodeFeatures},
		{"edgeTypes", "edge types, a column", info.EdgeTypes}, {"edgeFeatures", "real edge features", info.EdgeFeatures},
		{"classes", "classes", info.Classes}, {"targets", "targets a graph", info.Targets},
		{"metric", "metric", info.Metric}, {"splitRule", "split", info.SplitRule}, {"folds", "folds", info.Folds},
		{"generated", "generated", info.Generated}, {"licence", "licence", info.Licence}, {"origin", "origin", info.Origin}, {"notes", "notes", info.Notes},
	}
	if format == report.Text {
		t := report.Table{Columns: []report.Column{{Key: "property"}, {Key: "value", Heading: info.Name, Wrap: 72}}}
		for _, r := range rows[1:] {
			if text := fmt.Sprint(r.value); text != "0" && text != "[]" && text != "" {
				t.Add(r.heading, r.value)
			}
		}
		return t.Write(p.out, format)
	}
	t := report.Table{Rows: [][]any{nil}}
	for _, r := range rows {
		t.Columns = append(t.Columns, report.Column{Key: r.key})
		t.Rows[0] = append(t.Rows[0], r.value)
	}
	return t.Write(p.out, format)
}

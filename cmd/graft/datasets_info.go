package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/report"
)

const infoManual = `Prints what is known of a data set: task, metric, split, licence, origin;
and what one pass over its graphs counts: numbers of graphs, nodes and edges,
features, classes and targets, split by split. Edges are directed: an
undirected one counts twice.

Where the files of the set are not to be found, only what is known of it is
printed, and how to get them; it is an error if --data, --plot or --protocol
asks for them. Generated sets need no files, sets of molecules no more than
the table that graft datasets get brings. The split is the first of the set's
folds, by the rule of --protocol.

--plot draws histograms of sizes and labels, a split on another.

Of sets of questions about tables, of images and of clips of movement, it prints
what is known, with what others measured, and counts nothing.

Examples:

   graft datasets info zinc
   graft datasets info --data data --plot esol.png esol
   graft datasets info --format json csl`

func (p *program) datasetsInfoCommand() *cli.Command {
	return &cli.Command{
		Name: "info", Usage: "describe a data set and count what is in it", ArgsUsage: "NAME", Description: infoManual,
		Flags: []cli.Flag{
			dataFlag(),
			protocolFlag(),
			&cli.StringFlag{Name: "plot", Usage: "draw histograms of sizes and labels into `FILE.png`"},
			formatFlag(),
		},
		Action:       p.datasetsInfo,
		BashComplete: p.completeNames(p.setNames),
	}
}

func dataFlag() cli.Flag {
	return &cli.StringFlag{Name: "data", Usage: "`DIR` with the data set's files (default: $GRAFT_DATA, then the cache)"}
}

func (p *program) datasetsInfo(c *cli.Context) error {
	args, format, err := argumentsAndFormat(c, 1, 1)
	if err != nil {
		return err
	}
	info, err := datasets.Describe(args[0])
	if err != nil {
		s, err := p.otherSet(args[0])
		if err == nil {
			err = nothingCounted(c, s.name, s.items)
		}
		if err != nil {
			return err
		}
		return s.info(format)
	}
	if err := checkPicture(c); err != nil {
		return err
	}
	stats, err := p.count(c, info.Name)
	var missing *datasets.MissingError
	if errors.As(err, &missing) && !c.IsSet("data") && !c.IsSet("plot") && !c.IsSet("protocol") {
		fmt.Fprintf(p.errOut, "graft: nothing was counted: %s\n", message(err))
		err = nil
	}
	if err != nil {
		return err
	}
	if path := c.String("plot"); path != "" {
		if err := report.WriteHistograms(path, histograms(info, stats)...); err != nil {
			return err
		}
	}
	return p.printInfo(info, stats, format)
}

// checkPicture refuses a picture that is no PNG file.
func checkPicture(c *cli.Context) error {
	path := c.String("plot")
	if ext := filepath.Ext(path); c.IsSet("plot") && !strings.EqualFold(ext, ".png") {
		return misuse("%s: --plot %q: pictures are PNG files: name it %s", commandPath(c), path, strings.TrimSuffix(path, ext)+".png")
	}
	return nil
}

// count loads a set and counts its graphs.
func (p *program) count(c *cli.Context, name string) (*datasets.Statistics, error) {
	status := report.NewStatus(p.errOut)
	defer status.Clear()
	status.Show("reading " + name)
	set, err := namedSet(c, name)
	if err != nil {
		return nil, err
	}
	status.Show("counting " + name)
	return datasets.Measure(c.Context, set)
}

// property is a row about a data set.
type property struct {
	key, heading string
	value        any
}

func properties(info datasets.Info) []property {
	return []property{
		{"name", "name", info.Name}, {"title", "about", info.Title}, {"task", "task", info.Task.String()},
		{"train", "training graphs", info.Train}, {"val", "validation graphs", info.Val}, {"test", "test graphs", info.Test},
		{"meanNodes", "nodes, mean", info.MeanNodes}, {"meanEdges", "directed edges, mean", info.MeanEdges},
		{"nodeTypes", "node types, a column", info.NodeTypes}, {"nodeFeatures", "real node features", info.NodeFeatures},
		{"edgeTypes", "edge types, a column", info.EdgeTypes}, {"edgeFeatures", "real edge features", info.EdgeFeatures},
		{"classes", "classes", info.Classes}, {"targets", "targets a graph", info.Targets},
		{"metric", "metric", info.Metric}, {"splitRule", "split", info.SplitRule},
		{"protocols", "split rules, default first", protocolNames(info.SplitProtocols())}, {"folds", "folds", info.Folds},
		{"generated", "generated", info.Generated}, {"fetched", "fetched by graft datasets get", info.Fetched},
		{"licence", "licence", info.Licence}, {"origin", "origin", info.Origin}, {"notes", "notes", info.Notes},
	}
}

// told tells whether a property says anything.
func (r property) told() bool {
	text := fmt.Sprint(r.value)
	return text != "0" && text != "[]" && text != ""
}

// printInfo prints the properties, and the counts if there are any: for people two
// tables, as JSON one object, as CSV one table with a column a split.
func (p *program) printInfo(info datasets.Info, stats *datasets.Statistics, format report.Format) error {
	rows := properties(info)
	switch format {
	case report.JSON:
		t := report.Table{Rows: [][]any{nil}}
		add := func(key string, value any) {
			t.Columns, t.Rows[0] = append(t.Columns, report.Column{Key: key}), append(t.Rows[0], value)
		}
		for _, r := range rows {
			add(r.key, r.value)
		}
		if stats != nil {
			add("statistics", stats)
		}
		return t.Write(p.out, format)
	case report.CSV:
		t := countTable("property")
		for _, r := range rows {
			t.Add(r.key, nil, nil, nil, fmt.Sprint(r.value))
		}
		addCounts(&t, info, stats)
		return t.Write(p.out, format)
	}
	t := report.Table{Columns: []report.Column{{Key: "property"}, {Key: "value", Heading: info.Name, Wrap: 72}}}
	for _, r := range rows[1:] {
		if r.told() {
			t.Add(r.heading, r.value)
		}
	}
	if err := t.Write(p.out, format); err != nil || stats == nil {
		return err
	}
	if _, err := fmt.Fprintln(p.out); err != nil {
		return err
	}
	t = countTable("counted")
	addCounts(&t, info, stats)
	return t.Write(p.out, format)
}

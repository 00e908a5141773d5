package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/report"
)

const datasetsManual = `Data sets that recipes can name. Generated ones are made on the fly from
their definitions; the others are read from files: graft datasets get NAME
fetches them, --data DIR or $GRAFT_DATA says where they are otherwise.

Examples:

   graft datasets info zinc
   graft datasets show --index 3 --plot g.png csl`

func (p *program) datasetsCommand() *cli.Command {
	return &cli.Command{
		Name: "datasets", Usage: "list, describe, draw and fetch data sets", Description: datasetsManual,
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list the data sets", Flags: []cli.Flag{ofFlag(), formatFlag()}, Action: p.datasetsList,
				Description: "Lists the data sets with their sizes and the rules by which they can be split,\nthe default first: data.protocol of a recipe chooses, or data.questions.protocol\nfor sets of questions about tables, data.images.protocol for images,\ndata.motion.protocol for clips of movement. As CSV, which has room for one table,\nthose of graphs are listed, or of others with --of.\n\nExample: graft datasets list --format json",
			},
			p.datasetsInfoCommand(),
			p.datasetsShowCommand(),
			p.datasetsGetCommand(),
		},
	}
}

// ofFlag chooses what sets are of.
func ofFlag() cli.Flag {
	return &cli.StringFlag{Name: "of", DefaultText: "all", Usage: "list sets of `WHAT`: graphs, tables, images or motion"}
}

func (p *program) datasetsList(c *cli.Context) error {
	_, format, err := argumentsAndFormat(c, 0, 0)
	if err != nil {
		return err
	}
	of := c.String("of")
	lists := []struct {
		of    string
		write func(report.Format) error
	}{{"graphs", p.listGraphSets}, {"tables", p.listTableSets}, {"images", p.listImageSets}, {"motion", p.listMotionSets}}
	if of == "" && format == report.CSV {
		of = lists[0].of
	}
	written := false
	for _, l := range lists {
		if of != "" && of != l.of {
			continue
		}
		if written && format.ForPeople() {
			fmt.Fprintln(p.out)
		}
		if err := l.write(format); err != nil {
			return err
		}
		written = true
	}
	if !written {
		return misuse("graft datasets list: --of %s: want graphs, tables, images or motion", of)
	}
	return nil
}

// listGraphSets lists the sets of graphs.
func (p *program) listGraphSets(format report.Format) error {
	t := report.Table{Columns: []report.Column{
		{Key: "name"}, {Key: "task"}, {Key: "graphs", Right: true}, {Key: "nodes", Right: true}, {Key: "edges", Right: true},
		{Key: "from"}, {Key: "protocols", Heading: "splits, default first", Wrap: 24}, {Key: "title", Heading: "about", Wrap: 50},
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
			info.MeanNodes, info.MeanEdges, from, protocolNames(info.SplitProtocols()), info.Title)
	}
	return t.Write(p.out, format)
}

// protocolNames lists the names of split protocols.
func protocolNames[P fmt.Stringer](protocols []P) []string {
	var names []string
	for _, p := range protocols {
		names = append(names, p.String())
	}
	return names
}

// protocolFlag chooses among them.
func protocolFlag() cli.Flag {
	return &cli.StringFlag{Name: "protocol", Usage: "split by `RULE`, one of those that graft datasets info names (default: the first)"}
}

// namedSet loads a data set as the options of a command say.
func namedSet(c *cli.Context, name string) (*datasets.Set, error) {
	protocol, err := datasets.ParseProtocol(c.String("protocol"))
	if err != nil {
		return nil, misuse("--protocol: %s", message(err))
	}
	info, err := datasets.Describe(name)
	if err != nil {
		return nil, err
	}
	if known := info.SplitProtocols(); protocol != datasets.DefaultProtocol && !slices.Contains(known, protocol) {
		return nil, misuse("--protocol: %s cannot be split by the rule %q: choose %s", name, protocol, strings.Join(protocolNames(info.SplitProtocols()), ", "))
	}
	return files.LoadSet(c.Context, name, datasets.Options{Dir: c.String("data"), Protocol: protocol})
}

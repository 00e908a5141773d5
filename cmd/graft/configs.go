package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
)

const configsManual = `Recipes say everything about an experiment: data set, model, loss, metric,
optimiser, schedule and loop. The presets are built in; "graft train" takes
their names, and YAML files that start from one of them.

Examples:

   graft configs list 'zinc*'
   graft configs show zinc-grit > mine.yaml`

func (p *program) configsCommand() *cli.Command {
	return &cli.Command{
		Name: "configs", Usage: "list and show recipes", Description: configsManual,
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list the presets", ArgsUsage: "[PATTERN]", Flags: []cli.Flag{formatFlag()}, Action: p.configsList,
				Description: "Lists the presets whose names fit the pattern; * stands for any text.\n\nExample: graft configs list 'zinc*'",
			},
			{
				Name: "show", Usage: "print a recipe in full", ArgsUsage: "PRESET|FILE", Flags: []cli.Flag{formatFlag()}, Action: p.configsShow,
				Description:  "Prints every setting of a preset or of a YAML file, defaults included, as YAML that\n\"graft train --config\" reads. It does not check that data is there.\n\nExample: graft configs show zinc-grit > mine.yaml",
				BashComplete: p.completeNames(recipes.Names),
			},
		},
	}
}

func (p *program) configsList(c *cli.Context) error {
	args, format, err := argumentsAndFormat(c, 0, 1)
	if err != nil {
		return err
	}
	pattern := ""
	if len(args) > 0 {
		pattern = args[0]
	}
	list, err := recipes.All(pattern)
	switch {
	case err != nil:
		return misuse("graft configs list: %s", message(err))
	case len(list) == 0:
		return misuse("graft configs list: no preset fits %q (known: %s)", pattern, strings.Join(recipes.Names(), ", "))
	}
	t := report.Table{Columns: []report.Column{
		{Key: "name"}, {Key: "data"}, {Key: "model"}, {Key: "metric"}, {Key: "epochs", Right: true}, {Key: "batchSize", Heading: "batch", Right: true},
		{Key: "lr", Right: true}, {Key: "about", Wrap: 46},
	}}
	for _, r := range list {
		metric := r.Metric
		if metric == "" {
			metric = "by task"
		}
		t.Add(r.Name, r.Data.Title(), r.Model.Kind.String(), metric, r.Train.Epochs, r.Train.BatchSize, r.Optim.LR, r.About)
	}
	return t.Write(p.out, format)
}

func (p *program) configsShow(c *cli.Context) error {
	args, format, err := argumentsAndFormat(c, 1, 1)
	if err != nil {
		return err
	}
	r, err := loadRecipe(args[0])
	if err != nil {
		return err
	}
	if format == report.Text {
		_, err := p.out.Write(r.Marshal())
		return err
	}
	t := report.Table{Columns: []report.Column{{Key: "setting"}, {Key: "value"}}}
	for _, s := range r.Settings() {
		t.Add(s.Path, s.Value)
	}
	return t.Write(p.out, format)
}

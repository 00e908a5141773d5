package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/tables/decoder"
)

const askManual = `Asks a model that has learned to read tables. RUN is the folder of its run,
TABLE a file with a header and rows: .csv and .tsv of any dialect, .md,
.json, .jsonl, .xlsx, packed by gzip or not. The answer is written on standard output, what was
repaired or left out of the table on standard error.

A table that is longer than the model reads is refused, and the error says
how many of its rows fit; --truncate takes those.

With --choose the model does not write an answer but weighs those that are
given, and with --cells all cells of the table; the likeliest is printed.
--probabilities prints the answer, or all choices, as a table with the
probability that the model gives them, and --format json an object a line.

Examples:

   graft ask runs/wtq cities.csv "which city had the games in 1960 ?"
   graft ask --sheet 2024 --truncate runs/wtq sales.xlsx "who sold most ?"
   graft ask --choose true --choose false --probabilities runs/tabfact cities.csv "oslo is in norway"`

func (p *program) askCommand() *cli.Command {
	return &cli.Command{
		Name: "ask", Usage: "ask a question of a table", Description: askManual, ArgsUsage: "RUN TABLE QUESTION",
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "probabilities", Usage: "print a table with the probability of the answer, or of all choices"},
			&cli.StringSliceFlag{Name: "choose", Usage: "choose among given answers, this `ANSWER` being one; may be repeated"},
			&cli.BoolFlag{Name: "cells", Usage: "choose among the cells of the table"},
			&cli.IntFlag{Name: "max-tokens", Value: 100, Usage: "the longest answer: `N` tokens"},
			checkpointFlag(), formatFlag(),
		}, tableFlags()...),
		Action: p.ask,
	}
}

func (p *program) ask(c *cli.Context) error {
	args, format, err := argumentsAndFormat(c, 3, 3)
	if err != nil {
		return err
	}
	if c.Int("max-tokens") < 1 {
		return misuse("graft ask: --max-tokens is %d: want a positive number", c.Int("max-tokens"))
	}
	given := c.StringSlice("choose")
	switch choosing := len(given) > 0 || c.Bool("cells"); {
	case len(given) > 0 && c.Bool("cells"):
		return misuse("graft ask: --choose and --cells both say what to choose among: give one of them")
	case choosing && c.IsSet("max-tokens"):
		return misuse("graft ask: --max-tokens bounds answers that the model writes, and with --choose and --cells it writes none")
	}
	q, err := p.tableQuestion(c, args)
	if err != nil {
		return err
	}
	asTable := c.Bool("probabilities") || format != report.Text
	if c.Bool("cells") {
		given = decoder.CellTexts(q.table.Table)
	}
	if len(given) > 0 {
		return p.choose(c, q, given, asTable, format)
	}
	q.options.MaxTokens = c.Int("max-tokens")
	a, err := q.model.Ask(c.Context, q.table.Table, q.question, q.options)
	if err != nil {
		return q.table.explain(err)
	}
	p.tellRows(q, a.Rows)
	if !a.Ended {
		fmt.Fprintln(p.errOut, "graft: the answer was cut off: the model did not end it")
	}
	if !asTable {
		fmt.Fprintln(p.out, a.Text)
		return nil
	}
	t := report.Table{Columns: []report.Column{{Key: "answer"}, {Key: "items", Hidden: true}, {Key: "probability", Right: true}, {Key: "ended"}, {Key: "rows", Right: true}}}
	t.Add(a.Text, a.Items, share(a.Probability), a.Ended, a.Rows)
	return t.Write(p.out, format)
}

// choose prints the likeliest of given answers, or all, the likeliest first.
func (p *program) choose(c *cli.Context, q *tableQuestion, given []string, asTable bool, format report.Format) error {
	choices, err := q.model.Choose(c.Context, q.table.Table, q.question, given, q.options)
	if err != nil {
		return q.table.explain(err)
	}
	if !asTable {
		fmt.Fprintln(p.out, choices[decoder.Likeliest(choices)].Text)
		return nil
	}
	slices.SortStableFunc(choices, func(a, b decoder.Choice) int { return cmp.Compare(b.LogProbability, a.LogProbability) })
	t := report.Table{Columns: []report.Column{{Key: "answer"}, {Key: "probability", Right: true}, {Key: "share", Heading: "of all choices", Right: true}}}
	for _, choice := range choices {
		t.Add(choice.Text, share(math.Exp(choice.LogProbability)), share(choice.Share))
	}
	return t.Write(p.out, format)
}

// share is a probability as people and programs read it.
func share(v float64) report.Cell {
	text := fmt.Sprintf("%.3f", v)
	if v > 0 && v < 0.0005 {
		text = fmt.Sprintf("%.1e", v)
	}
	return report.Cell{Text: text, Value: v}
}

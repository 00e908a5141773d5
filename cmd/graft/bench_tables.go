package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/report"
	tablestudy "github.com/graft-ml/graft/studies/tables"
)

const tablesManual = `Trains one small decoder for each way to read tables on questions of small
tables and asks it of larger ones: what 2D-TPE (Li and others 2025) is for.
Nothing but the way to read differs: all models have as many parameters,
learn from the same examples in the same order, and are asked the same.

Tasks, on square tables of numbers and stars:
   locating-values   the number that is so many rows and columns from the star
   counting-stars    how many stars are in the row and the column of a number
Readers:
   rows       row by row in one line, RoPE
   columns    column by column in one line, RoPE
   axial      rotations by row and by column
   two-order  both orders at once, which a router weighs: 2D-TPE
A reader may have settings of its encoding behind colons, and any encoding
may read in a way that is named behind an @ (rows, columns, plane, both):
rows:base=100, two-order:entropy-weight=1, mixed-rope@plane.

It prints a table for each task, with the share of answers that are right to
the word by size of the table, sizes that were learned from and larger ones,
and how far two-order is ahead of the better of rows and columns. The tasks
are our own reconstruction of the paper's, whose prompts and sizes are not
public, and the models are small: the figures are not the paper's.

The defaults take a quarter of an hour a model, and the pair a third more. Sizes
are unlocked one after the other while a model learns, the small ones first.

With --out the results, and the model that is being trained, are kept in a
folder: the same command goes on there after an interruption, and tasks,
readers and seeds may be added.

Examples:

   graft bench tables --out runs/tables --plot tables.png
   graft bench tables --tasks locating-values --readers rows,columns,two-order --seeds 3
   graft bench tables --readers two-order,two-order:entropy-weight=1 --format csv`

func (p *program) tablesCommand() *cli.Command {
	return &cli.Command{
		Name: "tables", Usage: "train on small tables, test on larger ones, a way to read them a row", Description: tablesManual,
		Flags: trialFlags(trialDefaults{models: "reader and task", steps: "8000", lr: "0.001", layers: "4", width: "64", heads: "4", plot: "accuracy by size"},
			&cli.StringFlag{Name: "tasks", Usage: "`NAMES` with commas between them", DefaultText: strings.Join(tablestudy.TaskNames(), ",")},
			&cli.StringFlag{Name: "readers", Usage: "`NAMES` with commas between them", DefaultText: strings.Join(tablestudy.ReaderNames(), ",")},
			&cli.StringFlag{Name: "sizes", Usage: "rows and columns of tables to learn from, `N,N...`", DefaultText: "2,3,4,5,6"},
			&cli.StringFlag{Name: "test-sizes", Usage: "those of tables to be asked of, `N,N...`", DefaultText: "4,5,6,7,8,10"},
			&cli.IntFlag{Name: "batch-tokens", Usage: "`N` tokens a step", DefaultText: "2500"},
			&cli.Float64Flag{Name: "curriculum", Usage: "`SHARE` of the steps in which sizes are unlocked", DefaultText: "0.6"},
			&cli.IntFlag{Name: "questions", Usage: "`N` questions of each size", DefaultText: "200"},
		),
		Action: p.benchTables, BashComplete: p.completeTables,
	}
}

func (p *program) benchTables(c *cli.Context) error {
	_, format, err := argumentsAndFormat(c, 0, 0)
	if err != nil {
		return err
	}
	s, err := tableStudyOf(c)
	if err == nil {
		err = checkPlot(c)
	}
	if err != nil {
		return err
	}
	return runTrials(p, c, format, trials[tablestudy.Cell, tablestudy.Progress]{
		run: func(ctx context.Context, onProgress func(tablestudy.Progress), onCell func(tablestudy.Cell) error) ([]tablestudy.Cell, error) {
			s.OnProgress, s.OnCell = onProgress, onCell
			return s.Run(ctx)
		},
		progress: readingLine, line: readerLine, records: sizesTable, plot: plotReaders,
		tables: func(cells []tablestudy.Cell) []report.Table { return readerTables(s, cells) },
	})
}

// tableStudyOf makes the study of the options.
func tableStudyOf(c *cli.Context) (tablestudy.Study, error) {
	s := tablestudy.Study{Seeds: []uint64{1}, Dir: c.String("out")}
	err := positive(c, []wholeFlag{
		{"steps", &s.Steps}, {"batch-tokens", &s.BatchTokens}, {"questions", &s.Tests},
		{"layers", &s.Model.Layers}, {"width", &s.Model.Width}, {"heads", &s.Model.Heads},
	})
	if err == nil {
		s.Seeds, err = seedsOf(c, s.Seeds)
	}
	if err == nil {
		s.LR, err = rateOf(c, 0)
	}
	if err == nil {
		s.Sizes, err = numbersOf(c, "sizes")
	}
	if err == nil {
		s.TestSizes, err = numbersOf(c, "test-sizes")
	}
	if err != nil {
		return s, err
	}
	if c.IsSet("curriculum") {
		if s.Curriculum = c.Float64("curriculum"); !(s.Curriculum > 0) {
			return s, misuse("%s: --curriculum %v: want a number above 0, or next to it to have all sizes from the start", commandPath(c), s.Curriculum)
		}
	}
	if c.IsSet("tasks") {
		s.Tasks = list(c.String("tasks"))
	}
	if c.IsSet("readers") {
		for _, name := range list(c.String("readers")) {
			r, err := tablestudy.ReaderByName(name)
			if err != nil {
				return s, misuse("%s: %s", commandPath(c), message(err))
			}
			s.Readers = append(s.Readers, r)
		}
	}
	if s, err = s.WithDefaults(); err == nil {
		err = s.Check()
	}
	if err != nil {
		return s, misuse("%s: %s", commandPath(c), message(err))
	}
	return s, nil
}

// completeTables completes tasks behind --tasks, readers behind --readers, and options.
func (p *program) completeTables(c *cli.Context) {
	switch p.wordBefore() {
	case "--tasks", "-tasks":
		fmt.Fprintln(c.App.Writer, strings.Join(tablestudy.TaskNames(), "\n"))
	case "--readers", "-readers":
		fmt.Fprintln(c.App.Writer, strings.Join(tablestudy.ReaderNames(), "\n"))
	default:
		p.completeFlags(c)
	}
}

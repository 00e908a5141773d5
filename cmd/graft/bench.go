package main

import (
	"errors"
	"math"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/speed"
)

const benchManual = `Measures this machine and what Graft reaches on it. "graft bench speed"
prints the table, "graft bench speed --list" says what is in it. "graft
bench encodings" compares structural encodings on tasks, "graft bench
expressivity" says which graphs they tell apart. "graft bench results" trains
models on data sets, and prints the table beside published figures. "graft
bench scaling" measures how training grows with the size of a graph. "graft
bench tables" compares ways to read tables, "graft bench vision" ways to tell where
patches of images are.

Example:

   graft bench speed`

const speedManual = `Prints a table of what this machine can do and what Graft reaches on it: the
peak of its processors and of its memory, matrix products and other
kernels, and GRIT and GraphGPS on molecules like those of ZINC: time of a
training step and of a forward pass over 32 of them; of GRIT memory,
allocations and encodings, too; a decoder that reads tables in one order
and in two; CSWin and a vision transformer on images.
--list says what each figure is.

NAME is a figure, or a pattern: * stands for any letters, ? for one.
Without a name everything is measured, which takes some minutes.

Each figure is the median of several samples, "low" and "high" are the
smallest and the largest. The samples are taken in rounds,
one of each figure a round, so that ratios of figures hold on a machine
that is not quite quiet. "of peak" is the part of fma_peak that a product
reaches, or all products of a model of images. Figures of memory and
allocations are those of processes of their own, one after another. MB are
10^6 bytes, GB 10^9.

Close other programs first: a single busy neighbour may double a time.

--quick takes one short sample of each figure: to see that all works, or
what order of size to expect. Such figures are not to be quoted.

It does not compare with other programs, and needs no data.

Examples:

   graft bench speed
   graft bench speed fma_peak 'gemm_*'
   graft bench speed --format json grit_zinc_train_step
   GOMAXPROCS=1 graft bench speed grit_zinc_train_step
   GRAFT_SIMD=avx2 graft bench speed`

// aloneName is the hidden subcommand that does the work of speed.Alone.
const aloneName = "steps-alone"

func (p *program) benchCommand() *cli.Command {
	return &cli.Command{
		Name: "bench", Usage: "measure this machine, Graft on it, and encodings", Description: benchManual,
		Subcommands: []*cli.Command{
			{
				Name: "speed", Usage: "print a table of speeds", ArgsUsage: "[NAME...]", Description: speedManual,
				Flags: []cli.Flag{
					&cli.BoolFlag{Name: "list", Usage: "say which figures there are, and measure nothing"},
					&cli.IntFlag{Name: "repeat", DefaultText: "15", Usage: "`N` samples a figure; one that takes long stops after 5"},
					&cli.BoolFlag{Name: "quick", Usage: "one short sample a figure"},
					formatFlag(),
				},
				Action:       p.benchSpeed,
				BashComplete: p.completeNames(speed.Names),
			},
			p.encodingsCommand(),
			p.expressivityCommand(),
			p.resultsCommand(),
			p.scalingCommand(),
			p.scalingAloneCommand(),
			p.tablesCommand(),
			p.visionCommand(),
			{
				Name: aloneName, Usage: "what graft bench speed runs to measure memory", ArgsUsage: "train|forward STEPS", Hidden: true,
				Description: "Does steps of GRIT on molecules and prints what they took as JSON.",
				Action:      func(c *cli.Context) error { return speed.Alone(c.Context, c.Args().Slice(), p.out) },
			},
		},
	}
}

func (p *program) benchSpeed(c *cli.Context) error {
	format, err := formatOf(c)
	if err != nil {
		return err
	}
	o := speed.Options{Names: c.Args().Slice(), Repeats: c.Int("repeat")}
	if c.IsSet("repeat") && o.Repeats < 1 {
		return misuse("graft bench speed: --repeat %d: want at least 1", o.Repeats)
	}
	if c.Bool("quick") {
		if c.IsSet("repeat") {
			return misuse("graft bench speed: --quick takes one sample a figure: leave out --repeat")
		}
		o.Repeats, o.Sample = 1, quickSample
	}
	entries, err := speed.Select(o.Names)
	if err != nil {
		return speedError(err)
	}
	if c.Bool("list") {
		t := report.Table{Columns: []report.Column{{Key: "name"}, {Key: "unit"}, {Key: "about", Wrap: 60}}}
		for _, e := range entries {
			t.Add(e.Name, e.Unit, e.About)
		}
		return t.Write(p.out, format)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	o.Alone = []string{self, "bench", aloneName}
	status := report.NewStatus(p.errOut)
	defer status.Clear()
	o.Status = status.Show
	table := speedTable()
	err = speed.Run(c.Context, o, func(f speed.Figure) error {
		addFigure(&table, f)
		if format != report.JSON {
			return nil // a table is drawn when it is complete
		}
		status.Clear()
		err := table.Write(p.out, format)
		table.Rows = table.Rows[:0]
		return err
	})
	if err != nil {
		return speedError(err)
	}
	status.Clear()
	if format != report.JSON {
		return table.Write(p.out, format)
	}
	return nil
}

// quickSample is too short for caches and clocks to settle, but not for an order of size.
const quickSample = time.Millisecond

// speedError makes a mistake in a name one in the command line.
func speedError(err error) error {
	if unknown := (*speed.UnknownError)(nil); errors.As(err, &unknown) {
		return misuse("graft bench speed: %s (graft bench speed --list has them all)", message(err))
	}
	return err
}

func speedTable() report.Table {
	return report.Table{Columns: []report.Column{
		{Key: "name"}, {Key: "value", Right: true}, {Key: "unit"}, {Key: "low", Right: true}, {Key: "high", Right: true},
		{Key: "repeats", Heading: "samples", Right: true}, {Key: "ofPeak", Heading: "of peak", Right: true}, {Key: "note", Wrap: 32},
	}}
}

func addFigure(t *report.Table, f speed.Figure) {
	part := any(nil)
	if f.OfPeak > 0 {
		part = report.Cell{Text: digits(100*f.OfPeak) + " %", Value: f.OfPeak}
	}
	number := func(v float64) report.Cell { return report.Cell{Text: digits(v), Value: v} }
	t.Add(f.Name, number(f.Value), f.Unit, number(f.Low), number(f.High), f.Repeats, part, f.Note)
}

// digits writes a measured number with three digits, or all those before the point.
func digits(v float64) string {
	if v == 0 || math.IsNaN(v) {
		return report.Number(v)
	}
	unit := math.Pow(10, min(0, math.Floor(math.Log10(math.Abs(v)))-2))
	return report.Number(math.Round(v/unit) * unit)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/report"
)

// What the commands that train the models of a study have in common.

// wholeFlag is an option that gives a whole number.
type wholeFlag struct {
	name string
	to   *int
}

// positive takes over whole numbers from options that are set; each must be 1 or more.
func positive(c *cli.Context, flags []wholeFlag) error {
	for _, f := range flags {
		if !c.IsSet(f.name) {
			continue
		}
		if *f.to = c.Int(f.name); *f.to < 1 {
			return misuse("%s: --%s %d: want at least 1", commandPath(c), f.name, *f.to)
		}
	}
	return nil
}

// rateOf is the learning rate of --lr, lr where it is not set.
func rateOf(c *cli.Context, lr float64) (float64, error) {
	if !c.IsSet("lr") {
		return lr, nil
	}
	if lr = c.Float64("lr"); !(lr > 0) {
		return lr, misuse("%s: --lr %v: want a number above 0", commandPath(c), lr)
	}
	return lr, nil
}

// seedsOf are as many seeds as --seeds says: the first of those given, then 2, 3 and so on.
func seedsOf(c *cli.Context, seeds []uint64) ([]uint64, error) {
	if !c.IsSet("seeds") {
		return seeds, nil
	}
	n := c.Int("seeds")
	if n < 1 {
		return nil, misuse("%s: --seeds %d: want at least 1", commandPath(c), n)
	}
	seeds = seeds[:min(n, len(seeds))]
	for k := len(seeds); k < n; k++ {
		seeds = append(seeds, uint64(k+1))
	}
	return seeds, nil
}

// checkPlot refuses a picture that could not be written in the end.
func checkPlot(c *cli.Context) error {
	path := c.String("plot")
	if ext := filepath.Ext(path); path != "" && !strings.EqualFold(ext, ".png") {
		return misuse("%s: --plot %s: pictures are PNG files: give it a name that ends in .png", commandPath(c), path)
	}
	return nil
}

// studyStatus is the line that says how far a study is.
type studyStatus struct {
	*report.Status
	shown time.Time
}

func (p *program) watchStudy() *studyStatus {
	return &studyStatus{Status: report.NewStatus(p.errOut)}
}

// show shows a line, ten times a second at most.
func (s *studyStatus) show(line func() string) {
	if time.Since(s.shown) >= 100*time.Millisecond {
		s.shown = time.Now()
		s.Show(line())
	}
}

// trials say how a study is run and shown: C is the result of a model, P how far the study is.
type trials[C, P any] struct {
	run      func(ctx context.Context, onProgress func(P), onCell func(C) error) ([]C, error)
	progress func(P) string // in a line
	line     func(C) string
	records  func([]C) report.Table   // for programs
	tables   func([]C) []report.Table // for people; empty ones are left out
	plot     func(path string, cells []C) error
}

// runTrials runs a study and prints its results: as they come where every one is an object, else when all are there, or
// when it is interrupted.
func runTrials[C, P any](p *program, c *cli.Context, format report.Format, t trials[C, P]) error {
	status := p.watchStudy()
	defer status.Clear()
	cells, err := t.run(c.Context, func(now P) {
		status.show(func() string { return t.progress(now) })
	}, func(cell C) error {
		status.Clear()
		fmt.Fprintln(p.errOut, t.line(cell))
		if format != report.JSON {
			return nil
		}
		one := t.records([]C{cell})
		return one.Write(p.out, format)
	})
	status.Clear()
	if len(cells) > 0 {
		err = errors.Join(err, showTrials(p, format, t, cells))
		if path := c.String("plot"); path != "" {
			err = errors.Join(err, t.plot(path, cells))
		}
	}
	return p.endOfStudy(c, err, "everything is saved")
}

// showTrials prints the results in a format that needs all of them: JSON was printed as they came.
func showTrials[C, P any](p *program, format report.Format, t trials[C, P], cells []C) error {
	var tables []report.Table
	switch {
	case format == report.JSON:
	case format.ForPeople():
		tables = t.tables(cells)
	default:
		tables = []report.Table{t.records(cells)}
	}
	for _, table := range tables {
		if len(table.Rows) == 0 {
			continue
		}
		if err := table.Write(p.out, format); err != nil {
			return err
		}
	}
	return nil
}

// trialDefaults say what options of a study are when they are not given; empty where that depends on others.
type trialDefaults struct {
	models                          string // what there are several models for: "encoding"
	steps, lr, layers, width, heads string
	plot                            string // what the picture is of
}

// trialFlags are the options of studies that train small models: their own, and those that all have.
func trialFlags(d trialDefaults, own ...cli.Flag) []cli.Flag {
	return append(own,
		&cli.IntFlag{Name: "seeds", Usage: "`N` models for each " + d.models, DefaultText: "1"},
		&cli.IntFlag{Name: "steps", Usage: "`N` steps of training", DefaultText: d.steps},
		&cli.Float64Flag{Name: "lr", Usage: "highest learning `RATE`", DefaultText: d.lr},
		&cli.IntFlag{Name: "layers", Usage: "`N` layers of the model", DefaultText: d.layers},
		&cli.IntFlag{Name: "width", Usage: "`N` features of a token", DefaultText: d.width},
		&cli.IntFlag{Name: "heads", Usage: "`N` attention heads", DefaultText: d.heads},
		&cli.StringFlag{Name: "out", Usage: "`FOLDER` to keep results in and to go on from"},
		&cli.StringFlag{Name: "plot", Usage: "`FILE` for a picture of " + d.plot + ", PNG"},
		formatFlag(),
	)
}

// numbersOf reads "4,5,6"; nil where the option is not set.
func numbersOf(c *cli.Context, flag string) ([]int, error) {
	if !c.IsSet(flag) {
		return nil, nil
	}
	var numbers []int
	for _, text := range list(c.String(flag)) {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, misuse("%s: --%s %q: want numbers with commas between them, as in 4,5,6", commandPath(c), flag, c.String(flag))
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// addLine adds a line to a panel; those behind the first seven, which use up the colours of the report's palette, are dashed.
func addLine(panel *report.Panel, name string, points []report.Point) {
	const colours = 7
	panel.Lines = append(panel.Lines, report.Line{Name: name, Points: points, Dashed: len(panel.Lines)/colours%2 == 1})
}

// endOfStudy is the error that a study ends with: where it was interrupted, with what is saved and how to go on.
func (p *program) endOfStudy(c *cli.Context, err error, saved string) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	text := "interrupted; nothing is kept without --out FOLDER"
	if c.String("out") != "" {
		text = fmt.Sprintf("interrupted; %s. Go on with:\n\n   %s\n", saved, strings.Join(quoted(append([]string{"graft"}, p.args[1:]...)), " "))
	}
	return &interrupted{text: text, err: err}
}

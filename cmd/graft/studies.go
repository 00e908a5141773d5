package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
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

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/internal/bytesize"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/studies/scaling"
)

const scalingManual = `Measures how time and memory of training grow with the size of a graph: of
GRIT, which has features for all pairs of nodes, of GraphGPS with softmax
attention among all nodes and with Performer's, which is linear, and of
GatedGCN, which knows edges only. --list says what each is.

All have equally many layers of the same width, and learn the classes of the
nodes of one random graph. A step is forward pass, loss, backward pass,
clipping and AdamW; its time is the median of some steps, its memory the most
that a process of its own had, start-up and preparation included. Below is
how both grow: nodes to which power, by the three largest graphs.

A point that would take more than --max-memory is left out, and so is one
whose steps would take longer than --seconds-limit; the table says why. The
whole takes some minutes. Close other programs first; where that cannot be,
--processor-time counts how long the processors worked, all together.

Examples:

   graft bench scaling --plot scaling.png
   graft bench scaling --models performer --nodes 100000 --degree 20 --max-memory 8GB
   graft bench scaling --models transformer,performer --nodes 1000,3000 --format json`

// Limits that a laptop keeps.
const (
	scalingMemory  = "6GB"
	scalingSeconds = 60
)

// scalingAloneName is the hidden subcommand that does the work of scaling.Alone.
const scalingAloneName = "scaling-alone"

func (p *program) scalingCommand() *cli.Command {
	var sizes []string
	for _, n := range scaling.DefaultNodes() {
		sizes = append(sizes, strconv.Itoa(n))
	}
	return &cli.Command{
		Name: "scaling", Usage: "measure how training grows with the size of a graph", Description: scalingManual,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "list", Usage: "say which models there are, and measure nothing"},
			&cli.StringFlag{Name: "models", Value: strings.Join(scaling.ModelNames(), ","), Usage: "`NAMES` with commas between them"},
			&cli.StringFlag{Name: "nodes", Value: strings.Join(sizes, ","), Usage: "sizes of graphs, `N,...`"},
			&cli.IntFlag{Name: "degree", DefaultText: "10", Usage: "`N` edges that come to a node, on average"},
			&cli.IntFlag{Name: "layers", DefaultText: "3", Usage: "`N` layers of the models"},
			&cli.IntFlag{Name: "width", DefaultText: "64", Usage: "`N` features of a node in the models"},
			&cli.IntFlag{Name: "steps", DefaultText: "5", Usage: "`N` steps to time, at least"},
			&cli.BoolFlag{Name: "processor-time", Usage: "take time from the processors and not from the clock"},
			&cli.StringFlag{Name: "max-memory", Value: scalingMemory, Usage: "`BYTES` that a point may be predicted to take, as in 500MB"},
			&cli.Float64Flag{Name: "seconds-limit", Value: scalingSeconds, Usage: "`SECONDS` that a step may be expected to take"},
			&cli.StringFlag{Name: "plot", Usage: "`FILE` for a picture of time and memory by nodes, PNG"},
			formatFlag(),
		},
		Action: p.benchScaling, BashComplete: p.completeScaling,
	}
}

// scalingAloneCommand is what "graft bench scaling" runs.
func (p *program) scalingAloneCommand() *cli.Command {
	return &cli.Command{
		Name: scalingAloneName, Usage: "what graft bench scaling runs for each point", ArgsUsage: "MODEL NODES DEGREE LAYERS WIDTH STEPS CLOCK", Hidden: true,
		Description: "Trains a model on a random graph and prints what its steps took as JSON.",
		Action:      func(c *cli.Context) error { return scaling.Alone(c.Context, c.Args().Slice(), p.out) },
	}
}

func (p *program) benchScaling(c *cli.Context) error {
	_, format, err := argumentsAndFormat(c, 0, 0)
	if err != nil {
		return err
	}
	if c.Bool("list") {
		t := report.Table{Columns: []report.Column{{Key: "name"}, {Key: "about", Wrap: 60}}}
		for _, m := range scaling.Models() {
			t.Add(m.Name, m.About)
		}
		return t.Write(p.out, format)
	}
	s, err := scalingOf(c)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s.Alone = []string{self, "bench", scalingAloneName}
	status := report.NewStatus(p.errOut)
	defer status.Clear()
	s.Status = status.Show
	s.OnPoint = func(point scaling.Point) error {
		status.Clear()
		if format != report.JSON {
			return nil
		}
		one := pointsTable()
		addPoint(&one, point)
		return one.Write(p.out, format)
	}
	points, err := s.Run(c.Context)
	status.Clear()
	if len(points) > 0 {
		err = errors.Join(err, p.showScaling(s, points, format), plotScaling(c.String("plot"), s, points))
	}
	if errors.Is(err, context.Canceled) {
		return &interrupted{text: "interrupted; points that were measured by then are printed, and nothing is kept", err: err}
	}
	return err
}

// scalingOf makes the study of the options.
func scalingOf(c *cli.Context) (s scaling.Study, err error) {
	if plot := c.String("plot"); plot != "" && !strings.EqualFold(filepath.Ext(plot), ".png") {
		return s, misuse("graft bench scaling: --plot %s: pictures are PNG files: give it a name that ends in .png", plot)
	}
	s.Models, s.ProcessorTime = list(c.String("models")), c.Bool("processor-time")
	for _, word := range list(c.String("nodes")) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return s, misuse("graft bench scaling: --nodes %s: want numbers with commas between them, as in 100,300", word)
		}
		s.Nodes = append(s.Nodes, n)
	}
	for _, n := range []struct {
		flag string
		to   *int
	}{{"degree", &s.Degree}, {"layers", &s.Layers}, {"width", &s.Width}, {"steps", &s.Steps}} {
		if *n.to = c.Int(n.flag); c.IsSet(n.flag) && *n.to < 1 {
			return s, misuse("graft bench scaling: --%s %d: want at least 1", n.flag, *n.to)
		}
	}
	if s.MaxMemory, err = bytesize.Parse(c.String("max-memory")); err != nil {
		return s, misuse("graft bench scaling: --max-memory %s", err)
	}
	if s.MaxSeconds = c.Float64("seconds-limit"); !(s.MaxSeconds > 0) {
		return s, misuse("graft bench scaling: --seconds-limit %v: want a number above 0", s.MaxSeconds)
	}
	if err := s.Check(); err != nil {
		var unknown *scaling.UnknownError
		if errors.As(err, &unknown) {
			return s, misuse("graft bench scaling: %s (graft bench scaling --list has them all)", message(err))
		}
		return s, misuse("graft bench scaling: %s", message(err))
	}
	return s.WithDefaults(), nil
}

// pointsTable is the table for programs: all that is known of each point.
func pointsTable() report.Table {
	return report.Table{Columns: []report.Column{
		{Key: "model"}, {Key: "nodes"}, {Key: "edges"}, {Key: "parameters"}, {Key: "milliseconds"}, {Key: "fastest"}, {Key: "slowest"}, {Key: "steps"},
		{Key: "prepareMilliseconds"}, {Key: "peakMB"}, {Key: "predictedMB"}, {Key: "firstLoss"}, {Key: "lastLoss"}, {Key: "leftOut"},
	}}
}

// peopleTable leaves out what people can do without.
func peopleTable() report.Table {
	return report.Table{Columns: []report.Column{
		{Key: "model"}, {Key: "nodes", Right: true}, {Key: "edges", Right: true}, {Key: "ms a step", Right: true}, {Key: "steps", Right: true},
		{Key: "prepare, ms", Right: true}, {Key: "peak MB", Right: true}, {Key: "predicted", Right: true}, {Key: "loss"}, {Key: "left out", Wrap: 26},
	}}
}

// measured are the figures of a point in milliseconds and MB; nil where there are none.
type measured struct{ ms, fastest, slowest, prepare, peak, predicted, first, last any }

func measuredOf(p scaling.Point) (m measured) {
	number := func(v float64) report.Cell { return report.Cell{Text: digits(v), Value: v} }
	memory := func(bytes int64) report.Cell {
		mb := float64(bytes) / 1e6
		if mb < 1000 {
			return number(mb)
		}
		return report.Cell{Text: report.Count(int(math.Round(mb))), Value: mb}
	}
	m.predicted = memory(p.Predicted)
	if !p.Measured() {
		return m
	}
	m.ms, m.fastest, m.slowest, m.prepare = number(1e3*p.Seconds), number(1e3*p.Fastest), number(1e3*p.Slowest), number(1e3*p.PrepareSeconds)
	m.first, m.last = number(p.FirstLoss), number(p.LastLoss)
	if p.PeakBytes > 0 {
		m.peak = memory(p.PeakBytes)
	}
	return m
}

func addPoint(t *report.Table, p scaling.Point) {
	m := measuredOf(p)
	t.Add(p.Model, p.Nodes, p.Edges, p.Parameters, m.ms, m.fastest, m.slowest, p.Steps, m.prepare, m.peak, m.predicted, m.first, m.last, p.LeftOut)
}

func addForPeople(t *report.Table, p scaling.Point) {
	m := measuredOf(p)
	steps, loss := any(nil), ""
	if p.Measured() {
		steps, loss = p.Steps, fmt.Sprintf("%s to %s", digits(p.FirstLoss), digits(p.LastLoss))
	}
	t.Add(p.Model, report.Count(p.Nodes), report.Count(p.Edges), m.ms, steps, m.prepare, m.peak, m.predicted, loss, p.LeftOut)
}

// showScaling prints the points, and for people how they grow; JSON was printed as they came.
func (p *program) showScaling(s scaling.Study, points []scaling.Point, format report.Format) error {
	if format == report.JSON {
		return nil
	}
	t, add := pointsTable(), addPoint
	if format.ForPeople() {
		t, add = peopleTable(), addForPeople
		if s.ProcessorTime {
			t.Columns[3].Key = "processor ms a step"
		}
	}
	for _, point := range points {
		add(&t, point)
	}
	fits := slices.DeleteFunc(scaling.Fits(points), func(f scaling.Fit) bool { return f.Points < 2 })
	if err := t.Write(p.out, format); err != nil || !format.ForPeople() || len(fits) == 0 {
		return err
	}
	fmt.Fprintln(p.out)
	g := report.Table{Columns: []report.Column{
		{Key: "model"}, {Key: "parameters", Right: true}, {Key: "nodes"}, {Key: "time grows as", Right: true}, {Key: "memory grows as", Right: true},
	}}
	power := func(order float64) any {
		if math.IsNaN(order) {
			return nil
		}
		return fmt.Sprintf("nodes^%.2f", order)
	}
	for _, f := range fits {
		g.Add(f.Model, report.Count(f.Parameters), report.Count(f.From)+" to "+report.Count(f.To), power(f.TimeOrder), power(f.MemoryOrder))
	}
	return g.Write(p.out, format)
}

// plotScaling draws time and memory by nodes, a line a model.
func plotScaling(path string, s scaling.Study, points []scaling.Point) error {
	if path == "" {
		return nil
	}
	what := fmt.Sprintf("%d layers of width %d, %d edges a node", s.Layers, s.Width, s.Degree)
	time := report.Panel{Title: "A training step on one graph: " + what, XLabel: "nodes", YLabel: "seconds", LogX: true, LogY: true}
	if s.ProcessorTime {
		time.YLabel = "seconds of processors"
	}
	memory := report.Panel{Title: "Peak memory of the process", XLabel: "nodes", YLabel: "MB", LogX: true, LogY: true}
	for _, m := range scaling.Models() {
		var seconds, bytes []report.Point
		for _, p := range points {
			if p.Model != m.Name || !p.Measured() {
				continue
			}
			seconds = append(seconds, report.Point{X: float64(p.Nodes), Y: p.Seconds})
			if p.PeakBytes > 0 {
				bytes = append(bytes, report.Point{X: float64(p.Nodes), Y: float64(p.PeakBytes) / 1e6})
			}
		}
		if len(seconds) > 0 {
			time.Lines = append(time.Lines, report.Line{Name: m.Title, Points: seconds})
			memory.Lines = append(memory.Lines, report.Line{Name: m.Title, Points: bytes})
		}
	}
	return report.WritePNG(path, time, memory)
}

// completeScaling completes models and options.
func (p *program) completeScaling(c *cli.Context) {
	if strings.TrimLeft(p.wordBefore(), "-") == "models" {
		fmt.Fprintln(c.App.Writer, strings.Join(scaling.ModelNames(), "\n"))
		return
	}
	p.completeFlags(c)
}

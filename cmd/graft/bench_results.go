package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/encodings/joined"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/studies/benchmark"
	"github.com/graft-ml/graft/train"
)

const resultsManual = `Trains every model on every data set, with every seed, and prints a table of
test scores, beside published figures with their sources. --list says what
data sets and models there are.

Each training is a cell: a run folder OUT/DATASET/MODEL/seed-S, or
seed-S-fold-F, as graft train makes them. What is finished there is kept,
what was begun goes on to the same bits, and a cell that was trained with
other settings is refused: name another --out, or train those cells anew
with --redo, which removes what they were. Commands may share a folder, to
give data sets settings of their own; --from OUT prints the table of all
that is there.

A cell is trained by the preset called DATASET-MODEL, if there is one. Other
models of the GraphGPS family (gin, transformer) are made of the preset
DATASET-gps, with its layers, width and training; gin-small of the preset
DATASET-gps-small, and so on. Where there is no such preset a model has four
layers of width 64. Behind a plus sign stands an encoding that is joined to
the nodes, with settings or the preset's: gin+rwse, gps+lappe:width=8.

Presets are of different sizes and epochs: --epochs gives all the same
number, --set makes other settings alike. The test split is looked at once,
at the end, with the weights of the best validation epoch.

Where a data set has folds, all are held out in turn, or the first K with
--folds K. "±" is the sample standard deviation over seeds, each of which
counts with the mean over its folds; with a single seed it is over the
folds, and says so. * marks the best mean of those measured on the same
graphs.

Published figures were reached with other budgets, which the table names;
they are for orientation, and to be looked up at their source before they are quoted.

Examples:

   graft bench results --folds 1
   graft bench results --datasets csl --models grit,gps --seeds 4
   graft bench results --datasets zinc --models grit,gps,gin --epochs 30 --data data --plot zinc.png
   graft bench results --datasets pattern --set data.train=1000 --epochs 20
   graft bench results --from runs/results --format markdown`

// Without options: what needs no files, by one model of each family, in a folder of a
// fixed name, so that the same command goes on there.
const (
	defaultDatasets = "csl"
	defaultModels   = "grit,gps,gin,gatedgcn,transformer+rwse"
	defaultResults  = "runs/results"
)

func (p *program) resultsCommand() *cli.Command {
	return &cli.Command{
		Name: "results", Usage: "train models on data sets, and print the table beside published figures", Description: resultsManual,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "list", Usage: "say which data sets and models there are, and train nothing"},
			&cli.StringFlag{Name: "datasets", Value: defaultDatasets, Usage: "`NAMES` with commas between them"},
			&cli.StringFlag{Name: "models", Value: defaultModels, Usage: "`NAMES` with commas between them"},
			&cli.IntFlag{Name: "seeds", DefaultText: "1", Usage: "`N` trainings of each model, with the seeds 1 to N"},
			&cli.StringFlag{Name: "folds", DefaultText: "all", Usage: "`K` folds of data sets that have folds, from the first, or all"},
			&cli.IntFlag{Name: "epochs", DefaultText: "the recipes'", Usage: "`N` passes over the training graphs, for every cell; the warm-up is scaled along"},
			&cli.StringSliceFlag{Name: "set", Usage: "change a setting of every cell: `PATH=VALUE`; may be repeated"},
			dataFlag(),
			&cli.StringFlag{Name: "out", Value: defaultResults, Usage: "`FOLDER` to keep cells in and to go on from"},
			&cli.BoolFlag{Name: "redo", Usage: "train cells anew that OUT has with other settings"},
			memoryFlag(),
			&cli.StringFlag{Name: "from", Usage: "print the table of what `FOLDER` has, and train nothing"},
			&cli.StringFlag{Name: "plot", Usage: "`FILE` for a bar chart, PNG"},
			&cli.BoolFlag{Name: "quiet", Usage: "print the table only"},
			formatFlag(),
		},
		Action: p.benchResults, BashComplete: p.completeResults,
	}
}

func (p *program) benchResults(c *cli.Context) error {
	_, format, err := argumentsAndFormat(c, 0, 0)
	if err != nil {
		return err
	}
	if ext := filepath.Ext(c.String("plot")); c.IsSet("plot") && !strings.EqualFold(ext, ".png") {
		return misuse("graft bench results: --plot %s: pictures are PNG files: give it a name that ends in .png", c.String("plot"))
	}
	switch {
	case c.Bool("list"):
		return p.listResults(format)
	case c.IsSet("from"):
		return p.showKept(c, format)
	}
	g, err := gridOf(c)
	if err != nil {
		return err
	}
	watch := &cellWatch{p: p, quiet: c.Bool("quiet")}
	g.Hooks, g.OnResult = watch.hooks, watch.done
	results, err := g.Run(c.Context)
	watch.close()
	if len(results) > 0 {
		err = errors.Join(err, p.showResults(results, c.String("plot"), format))
	}
	if errors.Is(err, train.ErrInterrupted) {
		return &interrupted{text: fmt.Sprintf("interrupted; everything is saved. Go on with:\n\n   %s\n", strings.Join(quoted(append([]string{"graft"}, p.args[1:]...)), " ")), err: err}
	}
	if tooLarge := (*recipes.MemoryError)(nil); errors.As(err, &tooLarge) {
		return overLimit(err)
	}
	if conflict := (*benchmark.ConflictError)(nil); errors.As(err, &conflict) {
		return fmt.Errorf("%s: --out FOLDER, or --redo", message(err))
	}
	return err
}

// showKept prints the table of a folder.
func (p *program) showKept(c *cli.Context, format report.Format) error {
	for _, name := range []string{"seeds", "folds", "epochs", "set", "data", "out", "redo", "max-memory"} {
		if c.IsSet(name) {
			return misuse("graft bench results: --%s cannot be used with --from, which trains nothing", name)
		}
	}
	results, unfinished, err := benchmark.Read(c.String("from"))
	if err != nil {
		return err
	}
	for flag, of := range map[string]func(benchmark.Result) string{
		"datasets": func(r benchmark.Result) string { return r.Dataset }, "models": func(r benchmark.Result) string { return r.Model },
	} {
		if wanted := list(c.String(flag)); c.IsSet(flag) {
			results = slices.DeleteFunc(results, func(r benchmark.Result) bool { return !slices.Contains(wanted, of(r)) })
		}
	}
	if !c.Bool("quiet") {
		for _, dir := range unfinished {
			fmt.Fprintf(p.errOut, "graft: not finished: %s\n", dir)
		}
	}
	if len(results) == 0 {
		return fmt.Errorf("%s has no finished result of what is asked for", c.String("from"))
	}
	return p.showResults(results, c.String("plot"), format)
}

// gridOf makes the grid of the options.
func gridOf(c *cli.Context) (benchmark.Grid, error) {
	g := benchmark.Grid{
		Datasets: list(c.String("datasets")), Models: list(c.String("models")), Data: c.String("data"), Dir: c.String("out"), Redo: c.Bool("redo"),
	}
	for _, n := range []struct {
		flag string
		to   *int
	}{{"epochs", &g.Epochs}, {"seeds", new(int)}} {
		if *n.to = c.Int(n.flag); c.IsSet(n.flag) && *n.to < 1 {
			return g, misuse("graft bench results: --%s %d: want at least 1", n.flag, *n.to)
		}
	}
	for seed := range max(c.Int("seeds"), 1) {
		g.Seeds = append(g.Seeds, uint64(seed+1))
	}
	if folds := c.String("folds"); c.IsSet("folds") && folds != "all" {
		n, err := strconv.Atoi(folds)
		if err != nil || n < 1 {
			return g, misuse("graft bench results: --folds %s: want all, or how many, from 1", folds)
		}
		g.Folds = n
	}
	for _, change := range c.StringSlice("set") {
		path, value, found := strings.Cut(change, "=")
		if !found {
			return g, misuse("graft bench results: --set %s: want PATH=VALUE, such as model.width=32", change)
		}
		g.Settings = append(g.Settings, recipes.Setting{Path: path, Value: value})
	}
	limit, err := memoryLimit(c)
	if err != nil {
		return g, err
	}
	g.MaxMemory = limit
	_, err = g.Cells()
	var unknown *benchmark.UnknownError
	switch {
	case errors.As(err, &unknown):
		return g, misuse("graft bench results: %s; graft bench results --list has them all", message(err))
	case err != nil:
		return g, misuse("graft bench results: %s", message(err))
	}
	return g, nil
}

// listResults prints what a table can be made of.
func (p *program) listResults(format report.Format) error {
	t := report.Table{Columns: []report.Column{{Key: "kind"}, {Key: "name"}, {Key: "about", Wrap: 60}}}
	sets := benchmark.DatasetNames()
	for _, name := range sets {
		info, err := datasets.Describe(name)
		if err != nil {
			return err
		}
		t.Add("data set", name, info.Title)
	}
	for _, m := range benchmark.Models() {
		t.Add("model", m.Name, m.About)
	}
	for _, k := range joined.List() {
		t.Add("encoding", "+"+k.Name, k.About)
	}
	for _, name := range benchmark.ModelNames(sets)[len(benchmark.Models()):] {
		var with []string
		for _, set := range sets {
			if _, err := recipes.Lookup(set + "-" + name); err == nil {
				with = append(with, set)
			}
		}
		t.Add("model", name, "presets of "+strings.Join(with, ", "))
	}
	return t.Write(p.out, format)
}

// completeResults completes data sets, models and options.
func (p *program) completeResults(c *cli.Context) {
	switch strings.TrimLeft(p.wordBefore(), "-") {
	case "datasets":
		fmt.Fprintln(c.App.Writer, strings.Join(benchmark.DatasetNames(), "\n"))
	case "models":
		fmt.Fprintln(c.App.Writer, strings.Join(benchmark.ModelNames(benchmark.DatasetNames()), "\n"))
	default:
		p.completeFlags(c)
	}
}

// cellWatch tells how the cells of a grid come along.
type cellWatch struct {
	p        *program
	quiet    bool
	progress *report.Progress // of the cell at hand
}

// hooks announces a cell and shows its progress.
func (w *cellWatch) hooks(c benchmark.Cell) train.Hooks {
	w.close()
	if w.quiet {
		return train.Hooks{}
	}
	fmt.Fprintf(w.p.errOut, "%v (%d of %d)\n", c, c.Number, c.Of)
	w.progress = report.NewProgress(w.p.errOut, "graphs", c.Recipe.Metric)
	return w.progress.Hooks()
}

// close ends the progress of the cell at hand.
func (w *cellWatch) close() {
	if w.progress != nil {
		w.progress.Close()
		w.progress = nil
	}
}

// done tells of a result, and draws the learning curves of one that is new.
func (w *cellWatch) done(c benchmark.Cell, r benchmark.Result) error {
	w.close()
	if c.Number == 0 {
		return nil // it was there already
	}
	if !w.quiet {
		fmt.Fprintf(w.p.errOut, "%v: %s at epoch %d of %d, %s parameters, %s\n", c, r.Test, r.BestEpoch, r.Epochs, report.Count(r.Parameters), report.Duration(seconds(r.Seconds)))
	}
	log, err := train.ReadLog(filepath.Join(r.Dir, train.LogName))
	if err != nil || len(log) == 0 {
		return err
	}
	return report.WritePNG(filepath.Join(r.Dir, curvesName), report.LearningCurves(c.String(), log)...)
}

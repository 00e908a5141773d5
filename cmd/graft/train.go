package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/train"
)

const trainManual = `Trains a model by a recipe and keeps everything about it in a run folder:
config.yaml (all settings), log.jsonl (a line an epoch), last.safetensors
and best.safetensors (checkpoints), curves.png (learning curves).

Without options it trains csl-grit: a small GRIT learns to tell ten kinds
of graph apart that message passing cannot, in under a minute.

A recipe is a preset ("graft configs list") or a YAML file. A file may
start from a preset and list what differs:

   base: zinc-grit
   train: {epochs: 100}
   schedule: {warmup: 5}

--set changes a single setting, by the path that "graft configs show" has.

Ctrl-C ends the step at hand, saves, and says how to go on; a resumed run
ends with the same bits as one that was never interrupted. A second Ctrl-C
quits at once and loses the steps since the last checkpoint.

It does not download data and does not use a GPU. The test split is looked
at once, at the end, with the weights of the best validation epoch.

Examples:

   graft train
   graft train --config zinc-grit --data data/zinc12k --set optim.lr=5e-4 --seed 2
   graft train --resume runs/zinc-grit-20260131-120000`

// defaultRecipe is what train does when it is told nothing.
const defaultRecipe = "csl-grit"

// curvesName is the picture in a run folder.
const curvesName = "curves.png"

func (p *program) trainCommand() *cli.Command {
	return &cli.Command{
		Name: "train", Usage: "train a model, or go on training", Description: trainManual,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "config", Value: defaultRecipe, Usage: "recipe: a `PRESET`, or a YAML file"},
			&cli.StringFlag{Name: "data", Usage: "`DIR` with the data set's files (default: the recipe's data.dir, else $GRAFT_DATA)"},
			&cli.StringSliceFlag{Name: "set", Usage: "change a setting: `PATH=VALUE`; may be repeated"},
			&cli.IntFlag{Name: "epochs", DefaultText: "the recipe's", Usage: "`N` passes over the training graphs (train.epochs); the warm-up is scaled along"},
			&cli.Uint64Flag{Name: "seed", DefaultText: "the recipe's", Usage: "`S` fixes weights, dropout and order (train.seed)"},
			&cli.IntFlag{Name: "fold", DefaultText: "the recipe's", Usage: "`F`, the cross-validation fold to hold out (data.fold)"},
			&cli.StringFlag{Name: "out", Usage: "run folder to make: `DIR` (default: runs/NAME-DATE-TIME)"},
			&cli.StringFlag{Name: "resume", Usage: "go on with the run in the folder `RUN`"},
			&cli.BoolFlag{Name: "quiet", Usage: "print the result only"},
			formatFlag(),
		},
		Action:       p.train,
		BashComplete: p.completeTrain,
	}
}

// job is one training run to be done.
type job struct {
	p       *program
	recipe  recipes.Recipe
	config  []byte // the text of a run that is resumed; nil for a new run
	data    string // --data
	dir     string
	quiet   bool
	format  report.Format
	last    train.StepInfo
	drawn   time.Time
	results *report.Progress // nil where quiet
}

func (p *program) train(c *cli.Context) error {
	if _, err := arguments(c, 0, 0); err != nil {
		return err
	}
	format, err := formatOf(c)
	if err != nil {
		return err
	}
	j := &job{p: p, data: c.String("data"), dir: c.String("resume"), quiet: c.Bool("quiet"), format: format}
	if c.IsSet("resume") {
		for _, name := range []string{"config", "set", "epochs", "seed", "fold", "out"} {
			if c.IsSet(name) {
				return misuse("graft train: --%s cannot be used with --resume: a run goes on as it was begun", name)
			}
		}
		j.recipe, j.config, err = recipes.OpenConfig(j.dir)
	} else {
		j.recipe, err = recipeOf(c)
		j.dir = c.String("out")
		if err == nil && j.dir == "" {
			j.dir = newRunDir(j.recipe.Name)
		}
	}
	if err != nil {
		return err
	}
	return j.run(c.Context)
}

// recipeOf gives the recipe that the options ask for.
func recipeOf(c *cli.Context) (recipes.Recipe, error) {
	r, err := loadRecipe(c.String("config"))
	if err != nil {
		return r, err
	}
	if c.IsSet("data") {
		r.Data.Dir = c.String("data")
	}
	if c.IsSet("epochs") {
		r.SetEpochs(c.Int("epochs"))
	}
	for _, change := range c.StringSlice("set") {
		path, value, found := strings.Cut(change, "=")
		if !found {
			return r, misuse("graft train: --set %s: want PATH=VALUE, such as optim.lr=5e-4", change)
		}
		if err := r.Set(path, value); err != nil {
			return r, misuse("graft train: --set %s", message(err))
		}
	}
	if c.IsSet("seed") {
		r.Train.Seed = c.Uint64("seed")
	}
	if c.IsSet("fold") {
		r.Data.Fold = c.Int("fold")
	}
	return r, r.Validate()
}

// loadRecipe gives the preset of a name, or the recipe in a file.
func loadRecipe(name string) (recipes.Recipe, error) {
	r, unknown := recipes.Lookup(name)
	if unknown == nil {
		return r, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) && filepath.Ext(name) == "" && !strings.ContainsAny(name, `/\`) {
		return r, misuse("%s, or the path of a YAML file", message(unknown))
	}
	if err != nil {
		return r, misuse("%v", err)
	}
	defer f.Close() // only read from: closing cannot lose anything
	return recipes.Parse(f, name)
}

// newRunDir names a folder for a run that does not exist yet.
func newRunDir(name string) string {
	dir := filepath.Join("runs", name+time.Now().Format("-20060102-150405"))
	free := dir
	for n := 2; ; n++ {
		if _, err := os.Lstat(free); err != nil {
			return free
		}
		free = dir + "-" + strconv.Itoa(n)
	}
}

// run does the job.
func (j *job) run(ctx context.Context) error {
	task, options, err := j.recipe.Build(ctx, j.data)
	if err != nil {
		return err
	}
	options.Dir = j.dir
	if !j.quiet {
		if err := j.announce(task); err != nil {
			return err
		}
		j.results = report.NewProgress(j.p.errOut, "graphs", task.Metric.Name())
		options.Hooks = j.results.Hooks()
		defer j.results.Close()
	}
	options.Hooks = train.JoinHooks(options.Hooks, train.Hooks{OnStep: j.note, OnEpoch: j.redraw})
	var result *train.Result
	if j.config != nil {
		options.Config = j.config
		result, err = train.Resume(ctx, task, options, j.dir)
	} else {
		result, err = train.Fit(ctx, task, options)
	}
	if j.results != nil {
		j.results.Close()
	}
	if errors.Is(err, train.ErrInterrupted) {
		return &interrupted{text: j.howToGoOn(), err: errors.Join(err, j.draw())}
	}
	if err != nil {
		return err
	}
	if err := j.draw(); err != nil {
		return err
	}
	return j.conclude(task, result)
}

// note remembers where the run is, for the message of an interruption.
func (j *job) note(i train.StepInfo) error {
	j.last = i
	return nil
}

// redraw draws the learning curves after an epoch, but not so often that drawing
// takes time that training could use.
func (j *job) redraw(train.EpochInfo) error {
	if time.Since(j.drawn) < 30*time.Second {
		return nil
	}
	j.drawn = time.Now()
	return j.draw()
}

func (j *job) draw() error {
	log, err := train.ReadLog(filepath.Join(j.dir, train.LogName))
	if errors.Is(err, os.ErrNotExist) || err == nil && len(log) == 0 {
		return nil // no epoch has ended
	}
	if err != nil {
		return err
	}
	return report.WritePNG(filepath.Join(j.dir, curvesName), report.LearningCurves(j.recipe.Name, log)...)
}

// announce prints what is about to be done: the data, the model, and every setting
// that differs from the recipe's base.
func (j *job) announce(task train.Task) error {
	if j.format == report.Text {
		fmt.Fprintf(j.p.out, "%s: %s\n", j.recipe.Name, j.recipe.About)
		fmt.Fprintf(j.p.out, "data  %s: %s training, %s validation, %s test graphs\n", j.recipe.Data.Name,
			report.Count(task.Train.Len()), report.Count(task.Val.Len()), report.Count(task.Test.Len()))
		fmt.Fprintf(j.p.out, "model %s: %s parameters\n", j.recipe.Model.Kind, report.Count(nn.Collect(task.Model).Count()))
		fmt.Fprintf(j.p.out, "run   %s\n", j.dir)
	}
	base := j.recipe.Base
	if base == "" {
		base = "default"
	}
	t := report.Table{Columns: []report.Column{{Key: "setting"}, {Key: "base", Heading: base, Wrap: 40}, {Key: "value", Heading: "this run", Wrap: 40}}}
	for _, c := range j.recipe.Changes() {
		t.Add(c.Path, c.From, c.To)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t.Write(j.p.out, j.format)
}

// conclude prints the scores of the best epoch and what to do with them.
func (j *job) conclude(task train.Task, result *train.Result) error {
	if j.format == report.Text && !j.quiet {
		fmt.Fprintf(j.p.out, "best epoch %d of %d, %s in all\n", result.BestEpoch, result.Epochs,
			report.Duration(time.Duration(result.Seconds*float64(time.Second))))
	}
	t := scoreTable(result.Val)
	addScores(&t, j.dir, result.BestEpoch, "val", result.Val)
	addScores(&t, j.dir, result.BestEpoch, "test", result.Test)
	if err := t.Write(j.p.out, j.format); err != nil {
		return err
	}
	if j.format != report.Text || j.quiet {
		return nil
	}
	_, err := fmt.Fprintf(j.p.out, "%s\n", strings.Join(j.closing(task, result), "\n"))
	return err
}

// closing is the last word on a run.
func (j *job) closing(task train.Task, result *train.Result) []string {
	dir := quoted([]string{j.dir})[0]
	lines := []string{fmt.Sprintf("learning curves: %s", filepath.Join(j.dir, curvesName))}
	if j.recipe.Data.Name == "csl" && task.Metric.Name() == (train.Accuracy{}).Name() {
		accuracy := result.Test.Value(task.Metric.Name())
		if accuracy > 0.5 {
			lines = append(lines, fmt.Sprintf("remarkable: %.4g %% of the test graphs are told apart; message passing, which is no stronger than the 1-WL test, stays at 10 %%", 100*accuracy))
		}
		return append(lines, "try next: graft train --config zinc-grit-30 --data DIR (molecules), or graft eval "+dir)
	}
	return append(lines, "try next: graft eval "+dir+", or graft predict "+dir+" FILE")
}

// interrupted says how to go on with a run that was cut short.
type interrupted struct {
	text string
	err  error
}

func (e *interrupted) Error() string { return e.text }
func (e *interrupted) Unwrap() error { return e.err }

func (j *job) howToGoOn() string {
	command := []string{"graft", "train", "--resume", j.dir}
	if j.config != nil && j.data != "" { // a new run has the folder in its configuration
		command = append(command, "--data", j.data)
	}
	where := "before its first step"
	if j.last.Step > 0 {
		where = fmt.Sprintf("in epoch %d of %d, after %s steps", j.last.Epoch, j.last.Epochs, report.Count(j.last.Step))
	}
	return fmt.Sprintf("interrupted %s; everything is saved. Go on with:\n\n   %s\n", where, strings.Join(quoted(command), " "))
}

// scoreTable has a column for each score.
func scoreTable(scores train.Scores) report.Table {
	t := report.Table{Columns: []report.Column{{Key: "run", Hidden: true}, {Key: "epoch", Hidden: true}, {Key: "split"}}}
	for _, s := range scores {
		t.Columns = append(t.Columns, report.Column{Key: s.Name, Right: true})
	}
	return t
}

func addScores(t *report.Table, run string, epoch int, split string, scores train.Scores) {
	row := []any{run, epoch, split}
	for _, s := range scores {
		row = append(row, s.Value)
	}
	if len(scores) > 0 {
		t.Rows = append(t.Rows, slices.Clip(row))
	}
}

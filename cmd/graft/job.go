package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/train"
)

// curvesName is the picture in a run folder.
const curvesName = "curves.png"

// job is one training run to be done.
type job struct {
	p        *program
	recipe   recipes.Recipe
	config   []byte // the text of a run that is resumed; nil for a new run
	schema   []byte // what that run had read off its files; nil if it had none
	data     string // --data
	limit    int64  // bytes of memory
	dir      string
	quiet    bool
	format   report.Format
	last     train.StepInfo
	drawn    time.Time
	progress *report.Progress // nil where quiet
}

// run does the job.
func (j *job) run(ctx context.Context) error {
	plan, err := j.recipe.Replan(ctx, j.data, j.schema)
	if err != nil {
		return err
	}
	memory, err := plan.Memory(ctx)
	if err != nil {
		return err
	}
	if err := memory.Check(j.limit); err != nil {
		return overLimit(err)
	}
	keepGarbageLow()
	task, options := plan.Task, plan.Options
	j.recipe, options.Dir = plan.Recipe, j.dir
	for _, note := range plan.Notes {
		fmt.Fprintf(j.p.errOut, "graft: %s\n", note)
	}
	if !j.quiet {
		if err := j.announce(plan, memory); err != nil {
			return err
		}
		j.progress = report.NewProgress(j.p.errOut, j.recipe.Data.Items(), task.Metric.Name())
		options.Hooks = j.progress.Hooks()
	}
	options.Hooks = train.JoinHooks(options.Hooks, train.Hooks{OnStep: j.note, OnEpoch: j.redraw})
	var result *train.Result
	if j.config != nil {
		options.Config = j.config
		result, err = train.Resume(ctx, task, options, j.dir)
	} else {
		result, err = train.Fit(ctx, task, options)
	}
	if j.progress != nil {
		j.progress.Close()
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
func (j *job) announce(plan *recipes.Plan, memory *recipes.Memory) error {
	task := plan.Task
	if j.format == report.Text {
		fmt.Fprintf(j.p.out, "%s: %s\n", j.recipe.Name, j.recipe.About)
		fmt.Fprintf(j.p.out, "data  %s: %s training, %s validation, %s test %s\n", j.recipe.Data.Title(),
			itemsOf(task.Train), itemsOf(task.Val), itemsOf(task.Test), j.recipe.Data.Items())
		for _, f := range plan.Facts {
			fmt.Fprintf(j.p.out, "      %s: %s\n", f.Name, f.Text)
		}
		fmt.Fprintf(j.p.out, "model %s: %s parameters\n", j.recipe.Model.Kind, report.Count(nn.Collect(task.Model).Count()))
		fmt.Fprintf(j.p.out, "      memory: about %s at most\n", report.Bytes(memory.Bytes))
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
	if len(t.Rows) == 0 || j.format == report.CSV { // which has room for one table, that of the scores
		return nil
	}
	return t.Write(j.p.out, j.format)
}

// itemsOf counts what a split has, which a data set may lack. Training may see several of them
// as one item, or one as several.
func itemsOf(data train.Data) string {
	if data == nil {
		return "no"
	}
	if d, ok := data.(interface{ Items() int }); ok {
		return report.Count(d.Items())
	}
	return report.Count(data.Len())
}

// conclude prints the scores of the best epoch and what to do with them.
func (j *job) conclude(task train.Task, result *train.Result) error {
	if j.format == report.Text && !j.quiet {
		fmt.Fprintf(j.p.out, "best epoch %d of %d, %s in all\n", result.BestEpoch, result.Epochs,
			report.Duration(time.Duration(result.Seconds*float64(time.Second))))
	}
	scored := result.Val
	if len(scored) == 0 {
		scored = result.Test // a set without validation graphs
	}
	if len(scored) == 0 {
		scored = result.Train // nothing was held out
	}
	t := scoreTable(scored)
	if len(result.Val) == 0 && len(result.Test) == 0 {
		addScores(&t, j.dir, result.BestEpoch, "train", result.Train)
	}
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
	if j.recipe.Data.Kind == recipes.TableSet {
		return append(lines, "try next: graft eval "+dir+", or graft ask "+dir+" TABLE QUESTION")
	}
	if j.recipe.Data.Kind == recipes.ImageSet || j.recipe.Data.Kind == recipes.ImageFiles {
		return append(lines, "try next: graft eval "+dir+", graft predict "+dir+" IMAGE..., or graft explain --out map.png "+dir+" IMAGE")
	}
	if j.recipe.Data.Kind == recipes.MotionSet || j.recipe.Data.Kind == recipes.MotionFiles {
		return append(lines, "try next: graft eval "+dir+" (clip by clip), or graft motion encode "+dir+" CLIP")
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

package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/train"
)

const evalManual = `Measures the model of a run folder on a split of its data set: the loss and
the metric of its recipe. With the default options it prints the very
number that training printed at its end.

A model of questions about tables is asked them besides, and its answers are
judged as the data set wants it: denotation for WikiTableQuestions, verdict
for TabFact, with parts of the set on their own.

A model that makes movement into tokens is measured clip by clip besides, in full
length: mpjpe, how far joints are from where they were in the mean, beside the
same of two simple ways to keep one frame of four (held until the next, or
joined by straight lines), and how many codes a clip takes. As CSV, which has
room for one table, that one is printed.

It does not change the run folder, and it does not measure on data other
than the recipe's: predict answers for graphs of your own.

Examples:

   graft eval runs/zinc-grit-20260131-120000
   graft eval --split val --checkpoint last --format json runs/zinc`

func (p *program) evalCommand() *cli.Command {
	return &cli.Command{
		Name: "eval", Usage: "measure a trained model", Description: evalManual, ArgsUsage: "RUN",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "split", Value: datasets.Test.String(), Usage: "`SPLIT` to measure on: train, val or test"},
			checkpointFlag(),
			&cli.StringFlag{Name: "data", Usage: "`DIR` with the data set's files, where they have moved since training"},
			memoryFlag(),
			formatFlag(),
		},
		Action: p.eval,
	}
}

func checkpointFlag() cli.Flag {
	return &cli.StringFlag{Name: "checkpoint", Value: recipes.CheckpointNames()[0], Usage: "`WHICH` weights: best (epoch) or last"}
}

func (p *program) eval(c *cli.Context) error {
	args, format, err := argumentsAndFormat(c, 1, 1)
	if err != nil {
		return err
	}
	split, err := datasets.ParseSplit(c.String("split"))
	if err != nil {
		return misuse("--split: %s", message(err))
	}
	limit, err := memoryLimit(c)
	if err != nil {
		return err
	}
	trained, err := open(c, args[0])
	if err != nil {
		return err
	}
	plan, err := trained.Plan(c.Context, c.String("data"))
	if err != nil {
		return err
	}
	task := plan.Task
	data := map[datasets.Split]train.Data{datasets.Train: task.Train, datasets.Val: task.Val, datasets.Test: task.Test}[split]
	if data == nil {
		return misuse("--split: %s has no %v %s: choose another split", trained.Recipe.Data.Title(), split, trained.Recipe.Data.Items())
	}
	memory, err := plan.EvalMemory(c.Context, split)
	if err != nil {
		return err
	}
	if err := memory.Check(limit); err != nil {
		return overLimit(err)
	}
	keepGarbageLow()
	scores, err := train.Evaluate(c.Context, task.Model, data, task.Loss, append([]train.Metric{task.Metric}, task.MoreMetrics...), trained.Recipe.Train.EvalBatchSize)
	if err != nil {
		return err
	}
	judged, err := p.judge(c.Context, trained, plan, split)
	if err != nil {
		return err
	}
	scores = append(scores, judged...)
	t := scoreTable(scores)
	addScores(&t, args[0], trained.Summary.Epoch, split.String(), scores)
	if format == report.Text {
		t.Title = args[0] + ", epoch " + report.Count(trained.Summary.Epoch)
	}
	if trained.Motion != nil {
		return p.evalClips(trained, plan, split, &t, args[0], format)
	}
	return t.Write(p.out, format)
}

// judge has answers to questions about tables judged.
func (p *program) judge(ctx context.Context, t *recipes.Trained, plan *recipes.Plan, split datasets.Split) (train.Scores, error) {
	status := report.NewStatus(p.errOut)
	defer status.Clear()
	return t.Judge(ctx, plan, split, func(done, of int) { status.Show(fmt.Sprintf("asking: %d of %d", done, of)) })
}

// open reads the model of a run folder.
func open(c *cli.Context, dir string) (*recipes.Trained, error) {
	which := c.String("checkpoint")
	for _, name := range recipes.CheckpointNames() {
		if which == name {
			return recipes.Open(dir, which)
		}
	}
	_, err := recipes.Open(dir, which) // names the nearest
	return nil, misuse("--checkpoint: %s", message(err))
}

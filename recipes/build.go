package recipes

import (
	"context"
	"fmt"
	"time"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/train"
)

// Build loads the data and makes the model, loss, metric and options that
// [train.Fit] wants. dir is the folder of data files, "" for the recipe's own.
// Options.Dir, the run folder, is left to the caller.
//
// The error is a *[SettingError] for a recipe that is not valid, one of package
// datasets for data that is not there or damaged, or names a graph that the model
// cannot read.
func (r Recipe) Build(ctx context.Context, dir string) (train.Task, train.Options, error) {
	if err := r.Validate(); err != nil {
		return train.Task{}, train.Options{}, err
	}
	model, err := r.Model.New(r.Train.Seed)
	if err != nil {
		return train.Task{}, train.Options{}, fmt.Errorf("recipes: %w", err)
	}
	task, err := r.Task(ctx, dir, model)
	return task, r.options(), err
}

// Task loads the data and puts it together with a model that is there already,
// for example one that [Open] gave. The rest is as in [Recipe.Build].
func (r Recipe) Task(ctx context.Context, dir string, model nn.Model) (train.Task, error) {
	if dir == "" {
		dir = r.Data.Dir
	}
	set, err := datasets.Load(ctx, r.Data.Name, datasets.Options{
		Dir: dir, Seed: r.Data.Seed, Fold: r.Data.Fold, Protocol: r.Data.Protocol,
		Limit: datasets.Limit{Train: r.Data.Train, Val: r.Data.Val, Test: r.Data.Test},
	})
	if err != nil {
		return train.Task{}, err
	}
	if err := r.Model.architecture().check(set); err != nil {
		return train.Task{}, err
	}
	task := train.Task{Model: model}
	if task.Loss, err = nn.ParseLoss(r.Loss); err != nil {
		return train.Task{}, setting("loss", "%s", err)
	}
	if task.Metric, err = train.ParseMetric(r.Metric); err != nil {
		return train.Task{}, setting("metric", "%s", err)
	}
	for _, split := range []struct {
		data   *train.Data
		source datasets.Source
	}{{&task.Train, set.Train}, {&task.Val, set.Val}, {&task.Test, set.Test}} {
		if split.source.Len() == 0 && split.data != &task.Train {
			continue // the training loop does without
		}
		if *split.data, err = r.Model.Data(split.source); err != nil {
			return train.Task{}, fmt.Errorf("recipes: %w", err)
		}
	}
	return task, nil
}

func (r Recipe) options() train.Options {
	o := train.Options{
		Epochs: r.Train.Epochs, BatchSize: r.Train.BatchSize, EvalBatchSize: r.Train.EvalBatchSize,
		LR: r.Optim.LR, WeightDecay: r.Optim.WeightDecay, Beta1: r.Optim.Beta1, Beta2: r.Optim.Beta2, Eps: r.Optim.Eps,
		Clip: r.Optim.Clip, Schedule: r.schedule(), Seed: r.Train.Seed, OnNaN: r.Train.OnNaN,
		CheckpointInterval: time.Duration(r.Train.CheckpointSeconds * float64(time.Second)),
		Config:             r.Marshal(),
	}
	if o.CheckpointInterval == 0 {
		o.CheckpointInterval = -1 // none within an epoch
	}
	return o
}

func (r Recipe) schedule() optim.Schedule {
	switch r.Schedule.Kind {
	case Linear:
		return optim.Linear{Warmup: r.Schedule.Warmup, Epochs: r.Train.Epochs}
	case Constant:
		return optim.Constant{}
	}
	return optim.Cosine{Warmup: r.Schedule.Warmup, Epochs: r.Train.Epochs, Floor: r.Schedule.Floor}
}

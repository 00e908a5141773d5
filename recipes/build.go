package recipes

import (
	"context"
	"fmt"
	"time"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/train"
)

// Plan is a recipe that is ready to be trained.
type Plan struct {
	// Recipe has all settings that the data decides filled in.
	Recipe Recipe
	Task   train.Task
	// Options lack Dir, the run folder, which is left to the caller.
	Options train.Options
	// Schema is what was read off files, or off targets that are standardised; else nil.
	Schema *files.Schema
	// Notes say what a user should know of the data.
	Notes []string

	data *data
}

// Plan loads the data and makes the model, loss, metric and options that [train.Fit]
// wants. dir is the folder of data files, "" for the recipe's own. Where data comes
// from files, they decide what features a model reads and what it predicts: those
// settings are filled in.
//
// The error is a *[SettingError] for a recipe that is not valid, one of package
// datasets or files for data that is not there or cannot be used, or names a graph
// that the model cannot read.
func (r Recipe) Plan(ctx context.Context, dir string) (*Plan, error) { return r.plan(ctx, dir, nil) }

// Replan is [Recipe.Plan] for a run that is to be resumed. schema is the text of its
// schema, which [OpenSchema] gives; nil where it has none.
func (r Recipe) Replan(ctx context.Context, dir string, schema []byte) (*Plan, error) {
	if schema == nil {
		return r.plan(ctx, dir, nil)
	}
	known, err := files.ParseSchema(schema)
	if err != nil {
		return nil, err
	}
	p, err := r.plan(ctx, dir, known)
	if p != nil {
		p.Options.Schema = schema
	}
	return p, err
}

func (r Recipe) plan(ctx context.Context, dir string, known *files.Schema) (*Plan, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	d, err := r.load(ctx, dir, known)
	if err != nil {
		return nil, err
	}
	p := &Plan{Recipe: d.recipe, Schema: d.schema, Notes: d.notes, Options: d.recipe.options(), data: d}
	if d.schema != nil {
		if p.Options.Schema, err = d.schema.Marshal(); err != nil {
			return nil, err
		}
	}
	model, err := d.recipe.Model.New(r.Train.Seed)
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	p.Task, err = d.task(model)
	return p, err
}

// Build is [Recipe.Plan] for those who only want to train.
func (r Recipe) Build(ctx context.Context, dir string) (train.Task, train.Options, error) {
	p, err := r.Plan(ctx, dir)
	if err != nil {
		return train.Task{}, train.Options{}, err
	}
	return p.Task, p.Options, nil
}

// Task loads the data and puts it together with a model that is there already, which
// must be one of this recipe. The rest is as in [Recipe.Plan]. A model that was trained
// on files goes with the schema of its run: see [Trained.Task].
func (r Recipe) Task(ctx context.Context, dir string, model nn.Model) (train.Task, error) {
	d, err := r.load(ctx, dir, nil)
	if err != nil {
		return train.Task{}, err
	}
	if err := sameModel(r, d.recipe); err != nil {
		return train.Task{}, err
	}
	return d.task(model)
}

// data is what a recipe was found to be about.
type data struct {
	recipe Recipe // with what the data decides
	set    *datasets.Set
	schema *files.Schema // nil for a named data set whose targets are taken as they are
	notes  []string
}

// load reads the data, and cuts it into neighbourhoods where that is wanted; known is the
// schema of files that were read before, or nil.
func (r Recipe) load(ctx context.Context, dir string, known *files.Schema) (*data, error) {
	if dir == "" {
		dir = r.Data.Dir
	}
	read := r.loadSet
	if r.Data.Kind != NamedSet {
		read = r.loadFiles
	}
	d, err := read(ctx, dir, known)
	if err != nil {
		return nil, err
	}
	return d, d.cut()
}

// loadSet reads a data set that has a name.
func (r Recipe) loadSet(ctx context.Context, dir string, known *files.Schema) (*data, error) {
	set, err := files.LoadSet(ctx, r.Data.Name, datasets.Options{
		Dir: dir, Seed: r.Data.Seed, Fold: r.Data.Fold, Protocol: r.Data.Protocol, Limit: r.Data.limit(),
	})
	if err != nil {
		return nil, err
	}
	if err := r.Model.architecture().check(set); err != nil {
		return nil, err
	}
	d := &data{recipe: r, set: set}
	if r.Data.Standardise {
		err = d.standardise(known)
	}
	return d, err
}

func (d Data) limit() datasets.Limit { return datasets.Limit{Train: d.Train, Val: d.Val, Test: d.Test} }

// task puts the data together with a model.
func (d *data) task(model nn.Model) (train.Task, error) {
	r, set := d.recipe, d.set
	task := train.Task{Model: model}
	var err error
	if task.Loss, err = nn.ParseLoss(r.Loss); err != nil {
		return train.Task{}, setting("loss", "%s", err)
	}
	if task.Metric, err = train.ParseMetric(r.Metric); err != nil {
		return train.Task{}, setting("metric", "%s", err)
	}
	if d.schema != nil {
		task.Metric, task.MoreMetrics = metricsOf(d.schema, task.Metric)
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

package recipes

import (
	"context"
	"fmt"
	"time"

	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/datasets/records"
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
	// Schema is what was read off files of graphs, or off targets that are standardised;
	// else nil.
	Schema *files.Schema
	// Rows is what was read off a table whose rows are classified; else nil.
	Rows *records.Schema
	// Images is what was read off images; else nil.
	Images *ImageSchema
	// Motion is what was read off clips of movement; else nil.
	Motion *MotionSchema
	// Facts say what was found in the data.
	Facts []Fact
	// Notes say what a user should know of the data.
	Notes []string

	data loaded
}

// Fact is something that was found in data, and its name.
type Fact struct{ Name, Text string }

// Plan loads the data and makes the model, loss, metric and options that [train.Fit]
// wants. dir is the folder of data files, "" for the recipe's own. Where data comes
// from files, they decide what features a model reads and what it predicts: those
// settings are filled in.
//
// The error is a *[SettingError] for a recipe that is not valid, one of package
// datasets or files for data that is not there or cannot be used, or names a graph
// that the model cannot read.
func (r Recipe) Plan(ctx context.Context, dir string) (*Plan, error) { return r.Replan(ctx, dir, nil) }

// Replan is [Recipe.Plan] for a run that is to be resumed. schema is the text of its
// schema, which [OpenSchema] gives; nil where it has none.
func (r Recipe) Replan(ctx context.Context, dir string, schema []byte) (*Plan, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	d, err := r.load(ctx, dir, schema)
	if err != nil {
		return nil, err
	}
	p := planned(d)
	if p.Options.Schema = schema; schema == nil {
		if p.Options.Schema, err = d.keep(); err != nil {
			return nil, err
		}
	}
	model, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	return p, p.complete(model)
}

// complete puts the data together with a model.
func (p *Plan) complete(model nn.Model) (err error) {
	if p.Task, err = p.data.task(model); err == nil {
		p.data.tell(p)
	}
	return err
}

// planned is a plan that lacks the task.
func planned(d loaded) *Plan {
	p := &Plan{Recipe: d.settled(), data: d}
	p.Options = p.Recipe.options()
	return p
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
	if err := sameModel(r, d.settled()); err != nil {
		return train.Task{}, err
	}
	return d.task(model)
}

// load reads the data; kept is the text that goes with a run, or nil.
func (r Recipe) load(ctx context.Context, dir string, kept []byte) (loaded, error) {
	if dir == "" {
		dir = r.Data.Dir
	}
	return r.Data.Kind.domain().load(ctx, r, dir, kept)
}

func (r Recipe) options() train.Options {
	o := train.Options{
		Epochs: r.Train.Epochs, BatchSize: r.Train.BatchSize, EvalBatchSize: r.Train.EvalBatchSize,
		LR: r.Optim.LR, WeightDecay: r.Optim.WeightDecay, Beta1: r.Optim.Beta1, Beta2: r.Optim.Beta2, Eps: r.Optim.Eps,
		Clip: r.Optim.Clip, Schedule: r.schedule(), EveryStep: r.Schedule.EveryStep, Seed: r.Train.Seed, OnNaN: r.Train.OnNaN,
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

package recipes

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// graphData is the graphs of a recipe.
type graphData struct {
	recipe Recipe // with what the data decides
	set    *datasets.Set
	schema *files.Schema // nil for a named data set whose targets are taken as they are
	notes  []string
}

var _ loaded = (*graphData)(nil)

func (d *graphData) settled() Recipe { return d.recipe }

func (d *graphData) tell(p *Plan) {
	p.Schema, p.Notes = d.schema, d.notes
	if d.schema == nil {
		return
	}
	p.Facts = []Fact{{"nodes", d.schema.Nodes.String()}, {"edges", d.schema.Edges.String()}}
	for _, t := range d.schema.Targets {
		p.Facts = append(p.Facts, Fact{"to predict", t.String()})
	}
}

func (d *graphData) keep() ([]byte, error) {
	if d.schema == nil {
		return nil, nil
	}
	return d.schema.Marshal()
}

func (d *graphData) build() (nn.Model, error) { return d.recipe.Model.New(d.recipe.Train.Seed) }

// loadSet reads a data set that has a name.
func (r Recipe) loadSet(ctx context.Context, dir string, known *files.Schema) (*graphData, error) {
	set, err := files.LoadSet(ctx, r.Data.Name, datasets.Options{
		Dir: dir, Seed: r.Data.Seed, Fold: r.Data.Fold, Protocol: r.Data.Protocol, Limit: r.Data.limit(),
	})
	if err != nil {
		return nil, err
	}
	if err := r.Model.architecture().check(set); err != nil {
		return nil, err
	}
	d := &graphData{recipe: r, set: set}
	if r.Data.Standardise {
		err = d.standardise(known)
	}
	return d, err
}

func (d Data) limit() datasets.Limit { return datasets.Limit{Train: d.Train, Val: d.Val, Test: d.Test} }

// task puts the data together with a model.
func (d *graphData) task(model nn.Model) (train.Task, error) {
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

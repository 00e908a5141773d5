package recipes

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// FILESGRIT is where training on one's own files starts from: a GRIT of four layers of
// width 64, about a third of the paper's, which learns from some thousand molecules in
// minutes. Its loss and metric are left to the task:
//
//	task                      loss                  metric, and beside it
//	regression                mse                   rmse, mae
//	two classes               binary-cross-entropy  rocauc, accuracy
//	more classes              cross-entropy         accuracy
//	several questions         binary-cross-entropy  rocauc
//
// Errors are in the units of the file. Where there are several numbers to predict the
// metric is in standard deviations of each, and that of each in its units comes beside
// it. Accuracy takes the place of rocauc where nodes are classified, and where the
// validation split lacks one of the classes, so that rocauc has no value.
func FILESGRIT() Recipe {
	r := preset("files-grit", "A small GRIT for files of your own: a table of molecules, edges and nodes, GraphML, graph6, JSON Lines")
	r.Data.Kind = CSVFile
	r.Model.GRIT = grit.Config{Layers: 4, Width: 64, Heads: 8, Steps: 16, AttentionDropout: 0.2}.WithDefaults()
	r.settle()
	return r
}

// Task is what is to be predicted of graphs, as far as it is known before files are read.
func (d Data) Task() (datasets.Task, error) {
	if d.Kind != NamedSet {
		return d.Files.DatasetTask(), nil
	}
	info, err := datasets.Describe(d.Name)
	return info.Task, err
}

// request is what the recipe wants of package files.
func (d Data) request(dir string) files.Request {
	return files.Request{Kind: d.Kind.Files(), Dir: dir, Options: d.Files, Protocol: d.Protocol, Seed: d.Seed, Limit: d.limit()}
}

// checkFiles looks at the settings of files.
func (r *Recipe) checkFiles() *SettingError {
	err := r.Data.request("").Validate()
	var bad *files.OptionError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &bad):
		return setting("data.files", "%s", err)
	case bad.Option == "kind", bad.Option == "protocol":
		return setting("data."+bad.Option, "%s", bad.Reason)
	}
	return setting("data.files."+bad.Option, "%s", bad.Reason)
}

// checkNamesOfTask looks at loss and metric where the task is not known in full; both
// may be left to it.
func (r *Recipe) checkNamesOfTask() *SettingError {
	if _, err := nn.ParseLoss(r.Loss); err != nil && r.Loss != "" {
		return setting("loss", "%s", err)
	}
	if _, err := train.ParseMetric(r.Metric); err != nil && r.Metric != "" {
		return setting("metric", "%s", err)
	}
	return nil
}

// loadFiles reads files, and fills in what they decide.
func (r Recipe) loadFiles(ctx context.Context, dir string, known *files.Schema) (*graphData, error) {
	loaded, err := files.Load(ctx, r.Data.request(dir), known)
	if err != nil {
		return nil, err
	}
	d := &graphData{recipe: r, set: loaded.Set, schema: loaded.Schema, notes: loaded.Notes}
	d.recipe.Model.architecture().adapt(loaded.Schema)
	d.recipe.chooseTask(loaded)
	if bad := d.recipe.fits(loaded.Set.Info); bad != nil {
		return nil, bad
	}
	if err := d.recipe.Model.architecture().validate(); err != nil {
		return nil, setting("model", "%s", err)
	}
	return d, nil
}

// chooseTask fills in loss and metric where they are left to the task.
func (r *Recipe) chooseTask(l *files.Loaded) {
	loss, metric := "cross-entropy", (train.Accuracy{}).Name()
	switch {
	case l.Schema.Task == files.Regression:
		loss, metric = "mse", (train.RMSE{}).Name()
	case l.Schema.Outputs() == len(l.Schema.Targets): // a score a question
		loss = "binary-cross-entropy"
		if many := len(l.Schema.Targets) > 1; many || l.Schema.Task == files.Classification && l.AllClasses[datasets.Val] {
			metric = (train.ROCAUC{}).Name()
		}
	}
	if r.Loss == "" {
		r.Loss = loss
	}
	if r.Metric == "" {
		r.Metric = metric
	}
}

// metricsOf takes a metric back to the units of the targets, and lists what is reported
// beside it.
func metricsOf(s *files.Schema, m train.Metric) (train.Metric, []train.Metric) {
	regression := s.Task == files.Regression
	units := func(m train.Metric, targets ...files.Target) train.Metric {
		if !regression {
			return m
		}
		u := train.Units{Metric: m}
		for _, t := range targets {
			u.Mean, u.SD = append(u.Mean, t.Mean), append(u.SD, t.SD)
		}
		return u
	}
	var more []train.Metric
	if len(s.Targets) > 1 {
		for k, t := range s.Targets {
			more = append(more, train.Column{Metric: units(m, t), Index: k, Title: t.Name})
		}
		return m, more
	}
	others := []train.Metric{}
	switch {
	case regression:
		others = []train.Metric{train.RMSE{}, train.MAE{}}
	case s.Outputs() == 1:
		others = []train.Metric{train.ROCAUC{}, train.Accuracy{}}
	}
	for _, o := range others {
		if o.Name() != m.Name() {
			more = append(more, units(o, s.Targets...))
		}
	}
	return units(m, s.Targets...), more
}

// sameModel reports that the data asks for another model than the recipe's.
func sameModel(r, wanted Recipe) error {
	var list []string
	for _, c := range Compare(r, wanted) {
		if strings.HasPrefix(c.Path, "model.") {
			list = append(list, fmt.Sprintf("%s is %s, the files ask for %s", c.Path, c.From, c.To))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return fmt.Errorf("recipes: the model does not fit the files: %s", strings.Join(list, ", "))
}

package recipes

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/records"
	"github.com/graft-ml/graft/internal/held"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tables/classify"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// rowData is the rows of a recipe.
type rowData struct {
	recipe Recipe // with what the data decides
	rows   *records.Loaded
	parts  [3]*classify.Data // once there is a model
}

var _ loaded = (*rowData)(nil)

// loadRows reads a table, and learns what its cells mean where that was not kept.
func (r Recipe) loadRows(ctx context.Context, dir string, kept []byte) (loaded, error) {
	var known *records.Schema
	if kept != nil {
		var err error
		if known, err = records.ParseSchema(kept); err != nil {
			return nil, err
		}
	}
	l, err := records.Load(ctx, records.Request{Dir: dir, Options: r.Data.Table, Seed: r.Data.Seed, Limit: r.Data.limit()}, known)
	if err != nil {
		return nil, err
	}
	d := &rowData{recipe: r, rows: l}
	if d.recipe.Loss == "" {
		d.recipe.Loss = nn.CrossEntropy{}.Name()
		if d.binary() {
			d.recipe.Loss = nn.BinaryCrossEntropy{}.Name()
		}
	}
	if d.recipe.Metric == "" {
		d.recipe.Metric = train.Accuracy{}.Name()
	}
	return d, d.fits()
}

// checkLossOfRows looks at the loss as far as it is known without the table.
func (r *Recipe) checkLossOfRows() *SettingError {
	loss, err := nn.ParseLoss(r.Loss)
	switch {
	case r.Loss == "":
		return nil
	case err != nil:
		return setting("loss", "%s", err)
	}
	switch loss.(type) {
	case nn.CrossEntropy, nn.WeightedCrossEntropy, nn.BinaryCrossEntropy:
		return nil
	}
	return setting("loss", "%s does not fit classes: leave it to the table", r.Loss)
}

// fits tells whether loss and metric are ones for the classes of the table.
func (d *rowData) fits() error {
	r, n := d.recipe, len(d.rows.Schema.Target.Classes)
	outputs := n
	if d.binary() {
		outputs = 1
	}
	loss, err := nn.ParseLoss(r.Loss)
	if err != nil {
		return setting("loss", "%s", err)
	}
	metric, err := train.ParseMetric(r.Metric)
	if err != nil {
		return setting("metric", "%s", err)
	}
	switch {
	case !lossFits(loss, datasets.GraphClassification, outputs):
		return setting("loss", "%s does not fit %d classes: want %s", r.Loss, n, fitting(datasets.GraphClassification, outputs))
	case !metricFits(metric, datasets.GraphClassification, outputs):
		return setting("metric", "%s does not measure %d classes", r.Metric, n)
	}
	return nil
}

// binary tells whether there are two classes, which one score tells apart.
func (d *rowData) binary() bool { return len(d.rows.Schema.Target.Classes) == 2 }

func (d *rowData) settled() Recipe { return d.recipe }

func (d *rowData) tell(p *Plan) {
	s := d.rows.Schema
	p.Rows, p.Notes = s, d.rows.Notes
	const most = 40
	for k := range s.Columns {
		if k == most {
			p.Facts = append(p.Facts, Fact{"columns", fmt.Sprintf("and %d more", len(s.Columns)-most)})
			break
		}
		p.Facts = append(p.Facts, Fact{"column", s.Columns[k].String()})
	}
	p.Facts = append(p.Facts, Fact{"to predict", s.Target.String()})
}

func (d *rowData) keep() ([]byte, error) { return d.rows.Schema.Marshal() }

func (d *rowData) build() (nn.Model, error) { return newClassifier(&d.recipe, d.rows.Schema) }

// newClassifier makes the model for rows of a schema.
func newClassifier(r *Recipe, s *records.Schema) (*classify.Model, error) {
	lo, hi := s.ClassTokens()
	return classify.New(r.Model.Table, classify.Vocabulary{Tokenizer: s.Tokenizer(), Header: s.Header(), Class: lo, Classes: int(hi - lo)}, r.Train.Seed)
}

// task puts the data together with a model.
func (d *rowData) task(model nn.Model) (train.Task, error) {
	m, ok := model.(*classify.Model)
	if !ok {
		return train.Task{}, fmt.Errorf("recipes: the model does not fit the data: it is a %T, and rows want a *classify.Model", model)
	}
	task := train.Task{Model: model}
	var err error
	if task.Loss, err = nn.ParseLoss(d.recipe.Loss); err != nil {
		return train.Task{}, setting("loss", "%s", err)
	}
	if task.Metric, err = train.ParseMetric(d.recipe.Metric); err != nil {
		return train.Task{}, setting("metric", "%s", err)
	}
	for _, other := range []train.Metric{train.Accuracy{}, train.ROCAUC{}} {
		if other.Name() != task.Metric.Name() && (d.binary() || other.Name() != train.ROCAUC{}.Name()) {
			task.MoreMetrics = append(task.MoreMetrics, other)
		}
	}
	for s, to := range [3]*train.Data{&task.Train, &task.Val, &task.Test} {
		rows := d.rows.Parts[s]
		if rows.Len() == 0 && s != int(datasets.Train) {
			continue
		}
		data, err := classify.NewData(m, rows)
		if err != nil {
			return train.Task{}, fmt.Errorf("recipes: split %v: %w (data.table.ignore leaves columns out, model.maxTokens sets the context)", datasets.Split(s), err)
		}
		d.parts[s], *to = data, data
	}
	return task, nil
}

func (d *rowData) memory(_ context.Context, r Recipe, training bool, splits ...datasets.Split) (*Memory, error) {
	model, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	return predictTokens(r, model, held.Bytes(d.rows), present(d.parts), training, splits)
}

// PredictRows calls each with the scores of rows, a batch at a time, [rows, scores], which are
// its own during the call only; first is the number of the batch's first row. Rows are those
// of a table that is read by the schema Trained.Rows.
func (t *Trained) PredictRows(ctx context.Context, rows *records.Rows, each func(first int, scores *tensor.Tensor) error) error {
	m, ok := t.Model.(*classify.Model)
	if !ok {
		return fmt.Errorf("recipes: the model was trained on %s, not on the rows of a table", t.Recipe.Data.Title())
	}
	data, err := classify.NewData(m, rows)
	if err != nil {
		return err
	}
	return train.Predict(ctx, m, data, t.Recipe.Train.EvalBatchSize, func(first int, _ nn.Batch, pred *tensor.Tensor) error {
		return each(first, pred)
	})
}

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

// PredictRows answers for rows of a table as one batch: each is called once with their scores,
// [rows, scores], which are its own during the call only. The rows are those of a table that
// is read by the schema Trained.Rows.
//
// fits, which may be nil, is asked before anything is computed whether a batch of a size may
// be, with tokens in the place of nodes; its error ends the work, as does that of each. The
// error of a row that is longer than the model reads wraps a *tables.LongError.
func (t *Trained) PredictRows(ctx context.Context, rows classify.Rows, fits func(Size) error, each func(scores *tensor.Tensor) error) error {
	if rows.Len() == 0 {
		return nil
	}
	m, data, err := t.classifier(rows)
	if err != nil {
		return err
	}
	if fits != nil {
		size := Size{Graphs: rows.Len()}
		for i := range rows.Len() {
			size.Nodes += data.Length(i)
		}
		if err := fits(size); err != nil {
			return err
		}
	}
	return train.Predict(ctx, m, data, rows.Len(), func(_ int, _ nn.Batch, scores *tensor.Tensor) error { return each(scores) })
}

// RowNeed measures what batches take of memory that are like the longest of some rows, of
// which there is at least one, with tokens in the place of nodes.
func (t *Trained) RowNeed(rows classify.Rows) (Need, error) {
	m, data, err := t.classifier(rows)
	if err != nil {
		return Need{}, err
	}
	longest := 0
	for i := range rows.Len() {
		if data.Length(i) > data.Length(longest) {
			longest = i
		}
	}
	f := &Footprint{}
	if err := f.measureTokens(m, data, longest, float64(data.Length(longest))); err != nil {
		return Need{}, err
	}
	return f.Evaluation(1), nil
}

// classifier puts rows together with the model.
func (t *Trained) classifier(rows classify.Rows) (*classify.Model, *classify.Data, error) {
	m, ok := t.Model.(*classify.Model)
	if !ok {
		return nil, nil, fmt.Errorf("recipes: the model was trained on %s, not on the rows of a table", t.Recipe.Data.Title())
	}
	data, err := classify.NewData(m, rows)
	return m, data, err
}

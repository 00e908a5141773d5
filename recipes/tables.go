package recipes

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/datasets/records"
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/train"
)

// tableDomain is learning from tables: data sets of questions about tables, and rows of a
// table of one's own that are classified.
type tableDomain struct{}

var _ domain = tableDomain{}

// tableModel makes the configuration of a decoder of tables one of a recipe.
type tableModel decoder.Config

var _ configuration = (*tableModel)(nil)

func (m *tableModel) config() any     { return (*decoder.Config)(m) }
func (m *tableModel) validate() error { return decoder.Config(*m).Validate() }
func (m *tableModel) forget()         { *m = tableModel{} }

// fillDefaults leaves those zeros that stand for what follows from other settings, so that
// a larger width has a larger hidden width, and another encoding its own reading.
func (m *tableModel) fillDefaults() {
	c := decoder.Config(*m).WithDefaults()
	c.KVHeads, c.FeedForwardWidth, c.Reading, c.TiedEmbedding, c.InitStd = m.KVHeads, m.FeedForwardWidth, m.Reading, m.TiedEmbedding, m.InitStd
	*m = tableModel(c)
}

func (tableDomain) items(k DataKind) string {
	if k == TableSet {
		return "questions"
	}
	return "rows"
}

func (tableDomain) title(d *Data) string {
	switch {
	case d.Kind == TableSet:
		return d.Name
	case d.Table.Path == "":
		return "a table"
	}
	return filepath.Base(d.Table.Path)
}

func (tableDomain) foreign(d *Data, key string) string {
	const graphs = "it is about graphs, and data.kind asks for tables: leave it out"
	switch key {
	case "files", "neighbours", "standardise":
		return graphs
	case "images":
		return "it is about images, and data.kind asks for tables: set that to image-set or images first, or leave it out"
	case "motion":
		return "it is about movement, and data.kind asks for tables: set that to motion-set or motion first, or leave it out"
	case "protocol":
		if d.Kind == TableSet {
			return "the protocols of sets of tables are those of data.questions.protocol: set that"
		}
		return "rows of a table are drawn, or split by data.table.splitColumn: leave it out"
	case "table":
		if d.Kind == TableSet {
			return "a table of one's own is read where data.kind is table: set it first"
		}
	case "questions", "name", "fold":
		if d.Kind == TableFile {
			return "it is about data sets that have a name: set data.kind to table-set, or leave it out"
		}
	}
	return ""
}

func (tableDomain) settle(d *Data) {
	d.Files, d.Neighbours, d.Standardise, d.Protocol = files.Options{}, Neighbours{}, false, datasets.DefaultProtocol
	d.Images, d.Motion = Images{}, Motion{}
	if d.Kind == TableSet {
		d.Table = records.Options{}
		d.Questions = d.Questions.withDefaults()
		return
	}
	d.Name, d.Fold, d.Questions = "", 0, Questions{}
	d.Table = d.Table.WithDefaults()
}

func (tableDomain) check(r *Recipe) *SettingError {
	if r.Data.Kind == TableSet {
		return r.checkQuestions()
	}
	err := r.Data.Table.Validate()
	if bad := (*files.OptionError)(nil); errors.As(err, &bad) {
		return setting("data.table."+bad.Option, "%s", bad.Reason)
	} else if err != nil {
		return setting("data.table", "%s", err)
	}
	return nil
}

// checkQuestions looks at the settings of a set of questions.
func (r *Recipe) checkQuestions() *SettingError {
	d := &r.Data
	if d.Name == "" {
		return setting("data.name", "no data set: choose one of %s", strings.Join(tableqa.Names(), ", "))
	}
	info, err := tableqa.Describe(d.Name)
	if err != nil {
		return setting("data.name", "%s", strings.TrimPrefix(err.Error(), "datasets: "))
	}
	if last := max(info.Folds, 1) - 1; d.Fold < 0 || d.Fold > last {
		return setting("data.fold", "%d: %s has folds 0 to %d", d.Fold, info.Name, last)
	}
	if info.Task == tableqa.FreeAnswer {
		return setting("data.name", "%s wants whole sentences for answers, which no metric of a recipe judges: choose one of %s", info.Name, strings.Join(answerable(), ", "))
	}
	if p := d.Questions.Protocol; p != tableqa.DefaultProtocol && !slices.Contains(info.Protocols, p) {
		var names []string
		for _, known := range info.Protocols {
			names = append(names, known.String())
		}
		return setting("data.questions.protocol", "%v: %s has %s", p, info.Name, strings.Join(names, ", "))
	}
	return d.Questions.check()
}

// answerable are the sets that recipes can be about.
func answerable() []string {
	var names []string
	for _, info := range tableqa.List() {
		if info.Task != tableqa.FreeAnswer {
			names = append(names, info.Name)
		}
	}
	return names
}

// checkTask looks at loss and metric, both of which may be left to the data.
func (tableDomain) checkTask(r *Recipe) *SettingError {
	if r.Data.Kind == TableFile {
		if _, err := train.ParseMetric(r.Metric); err != nil && r.Metric != "" {
			return setting("metric", "%s", err)
		}
		return r.checkLossOfRows()
	}
	if n := r.Data.Questions.Together; n > 1 && r.Model.Table.Question != decoder.After {
		return setting("data.questions.together", "%d: questions that share a sequence stand behind the table: set model.question to %v, or together to 1", n, decoder.After)
	}
	if r.Loss != "" && r.Loss != (nn.CrossEntropy{}).Name() {
		return setting("loss", "%s does not fit answers: want %s", r.Loss, nn.CrossEntropy{}.Name())
	}
	switch r.Metric {
	case "", exactMatch, (train.Accuracy{}).Name():
		return nil
	}
	return setting("metric", "%s does not measure answers: want %s, of whole answers, or %s, of their tokens", r.Metric, exactMatch, train.Accuracy{}.Name())
}

func (tableDomain) load(ctx context.Context, r Recipe, dir string, kept []byte) (loaded, error) {
	if r.Data.Kind == TableSet {
		return r.loadQuestions(ctx, dir, kept)
	}
	return r.loadRows(ctx, dir, kept)
}

func (tableDomain) build(r Recipe, kept []byte) (nn.Model, error) {
	if kept == nil {
		return nil, fmt.Errorf("%s is not there, without which nobody knows what the tokens of the model are; put back the one that training wrote", train.SchemaName)
	}
	if r.Data.Kind == TableSet {
		s, err := parseLexicon(kept)
		if err != nil {
			return nil, err
		}
		return decoder.New(r.Model.Table, s.tokenizer, r.Train.Seed)
	}
	s, err := records.ParseSchema(kept)
	if err != nil {
		return nil, err
	}
	return newClassifier(&r, s)
}

func (tableDomain) open(t *Trained, kept []byte) (err error) {
	if kept == nil {
		return errNoSchema
	}
	if t.Recipe.Data.Kind == TableFile {
		t.Rows, err = records.ParseSchema(kept)
	}
	return err
}

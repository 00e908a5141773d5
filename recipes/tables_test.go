package recipes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/tables/classify"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// withSettings makes settings of a preset.
func withSettings(t testing.TB, name string, settings ...string) Recipe {
	t.Helper()
	r, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings {
		path, value, _ := strings.Cut(s, "=")
		if err := r.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// tinyTables are settings of a model of tables that is soon trained.
var tinyTables = []string{"model.layers=1", "model.width=16", "model.heads=2", "schedule.warmup=0", "train.epochs=1"}

// TestQuestionsRun trains on a generated set, opens the run, resumes it and plans it anew.
func TestQuestionsRun(t *testing.T) {
	r := withSettings(t, "counting-2dtpe", append(tinyTables, "data.train=24", "data.val=6", "data.test=6", "data.questions.sizes=3,4x5")...)
	ctx, dir := context.Background(), t.TempDir()
	p, err := r.Plan(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Notes) != 1 || len(p.Facts) != 2 || p.Schema != nil || p.Rows != nil {
		t.Errorf("notes %q, facts %v", p.Notes, p.Facts)
	}
	m, err := p.Memory(ctx)
	if err != nil || m.Bytes < 1<<20 || m.Batch.Graphs != 24 {
		t.Errorf("memory %+v, %v", m, err)
	}
	if err := m.Check(1); err == nil || !strings.Contains(err.Error(), "Not even one sequence at a time fits. What helps: take fewer rows or questions") {
		t.Errorf("a byte: %v", err)
	}
	p.Options.Dir = filepath.Join(dir, "run")
	result, err := train.Fit(ctx, p.Task, p.Options)
	if err != nil {
		t.Fatal(err)
	}
	trained, err := Open(p.Options.Dir, "best")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := trained.Model.(*decoder.Model); !ok || !reflect.DeepEqual(trained.Recipe, p.Recipe) {
		t.Errorf("a %T, of %+v", trained.Model, trained.Recipe)
	}
	again, err := trained.Plan(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	scores, err := train.Evaluate(ctx, trained.Model, again.Task.Test, again.Task.Loss, []train.Metric{again.Task.Metric}, 4)
	if err != nil || math.Float64bits(scores.Value(exactMatch)) != math.Float64bits(result.Test.Value(exactMatch)) {
		t.Errorf("%v, %v after training, %v", scores, result.Test, err)
	}
	kept, err := OpenSchema(p.Options.Dir)
	if err != nil {
		t.Fatal(err)
	}
	resumed, err := r.Replan(ctx, "", kept)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := train.Resume(ctx, resumed.Task, resumed.Options, p.Options.Dir); err != nil {
		t.Errorf("resumed: %v", err)
	}
	if judged, err := trained.Judge(ctx, again, datasets.Test, nil); judged != nil || err != nil {
		t.Errorf("answers that must match exactly need no judge: %v, %v", judged, err)
	}
	if err := os.Remove(filepath.Join(p.Options.Dir, train.SchemaName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(p.Options.Dir, "best"); err == nil || !strings.Contains(err.Error(), "schema.json is not there") {
		t.Errorf("without a schema: %v", err)
	}
}

// TestQuestionsTogether trains on questions that share a table, and refuses an encoding for which they cannot be apart.
func TestQuestionsTogether(t *testing.T) {
	settings := append(tinyTables, "data.train=24", "data.val=6", "data.test=6", "data.questions.sizes=3", "data.questions.perTable=3",
		"model.question=after", "data.questions.together=3")
	ctx := context.Background()
	p, err := withSettings(t, "counting-2dtpe", settings...).Plan(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := p.Task.Train.Len(); n != 8 {
		t.Errorf("%d sequences of 24 questions", n)
	}
	if _, err := train.Fit(ctx, p.Task, p.Options); err != nil {
		t.Fatal(err)
	}
	_, err = withSettings(t, "counting-2dtpe", append(settings, "model.encoding=carope", "model.reading=rows")...).Plan(ctx, "")
	if err == nil || !strings.Contains(err.Error(), "data.questions.together: 3: ") || !strings.Contains(err.Error(), "adds up phases") {
		t.Errorf("carope: %v", err)
	}
}

// TestRowsRun trains on a table, and predicts for its rows.
func TestRowsRun(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.csv")
	text := "x,z,y\n"
	for i := range 60 {
		text += fmt.Sprintf("%d,%c,%c\n", i, 'a'+i%2, "pqr"[i%3])
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	r := withSettings(t, "table", append(tinyTables, "data.table.path=t.csv")...)
	ctx := context.Background()
	p, err := r.Plan(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if p.Recipe.Loss != "cross-entropy" || p.Recipe.Metric != "accuracy" || len(p.Task.MoreMetrics) != 0 || p.Rows == nil {
		t.Errorf("loss %s, metric %s and %d more", p.Recipe.Loss, p.Recipe.Metric, len(p.Task.MoreMetrics))
	}
	if m, err := p.EvalMemory(ctx, datasets.Val); err != nil || m.Batch.Graphs != 6 {
		t.Errorf("memory %+v, %v", m, err)
	}
	p.Options.Dir = filepath.Join(dir, "run")
	if _, err := train.Fit(ctx, p.Task, p.Options); err != nil {
		t.Fatal(err)
	}
	trained, err := Open(p.Options.Dir, "last")
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := trained.Model.(*classify.Model); !ok || m.Outputs() != 3 || trained.Rows == nil {
		t.Errorf("a %T with rows %v", trained.Model, trained.Rows)
	}
	if _, err := trained.Task(ctx, dir); err != nil {
		t.Error(err)
	}
	n := 0
	rows := p.data.(*rowData).rows.Parts[datasets.Test]
	var asked Size
	each := func(scores *tensor.Tensor) error {
		n += scores.Rows()
		return nil
	}
	err = trained.PredictRows(ctx, rows, func(s Size) error {
		asked = s
		return nil
	}, each)
	if err != nil || n != rows.Len() || asked.Graphs != n || asked.Nodes < n {
		t.Errorf("%d of %d rows predicted, of size %+v: %v", n, rows.Len(), asked, err)
	}
	if need, err := trained.RowNeed(rows); err != nil || need.Node <= 0 {
		t.Errorf("need %+v, %v", need, err)
	}
	refused := errors.New("too much")
	if err := trained.PredictRows(ctx, rows, func(Size) error { return refused }, each); err != refused || n != rows.Len() {
		t.Errorf("a batch that does not fit: %v after %d rows", err, n)
	}
	for set, want := range map[string]string{
		"metric=rocauc":             "recipes: metric: rocauc does not measure 3 classes",
		"loss=binary-cross-entropy": "recipes: loss: binary-cross-entropy does not fit 3 classes: want cross-entropy or soft-cross-entropy or weighted-cross-entropy",
	} {
		bad := withSettings(t, "table", "data.table.path=t.csv", set)
		if _, err := bad.Plan(ctx, dir); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", set, err, want)
		}
	}
}

func TestTableSettings(t *testing.T) {
	for _, c := range []struct{ preset, set, want string }{
		{"table", "data.table.bins=1", "recipes: data.table.bins: 1: want 2 to 4096"},
		{"table", "loss=mse", "recipes: loss: mse does not fit classes: leave it to the table"},
		{"tabfact-2dtpe", "data.fold=1", "recipes: data.fold: 1: tabfact has folds 0 to 0"},
		{"tabfact-2dtpe", "data.name=fetaqa", "recipes: data.name: fetaqa wants whole sentences"},
		{"tabfact-2dtpe", "data.name=tabfakt", "unknown data set of tables"},
		{"wtq-2dtpe", "data.questions.protocol=pairs", "recipes: data.questions.protocol: pairs: wikitables has published, whole-training"},
		{"wtq-2dtpe", "metric=mae", "recipes: metric: mae does not measure answers: want exact-match"},
		{"wtq-2dtpe", "loss=mse", "recipes: loss: mse does not fit answers: want cross-entropy"},
		{"locating-2dtpe", "data.questions.together=2", "recipes: data.questions.together: 2: questions that share a sequence stand behind the table"},
		{"wtq-2dtpe", "model.kind=grit", "recipes: model.kind: grit does not read questions, which data.kind table-set asks for: want table"},
		{"wtq-2dtpe", "train.batchSize=0", "recipes: train.batchSize: 0: want at least 1, the number of questions a step"},
		{"wtq-2dtpe", "model.encoding=rope", ""},
		{"wtq-2dtpe", "model.heads=8", ""},
		{"wtq-2dtpe", "model.encoding=rope", ""},
	} {
		r := withSettings(t, c.preset, c.set)
		if c.preset == "table" {
			r.Data.Table.Path = "x.csv"
		}
		switch err := r.Validate(); {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s, %s: %v, want %q", c.preset, c.set, err, c.want)
		}
	}
	for _, c := range []struct{ preset, path, want string }{
		{"table", "data.protocol", "data.kind is table: rows of a table are drawn, or split by data.table.splitColumn"},
		{"table", "data.neighbours.hops", "data.kind is table: it is about graphs"},
		{"wtq-2dtpe", "data.protocol", "data.kind is table-set: the protocols of sets of tables are those of data.questions.protocol"},
		{"wtq-2dtpe", "data.table.path", "data.kind is table-set: a table of one's own is read where data.kind is table"},
		{"csl-grit", "data.table.path", "data.kind is set: it is about tables"},
	} {
		r := withSettings(t, c.preset)
		if err := r.Set(c.path, "1"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %s: %v, want %s", c.preset, c.path, err, c.want)
		}
	}
}

func TestTableSizes(t *testing.T) {
	got, err := tableSizes("4, 6x3")
	if want := []tableqa.Size{{Rows: 4, Columns: 4}, {Rows: 6, Columns: 3}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"x", "4x", "-1", "4,,5", "a", "0"} {
		if _, err := tableSizes(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// TestExact counts answers of which every token is right, over batches.
func TestExact(t *testing.T) {
	const end = 3
	m := exact{end}.New()
	logits := func(tokens ...int) *tensor.Tensor {
		l := tensor.New(len(tokens), 4)
		for i, k := range tokens {
			l.Set(1, i, k)
		}
		return l
	}
	nan := float32(math.NaN())
	m.Add(logits(1, end, 2, 2, end), tensor.FromSlice([]float32{1, end, 2, 1, end}, 5)) // right, wrong
	m.Add(logits(0, end), tensor.FromSlice([]float32{nan, end}, 2))                     // right
	if got := m.Value(); got != 2/3. {
		t.Errorf("%v of three", got)
	}
	again := exact{end}.New()
	if err := again.Restore(m.State()); err != nil || again.Value() != m.Value() {
		t.Errorf("restored: %v, %v", again.Value(), err)
	}
	if err := again.Restore(nil); err == nil {
		t.Error("a state of nothing was taken")
	}
}

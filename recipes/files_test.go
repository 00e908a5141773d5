package recipes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/train"
)

// table writes a table of molecules of which the targets are known.
func table(t *testing.T, columns string, row func(i int) string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	text := "smiles," + columns + "\n"
	for i := range 20 {
		text += strings.Repeat("C", i%7+1) + []string{"O", "N", ""}[i%3] + "," + row(i) + "\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "m.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// own is a small recipe for the table.
func own(t *testing.T, settings ...string) Recipe {
	t.Helper()
	r := FILESGRIT()
	for _, s := range append([]string{"data.files.path=m.csv", "model.layers=1", "model.width=8", "model.heads=2", "model.steps=4", "train.epochs=2", "schedule.warmup=0"}, settings...) {
		path, value, _ := strings.Cut(s, "=")
		if err := r.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// TestPlanOfFiles: what the files hold decides inputs, outputs, loss and metrics.
func TestPlanOfFiles(t *testing.T) {
	letter := func(i int) string { return string(rune('a' + i%3)) }
	for _, c := range []struct {
		name, columns string
		row           func(i int) string
		settings      []string
		loss          string
		metrics       string
		outputs       int
	}{
		{"numbers", "y", func(i int) string { return fmt.Sprint(i) }, nil, "mse", "rmse mae", 1},
		{"numbers by mae", "y", func(i int) string { return fmt.Sprint(i) }, []string{"metric=mae", "loss=l1"}, "l1", "mae rmse", 1},
		{"several numbers", "y,z", func(i int) string { return fmt.Sprintf("%d,%d", i, i*i) }, []string{"data.files.targetColumn=y,z"}, "mse", "rmse rmse y rmse z", 2},
		{"two classes", "y", func(i int) string { return fmt.Sprint(i % 2) }, []string{"data.files.task=classification", "data.seed=10"}, "binary-cross-entropy", "rocauc accuracy", 1},
		{"three classes", "y", letter, []string{"data.files.task=classification"}, "cross-entropy", "accuracy", 3},
		{"several questions", "y,z", func(i int) string { return fmt.Sprintf("%d,%v", i%2, i%3 == 0) }, []string{"data.files.task=classification", "data.files.targetColumn=y,z"}, "binary-cross-entropy", "rocauc rocauc y rocauc z", 2},
	} {
		r := own(t, c.settings...)
		p, err := r.Plan(context.Background(), table(t, c.columns, c.row))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		names := p.Task.Metric.Name()
		for _, m := range p.Task.MoreMetrics {
			names += " " + m.Name()
		}
		if p.Recipe.Loss != c.loss || p.Task.Loss.Name() != c.loss || p.Recipe.Metric != p.Task.Metric.Name() || names != c.metrics || p.Recipe.Model.Outputs() != c.outputs {
			t.Errorf("%s: loss %s, metrics %s, %d outputs", c.name, p.Recipe.Loss, names, p.Recipe.Model.Outputs())
		}
		if g := p.Recipe.Model.GRIT; g.NodeEncoder != grit.ColumnNodes || g.NodeColumns != "119,8,7,6,2,7,2" || g.EdgeEncoder != grit.ColumnEdges || g.EdgeColumns != "5,2,2" || g.Head != grit.SANHead {
			t.Errorf("%s: %+v", c.name, g)
		}
		if _, err := train.Fit(context.Background(), p.Task, p.Options); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		back, err := Parse(strings.NewReader(string(p.Options.Config)), "c.yaml")
		if err != nil || !reflect.DeepEqual(back, p.Recipe) {
			t.Errorf("%s: the configuration reads back as %+v, %v", c.name, back, err)
		}
	}
}

// TestSmallValidation: where the validation split lacks a class, accuracy selects.
func TestSmallValidation(t *testing.T) {
	dir := table(t, "y,s", func(i int) string { return fmt.Sprintf("%d,%s", i%2, []string{"train", "val", "train", "train"}[i%4]) })
	p, err := own(t, "data.files.task=classification", "data.files.splitColumn=s").Plan(context.Background(), dir)
	if err != nil || p.Recipe.Metric != "accuracy" || p.Task.Test != nil {
		t.Errorf("%v, %+v", err, p)
	}
}

// TestOriginalUnits: a model that predicts the mean has the error of the mean.
func TestOriginalUnits(t *testing.T) {
	dir := table(t, "y,s", func(i int) string { return fmt.Sprintf("%d,%s", 100+10*i, []string{"train", "val"}[i%2]) })
	p, err := own(t, "data.files.splitColumn=s", "train.epochs=1").Plan(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	target := p.Schema.Targets[0] // 100, 120, ..., 280
	if target.Mean != 190 {
		t.Errorf("%+v", target)
	}
	m := p.Task.Metric.New()
	b, err := p.Task.Val.Prepare([]int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	zero := b.Targets().Clone()
	zero.Zero()
	m.Add(zero, b.Targets())
	// 110 and 130 lie 80 and 60 below: the root of the mean square is sqrt(5000).
	if v := m.Value(); v < 70.71 || v > 70.72 {
		t.Errorf("an error of %v", v)
	}
}

// TestRunOfFiles: train, open, measure and resume, with the schema of the run.
func TestRunOfFiles(t *testing.T) {
	dir := table(t, "y", func(i int) string { return fmt.Sprint(i * i) })
	run := filepath.Join(t.TempDir(), "run")
	p, err := own(t).Plan(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	p.Options.Dir = run
	result, err := train.Fit(context.Background(), p.Task, p.Options)
	if err != nil {
		t.Fatal(err)
	}
	trained, err := Open(run, "best")
	if err != nil || !reflect.DeepEqual(trained.Schema, p.Schema) || !reflect.DeepEqual(trained.Recipe, p.Recipe) {
		t.Fatalf("%v: %+v", err, trained)
	}
	task, err := trained.Task(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := train.Evaluate(context.Background(), task.Model, task.Test, task.Loss, append([]train.Metric{task.Metric}, task.MoreMetrics...), 32)
	if err != nil || !reflect.DeepEqual(scores, result.Test) {
		t.Errorf("%v (%v), in training %v", scores, err, result.Test)
	}
	schema, err := OpenSchema(run)
	if err != nil || string(schema) != string(p.Options.Schema) {
		t.Errorf("%s, %v", schema, err)
	}
	r, config, err := OpenConfig(run)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Replan(context.Background(), dir, schema)
	if err != nil {
		t.Fatal(err)
	}
	again.Options.Config = config
	resumed, err := train.Resume(context.Background(), again.Task, again.Options, run)
	if err != nil || !reflect.DeepEqual(resumed.Test, result.Test) {
		t.Errorf("%v, %+v", err, resumed)
	}
	if _, err := r.Replan(context.Background(), dir, []byte("{}")); err == nil || !strings.Contains(err.Error(), "schema: version 0") {
		t.Errorf("another schema: %v", err)
	}
	// A recipe with its model may be used without the run.
	if _, err := trained.Recipe.Task(context.Background(), dir, trained.Model); err != nil {
		t.Error(err)
	}
	other := trained.Recipe
	other.Model.GRIT.NodeColumns = "3"
	if _, err := other.Task(context.Background(), dir, trained.Model); err == nil || err.Error() != "recipes: the model does not fit the files: model.nodeColumns is 3, the files ask for 119,8,7,6,2,7,2" {
		t.Errorf("another model: %v", err)
	}
	if text, err := OpenSchema(t.TempDir()); text != nil || err != nil {
		t.Errorf("a folder without schema: %q, %v", text, err)
	}
}

// TestKindDecides: data has the settings of its kind only.
func TestKindDecides(t *testing.T) {
	r := CSLGRIT()
	for _, c := range []struct{ path, value, want string }{
		{"data.files.path", "m.csv", "recipes: data.files.path: data.kind is set: files are read where data.kind is one of csv, graphs, graphml, graph6, jsonl: set it first"},
		{"data.kind", "cvs", `recipes: data.kind: unknown data kind "cvs"; did you mean "csv"?`},
		{"data.kind", "csv", ""},
		{"data.name", "csl", "recipes: data.name: data.kind is csv: only a named data set has a name: set data.kind to set, or leave it out"},
		{"data.fold", "1", "recipes: data.fold: data.kind is csv: only a named data set has a fold"},
		{"data.files", "x", `recipes: data.files: unknown setting; it is a section: set one of its values, such as "data.files.path"`},
		{"data.files.pth", "x", `recipes: data.files.pth: unknown setting; did you mean "data.files.path"?`},
		{"data.files.impute", "median", `recipes: data.files.impute: unknown way to impute "median"; did you mean "mean"?`},
	} {
		err := r.Set(c.path, c.value)
		if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.HasPrefix(got, c.want) && c.want != "" {
			t.Errorf("%s=%s: %s, want %s", c.path, c.value, got, c.want)
		}
	}
	if r.Data.Name != "" || r.Data.Files.SMILESColumn != "smiles" || r.Data.Files.MaxRow != files.DefaultMaxRow {
		t.Errorf("%+v", r.Data)
	}
	if err := r.Set("data.kind", "set"); err != nil || r.Data.Files != (files.Options{}) {
		t.Errorf("back to a set: %+v, %v", r.Data.Files, err)
	}
	for text, want := range map[string]string{
		"data:\n  files: {path: m.csv}\n":                `recipes: f.yaml:2:3: the key "files" in data: files are read where data.kind is one of csv`,
		"data:\n  name: csl\n  kind: csv\n":              `recipes: f.yaml:2:3: the key "name" in data: only a named data set has a name`,
		"data:\n  kind: csv\n  files:\n    pth: x\n":     `recipes: f.yaml:4:5: unknown key "pth" in files; did you mean "path"?`,
		"data:\n  kind: csv\n  files:\n    task: rank\n": `recipes: f.yaml:4:11: task: unknown task "rank"`,
	} {
		if _, err := Parse(strings.NewReader(text), "f.yaml"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	r, err := Parse(strings.NewReader("base: files-grit\ndata:\n  files:\n    path: e.csv\n    nodes: n.csv\n  kind: graphs\n"), "f.yaml")
	if err != nil || r.Data.Files.IDColumn != "id" || r.Data.Files.Nodes != "n.csv" || r.Validate() != nil || r.Data.Title() != "e.csv" {
		t.Errorf("%+v, %v, %v", r.Data, err, r.Validate())
	}
}

// TestValidateFiles: settings of files are refused by their paths.
func TestValidateFiles(t *testing.T) {
	for setting, want := range map[string]string{
		"data.files.path=":             "recipes: data.files.path: no file",
		"data.protocol=errica":         "recipes: data.protocol: errica: files are split by random, scaffold",
		"data.files.features=x":        "recipes: data.files.features: unknown features",
		"data.test=-1":                 "recipes: data.test: -1: want a number of graphs",
		"loss=l2":                      `recipes: loss: unknown loss "l2"`,
		"metric=rms":                   `recipes: metric: unknown metric "rms"`,
		"data.files.nodes=n.csv":       "recipes: data.files.nodes: a table of nodes belongs to one of edges",
		"data.files.targetColumn=a,,b": "recipes: data.files.targetColumn: ",
	} {
		err := own(t, setting).Validate()
		var bad *SettingError
		if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", setting, err, want)
		}
	}
	// What does not fit the task is found when the files are read.
	dir := table(t, "y", func(i int) string { return fmt.Sprint(i % 2) })
	for setting, want := range map[string]string{
		"loss=l1":       "recipes: loss: l1 does not fit graph classification with 1 outputs: want weighted-cross-entropy or binary-cross-entropy",
		"metric=rmse":   "recipes: metric: rmse does not measure graph classification",
		"model.heads=3": "recipes: model: heads 3 do not divide width 8",
	} {
		if _, err := own(t, "data.files.task=classification", setting).Plan(context.Background(), dir); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", setting, err, want)
		}
	}
	if task, err := own(t).Data.Task(); err != nil || task != datasets.GraphRegression {
		t.Errorf("task %v, %v", task, err)
	}
}

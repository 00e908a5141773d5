package recipes

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// freesolv writes a table with as many rows as FreeSolv has, whose targets are the
// lengths of alkanes times ten and a hundred more.
func freesolv(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	text := "iupac,smiles,expt,calc\n"
	for i := range 642 {
		text += fmt.Sprintf("\"n, %d\",%s,%d,0\n", i, strings.Repeat("C", i%7+1), 100+10*(i%7+1))
	}
	if err := os.WriteFile(filepath.Join(dir, "SAMPL.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestStandardised: a model learns targets of mean 0 and deviation 1, and all that is
// reported is in the units of the data, in training and when the run is opened.
func TestStandardised(t *testing.T) {
	dir := freesolv(t)
	r := FreeSolvGRIT()
	for _, s := range []string{"data.train=70", "data.val=14", "data.test=14", "data.protocol=random", "model.layers=1", "model.width=8",
		"model.heads=2", "model.steps=4", "schedule.warmup=0", "train.epochs=2", "train.batchSize=16"} {
		path, value, _ := strings.Cut(s, "=")
		if err := r.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	p, err := r.Plan(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if s := p.Schema; s == nil || len(s.Targets) != 1 || math.Abs(s.Targets[0].Mean-140) > 10 || math.Abs(s.Targets[0].SD-20) > 3 {
		t.Fatalf("the schema is %+v", s)
	}
	var all []float64
	each(t, p.Task.Train, func(y *tensor.Tensor) {
		for _, v := range y.Data() {
			all = append(all, float64(v))
		}
	})
	mean, square := 0.0, 0.0
	for _, v := range all {
		mean, square = mean+v/70, square+v*v/70
	}
	if len(all) != 70 || math.Abs(mean) > 1e-5 || math.Abs(square-1) > 1e-5 {
		t.Errorf("%d targets of mean %v and mean square %v, want 70, 0 and 1", len(all), mean, square)
	}
	p.Options.Dir = filepath.Join(t.TempDir(), "run")
	result, err := train.Fit(ctx, p.Task, p.Options)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(p.Options.Dir, "best")
	if err != nil {
		t.Fatal(err)
	}
	task, err := opened.Task(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	square = 0
	err = train.Predict(ctx, opened.Model, task.Test, 5, func(_ int, b nn.Batch, pred *tensor.Tensor) error {
		for i, y := range b.Targets().Data() {
			target := p.Schema.Targets[0]
			d := opened.Schema.Predict(pred.Row(i))[0].Value - (float64(y)*target.SD + target.Mean)
			square += d * d / 14
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := result.Test.Value("rmse"), math.Sqrt(square); math.Abs(got-want) > 1e-4*want || want < 1 {
		t.Errorf("training reports %v, the predictions are %v off", got, want)
	}
	if more := task.MoreMetrics; len(more) != 1 || more[0].Name() != "mae" {
		t.Errorf("beside it are reported %v", more)
	}
	if err := os.Remove(filepath.Join(p.Options.Dir, train.SchemaName)); err != nil {
		t.Fatal(err)
	}
	if again, err := Open(p.Options.Dir, "best"); err != nil || again.Schema == nil {
		t.Errorf("without its schema beside it the checkpoint gives %v", err)
	}
}

// each hands on the targets of the batches of a split.
func each(t *testing.T, data train.Data, do func(y *tensor.Tensor)) {
	t.Helper()
	for i := range data.Len() {
		b, err := data.Prepare([]int{i})
		if err != nil {
			t.Fatal(err)
		}
		do(b.Targets())
	}
}

// TestStandardiseRefuses: classes have no deviation, and a run keeps to its targets.
func TestStandardiseRefuses(t *testing.T) {
	r := BBBPGRIT()
	r.Data.Standardise = true
	if err := r.Validate(); err == nil || err.Error() != "recipes: data.standardise: true: bbbp has no numbers to predict, only classes" {
		t.Errorf("classes: %v", err)
	}
	if slices.Contains(leafPaths(FILESGRIT()), "data.standardise") {
		t.Error("files have the setting, which does nothing there")
	}
	same := FILESGRIT()
	if err := same.Set("data.standardise", "true"); err == nil || !strings.Contains(err.Error(), "numbers of files always are standardised") {
		t.Errorf("files: %v", err)
	}
	set := &datasets.Set{Name: "x", Train: datasets.Slice{}, Info: datasets.Info{Targets: 1}}
	if _, err := targetsOf(set); err == nil || !strings.Contains(err.Error(), "no training graph has target y") {
		t.Errorf("no graphs: %v", err)
	}
}

func leafPaths(r Recipe) []string {
	var paths []string
	for _, s := range r.Settings() {
		paths = append(paths, s.Path)
	}
	return paths
}

package recipes

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// tiny is a recipe that trains in a moment.
func tiny() Recipe {
	r := CSLGRIT()
	r.Model.GRIT.Layers, r.Model.GRIT.Width, r.Model.GRIT.Heads, r.Model.GRIT.Steps = 1, 8, 2, 4
	r.Data.Train, r.Data.Val, r.Data.Test = 20, 10, 10
	r.Train.Epochs, r.Train.BatchSize, r.Schedule.Warmup, r.Optim.LR = 2, 10, 0, 1e-3
	return r
}

// trainInto trains a recipe in a folder.
func trainInto(t *testing.T, r Recipe, dir string) *train.Result {
	t.Helper()
	task, options, err := r.Build(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	options.Dir = dir
	result, err := train.Fit(context.Background(), task, options)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	result := trainInto(t, tiny(), dir)
	trained, err := Open(dir, "best")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(trained.Recipe, tiny()) || trained.Summary.Epoch != result.BestEpoch {
		t.Errorf("got %+v of epoch %d, want epoch %d", trained.Recipe, trained.Summary.Epoch, result.BestEpoch)
	}
	task, err := trained.Recipe.Task(context.Background(), "", trained.Model)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := train.Evaluate(context.Background(), task.Model, task.Test, task.Loss, []train.Metric{task.Metric}, trained.Recipe.Train.EvalBatchSize)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(scores, result.Test) {
		t.Errorf("measured again: %v, in training: %v", scores, result.Test)
	}
	r, text, err := OpenConfig(dir)
	if err != nil || string(text) != string(r.Marshal()) {
		t.Errorf("%v, the configuration is\n%s\nwant\n%s", err, text, r.Marshal())
	}
	last, err := Open(dir, "last")
	if err != nil || last.Summary.Epoch != 2 {
		t.Errorf("last: %+v, %v", last, err)
	}
}

func TestOpenErrors(t *testing.T) {
	root := t.TempDir()
	dir, other := filepath.Join(root, "run"), filepath.Join(root, "other")
	trainInto(t, tiny(), dir)
	r := tiny()
	r.Optim.LR, r.Data.Fold = 2e-3, 1
	trainInto(t, r, other)
	wants := func(checkpoint, want string) {
		t.Helper()
		if _, err := Open(dir, checkpoint); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	wants("bst", `recipes: unknown checkpoint "bst"; did you mean "best"? (known: best, last)`)
	copyFile(t, filepath.Join(other, train.BestName), filepath.Join(dir, train.BestName))
	wants("best", "was saved with another configuration than config.yaml beside it: data.fold is 1 there, 0 here, optim.lr is 0.002 there, 0.001 here")
	if err := os.Remove(filepath.Join(dir, train.BestName)); err != nil {
		t.Fatal(err)
	}
	wants("best", "does not exist, no epoch of the run has ended yet; take the last checkpoint instead")
	if err := os.Remove(filepath.Join(dir, train.ConfigName)); err != nil {
		t.Fatal(err)
	}
	wants("last", "is not a run folder: it has no config.yaml")
	if err := os.WriteFile(filepath.Join(dir, train.ConfigName), []byte("model: {heads: 3, width: 8}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	wants("last", "heads 3 do not divide width 8")
	if err := os.WriteFile(filepath.Join(dir, train.ConfigName), []byte("modle: 1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	wants("last", `config.yaml:1:1: unknown key "modle"`)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestVocabulary holds that types beyond the model's vocabulary are found when the
// data is loaded, not in the middle of an epoch.
func TestVocabulary(t *testing.T) {
	good := graphs.Undirected(2, [][2]int{{0, 1}})
	good.NodeTypes, good.EdgeTypes, good.Target, good.ID = []int32{0, 1}, []int32{1, 1}, []float32{1}, "good"
	bad := good.Clone()
	bad.NodeTypes[1], bad.ID = 7, "bad"
	set, err := datasets.New("mine", []*graphs.Graph{good}, []*graphs.Graph{good, bad}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		config grit.Config
		want   string
	}{
		{grit.Config{NodeTypes: 8, EdgeTypes: 2}, ""},
		{grit.Config{NodeTypes: 2, EdgeTypes: 2}, `recipes: mine: split val: item 1: graphs: graph "bad": node type 1: 7 (node 1, column 0) is beyond the vocabulary of 2`},
		{grit.Config{NodeTypes: 8, EdgeTypes: 1}, `recipes: mine: split train: item 0: graphs: graph "good": edge type 0: 1 (edge 0, column 0) is beyond the vocabulary of 1`},
		{grit.Config{NodeTypes: 2, EdgeEncoder: grit.DummyEdges, NodeEncoder: grit.LinearNodes, NodeFeatures: 1}, ""},
	} {
		m := Model{GRIT: test.config}
		err := m.architecture().check(set)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%+v:\n got %v\nwant %s", test.config, err, test.want)
		}
	}
}

// TestBuildErrors holds what a recipe is refused with.
func TestBuildErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := tiny().Build(ctx, ""); err != context.Canceled {
		t.Errorf("a cancelled context: %v", err)
	}
	r := tiny()
	r.Train.BatchSize = 0
	if _, _, err := r.Build(context.Background(), ""); err == nil || err.Error() != "recipes: train.batchSize: 0: want at least 1, the number of graphs a step" {
		t.Errorf("batch size 0: %v", err)
	}
	if _, _, err := ZINCGRIT().Build(context.Background(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "no train.jsonl.gz in any of") {
		t.Errorf("no data: %v", err)
	}
}

// TestPresetsBuild makes every generated preset and one batch of it, and looks at
// the number of parameters that the paper's code has.
func TestPresetsBuild(t *testing.T) {
	for name, parameters := range map[string]int{"pattern-grit": 477953, "cluster-grit": 431670, "zinc-grit": 473473} {
		r, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "zinc-grit" {
			m, err := r.Model.New(1)
			if err != nil || nn.Collect(m).Count() != parameters {
				t.Errorf("%s: %v, %d parameters, want %d", name, err, nn.Collect(m).Count(), parameters)
			}
			continue
		}
		task, options, err := r.Build(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		if n := nn.Collect(task.Model).Count(); n != parameters {
			t.Errorf("%s: %d parameters, want %d", name, n, parameters)
		}
		batch, err := task.Train.Prepare([]int{0, 1})
		if err != nil {
			t.Fatal(err)
		}
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{})
		loss := task.Loss.Loss(tp, task.Model.Forward(tp, batch), batch.Targets())
		if v := loss.Value().Data()[0]; !(v > 0 && v < 10) {
			t.Errorf("%s: a first loss of %v", name, v)
		}
		if f := options.Schedule.Factor(5); f != 1 {
			t.Errorf("%s: factor %v after the warm-up", name, f)
		}
	}
}

// TestSchedules holds that settings reach the options of training.
func TestSchedules(t *testing.T) {
	r := tiny()
	for _, test := range []struct {
		kind   ScheduleKind
		warmup int
		floor  float64
		want   float64 // factor of epoch 1 of 2
	}{{Cosine, 0, 0, 0.5}, {Cosine, 0, 0.2, 0.6}, {Linear, 0, 0, 0.5}, {Constant, 0, 0, 1}, {Cosine, 1, 0, 1}} {
		r.Schedule = Schedule{Kind: test.kind, Warmup: test.warmup, Floor: test.floor}
		if err := r.Validate(); err != nil {
			t.Errorf("%+v: %v", test, err)
		}
		if f := r.options().Schedule.Factor(1); f < test.want-1e-12 || f > test.want+1e-12 {
			t.Errorf("%+v: factor %v", test, f)
		}
	}
	r.Train.CheckpointSeconds = 0
	if o := r.options(); o.CheckpointInterval >= 0 {
		t.Errorf("checkpoints every %v", o.CheckpointInterval)
	}
}

package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train/checkpoint"
)

// stopped returns the folder of a run that was stopped after 12 steps, with a best epoch and half an epoch done.
func stopped(t *testing.T) string {
	t.Helper()
	task, o := toyTask(), toyOptions(t.TempDir())
	o.Hooks = stopAfter(12)
	if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
		t.Fatal(err)
	}
	return o.Dir
}

// rewrite changes a checkpoint into another that is well formed too.
func rewrite(t *testing.T, dir, name string, change func(*checkpoint.State)) {
	t.Helper()
	d := checkpoint.Dir{Path: dir}
	s, _, err := d.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	change(s)
	if err := d.Save(name, s); err != nil {
		t.Fatal(err)
	}
}

func without(name string) func(*checkpoint.State) {
	return func(s *checkpoint.State) {
		s.Tensors = slices.DeleteFunc(s.Tensors, func(n checkpoint.Named) bool { return n.Name == name })
	}
}

// TestLyingCheckpoint: a checkpoint that is a valid file but not the state of this run is refused with a reason.
func TestLyingCheckpoint(t *testing.T) {
	dir := stopped(t)
	keep, err := os.ReadFile(filepath.Join(dir, LastName))
	if err != nil {
		t.Fatal(err)
	}
	replace := func(name string, x *tensor.Tensor) func(*checkpoint.State) {
		return func(s *checkpoint.State) {
			without(name)(s)
			s.Tensors = append(s.Tensors, checkpoint.Named{Name: name, Tensor: x})
		}
	}
	for _, c := range []struct {
		change func(*checkpoint.State)
		want   string
	}{
		{func(s *checkpoint.State) { s.Meta[kindKey] = bestKind }, `the checkpoint is of kind "best"`},
		{func(s *checkpoint.State) { delete(s.Meta, kindKey) }, `the checkpoint is of kind ""`},
		{func(s *checkpoint.State) { delete(s.Meta, optionsKey) }, "the options in the checkpoint cannot be read"},
		{func(s *checkpoint.State) { s.Meta[optionsKey] = "[]" }, "Epochs is now 8 and was not recorded"},
		{func(s *checkpoint.State) { s.Meta[progressKey] = "{" }, "the progress in the checkpoint cannot be read"},
		{func(s *checkpoint.State) { s.Meta[progressKey] = `{"epoch":2,"batch":3,"step":7}` }, "is none of a run of 8 epochs of 5 steps"},
		{func(s *checkpoint.State) { s.Meta[progressKey] = `{"epoch":-1,"step":-5}` }, "is none of a run"},
		{without("model.out.bias"), "missing: out.bias"},
		{without("optim.steps"), "optim.steps: missing"},
		{without("train.meter.mae"), "the checkpoint lacks train.meter.mae"},
		{without(normsName), "the checkpoint lacks " + normsName},
		{replace("train.meter.rmse", tensor.New(7, 2)), "the state of metric rmse has 7 numbers"},
		{replace("train.meter.rmse", tensor.New(2)), "the checkpoint lacks train.meter.rmse"},
		{replace(lossesName, tensor.New(3, 2)), lossesName + " in the checkpoint is no window of 128 steps"},
		{replace("model.extra", tensor.New(3)), "unexpected: extra"},
		{replace("begin.model.out.bias", tensor.New(1)), "the state at the epoch's beginning"},
	} {
		if err := os.WriteFile(filepath.Join(dir, LastName), keep, 0o644); err != nil {
			t.Fatal(err)
		}
		rewrite(t, dir, checkpoint.Last, c.change)
		if _, err := Resume(context.Background(), toyTask(), toyOptions(""), dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

// TestLyingBest: a best file of other tensors is refused, one of an earlier epoch is not taken for the best.
func TestLyingBest(t *testing.T) {
	dir := stopped(t)
	rewrite(t, dir, checkpoint.Best, without("model.out.bias"))
	if _, err := Resume(context.Background(), toyTask(), toyOptions(""), dir); err == nil || !strings.Contains(err.Error(), BestName) || !strings.Contains(err.Error(), "missing: out.bias") {
		t.Errorf("error %v", err)
	}
	for name, change := range map[string]func(*checkpoint.State){
		"epoch":   func(s *checkpoint.State) { s.Meta[summaryKey] = `{"epoch":1}` },
		"summary": func(s *checkpoint.State) { s.Meta[summaryKey] = `{` },
	} {
		dir := stopped(t)
		rewrite(t, dir, checkpoint.Best, change)
		lost := false
		o := toyOptions("")
		o.Hooks.OnWarning = func(w Warning) error {
			lost = lost || w.Kind == BestLost
			return nil
		}
		if r, err := Resume(context.Background(), toyTask(), o, dir); err != nil || !lost || r.BestEpoch < 3 {
			t.Errorf("%s: result %+v, error %v, told: %v", name, r, err, lost)
		}
	}
}

// TestCompleteRunWithoutBest: even then there is a result, that of the last epoch.
func TestCompleteRunWithoutBest(t *testing.T) {
	task, o := toyTask(), toyOptions(t.TempDir())
	o.LR, o.Schedule = 0.5, half{} // learns badly, so that the last epoch is not the best
	r, err := Fit(context.Background(), task, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.BestEpoch == o.Epochs {
		t.Fatal("the last epoch is the best: choose another learning rate for this test")
	}
	if err := os.Remove(filepath.Join(o.Dir, BestName)); err != nil {
		t.Fatal(err)
	}
	r, err = Resume(context.Background(), task, o, o.Dir)
	if err != nil || r.BestEpoch != o.Epochs || !r.Test.Has("mae") {
		t.Errorf("result %+v, error %v", r, err)
	}
	sum, err := LoadWeights(filepath.Join(o.Dir, BestName), newToyModel(1))
	if err != nil || sum.Epoch != o.Epochs || sum.Val.String() != r.Val.String() {
		t.Errorf("summary %+v, error %v", sum, err)
	}
}

// TestOtherKernels: a run that goes on with other vector instructions says that its bits are others.
func TestOtherKernels(t *testing.T) {
	dir := stopped(t)
	rewrite(t, dir, checkpoint.Last, func(s *checkpoint.State) { s.Meta[levelKey] = "abacus" })
	text := ""
	o := toyOptions("")
	o.Hooks = JoinHooks(Hooks{OnWarning: func(w Warning) error {
		if w.Kind == OtherKernels {
			text = w.Text
		}
		return nil
	}})
	if _, err := Resume(context.Background(), toyTask(), o, dir); err != nil || !strings.Contains(text, "abacus") {
		t.Errorf("warning %q, error %v", text, err)
	}
	dir = stopped(t)
	rewrite(t, dir, checkpoint.Last, func(s *checkpoint.State) { s.Meta[levelKey] = "abacus" })
	o.Hooks = Hooks{OnWarning: func(Warning) error { return errHook }}
	if _, err := Resume(context.Background(), toyTask(), o, dir); !errors.Is(err, errHook) {
		t.Errorf("error %v, want that of the hook", err)
	}
}

func TestLoadWeights(t *testing.T) {
	dir := stopped(t)
	for name, epoch := range map[string]int{LastName: 2, BestName: 2} {
		if sum, err := LoadWeights(filepath.Join(dir, name), newToyModel(1)); err != nil || sum.Epoch != epoch || string(sum.Config) != "toy: 1\n" {
			t.Errorf("%s: %+v, %v", name, sum, err)
		}
	}
	m := newToyModel(2)
	before := bitsOf(m)
	if _, err := LoadWeights(filepath.Join(dir, BestName), m); err == nil || !strings.Contains(err.Error(), "out.weight is [1 12] in the checkpoint, [2 12] in the model") || bitsOf(m) != before {
		t.Errorf("error %v", err)
	}
	if _, err := LoadWeights(filepath.Join(dir, "none"), m); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	rewrite(t, dir, checkpoint.Best, func(s *checkpoint.State) { s.Meta = nil })
	if _, err := LoadWeights(filepath.Join(dir, BestName), m); err == nil || !strings.Contains(err.Error(), "the file is no checkpoint of a training run") {
		t.Errorf("error %v", err)
	}
}

// TestFolderVanishes: a run that cannot save any more ends and says why.
func TestFolderVanishes(t *testing.T) {
	for name, step := range map[string]int{"within an epoch": 7, "at the end of an epoch": 10} {
		task, o := toyTask(), toyOptions(filepath.Join(t.TempDir(), "run"))
		o.CheckpointSteps = 3
		o.Hooks.OnStep = func(s StepInfo) error {
			if s.Step == step {
				return os.RemoveAll(o.Dir)
			}
			return nil
		}
		if _, err := Fit(context.Background(), task, o); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), o.Dir) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestCheckpointTimes counts the checkpoints within an epoch.
func TestCheckpointTimes(t *testing.T) {
	for _, c := range []struct {
		change func(*Options)
		want   []int // steps with a checkpoint, of the first two epochs
	}{
		{func(*Options) {}, []int{5}},
		{func(o *Options) { o.CheckpointSteps = 2 }, []int{2, 4, 5, 7, 9}},
		{func(o *Options) { o.CheckpointInterval = 1 }, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{func(o *Options) { o.CheckpointInterval = -1 }, []int{5}},
	} {
		task, o := toyTask(), toyOptions(t.TempDir())
		c.change(&o)
		var got []int
		seen := 0
		look := func(int) {
			s, err := checkpoint.Read(filepath.Join(o.Dir, LastName))
			if err != nil {
				t.Fatal(err)
			}
			var at progress
			if err := json.Unmarshal([]byte(s.Meta[progressKey]), &at); err != nil {
				t.Fatal(err)
			}
			if at.Step != seen {
				got = append(got, at.Step)
				seen = at.Step
			}
		}
		o.Hooks.OnStep = func(s StepInfo) error {
			look(s.Step)
			if s.Step == 2*toySteps {
				return errHook
			}
			return nil
		}
		if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
			t.Fatal(err)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("checkpoints at steps %v, want %v", got, c.want)
		}
	}
}

// brokenReducer fails at a step, as a network would.
type brokenReducer struct{ calls *int }

func (b brokenReducer) reduce(*gradient, []nn.Named, func(*tensor.Tensor) []float32) error {
	if *b.calls++; *b.calls == 7 {
		return errHook
	}
	return nil
}

// TestReduceError: the state that is saved is that before the step that could not be reduced.
func TestReduceError(t *testing.T) {
	want := whole(t, nil)
	task, o := toyTask(), toyOptions(t.TempDir())
	r, err := newRun(task, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.folder, err = createFolder(o.Dir); err != nil {
		t.Fatal(err)
	}
	if err := r.saveFirst(); err != nil {
		t.Fatal(err)
	}
	r.learner.reduce = brokenReducer{new(int)}
	if _, err = r.train(context.Background(), false); !errors.Is(err, errHook) || !strings.Contains(err.Error(), "epoch 2, step 7") {
		t.Fatalf("error %v", err)
	}
	r.folder.close()
	resumeToy(t, o.Dir, nil).mustEqual(t, want)
}

// TestRankingInCheckpoints: a metric that keeps all scores survives the file too.
func TestRankingInCheckpoints(t *testing.T) {
	change := func(task *Task, _ *Options) {
		for _, s := range task.splits() {
			y := s.data.(*toyData).y.Data()
			for i := range y {
				if y[i] = float32(math.Round(float64(y[i]))); y[i] > 0 {
					y[i] = 1
				} else {
					y[i] = 0
				}
			}
		}
		task.Loss, task.Metric, task.MoreMetrics = nn.BinaryCrossEntropy{}, AveragePrecision{}, []Metric{ROCAUC{}, Accuracy{}, WeightedAccuracy{}}
	}
	want := whole(t, change)
	for _, step := range []int{3, 5, 11} {
		task, o := toyTask(), toyOptions(t.TempDir())
		change(&task, &o)
		o.Hooks = stopAfter(step)
		if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
			t.Fatal(err)
		}
		resumeToy(t, o.Dir, change).mustEqual(t, want)
	}
}

func TestDirections(t *testing.T) {
	got := ""
	for _, m := range allMetrics() {
		got += fmt.Sprintf("%s %v, ", m.Name(), m.HigherIsBetter())
	}
	if want := "mae false, rmse false, accuracy true, accuracy-SBM true, ap true, rocauc true, "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

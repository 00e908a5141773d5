package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
)

const allSteps = 8 * toySteps

// resumeToy resumes the toy run in dir with a model of other weights than it was begun with.
func resumeToy(t *testing.T, dir string, change func(*Task, *Options)) outcome {
	t.Helper()
	task, o := toyTask(), toyOptions("")
	m := task.Model.(*toyModel)
	m.hidden.Weight.Fill(3)
	m.norm.RunningMean.Fill(4)
	if change != nil {
		change(&task, &o)
	}
	r, err := Resume(context.Background(), task, o, dir)
	if err != nil {
		t.Fatal(err)
	}
	return outcomeOf(t, dir, m, r)
}

// TestCancelAnywhere cancels the run of 40 steps at each of them and resumes it.
func TestCancelAnywhere(t *testing.T) {
	want := whole(t, nil)
	for step := 0; step <= allSteps; step++ {
		task, o := toyTask(), toyOptions(t.TempDir())
		ctx, h := cancelAfter(step)
		o.Hooks = h
		_, err := Fit(ctx, task, o)
		if !errors.Is(err, ErrInterrupted) || !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled at step %d: error %v", step, err)
		}
		if !strings.Contains(err.Error(), "resume the run in "+o.Dir) {
			t.Fatalf("the error does not say how to go on: %v", err)
		}
		var at int
		task, o.Hooks = toyTask(), Hooks{OnStart: func(s StartInfo) error {
			at = s.StepsDone
			return nil
		}}
		r, err := Resume(context.Background(), task, o, o.Dir)
		if err != nil {
			t.Fatalf("resumed at step %d: %v", step, err)
		}
		if at != step {
			t.Errorf("cancelled at step %d, resumed at %d", step, at)
		}
		outcomeOf(t, o.Dir, task.Model, r).mustEqual(t, want)
		if t.Failed() {
			t.Fatalf("cancelled at step %d", step)
		}
	}
}

// TestResumeAgainAndAgain does three steps in each of many sessions.
func TestResumeAgainAndAgain(t *testing.T) {
	want := whole(t, nil)
	task, o := toyTask(), toyOptions(t.TempDir())
	o.Hooks = stopAfter(3)
	_, err := Fit(context.Background(), task, o)
	for step := 6; errors.Is(err, errHook); step += 3 {
		task, o.Hooks = toyTask(), stopAfter(step)
		_, err = Resume(context.Background(), task, o, o.Dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	resumeToy(t, o.Dir, nil).mustEqual(t, want) // of a complete run: its result again
}

// TestEvaluationInterrupted cancels while an epoch is being evaluated, and while the final test is.
func TestEvaluationInterrupted(t *testing.T) {
	want := whole(t, nil)
	for _, where := range []string{"val", "test"} {
		t.Run(where, func(t *testing.T) {
			task, o := toyTask(), toyOptions(t.TempDir())
			ctx, cancel := context.WithCancel(context.Background())
			calls := 0
			interrupt := func([]int) error {
				if calls++; calls == 2 {
					cancel()
				}
				return nil
			}
			if where == "val" {
				task.Val.(*toyData).prepare = interrupt
			} else {
				task.Test.(*toyData).prepare = interrupt
			}
			if _, err := Fit(ctx, task, o); !errors.Is(err, ErrInterrupted) {
				t.Fatalf("error %v", err)
			}
			resumeToy(t, o.Dir, nil).mustEqual(t, want)
		})
	}
}

// TestDataError: what Prepare returns ends the run with the place, and after a repair the run goes on.
func TestDataError(t *testing.T) {
	want := whole(t, nil)
	task, o := toyTask(), toyOptions(t.TempDir())
	bad := errors.New("graphs.jsonl:14: node 7 of 5")
	calls := 0
	task.Train.(*toyData).prepare = func([]int) error {
		if calls++; calls == 13 {
			return bad
		}
		return nil
	}
	_, err := Fit(context.Background(), task, o)
	if !errors.Is(err, bad) || !strings.Contains(err.Error(), "epoch 3, step 13: prepare items [") {
		t.Fatalf("error %v", err)
	}
	resumeToy(t, o.Dir, nil).mustEqual(t, want)
}

// TestDamagedLast: a checkpoint that cannot be read is passed over for the one before.
func TestDamagedLast(t *testing.T) {
	want := whole(t, nil)
	for _, stop := range []int{3, 12, 25, 31, 40} {
		task, o := toyTask(), toyOptions(t.TempDir())
		o.Hooks, o.CheckpointSteps = stopAfter(stop), 4
		if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
			t.Fatal(err)
		}
		last := filepath.Join(o.Dir, LastName)
		data, err := os.ReadFile(last)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)-100] ^= 1
		if err := os.WriteFile(last, data, 0o644); err != nil {
			t.Fatal(err)
		}
		var warnings []Warning
		got := resumeToy(t, o.Dir, func(_ *Task, o *Options) {
			o.Hooks.OnWarning = func(w Warning) error {
				warnings = append(warnings, w)
				return nil
			}
		})
		got.mustEqual(t, want)
		if len(warnings) == 0 || warnings[0].Kind != OlderCheckpoint || !strings.Contains(warnings[0].Text, olderName) {
			t.Errorf("warnings %v", warnings)
		}
		if t.Failed() {
			t.Fatalf("stopped at step %d", stop)
		}
	}
}

// TestKilledBetweenFiles: the best file of an epoch is written after its last checkpoint; without it nothing is lost.
func TestKilledBetweenFiles(t *testing.T) {
	want := whole(t, nil)
	for _, damage := range []string{"older", "missing", "damaged"} {
		task, o := toyTask(), toyOptions(t.TempDir())
		best := filepath.Join(o.Dir, BestName)
		var before []byte
		epoch := 0
		o.Hooks.OnEpoch = func(e EpochInfo) error {
			if e.Epoch > 2 && e.Best {
				epoch = e.Epoch
				return errHook
			}
			var err error
			before, err = os.ReadFile(best)
			return err
		}
		if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
			t.Fatal(err)
		}
		switch damage {
		case "missing":
			os.Remove(best)
		case "damaged":
			before = before[:len(before)/2]
			fallthrough
		case "older":
			if err := os.WriteFile(best, before, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		resumeToy(t, o.Dir, nil).mustEqual(t, want)
		if t.Failed() {
			t.Fatalf("%s best file at epoch %d", damage, epoch)
		}
	}
}

// TestBestLost: where the best weights are gone for good the run says so and chooses anew.
func TestBestLost(t *testing.T) {
	task, o := toyTask(), toyOptions(t.TempDir())
	o.Hooks = stopAfter(12)
	if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(o.Dir, BestName)); err != nil {
		t.Fatal(err)
	}
	var kinds []WarningKind
	task, o.Hooks = toyTask(), Hooks{OnWarning: func(w Warning) error {
		kinds = append(kinds, w.Kind)
		return nil
	}}
	r, err := Resume(context.Background(), task, o, o.Dir)
	if err != nil || len(kinds) != 1 || kinds[0] != BestLost || r.BestEpoch < 3 {
		t.Errorf("result %+v, error %v, warnings %v", r, err, kinds)
	}
	mustExist(t, filepath.Join(o.Dir, BestName))
}

// TestLogRepair: lines beyond the checkpoint and half lines are cut, missing lines reported.
func TestLogRepair(t *testing.T) {
	want := whole(t, nil)
	task, o := toyTask(), toyOptions(t.TempDir())
	o.Hooks = stopAfter(17)
	if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
		t.Fatal(err)
	}
	path := filepath.Join(o.Dir, LogName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	longer := string(text) + `{"epoch":4,"step":20}` + "\n" + `{"epoch":5,"st`
	if err := os.WriteFile(path, []byte(longer), 0o644); err != nil {
		t.Fatal(err)
	}
	resumeToy(t, o.Dir, nil).mustEqual(t, want)

	if err := os.WriteFile(path, text[:len(text)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	var warned bool
	resumeToy(t, o.Dir, func(_ *Task, o *Options) {
		o.Hooks.OnWarning = func(w Warning) error {
			warned = warned || w.Kind == LogIncomplete
			return nil
		}
	})
	if !warned {
		t.Error("missing lines were not reported")
	}
	if err := os.WriteFile(path, []byte("hello\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	task = toyTask()
	if _, err := Resume(context.Background(), task, toyOptions(""), o.Dir); err == nil || !strings.Contains(err.Error(), LogName+":1: not a line of a training log") {
		t.Errorf("error %v", err)
	}
}

// TestNoCheckpointYet: a run killed before its first checkpoint starts from the beginning.
func TestNoCheckpointYet(t *testing.T) {
	want := whole(t, nil)
	dir := t.TempDir()
	f, err := createFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.close()
	var kinds []WarningKind
	task, o := toyTask(), toyOptions("")
	o.Hooks.OnWarning = func(w Warning) error {
		kinds = append(kinds, w.Kind)
		return nil
	}
	r, err := Resume(context.Background(), task, o, dir)
	if err != nil {
		t.Fatal(err)
	}
	outcomeOf(t, dir, task.Model, r).mustEqual(t, want)
	if len(kinds) != 1 || kinds[0] != NoCheckpoint {
		t.Errorf("warnings %v", kinds)
	}
}

// TestResumeRefuses: a run is resumed as it was begun or not at all, and all differences are named.
func TestResumeRefuses(t *testing.T) {
	task, o := toyTask(), toyOptions(t.TempDir())
	o.Hooks = stopAfter(7)
	if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*Task, *Options)
		want   []string
	}{
		{"rate and epochs", func(_ *Task, o *Options) { o.LR, o.Epochs = 0.5, 9 }, []string{"LR was 0.02 and is now 0.5", "Epochs was 8 and is now 9"}},
		{"seed", func(_ *Task, o *Options) { o.Seed = 8 }, []string{"Seed was 7 and is now 8"}},
		{"schedule", func(_ *Task, o *Options) { o.Schedule = optim.Cosine{Warmup: 3, Epochs: 8} }, []string{"Schedule was optim.Cosine with"}},
		{"every step", func(_ *Task, o *Options) { o.EveryStep = true }, []string{"and is now optim.Cosine with factors of hash", ", every step"}},
		{"no schedule", func(_ *Task, o *Options) { o.Schedule = nil }, []string{"Schedule was optim.Cosine with"}},
		{"batch", func(_ *Task, o *Options) { o.BatchSize = 4 }, []string{"BatchSize was 8 and is now 4"}},
		{"schema", func(_ *Task, o *Options) { o.Schema = nil }, []string{`Schema: line 1 was "{\"classes\": 2}" and is now ""`}},
		{"config", func(_ *Task, o *Options) { o.Config = []byte("toy: 2\n") }, []string{`Config: line 1 was "toy: 1" and is now "toy: 2"`}},
		{"data", func(t *Task, _ *Options) { t.Train = newToyData(36, 1) }, []string{"items of the train split was 37 and is now 36"}},
		{"loss and metric", func(t *Task, _ *Options) { t.Loss, t.Metric, t.MoreMetrics = nn.MSE{}, RMSE{}, nil },
			[]string{"Loss was", "Metrics was mae, rmse and is now rmse"}},
		{"model", func(t *Task, _ *Options) { t.Model = newToyModel(2) }, []string{"out.weight is [1 12] in the checkpoint, [2 12] in the model"}},
	} {
		task, other := toyTask(), toyOptions("")
		c.change(&task, &other)
		before := bitsOf(task.Model)
		_, err := Resume(context.Background(), task, other, o.Dir)
		if err == nil {
			t.Errorf("%s: taken", c.name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q lacks %q", c.name, err, want)
			}
		}
		if bitsOf(task.Model) != before {
			t.Errorf("%s: the refused checkpoint changed the model", c.name)
		}
	}
	for dir, want := range map[string]string{
		t.TempDir():                    "holds no run",
		filepath.Join(o.Dir, "none"):   "no such file",
		filepath.Join(o.Dir, LastName): "not a folder",
		filepath.Join(o.Dir, "x\x00y"): "invalid argument",
	} {
		if _, err := Resume(context.Background(), toyTask(), toyOptions(""), dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", dir, err, want)
		}
	}
}

// TestResumeForgives: what does not decide the bits may change.
func TestResumeForgives(t *testing.T) {
	want := whole(t, nil)
	task, o := toyTask(), toyOptions(t.TempDir())
	o.Hooks = stopAfter(7)
	if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
		t.Fatal(err)
	}
	resumeToy(t, o.Dir, func(_ *Task, o *Options) {
		o.CheckpointSteps, o.CheckpointInterval, o.OnNaN = 2, -1, Rollback
	}).mustEqual(t, want)
}

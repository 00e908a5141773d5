package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
)

func TestFitLearns(t *testing.T) {
	task, o := toyTask(), toyOptions(t.TempDir())
	o.Epochs, o.Schedule = 30, nil
	r, err := Fit(context.Background(), task, o)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := ReadLog(filepath.Join(o.Dir, LogName))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != o.Epochs || r.Epochs != o.Epochs || r.Steps != o.Epochs*toySteps || r.Seconds <= 0 {
		t.Fatalf("%d lines in the log, result %+v", len(entries), *r)
	}
	best, at := math.Inf(1), 0
	for i, e := range entries {
		if e.Epoch != i+1 || e.Step != (i+1)*toySteps || e.LR != o.LR {
			t.Errorf("line %d: epoch %d, step %d, rate %v", i+1, e.Epoch, e.Step, e.LR)
		}
		v := e.Val.Value("mae")
		if e.Best != (v < best) {
			t.Errorf("epoch %d: best is %v, validation %v, before %v", e.Epoch, e.Best, v, best)
		}
		if e.Best {
			best, at = v, e.Epoch
		}
		if !(e.GradNormMean > 0 && e.GradNormMax >= e.GradNormMean) || e.Seconds <= 0 || e.ItemsPerSecond <= 0 {
			t.Errorf("epoch %d: %+v", e.Epoch, e)
		}
	}
	if r.BestEpoch != at || r.Val.Value("mae") != best {
		t.Errorf("best epoch %d with %v, the log says %d with %v", r.BestEpoch, r.Val, at, best)
	}
	if first := entries[0].Val.Value("mae"); best > first/2 {
		t.Errorf("validation went from %v to %v only", first, best)
	}
}

// TestSameNumber: what training printed is what a later evaluation of the best file prints, whatever the batches.
func TestSameNumber(t *testing.T) {
	task, o := toyTask(), toyOptions(t.TempDir())
	r, err := Fit(context.Background(), task, o)
	if err != nil {
		t.Fatal(err)
	}
	after := bitsOf(task.Model)
	m := newToyModel(1)
	sum, err := LoadWeights(filepath.Join(o.Dir, BestName), m)
	if err != nil {
		t.Fatal(err)
	}
	if bitsOf(m) != after {
		t.Error("after training the model has other weights than the best file")
	}
	if sum.Epoch != r.BestEpoch || sum.Val.String() != r.Val.String() || string(sum.Config) != string(o.Config) || string(sum.Schema) != string(o.Schema) {
		t.Errorf("summary %+v, result %+v", sum, r)
	}
	for _, batch := range []int{1, 4, 7, 100} {
		for name, s := range map[string]struct {
			data Data
			want Scores
		}{"val": {task.Val, r.Val}, "test": {task.Test, r.Test}} {
			got, err := Evaluate(context.Background(), m, s.data, task.Loss, task.metrics(), batch)
			if err != nil {
				t.Fatal(err)
			}
			for _, metric := range []string{"mae", "rmse"} {
				if got.Value(metric) != s.want.Value(metric) {
					t.Errorf("%s %s in batches of %d: %v, training said %v", name, metric, batch, got.Value(metric), s.want.Value(metric))
				}
			}
			if math.Abs(got.Value("loss")/s.want.Value("loss")-1) > 1e-6 {
				t.Errorf("%s loss in batches of %d: %v, training said %v", name, batch, got.Value("loss"), s.want.Value("loss"))
			}
		}
	}
}

// TestEvaluationLeavesBits: training gives the same weights with and without evaluation in between.
func TestEvaluationLeavesBits(t *testing.T) {
	last := func(change func(*Task, *Options)) string {
		dir := t.TempDir()
		task, o := toyTask(), toyOptions(dir)
		change(&task, &o)
		if _, err := Fit(context.Background(), task, o); err != nil {
			t.Fatal(err)
		}
		m := newToyModel(1)
		if _, err := LoadWeights(filepath.Join(dir, LastName), m); err != nil {
			t.Fatal(err)
		}
		return bitsOf(m)
	}
	without := last(func(task *Task, o *Options) { task.Val, task.Test = nil, nil })
	with := last(func(task *Task, o *Options) {
		o.TestEveryEpoch = true
		o.Hooks.OnStep = func(StepInfo) error {
			_, err := Evaluate(context.Background(), task.Model, task.Val, task.Loss, task.metrics(), 3)
			return err
		}
	})
	if with != without {
		t.Error("evaluation changed what training computes")
	}
}

func TestTestEveryEpoch(t *testing.T) {
	for _, every := range []bool{false, true} {
		task, o := toyTask(), toyOptions(t.TempDir())
		o.TestEveryEpoch = every
		r, err := Fit(context.Background(), task, o)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := ReadLog(filepath.Join(o.Dir, LogName))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if (len(e.Test) > 0) != every {
				t.Errorf("TestEveryEpoch %v: test scores %v in the log", every, e.Test)
			}
			if every && e.Epoch == r.BestEpoch && e.Test.Value("mae") != r.Test.Value("mae") {
				t.Errorf("test at the best epoch %v, result %v", e.Test, r.Test)
			}
		}
	}
}

func TestNothingWritten(t *testing.T) {
	t.Chdir(t.TempDir())
	task, o := toyTask(), toyOptions("")
	r, err := Fit(context.Background(), task, o)
	if err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir("."); len(files) != 0 {
		t.Errorf("a run without a folder wrote %v", files)
	}
	other := toyTask()
	if r2, err := Fit(context.Background(), other, toyOptions(t.TempDir())); err != nil || r2.Test.String() != r.Test.String() || bitsOf(other.Model) != bitsOf(task.Model) {
		t.Errorf("with a folder the result is %v (%v), without %v", r2, err, r)
	}
}

func TestNoEpochs(t *testing.T) {
	task, o := toyTask(), toyOptions(t.TempDir())
	o.Epochs = 0
	before := bitsOf(task.Model)
	for _, run := range []func() (*Result, error){
		func() (*Result, error) { return Fit(context.Background(), task, o) },
		func() (*Result, error) { return Resume(context.Background(), task, o, o.Dir) },
	} {
		r, err := run()
		if err != nil {
			t.Fatal(err)
		}
		if r.BestEpoch != 0 || r.Epochs != 0 || r.Steps != 0 || !r.Val.Has("mae") || !r.Test.Has("mae") || len(r.Train) != 0 {
			t.Errorf("result %+v", *r)
		}
	}
	if bitsOf(task.Model) != before {
		t.Error("a run without epochs changed the model")
	}
	mustExist(t, filepath.Join(o.Dir, BestName))
}

func TestWithoutVal(t *testing.T) {
	task, o := toyTask(), toyOptions(t.TempDir())
	task.Val = nil
	r, err := Fit(context.Background(), task, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.BestEpoch != o.Epochs || len(r.Val) != 0 || !r.Test.Has("mae") {
		t.Errorf("result %+v", *r)
	}
}

// TestSelection: an epoch is better only if the selecting score improves in its direction; NaN never is.
func TestSelection(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		metric  Metric
		a, b    float64
		better  bool
		because string
	}{
		{MAE{}, 1, 2, true, "less is better"}, {MAE{}, 2, 1, false, "more is worse"}, {MAE{}, 1, 1, false, "the first of equals stays"},
		{Accuracy{}, 1, 2, false, "less is worse"}, {Accuracy{}, 2, 1, true, "more is better"}, {Accuracy{}, 1, 1, false, "the first of equals stays"},
		{nil, 1, 2, true, "less loss is better"}, {MAE{}, nan, 2, false, "NaN is never better"}, {MAE{}, 5, nan, true, "anything is better than NaN"},
		{MAE{}, nan, nan, false, "NaN is never better"},
	} {
		task := Task{Metric: c.metric}
		if got := task.better(c.a, c.b); got != c.better {
			t.Errorf("metric %v: %v over %v is %v: %s", c.metric, c.a, c.b, got, c.because)
		}
	}
}

func TestHooks(t *testing.T) {
	var calls []string
	count := map[string]int{}
	log := func(name string) {
		count[name]++
		if len(calls) == 0 || calls[len(calls)-1] != name {
			calls = append(calls, name)
		}
	}
	task, o := toyTask(), toyOptions(t.TempDir())
	o.Epochs = 2
	one := Hooks{
		OnStart: func(s StartInfo) error {
			if s.Parameters != toyIn*toyWidth+toyWidth+2*toyWidth+toyWidth+1 || s.StepsPerEpoch != toySteps || s.Epochs != 2 || s.Resumed || s.Dir != o.Dir {
				t.Errorf("start %+v", s)
			}
			log("start")
			return nil
		},
		OnStep: func(s StepInfo) error {
			items := min(8*s.StepOfEpoch, 37)
			if s.Step != (s.Epoch-1)*toySteps+s.StepOfEpoch || s.EpochItems != items || s.Scores().Value("loss") != s.MeanLoss {
				t.Errorf("step %+v", s)
			}
			log("step")
			return nil
		},
		OnEpoch: func(e EpochInfo) error {
			entries, err := ReadLog(filepath.Join(o.Dir, LogName))
			if err != nil || len(entries) != e.Epoch {
				t.Errorf("when the hook is called the log has %d lines, epoch %d is done (%v)", len(entries), e.Epoch, err)
			}
			mustExist(t, filepath.Join(o.Dir, BestName))
			log("epoch")
			return nil
		},
		OnEnd: func(r *Result) error {
			if r.Epochs != 2 {
				t.Errorf("end %+v", *r)
			}
			log("end")
			return nil
		},
	}
	o.Hooks = JoinHooks(Hooks{}, one, one)
	if _, err := Fit(context.Background(), task, o); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(calls, " "); got != "start step epoch step epoch end" {
		t.Errorf("calls %s", got)
	}
	if count["start"] != 2 || count["step"] != 2*2*toySteps || count["epoch"] != 4 || count["end"] != 2 {
		t.Errorf("counts %v", count)
	}
}

// TestHookErrors: an error of any hook ends the run, comes back, and leaves a state to go on from.
func TestHookErrors(t *testing.T) {
	want := whole(t, nil)
	for name, h := range map[string]Hooks{
		"OnStart": {OnStart: func(StartInfo) error { return errHook }},
		"OnStep":  stopAfter(13),
		"OnEpoch": {OnEpoch: func(e EpochInfo) error {
			if e.Epoch == 3 {
				return errHook
			}
			return nil
		}},
		"OnEnd": {OnEnd: func(*Result) error { return errHook }},
	} {
		t.Run(name, func(t *testing.T) {
			task, o := toyTask(), toyOptions(t.TempDir())
			o.Hooks = JoinHooks(h)
			if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) || !strings.Contains(err.Error(), name) {
				t.Fatalf("error %v", err)
			}
			task, o.Hooks = toyTask(), Hooks{}
			r, err := Resume(context.Background(), task, o, o.Dir)
			if err != nil {
				t.Fatal(err)
			}
			outcomeOf(t, o.Dir, task.Model, r).mustEqual(t, want)
		})
	}
}

// TestLossSelects: without a metric the loss on Val selects.
func TestLossSelects(t *testing.T) {
	task, o := toyTask(), toyOptions("")
	task.Metric, task.MoreMetrics = nil, nil
	best := math.Inf(1)
	o.Hooks.OnEpoch = func(e EpochInfo) error {
		best = min(best, e.Val.Value("loss"))
		return nil
	}
	r, err := Fit(context.Background(), task, o)
	if err != nil || r.Val.Value("loss") != best || len(r.Val) != 1 {
		t.Errorf("result %+v (%v), want loss %v", r, err, best)
	}
}

var _ nn.Model = (*toyModel)(nil)

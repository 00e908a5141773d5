package train

import (
	"context"
	"math"
	"strings"
	"testing"
)

type noRate struct{}

func (noRate) Factor(int) float64 { return math.NaN() }

func TestBadOptions(t *testing.T) {
	for _, c := range []struct {
		change func(*Task, *Options)
		want   string
	}{
		{func(_ *Task, o *Options) { o.BatchSize = 0 }, "BatchSize is 0: choose how many items make a step"},
		{func(_ *Task, o *Options) { o.BatchSize = -3 }, "BatchSize is -3"},
		{func(_ *Task, o *Options) { o.EvalBatchSize = -1 }, "EvalBatchSize is -1"},
		{func(_ *Task, o *Options) { o.Epochs = -1 }, "Epochs is -1"},
		{func(_ *Task, o *Options) { o.CheckpointSteps = -1 }, "CheckpointSteps is -1"},
		{func(_ *Task, o *Options) { o.LR = math.NaN() }, "LR is NaN: choose a finite number above 0"},
		{func(_ *Task, o *Options) { o.LR = -1 }, "LR is -1"},
		{func(_ *Task, o *Options) { o.LR = math.Inf(1) }, "LR is +Inf"},
		{func(_ *Task, o *Options) { o.WeightDecay = -1 }, "WeightDecay is -1"},
		{func(_ *Task, o *Options) { o.Clip = math.NaN() }, "Clip is NaN"},
		{func(_ *Task, o *Options) { o.Eps = -1 }, "Eps is -1"},
		{func(_ *Task, o *Options) { o.Beta1 = 1 }, "Beta1 is 1"},
		{func(_ *Task, o *Options) { o.Beta2 = -0.1 }, "Beta2 is -0.1"},
		{func(_ *Task, o *Options) { o.OnNaN = 3 }, "OnNaN is 3"},
		{func(_ *Task, o *Options) { o.Schedule = noRate{} }, "epoch 1: the learning rate is NaN: check the schedule"},
		{func(t *Task, _ *Options) { t.Model = nil }, "the task has no Model"},
		{func(t *Task, _ *Options) { t.Loss = nil }, "the task has no Loss"},
		{func(t *Task, _ *Options) { t.Train = nil }, "the task has no Train data"},
		{func(t *Task, _ *Options) { t.Train = newToyData(0, 1) }, "the train split is empty"},
		{func(t *Task, _ *Options) { t.Val = newToyData(0, 1) }, "the val split is empty"},
		{func(t *Task, _ *Options) { t.MoreMetrics = []Metric{MAE{}} }, `the name "mae" belongs to two scores`},
		{func(t *Task, _ *Options) { t.MoreMetrics = []Metric{nil} }, "MoreMetrics holds a nil metric"},
		{func(_ *Task, o *Options) { o.BatchSize, o.LR = 0, -1 }, "LR is -1"}, // all faults are told at once
	} {
		task, o := toyTask(), toyOptions(t.TempDir())
		c.change(&task, &o)
		_, err := Fit(context.Background(), task, o)
		if err == nil || !strings.HasPrefix(err.Error(), "train: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

// TestZeroValues: what is 0 means the documented default.
func TestZeroValues(t *testing.T) {
	run := func(o Options) string {
		task := toyTask()
		if _, err := Fit(context.Background(), task, o); err != nil {
			t.Fatal(err)
		}
		return bitsOf(task.Model)
	}
	zero := Options{Epochs: 2, BatchSize: 8}
	if run(zero) != run(Options{Epochs: 2, BatchSize: 8, EvalBatchSize: 8, LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}) {
		t.Error("the defaults are not the documented ones")
	}
	for name, change := range map[string]func(*Options){
		"LR":          func(o *Options) { o.LR = 2e-3 },
		"Beta1":       func(o *Options) { o.Beta1 = 0.5 },
		"Beta2":       func(o *Options) { o.Beta2 = 0.9 },
		"Eps":         func(o *Options) { o.Eps = 1e-2 },
		"WeightDecay": func(o *Options) { o.WeightDecay = 0.1 },
		"Clip":        func(o *Options) { o.Clip, o.Eps = 1e-6, 1e-4 },
		"Schedule":    func(o *Options) { o.Schedule = half{} },
		"Seed":        func(o *Options) { o.Seed = 1 },
		"BatchSize":   func(o *Options) { o.BatchSize = 9 },
		"Epochs":      func(o *Options) { o.Epochs = 3 },
	} {
		o := zero
		change(&o)
		if run(o) == run(zero) {
			t.Errorf("%s has no influence", name)
		}
	}
}

type half struct{}

func (half) Factor(int) float64 { return 0.5 }

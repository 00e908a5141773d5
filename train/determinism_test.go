package train

import (
	"context"
	"runtime"
	"testing"
)

// TestProcessors: 50 steps give the same bits on any number of processors, each time.
func TestProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var want outcome
	for i, n := range []int{1, 2, 7, 3, 2, 2} {
		runtime.GOMAXPROCS(n)
		got := whole(t, func(task *Task, o *Options) {
			task.Train = newToyData(600, 1) // several pieces of rows for each parallel loop
			o.BatchSize, o.Epochs = 120, 10
		})
		if i == 0 {
			want = got
			continue
		}
		got.mustEqual(t, want)
		if t.Failed() {
			t.Fatalf("GOMAXPROCS %d", n)
		}
	}
}

// TestSeed: another seed, another order and other dropout, so other weights.
func TestSeed(t *testing.T) {
	if whole(t, nil).model == whole(t, func(_ *Task, o *Options) { o.Seed++ }).model {
		t.Error("the seed has no influence")
	}
}

// mostAllocations is what a step may allocate beside the model's own.
const mostAllocations = 60

// TestStepAllocations counts the allocations of a step after some have been done.
func TestStepAllocations(t *testing.T) {
	task, o := toyTask(), toyOptions("")
	o.Epochs, o.BatchSize = 40, 4
	var before, after runtime.MemStats
	const first, last = 50, 350
	o.Hooks.OnStep = func(s StepInfo) error {
		switch s.Step {
		case first:
			runtime.ReadMemStats(&before)
		case last:
			runtime.ReadMemStats(&after)
		}
		return nil
	}
	if _, err := Fit(context.Background(), task, o); err != nil {
		t.Fatal(err)
	}
	per := float64(after.Mallocs-before.Mallocs) / (last - first)
	t.Logf("%.1f allocations a step, those of the data, the model and the evaluation of each epoch included", per)
	if per > mostAllocations {
		t.Errorf("%.1f allocations a step, want at most %d", per, mostAllocations)
	}
}

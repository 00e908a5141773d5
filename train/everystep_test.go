package train

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/graft-ml/graft/optim"
)

// TestEveryStep: the rate moves in straight lines between those of the epochs, and a run that is cut anywhere in an epoch
// goes on with the rates and the bits of one that was not.
func TestEveryStep(t *testing.T) {
	schedule := optim.Cosine{Warmup: 1, Epochs: 8}
	var rates []float64
	train := func(dir string, resume bool, stop int) outcome {
		task, o := toyTask(), toyOptions(dir)
		o.Schedule, o.EveryStep = schedule, true
		o.Hooks = Hooks{OnStep: func(s StepInfo) error {
			rates = append(rates[:s.Step-1], s.LR)
			if s.Step == stop {
				return errHook
			}
			return nil
		}}
		fit := func() (*Result, error) { return Fit(context.Background(), task, o) }
		if resume {
			fit = func() (*Result, error) { return Resume(context.Background(), task, o, dir) }
		}
		r, err := fit()
		if stop > 0 && errors.Is(err, errHook) {
			return outcome{}
		}
		if err != nil {
			t.Fatal(err)
		}
		return outcomeOf(t, dir, task.Model, r)
	}
	want := train(t.TempDir(), false, 0)
	if len(rates) != allSteps {
		t.Fatalf("%d rates, want %d", len(rates), allSteps)
	}
	for i, got := range rates {
		epoch, part := i/toySteps, float64(i%toySteps)/toySteps
		rate := toyOptions("").LR * (schedule.Factor(epoch)*(1-part) + schedule.Factor(epoch+1)*part)
		if math.Abs(got-rate) > 1e-12 {
			t.Errorf("step %d: rate %v, want %v", i+1, got, rate)
		}
	}
	whole := append([]float64(nil), rates...)
	for _, stop := range []int{1, 7, toySteps, 23} {
		dir := t.TempDir()
		train(dir, false, stop)
		train(dir, true, 0).mustEqual(t, want)
		for i := range whole {
			if rates[i] != whole[i] {
				t.Errorf("cut at step %d: rate %v at step %d, want %v", stop, rates[i], i+1, whole[i])
			}
		}
	}
}

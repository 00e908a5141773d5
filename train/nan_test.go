package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/tensor"
)

// poison makes the given training item hold an infinity, so that every epoch has one bad step.
func poison(task *Task, item int) {
	task.Train.(*toyData).x.Set(float32(math.Inf(1)), item, 2)
}

// badStepOf returns the step, from 1, of the first epoch that has the item, and its row in the batch.
func badStepOf(o Options, n, item int) (step, row int) {
	order := make([]int, n)
	shuffle(order, o.Seed, 0)
	for place, i := range order {
		if i == item {
			return place/o.BatchSize + 1, place % o.BatchSize
		}
	}
	panic("no such item")
}

func TestStopOnNaN(t *testing.T) {
	const item = 11
	task, o := toyTask(), toyOptions(t.TempDir())
	poison(&task, item)
	step, row := badStepOf(o, 37, item)
	_, err := Fit(context.Background(), task, o)
	var bad *NonFiniteError
	if !errors.As(err, &bad) {
		t.Fatalf("error %v", err)
	}
	if bad.Step != step || bad.Epoch != 1 || bad.Repeated || bad.Items[row] != item {
		t.Errorf("error %+v, want step %d with item %d in row %d", *bad, step, item, row)
	}
	if c := bad.Cause; c == nil || c.Path != "hidden" || c.Op != "Linear" || c.Row != row || c.Gradient {
		t.Errorf("cause %+v, want operation Linear of layer hidden, row %d", bad.Cause, row)
	}
	for _, want := range []string{"Linear of hidden", fmt.Sprintf("row %d", row), bad.CrashFile, "OnNaN skip or rollback"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	checkCrash(t, bad, item, row)

	// The state before the step was saved, without a trace of the step in the running statistics.
	before := toyTask()
	if _, err := LoadWeights(filepath.Join(o.Dir, LastName), before.Model); err != nil {
		t.Fatal(err)
	}
	if bitsOf(before.Model) != bitsOf(task.Model) {
		t.Error("the checkpoint and the model differ after the stop")
	}
	good, oo := toyTask(), toyOptions("")
	oo.Hooks = stopAfter(step - 1)
	if step > 1 {
		if _, err := Fit(context.Background(), good, oo); !errors.Is(err, errHook) {
			t.Fatal(err)
		}
	}
	if bitsOf(good.Model) != bitsOf(task.Model) {
		t.Error("the bad step changed the model")
	}
}

// checkCrash looks at the file of the bad step.
func checkCrash(t *testing.T, bad *NonFiniteError, item, row int) {
	t.Helper()
	if want := fmt.Sprintf("step-%d.safetensors", bad.Step); filepath.Base(bad.CrashFile) != want || filepath.Base(filepath.Dir(bad.CrashFile)) != CrashDir {
		t.Fatalf("crash file %s, want %s", bad.CrashFile, want)
	}
	f, err := safetensors.Open(bad.CrashFile, safetensors.Options{RequireChecksums: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range []string{"model.hidden.weight", "model.norm.running_mean", "grad.hidden.weight", "predictions", "targets"} {
		if !f.Has(name) {
			t.Errorf("the crash file lacks %s", name)
		}
	}
	items, _, err := f.Int64("items")
	if err != nil || items[row] != int64(item) {
		t.Errorf("items %v (%v)", items, err)
	}
	x, _, err := f.Float32("batch.x")
	if err != nil || !math.IsInf(float64(x[row*toyIn+2]), 1) {
		t.Errorf("batch.x %v (%v)", x, err)
	}
	if m := f.Metadata(); m["step"] != fmt.Sprint(bad.Step) || m["config"] != "toy: 1\n" || !strings.Contains(m["cause"], "hidden") {
		t.Errorf("metadata %v", m)
	}
}

// TestSkipOnNaN: the batch is left out, the run goes on, in the same way when it is cut short.
func TestSkipOnNaN(t *testing.T) {
	for _, mode := range []OnNaN{Skip, Rollback} {
		t.Run(mode.String(), func(t *testing.T) {
			const item = 11
			change := func(task *Task, o *Options) {
				poison(task, item)
				o.OnNaN, o.Epochs = mode, 3 // three bad steps are the most allowed in 100
			}
			kinds := map[WarningKind]int{}
			want := whole(t, func(task *Task, o *Options) {
				change(task, o)
				o.Hooks.OnWarning = func(w Warning) error {
					kinds[w.Kind]++
					if !strings.Contains(w.Text, "operation Linear of hidden") {
						t.Errorf("warning %q", w.Text)
					}
					return nil
				}
			})
			if want.log == "" || strings.Count(want.log, `"skipped": 1`) != 3 {
				t.Errorf("log %s, want one step left out in each epoch", want.log)
			}
			if kind := map[OnNaN]WarningKind{Skip: StepSkipped, Rollback: RolledBack}[mode]; len(kinds) != 1 || kinds[kind] != 3 {
				t.Errorf("warnings %v", kinds)
			}
			for step := 1; step < 3*toySteps; step++ {
				task, o := toyTask(), toyOptions(t.TempDir())
				change(&task, &o)
				o.Hooks = stopAfter(step)
				if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
					t.Fatal(err)
				}
				task, o.Hooks = toyTask(), Hooks{}
				change(&task, &o)
				r, err := Resume(context.Background(), task, o, o.Dir)
				if err != nil {
					t.Fatal(err)
				}
				outcomeOf(t, o.Dir, task.Model, r).mustEqual(t, want)
				if t.Failed() {
					t.Fatalf("stopped at step %d", step)
				}
			}
		})
	}
}

// TestSkipIsNoStep: what is left out has no influence but on the numbering of the steps.
func TestSkipIsNoStep(t *testing.T) {
	const item = 11
	task, o := toyTask(), toyOptions("")
	poison(&task, item)
	step, _ := badStepOf(o, 37, item)
	o.OnNaN = Skip
	seen := false
	var before string
	o.Hooks.OnStep = func(s StepInfo) error {
		if s.Step == step {
			seen = s.Skipped && math.IsNaN(s.GradNorm)
			if bitsOf(task.Model) != before && step > 1 {
				t.Error("a step that was left out changed the model")
			}
			return errHook
		}
		before = bitsOf(task.Model)
		return nil
	}
	if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) || !seen {
		t.Errorf("error %v, step seen: %v", err, seen)
	}
}

// blowUp is a model whose weights become too large at a step, with a loss that is still finite there.
type blowUp struct {
	*toyModel
	forwards, at int
}

func (m *blowUp) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var {
	if tp.Training() {
		if m.forwards++; m.forwards == m.at {
			m.out.Weight.Fill(3e38)
		}
	}
	return m.toyModel.Forward(tp, b)
}

// TestRollbackRecovers: weights that cannot be gone on from are replaced by those at the epoch's beginning.
func TestRollbackRecovers(t *testing.T) {
	task, o := toyTask(), toyOptions("")
	const at = 2*toySteps + 3
	m := &blowUp{toyModel: task.Model.(*toyModel), at: at}
	task.Model, o.OnNaN = m, Rollback
	var begin string
	checked := false
	o.Hooks.OnEpoch = func(e EpochInfo) error {
		begin = bitsOf(m.toyModel)
		return nil
	}
	o.Hooks.OnStep = func(s StepInfo) error {
		if s.Step == at {
			checked = s.Skipped && bitsOf(m.toyModel) == begin
		}
		return nil
	}
	r, err := Fit(context.Background(), task, o)
	if err != nil || !checked || r.Epochs != o.Epochs {
		t.Errorf("result %+v, error %v, rolled back to the epoch's beginning: %v", r, err, checked)
	}

	task, o = toyTask(), toyOptions("")
	task.Model, o.OnNaN = &blowUp{toyModel: task.Model.(*toyModel), at: at}, Skip
	var bad *NonFiniteError
	if _, err := Fit(context.Background(), task, o); !errors.As(err, &bad) || !bad.Repeated || bad.Step != at+3 {
		t.Errorf("leaving batches out does not help such weights: error %v", err)
	} else if !strings.Contains(err.Error(), "bad step number 4 within 100") {
		t.Errorf("error %v", err)
	}
}

// TestTooManyBad: the fourth bad step in 100 ends the run, and again when it is resumed.
func TestTooManyBad(t *testing.T) {
	task, o := toyTask(), toyOptions(t.TempDir())
	poison(&task, 11)
	o.OnNaN = Skip
	for i := 0; i < 2; i++ {
		var err error
		if i == 0 {
			_, err = Fit(context.Background(), task, o)
		} else {
			_, err = Resume(context.Background(), task, o, o.Dir)
		}
		var bad *NonFiniteError
		if !errors.As(err, &bad) || !bad.Repeated || bad.Epoch != 4 {
			t.Fatalf("error %v", err)
		}
	}
	files, err := os.ReadDir(filepath.Join(o.Dir, CrashDir))
	if err != nil || len(files) != 4 {
		t.Errorf("%d crash files, want 4 (%v)", len(files), err)
	}
	if left := recent([]int{3, 50, 120}, 150-badWindow); fmt.Sprint(left) != "[120]" {
		t.Errorf("bad steps %v count at step 150, want 120 alone", left)
	}
}

// badGradient is finite forward and infinite backward: the root of 0.
type badGradient struct{ *toyModel }

func (m badGradient) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var {
	x := m.toyModel.Forward(tp, b)
	tp.Enter("root")
	defer tp.Leave()
	zero := tp.Scale(x, 0)
	return tp.Add(x, tp.Div(zero, tp.AddConst(tp.Scale(zero, 1), 1e-30)))
}

func TestBadGradient(t *testing.T) {
	task, o := toyTask(), toyOptions("")
	task.Model, task.Loss = badGradient{task.Model.(*toyModel)}, hugeLoss{}
	var bad *NonFiniteError
	_, err := Fit(context.Background(), task, o)
	if !errors.As(err, &bad) || bad.Cause == nil || !bad.Cause.Gradient || math.IsInf(bad.Loss, 0) || bad.Loss != bad.Loss || bad.Step != 1 || bad.CrashFile != "" {
		t.Errorf("error %v, %+v", err, bad)
	}
}

// hugeLoss has a gradient that 1e-30 in a denominator makes infinite.
type hugeLoss struct{}

func (hugeLoss) Name() string { return "huge" }
func (hugeLoss) Loss(tp *tensor.Tape, pred *tensor.Var, target *tensor.Tensor) *tensor.Var {
	return tp.Scale(nn.L1{}.Loss(tp, pred, target), 1e20)
}

// TestBadParameter: a parameter that was bad from the start is found through the first operation that reads it.
func TestBadParameter(t *testing.T) {
	task, o := toyTask(), toyOptions("")
	task.Model.(*toyModel).out.Bias.Set(nan32, 0)
	var bad *NonFiniteError
	if _, err := Fit(context.Background(), task, o); !errors.As(err, &bad) || bad.Cause == nil || bad.Cause.Path != "out" {
		t.Errorf("error %v", err)
	}
	if c := newLearner(task, o).badTensor(); c == nil || c.Path != "out.bias" {
		t.Errorf("bad tensor %+v", c)
	}
}

func TestParseOnNaN(t *testing.T) {
	for _, name := range OnNaNNames() {
		var n OnNaN
		if err := n.UnmarshalText([]byte(name)); err != nil || n.String() != name {
			t.Errorf("%s: %v, %v", name, n, err)
		}
		if text, err := n.MarshalText(); err != nil || string(text) != name {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
	if _, err := ParseOnNaN("rolback"); err == nil || !strings.Contains(err.Error(), `did you mean "rollback"?`) {
		t.Errorf("error %v", err)
	}
	if _, err := OnNaN(7).MarshalText(); err == nil || OnNaN(7).String() != "OnNaN(7)" {
		t.Errorf("error %v", err)
	}
}

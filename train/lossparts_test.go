package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// ownLossModel is the toy with losses of its own: "size" in every pass, "odd" in those with an odd number of items.
type ownLossModel struct {
	*toyModel
	parts []nn.LossPart
	told  []nn.LossPart // all that was told, step by step
}

func (m *ownLossModel) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var {
	y := m.toyModel.Forward(tp, b)
	m.parts = []nn.LossPart{{Name: "size", Value: float64(m.hidden.Weight.At(0, 0)) / 3}}
	if b.Items()%2 == 1 {
		m.parts = append(m.parts, nn.LossPart{Name: "odd", Value: 1.0 / 7})
	}
	return y
}

func (m *ownLossModel) LossParts(*tensor.Tape) []nn.LossPart {
	m.told = append(m.told, m.parts...)
	return m.parts
}

func ownLossTask() Task {
	task := toyTask()
	task.Model = &ownLossModel{toyModel: task.Model.(*toyModel)}
	return task
}

// The log has the mean of the model's own losses, each step weighing as much as it has targets, and a run that was cut
// short and resumed, at any step, has the same bits.
func TestLossParts(t *testing.T) {
	task, o := ownLossTask(), toyOptions(t.TempDir())
	o.Epochs = 2
	m := task.Model.(*ownLossModel)
	r, err := Fit(context.Background(), task, o)
	if err != nil {
		t.Fatal(err)
	}
	want := outcomeOf(t, o.Dir, m, r)
	log, err := ReadLog(filepath.Join(o.Dir, LogName))
	if err != nil {
		t.Fatal(err)
	}
	for k, e := range log {
		told := m.told[k*(toySteps+1):][:toySteps+1] // the last step, of five items, has both
		mean := 0.0
		for step, part := range told[:toySteps] {
			n := 8.0
			if step == toySteps-1 {
				n = 5
			}
			mean += n * part.Value / 37
		}
		if got := e.LossParts; len(got) != 2 || got[0].Name != "size" || math.Abs(got[0].Value-mean) > 1e-12 || got[1] != (Score{"odd", 1.0 / 7}) {
			t.Errorf("epoch %d: %v, want size %v and odd %v", e.Epoch, got, mean, 1.0/7)
		}
	}
	for step := 1; step < 2*toySteps; step++ {
		task, o := ownLossTask(), toyOptions(t.TempDir())
		o.Epochs, o.Hooks = 2, stopAfter(step)
		if _, err := Fit(context.Background(), task, o); !errors.Is(err, errHook) {
			t.Fatal(err)
		}
		task, o.Hooks = ownLossTask(), Hooks{}
		r, err := Resume(context.Background(), task, o, o.Dir)
		if err != nil {
			t.Fatal(err)
		}
		outcomeOf(t, o.Dir, task.Model, r).mustEqual(t, want)
	}
}

// A log without losses of the model's own is read as before, and such a run writes none.
func TestNoLossParts(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, LogName)
	if err := os.WriteFile(path, []byte(`{"epoch":1,"step":5,"lr":0.1,"train":{"loss":2},"best":true}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	log, err := ReadLog(path)
	if err != nil || len(log) != 1 || log[0].LossParts != nil {
		t.Errorf("log %+v, error %v", log, err)
	}
	task, o := toyTask(), toyOptions("")
	o.Epochs = 1
	var parts []Scores
	o.Hooks.OnEpoch = func(e EpochInfo) error {
		parts = append(parts, e.LossParts)
		return nil
	}
	if _, err := Fit(context.Background(), task, o); err != nil || !slices.EqualFunc(parts, []Scores{nil}, func(a, b Scores) bool { return a == nil && b == nil }) {
		t.Errorf("losses of its own %v, error %v", parts, err)
	}
}

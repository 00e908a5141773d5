package sequences_test

import (
	"context"
	"math"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// What Forward brings into the gradient is what Run returns, and a training log tells it.
func TestLossParts(t *testing.T) {
	m := newModel(t, toy(encodings.TwoOrder{EntropyWeight: 0.3}), 1)
	places := &sequences.Places{Orders: [][]int32{{0, 1, 2, 3, 4, 5}, {0, 1, 3, 2, 4, 5}}, Cells: [2]int{1, 5}}
	examples := []sequences.Example{{Prompt: []int32{1, 2, 3, 4, 5}, Target: []int32{6, 7}, Places: places}}
	b := newBatch(t, m, sequences.BatchOptions{}, examples...)

	tp, other := tensor.NewTape(), tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	_, extra, err := m.Run(tp, b)
	if err != nil {
		t.Fatal(err)
	}
	want := float64(extra.Data()[0])
	if m.LossParts(tp) != nil {
		t.Error("Run hands the loss to its caller, and LossParts tells it too")
	}
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	m.Forward(tp, b)
	other.Begin(tensor.Pass{})
	m.Forward(other, b)
	if got := m.LossParts(tp); len(got) != 1 || got[0] != (nn.LossPart{Name: "two-order", Value: want}) || m.LossParts(other) != nil {
		t.Errorf("parts %v and %v, want two-order %v and none", got, m.LossParts(other), want)
	}

	data, err := sequences.NewData(m, examples, sequences.BatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var log train.Entry
	o := train.Options{Epochs: 1, BatchSize: 1, LR: 1e-3, Hooks: train.Hooks{OnEpoch: func(e train.EpochInfo) error { log = e.Entry; return nil }}}
	if _, err := train.Fit(context.Background(), train.Task{Model: m, Loss: nn.CrossEntropy{}, Train: data}, o); err != nil {
		t.Fatal(err)
	}
	if got := log.LossParts.Value("two-order"); math.Abs(got-want) > 1e-9 {
		t.Errorf("the log has %v, want %v", log.LossParts, want)
	}

	plain := newModel(t, toy(encodings.RoPE{}), 1)
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	plain.Forward(tp, newBatch(t, plain, sequences.BatchOptions{}, toyExamples()...))
	if got := plain.LossParts(tp); got != nil {
		t.Errorf("parts %v of an encoding without a loss", got)
	}
}

package train

import (
	"context"
	"errors"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// turning is data whose inputs are others in every epoch.
type turning struct {
	Data
	asked func(epoch int)
}

func (d turning) PrepareEpoch(epoch int, items []int) (nn.Batch, error) {
	d.asked(epoch)
	b, err := d.Prepare(items)
	if err != nil {
		return nil, err
	}
	turned := *b.(*toyBatch)
	turned.x = tensor.New(turned.x.Rows(), turned.x.Cols())
	for i, v := range b.(*toyBatch).x.Data() {
		turned.x.Data()[i] = v * (1 + float32(epoch)/4)
	}
	return &turned, nil
}

// TestEpochs trains on data that changes from epoch to epoch: every epoch asks for its own, evaluations for none, and a
// run that is interrupted anywhere ends with the same bits.
func TestEpochs(t *testing.T) {
	var asked map[int]int
	turn := func(task *Task, _ *Options) {
		asked = map[int]int{}
		task.Train = turning{task.Train, func(epoch int) { asked[epoch]++ }}
	}
	plain, want := whole(t, nil), whole(t, turn)
	if len(asked) != allSteps/toySteps {
		t.Errorf("asked for epochs %v, want %d of them", asked, allSteps/toySteps)
	}
	for epoch, batches := range asked {
		if epoch < 0 || epoch >= allSteps/toySteps || batches != toySteps {
			t.Errorf("epoch %d: %d batches, want %d", epoch, batches, toySteps)
		}
	}
	if plain.model == want.model {
		t.Error("what the data is in an epoch did not reach the model")
	}
	for _, step := range []int{1, toySteps, 2*toySteps + 1, allSteps - 1} {
		task, o := toyTask(), toyOptions(t.TempDir())
		turn(&task, &o)
		ctx, h := cancelAfter(step)
		o.Hooks = h
		if _, err := Fit(ctx, task, o); !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled at step %d: error %v", step, err)
		}
		resumeToy(t, o.Dir, turn).mustEqual(t, want)
	}
}

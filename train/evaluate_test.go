package train

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

func TestEvaluateErrors(t *testing.T) {
	m, d := newToyModel(1), newToyData(9, 1)
	if _, err := Evaluate(context.Background(), m, d, nil, nil, 0); err == nil || !strings.Contains(err.Error(), "the batch size is 0: choose") {
		t.Errorf("error %v", err)
	}
	if _, err := Evaluate(context.Background(), toyReader{m}, unlabelled{d}, nn.L1{}, nil, 4); err == nil || !strings.Contains(err.Error(), "the batch has no targets") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Evaluate(ctx, m, d, nn.L1{}, nil, 4); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if s, err := Evaluate(context.Background(), m, d, nil, []Metric{MAE{}}, 4); err != nil || s.Has("loss") || !s.Has("mae") {
		t.Errorf("without a loss: %v, %v", s, err)
	}
	mustNotLeak(t)
}

// unlabelled data have nothing to compare predictions with.
type unlabelled struct{ *toyData }

func (u unlabelled) Prepare(items []int) (nn.Batch, error) {
	b, err := u.toyData.Prepare(items)
	return noTargets{b.(*toyBatch)}, err
}

type noTargets struct{ *toyBatch }

func (noTargets) Targets() *tensor.Tensor { return nil }

// toyReader lets the toy model read batches without targets.
type toyReader struct{ *toyModel }

func (m toyReader) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var {
	return m.toyModel.Forward(tp, b.(noTargets).toyBatch)
}

// TestPredict: all items come in order, and their predictions do not depend on the batches.
func TestPredict(t *testing.T) {
	m, d := toyReader{newToyModel(1)}, unlabelled{newToyData(10, 1)}
	before := bitsOf(m)
	all := func(size int) (out []float32) {
		err := Predict(context.Background(), m, d, size, func(first int, b nn.Batch, pred *tensor.Tensor) error {
			if first != len(out) || b.Items() != pred.Rows() {
				t.Errorf("item %d comes after %d, %d items, %d predictions", first, len(out), b.Items(), pred.Rows())
			}
			out = append(out, pred.Data()...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := all(10)
	for _, size := range []int{1, 3, 4, 100} {
		for i, v := range all(size) {
			if v != want[i] {
				t.Errorf("item %d in batches of %d: %v, want %v", i, size, v, want[i])
			}
		}
	}
	if bitsOf(m) != before {
		t.Error("predicting changed the model")
	}
	if err := Predict(context.Background(), m, d, 3, func(int, nn.Batch, *tensor.Tensor) error { return errHook }); !errors.Is(err, errHook) {
		t.Errorf("error %v", err)
	}
	mustNotLeak(t)
}

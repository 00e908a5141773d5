package sequences_test

import (
	"context"
	"math"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/train"
)

// TestEvaluate: the loss of a split is the mean over its targets, whatever the batch size, and its exponential the
// perplexity; the accuracy is that of the reference.
func TestEvaluate(t *testing.T) {
	m := newModel(t, toy(nil), 1)
	examples := toyExamples()
	want := newReference(m).loss(examples)
	for _, o := range []sequences.BatchOptions{{}, {EveryToken: true}} {
		data, err := sequences.NewData(m, examples, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, 2, 8} {
			scores, err := train.Evaluate(context.Background(), m, data, nn.CrossEntropy{}, []train.Metric{train.Accuracy{}}, size)
			if err != nil {
				t.Fatal(err)
			}
			if got := scores.Value("loss"); math.Abs(math.Exp(got)/math.Exp(want)-1) > 1e-5 {
				t.Errorf("batches of %d: perplexity %v, want %v", size, math.Exp(got), math.Exp(want))
			}
			if got := 6 * scores.Value("accuracy"); math.Abs(got-math.Round(got)) > 1e-9 {
				t.Errorf("batches of %d: %v of 6 targets are right", size, got)
			}
		}
	}
}

package sequences_test

import (
	"runtime"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tensor"
)

// logits returns the logits of every token of the examples, all of which the model reads.
func logits(t testing.TB, m *sequences.Model, examples ...sequences.Example) *tensor.Tensor {
	t.Helper()
	tp := tensor.NewTape()
	return m.Forward(tp, newBatch(t, m, sequences.BatchOptions{EveryToken: true}, examples...)).Value()
}

// TestFutureIsIgnored: the logits of a token have the same bits whatever comes after it.
func TestFutureIsIgnored(t *testing.T) {
	for _, c := range onSequences {
		e := c.encoding
		m := newModel(t, toy(e), 1)
		long := []int32{5, 4, 3, 2, 1, 0, 9, 8, 7, 6}
		whole := logits(t, m, sequences.Example{Target: long})
		for n := 1; n < len(long)-1; n++ {
			changed := append(append([]int32(nil), long[:n]...), 12, 12)
			part := logits(t, m, sequences.Example{Target: changed})
			if !sameBits(part.Data()[:n*13], whole.Data()[:n*13]) {
				t.Errorf("%s: the logits of the first %d tokens depend on those after", e.Name(), n)
			}
		}
	}
}

// TestRaggedIsOneByOne: a sequence has the same bits of logits alone and in a batch.
func TestRaggedIsOneByOne(t *testing.T) {
	for _, c := range onSequences {
		e := c.encoding
		m := newModel(t, toy(e), 1)
		var all []sequences.Example
		for _, p := range toyPrompts {
			all = append(all, sequences.Example{Prompt: p, Target: []int32{1, 2}})
		}
		together := logits(t, m, all...).Data()
		for i := range all {
			one := logits(t, m, all[i]).Data()
			if !sameBits(one, together[:len(one)]) {
				t.Errorf("%s: sequence %d differs from a batch of its own", e.Name(), i)
			}
			together = together[len(one):]
		}
	}
}

// step returns the loss and all gradients of a training step with dropout.
func step(t testing.TB, m *sequences.Model, tp *tensor.Tape, b *sequences.Batch) []float32 {
	tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 3, Step: 4})
	loss := nn.CrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets())
	tp.Backward(loss)
	all := append([]float32(nil), loss.Data()...)
	for _, p := range nn.Collect(m).Trainable() {
		all = append(all, tp.Grad(p.Tensor)...)
	}
	return all
}

// TestProcessorsDoNotShow: the same bits of loss and gradients at any number of processors.
func TestProcessorsDoNotShow(t *testing.T) {
	c := toy(encodings.T5Bias{Causal: true})
	c.Dropout, c.AttentionDropout, c.FeedForwardDropout, c.OutputDropout = 0.1, 0.1, 0.1, 0.1
	m := newModel(t, c, 1)
	var examples []sequences.Example
	for n := range 40 {
		e := sequences.Example{Prompt: []int32{1}}
		for k := range n + 1 {
			e.Target = append(e.Target, int32((n*k+k)%13))
		}
		examples = append(examples, e)
	}
	b := newBatch(t, m, sequences.BatchOptions{}, examples...)
	want := step(t, m, tensor.NewTape(), b)
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, n := range []int{1, 3, 4} {
		runtime.GOMAXPROCS(n)
		if !sameBits(step(t, m, tensor.NewTape(), b), want) {
			t.Errorf("other bits at %d processors", n)
		}
	}
	c.Dropout, c.AttentionDropout, c.FeedForwardDropout, c.OutputDropout = 0, 0, 0, 0
	still := newModel(t, c, 1)
	if got := step(t, still, tensor.NewTape(), b); got[0] == want[0] {
		t.Error("dropout changes nothing")
	}
}

// TestStepAllocatesLittle: a training step in a steady state makes no garbage that grows with its tokens.
func TestStepAllocatesLittle(t *testing.T) {
	m := newModel(t, toy(nil), 1)
	b := newBatch(t, m, sequences.BatchOptions{}, toyExamples()...)
	tp := tensor.NewTape()
	pass := func() {
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		tp.Backward(nn.CrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets()))
	}
	pass()
	pass()
	if n := testing.AllocsPerRun(10, pass); n > 60 {
		t.Errorf("%v allocations in a step", n)
	}
}

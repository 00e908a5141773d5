package speed

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// How the model is trained, as the recipe for ZINC has it.
const (
	learningRate = 1e-3
	weightDecay  = 1e-5
	clipNorm     = 1
)

// trainer does the steps of a run of package train, nothing else: what it computes has the same bits.
type trainer struct {
	model   nn.Model
	loss    nn.Loss // nn.L1 unless set otherwise
	params  []nn.Named
	buffers []nn.Named
	tape    *tensor.Tape
	opt     *optim.AdamW
	grads   func(*tensor.Tensor) []float32
	before  []float32 // running statistics before the step, to which a bad step would go back
	pred    []float32 // predictions of the step, for the metrics
	step    uint64
	norm    float64 // of the last gradient
}

func newTrainer(m nn.Model) *trainer {
	all := nn.Collect(m)
	t := &trainer{model: m, loss: nn.L1{}, params: all.Trainable(), buffers: all.Buffers(), tape: tensor.NewTape()}
	t.grads = t.tape.Grad
	t.opt = optim.NewAdamW(t.params, optim.AdamWOptions{WeightDecay: weightDecay})
	return t
}

// train does a training step and returns its loss.
func (t *trainer) train(b nn.Batch) float64 {
	t.before = t.before[:0]
	for _, buffer := range t.buffers {
		t.before = append(t.before, buffer.Tensor.Data()...)
	}
	loss := t.forward(b, tensor.Pass{Train: true, Grad: true, Seed: workloadSeed, Step: t.step})
	value := float64(loss.Data()[0])
	t.tape.Backward(loss)
	t.norm = optim.GradNorm(t.params, t.grads)
	t.opt.Step(t.grads, learningRate, optim.ClipFactor(t.norm, clipNorm))
	t.step++
	return value
}

// evaluate does an evaluation pass and returns its loss.
func (t *trainer) evaluate(b nn.Batch) float64 {
	return float64(t.forward(b, tensor.Pass{}).Data()[0])
}

func (t *trainer) forward(b nn.Batch, pass tensor.Pass) *tensor.Var {
	t.tape.Begin(pass)
	pred := t.model.Forward(t.tape, b)
	t.pred = append(t.pred[:0], pred.Data()...)
	return t.loss.Loss(t.tape, pred, b.Targets())
}

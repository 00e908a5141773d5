package train

import (
	"math"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// A step has three parts: the gradient of a shard of the batch, its reduction over all shards, the update. In one
// process there is one shard; a reducer is the place where several processes meet.

// learner does the steps of a run on a model.
type learner struct {
	model   nn.Model
	loss    nn.Loss
	tape    *tensor.Tape
	params  []nn.Named
	buffers []nn.Named
	opt     *optim.AdamW
	reduce  reducer
	grads   func(*tensor.Tensor) []float32 // tape.Grad

	before []float32 // the buffers as they were before the step: a bad step must leave no trace in them
	pred   []float32 // predictions of the step; the backward pass takes their memory on the tape
}

// gradient is what a shard contributes to a step. Those of the parameters are on the learner's tape.
type gradient struct {
	loss float64 // mean over the shard
	norm float64 // Euclidean norm over all parameters
	pred *tensor.Tensor
	// parts are losses of the model's own, which the norm counts and loss does not.
	parts []nn.LossPart
}

// finite tells whether an update by the gradient makes sense.
func (g *gradient) finite() bool {
	return !math.IsNaN(g.loss) && !math.IsInf(g.loss, 0) && !math.IsNaN(g.norm) && !math.IsInf(g.norm, 0)
}

// reducer makes the gradient of a batch of those of its shards: it replaces the loss, its parts and, through grads, the
// parameters' gradients by the mean over all shards, each weighing as much as it has targets.
type reducer interface {
	reduce(g *gradient, params []nn.Named, grads func(*tensor.Tensor) []float32) error
}

// oneShard is the reducer of a process that has the whole batch.
type oneShard struct{}

func (oneShard) reduce(*gradient, []nn.Named, func(*tensor.Tensor) []float32) error { return nil }

func newLearner(t Task, o Options) *learner {
	all := nn.Collect(t.Model)
	l := &learner{
		model: t.Model, loss: t.Loss, tape: tensor.NewTape(),
		params: all.Trainable(), buffers: all.Buffers(), reduce: oneShard{},
	}
	l.grads = l.tape.Grad
	l.opt = optim.NewAdamW(l.params, optim.AdamWOptions{
		Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Eps, WeightDecay: o.WeightDecay,
	})
	n := 0
	for _, b := range l.buffers {
		n += b.Tensor.Size()
	}
	l.before = make([]float32, n)
	return l
}

// gradients runs model and loss over a batch, forward and backward, and reduces. Parameters do not change; buffers do,
// see undoBuffers.
func (l *learner) gradients(b nn.Batch, pass tensor.Pass) (gradient, error) {
	l.keepBuffers()
	l.tape.Begin(pass)
	pred := l.model.Forward(l.tape, b)
	l.pred = append(l.pred[:0], pred.Data()...)
	loss := l.loss.Loss(l.tape, pred, b.Targets())
	g := gradient{loss: float64(loss.Data()[0]), pred: tensor.FromSlice(l.pred, pred.Shape()...)}
	if m, ok := l.model.(nn.LossParts); ok {
		g.parts = m.LossParts(l.tape)
	}
	l.tape.Backward(loss)
	if err := l.reduce.reduce(&g, l.params, l.grads); err != nil {
		return g, err
	}
	g.norm = optim.GradNorm(l.params, l.grads)
	return g, nil
}

// update moves the parameters along the gradient on the tape, scaled down where its norm is above clip (0: no limit).
func (l *learner) update(g gradient, lr, clip float64) {
	scale := 1.0
	if clip > 0 {
		scale = optim.ClipFactor(g.norm, clip)
	}
	l.opt.Step(l.grads, lr, scale)
}

// keepBuffers remembers the buffers, running statistics for instance, that a training pass changes.
func (l *learner) keepBuffers() {
	at := 0
	for _, b := range l.buffers {
		at += copy(l.before[at:], b.Tensor.Data())
	}
}

// undoBuffers sets the buffers to what they were before the last call of gradients.
func (l *learner) undoBuffers() {
	at := 0
	for _, b := range l.buffers {
		at += copy(b.Tensor.Data(), l.before[at:])
	}
}

// count returns the number of trainable numbers.
func (l *learner) count() int {
	n := 0
	for _, p := range l.params {
		n += p.Tensor.Size()
	}
	return n
}

// weights is a copy of a model's parameters and buffers.
type weights [][]float32

// copyWeights copies the state of the model into w, whose memory is used again.
func (l *learner) copyWeights(w weights) weights {
	if w == nil {
		w = make(weights, len(l.params)+len(l.buffers))
	}
	for i, t := range l.tensors() {
		w[i] = append(w[i][:0], t.Tensor.Data()...)
	}
	return w
}

// setWeights gives the model the state that was copied.
func (l *learner) setWeights(w weights) {
	for i, t := range l.tensors() {
		copy(t.Tensor.Data(), w[i])
	}
}

// tensors returns parameters and buffers.
func (l *learner) tensors() []nn.Named {
	return append(append([]nn.Named(nil), l.params...), l.buffers...)
}

package trial

import (
	"fmt"
	"strconv"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train/checkpoint"
)

// Prefixes of the tensors in the file of a model that is being trained; those of the optimiser have its own.
const (
	modelPrefix = "model."
	bestPrefix  = "best."
)

// saved returns the training as it is.
func (t *Training) saved() *checkpoint.State {
	s := &checkpoint.State{Meta: map[string]string{
		"setting": t.plan.Setting,
		"step":    strconv.Itoa(t.step), "validated": strconv.Itoa(t.validated),
		"best": strconv.Itoa(t.best), "bestStep": strconv.Itoa(t.bestStep),
		"loss": exact(t.loss), "seconds": exact(t.seconds), "tokens": strconv.Itoa(t.tokens),
	}}
	for _, p := range t.state {
		s.Tensors = append(s.Tensors, checkpoint.Named{Name: modelPrefix + p.Path, Tensor: p.Tensor})
	}
	for _, p := range t.opt.State() {
		s.Tensors = append(s.Tensors, checkpoint.Named{Name: p.Path, Tensor: p.Tensor})
	}
	if t.bestStep > 0 {
		for i, p := range t.state {
			s.Tensors = append(s.Tensors, checkpoint.Named{Name: bestPrefix + p.Path, Tensor: tensor.FromSlice(t.weights[i], p.Tensor.Shape()...)})
		}
	}
	return s
}

// exact writes a number so that it is read back with the same bits.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// numbers reads the numbers of a state and remembers the first that is none.
type numbers struct {
	meta map[string]string
	err  error
}

// whole reads a number from 0 to most.
func (n *numbers) whole(key string, most int) int {
	v, err := strconv.Atoi(n.meta[key])
	if n.err == nil && (err != nil || v < 0 || v > most) {
		n.err = fmt.Errorf("%s of the saved model is %q: want 0 to %d", key, n.meta[key], most)
	}
	return v
}

// number reads any number.
func (n *numbers) number(key string) float64 {
	v, err := strconv.ParseFloat(n.meta[key], 64)
	if n.err == nil && err != nil {
		n.err = fmt.Errorf("%s of the saved model is %q: want a number", key, n.meta[key])
	}
	return v
}

// resume takes over a state.
func (t *Training) resume(s *checkpoint.State) error {
	if got, want := s.Meta["setting"], t.plan.Setting; got != want {
		return fmt.Errorf("the model was begun with the encoding %s, which is now %s", got, want)
	}
	n := numbers{meta: s.Meta}
	step := n.whole("step", t.plan.Steps)
	validated, bestStep := n.whole("validated", step), n.whole("bestStep", step)
	best, tokens := n.whole("best", t.plan.MostRight), n.whole("tokens", 1<<62)
	loss, seconds := n.number("loss"), n.number("seconds")
	if n.err != nil {
		return n.err
	}
	var into, bestInto []checkpoint.Named
	weights := make([][]float32, len(t.state))
	for i, p := range t.state {
		into = append(into, checkpoint.Named{Name: p.Path, Tensor: p.Tensor})
		copied := tensor.New(p.Tensor.Shape()...)
		weights[i] = copied.Data()
		bestInto = append(bestInto, checkpoint.Named{Name: p.Path, Tensor: copied})
	}
	var moments []nn.Named
	for _, p := range t.opt.State() {
		if saved := s.Tensor(p.Path); saved != nil {
			moments = append(moments, nn.Named{Path: p.Path, Tensor: saved})
		}
	}
	if bestStep > 0 {
		if err := checkpoint.Assign(bestInto, s, bestPrefix); err != nil {
			return err
		}
		t.weights = weights
	}
	if err := t.opt.Restore(moments); err != nil {
		return err
	}
	if err := checkpoint.Assign(into, s, modelPrefix); err != nil {
		return err
	}
	t.step, t.validated, t.best, t.bestStep, t.loss, t.seconds, t.tokens = step, validated, best, bestStep, loss, seconds, tokens
	return nil
}

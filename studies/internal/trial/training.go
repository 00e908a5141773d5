package trial

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// Plan says how a model is trained.
type Plan struct {
	// Name tells the training from others of the study, and Setting what the model is set to, so that nothing is gone on
	// with that was begun otherwise.
	Name, Setting string
	Seed          uint64 // of dropout

	Steps    int
	LR       float64        // highest learning rate
	Schedule optim.Schedule // of steps
	AdamW    optim.AdamWOptions
	Clip     float64 // largest norm of a gradient
	Loss     nn.Loss // nil means nn.CrossEntropy

	// Batch returns what a step learns from, by its number from 0, and how many tokens that is.
	Batch func(step int) (nn.Batch, int, error)

	// Validations is how many times, evenly spread, Validate is called: it tells how many questions of MostRight the model
	// answers right. The weights of the best time are kept, the first of equal ones.
	Validations int
	Validate    func(ctx context.Context) (right int, err error)
	MostRight   int

	// OnStep is told of every step that is done, by its number from 1; nil means nobody.
	OnStep func(step int, loss float64)
}

// Training is a model that is being trained.
type Training struct {
	plan   Plan
	model  nn.Model
	params []nn.Named // that are trained
	state  []nn.Named // all that the model has
	opt    *optim.AdamW
	tape   *tensor.Tape

	// What follows is, with parameters and moments, all that going on needs.
	step     int     // done
	loss     float64 // sum over the last tenth of the steps
	bestStep int     // after which most questions of a validation were answered right, 0 before the first
	best     int     // how many
	weights  [][]float32
	// validated is the last step after which there was a validation.
	validated int
	seconds   float64
	tokens    int
}

// New returns the training of a model that has not learned anything.
func New(m nn.Model, p Plan) *Training {
	if p.Loss == nil {
		p.Loss = nn.CrossEntropy{}
	}
	t := &Training{plan: p, model: m, tape: tensor.NewTape()}
	all := nn.Collect(m)
	t.params, t.state = all.Trainable(), all.All()
	t.opt = optim.NewAdamW(t.params, p.AdamW)
	return t
}

// Parameters is the number of parameters that are trained.
func (t *Training) Parameters() int {
	n := 0
	for _, p := range t.params {
		n += p.Tensor.Size()
	}
	return n
}

// Steps is how many steps are done.
func (t *Training) Steps() int { return t.step }

// BestStep is the step whose weights [Training.AtBest] shows.
func (t *Training) BestStep() int {
	if t.bestStep > 0 {
		return t.bestStep
	}
	return t.step
}

// Loss is the mean over the last tenth of the steps, of a training that is done.
func (t *Training) Loss() float64 { return t.loss / float64(t.step-t.tail()) }

// Seconds is the time that all steps and validations took, Tokens what the steps learned from.
func (t *Training) Seconds() float64 { return t.seconds }

// Tokens is how many tokens the steps have learned from.
func (t *Training) Tokens() int { return t.tokens }

// tail is the number of steps before the last tenth.
func (t *Training) tail() int { return t.plan.Steps - max(1, t.plan.Steps/10) }

// train does all steps that are left, and has the training saved from time to time.
func (t *Training) train(ctx context.Context, interval time.Duration, save func() error) error {
	saved := time.Now()
	for {
		start := time.Now()
		if t.validates() && t.validated < t.step {
			if err := t.validate(ctx); err != nil {
				return err
			}
		}
		if t.step == t.plan.Steps {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		loss, err := t.learn(t.plan.LR * t.plan.Schedule.Factor(t.step))
		if err != nil {
			return err
		}
		if t.step >= t.tail() {
			t.loss += loss
		}
		t.step++
		t.seconds += time.Since(start).Seconds()
		if t.plan.OnStep != nil {
			t.plan.OnStep(t.step, loss)
		}
		if time.Since(saved) >= interval {
			if err := save(); err != nil {
				return err
			}
			saved = time.Now()
		}
	}
}

// learn does a step and returns its loss.
func (t *Training) learn(lr float64) (float64, error) {
	b, tokens, err := t.plan.Batch(t.step)
	if err != nil {
		return 0, err
	}
	t.tape.Begin(tensor.Pass{Train: true, Grad: true, Seed: t.plan.Seed, Step: uint64(t.step)})
	loss := t.plan.Loss.Loss(t.tape, t.model.Forward(t.tape, b), b.Targets())
	value := float64(loss.Data()[0])
	t.tape.Backward(loss)
	norm := optim.GradNorm(t.params, t.tape.Grad)
	if bad := value + norm; math.IsNaN(bad) || math.IsInf(bad, 0) {
		return 0, fmt.Errorf("step %d has a loss of %v and a gradient of norm %v: try a lower learning rate than %v", t.step+1, value, norm, t.plan.LR)
	}
	t.opt.Step(t.tape.Grad, lr, optim.ClipFactor(norm, t.plan.Clip))
	t.tokens += tokens
	return value, nil
}

// validates reports whether a validation follows the last step.
func (t *Training) validates() bool {
	n := t.plan.Validations
	return n > 0 && t.step > 0 && t.step*n/t.plan.Steps > (t.step-1)*n/t.plan.Steps
}

// validate remembers the weights where they are better than those before.
func (t *Training) validate(ctx context.Context) error {
	right, err := t.plan.Validate(ctx)
	if err != nil {
		return err
	}
	t.validated = t.step
	if t.bestStep > 0 && right <= t.best {
		return nil
	}
	t.best, t.bestStep = right, t.step
	if t.weights == nil {
		t.weights = make([][]float32, len(t.state))
	}
	for i, p := range t.state {
		t.weights[i] = append(t.weights[i][:0], p.Tensor.Data()...)
	}
	return nil
}

// AtBest calls do while the model has the weights of the best validation; those of the last step where there was none.
func (t *Training) AtBest(do func() error) error {
	if t.bestStep > 0 && t.bestStep < t.step {
		for i, p := range t.state {
			last := append([]float32(nil), p.Tensor.Data()...)
			defer copy(p.Tensor.Data(), last) // what is saved is the state of the training
			copy(p.Tensor.Data(), t.weights[i])
		}
	}
	return do()
}

package studies

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tensor"
)

// training is a model that is being trained.
type training struct {
	study    *study
	subject  Subject
	seed     uint64
	model    *sequences.Model
	params   []nn.Named // that are trained
	state    []nn.Named // all that the model has
	opt      *optim.AdamW
	tape     *tensor.Tape
	examples stream

	// What follows is, with parameters and moments, all that going on needs: nothing is drawn from a running stream.
	step     int     // done
	loss     float64 // sum over the last tenth of the steps
	bestStep int     // after which most questions of a validation were answered right, 0 before the first
	best     int     // how many
	weights  [][]float32
	// validated is the last step after which there was a validation.
	validated int
	seconds   float64
}

// do fills a cell.
func (st *study) do(ctx context.Context, o opening) (Cell, error) {
	t, err := st.begin(o)
	if err != nil {
		return Cell{}, err
	}
	if err := st.kept.restore(t); err != nil {
		return Cell{}, err
	}
	c, err := t.finish(ctx)
	if err != nil {
		if ctx.Err() != nil {
			if saveErr := st.kept.save(t); saveErr != nil {
				return c, fmt.Errorf("%w; and it could not be saved: %v", err, saveErr)
			}
		}
		return c, err
	}
	if err := st.kept.add(c); err != nil {
		return c, err
	}
	return c, st.kept.remove(t)
}

// begin makes a model that has not learned anything.
func (st *study) begin(o opening) (*training, error) {
	m, err := sequences.New(st.config(o.subject), o.seed)
	if err != nil {
		return nil, err
	}
	t := &training{study: st, subject: o.subject, seed: o.seed, model: m, tape: tensor.NewTape()}
	all := nn.Collect(m)
	t.params, t.state = all.Trainable(), all.All()
	t.opt = optim.NewAdamW(t.params, optim.AdamWOptions{WeightDecay: st.WeightDecay})
	t.examples = stream{study: st, subject: o.subject, seed: o.seed, round: -1}
	return t, nil
}

// finish trains the model to the end and tests it.
func (t *training) finish(ctx context.Context) (Cell, error) {
	if err := t.train(ctx); err != nil {
		return Cell{}, err
	}
	if t.bestStep > 0 && t.bestStep < t.step {
		for i, p := range t.state {
			last := append([]float32(nil), p.Tensor.Data()...)
			defer copy(p.Tensor.Data(), last) // what is saved is the state of the training
			copy(p.Tensor.Data(), t.weights[i])
		}
	}
	start := time.Now()
	scores, err := t.study.exam(ctx, t.model, t.subject)
	if err != nil {
		return Cell{}, err
	}
	c := Cell{
		Encoding: t.subject.Name, Setting: t.subject.setting(), Seed: t.seed, Steps: t.step, BestStep: t.step,
		Loss: t.loss / float64(t.step-t.study.tail()), Scores: scores, TrainSeconds: t.seconds, TestSeconds: time.Since(start).Seconds(),
	}
	if t.bestStep > 0 {
		c.BestStep = t.bestStep
	}
	for _, p := range t.params {
		c.Parameters += p.Tensor.Size()
	}
	return c, nil
}

// tail is the number of steps before the last tenth.
func (st *study) tail() int { return st.Steps - max(1, st.Steps/10) }

// train does all steps that are left.
func (t *training) train(ctx context.Context) error {
	st := t.study
	schedule := optim.Linear{Warmup: int(math.Ceil(st.Warmup * float64(st.Steps))), Epochs: st.Steps} // of steps
	saved := time.Now()
	for {
		start := time.Now()
		if st.validates(t.step) && t.validated < t.step {
			if err := t.validate(ctx); err != nil {
				return err
			}
		}
		if t.step == st.Steps {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		loss, err := t.learn(st.LR * schedule.Factor(t.step))
		if err != nil {
			return err
		}
		if t.step >= st.tail() {
			t.loss += loss
		}
		t.step++
		t.seconds += time.Since(start).Seconds()
		p := st.progress
		p.Step, p.Loss = t.step, loss
		st.report(p)
		if time.Since(saved) >= st.CheckpointInterval {
			if err := st.kept.save(t); err != nil {
				return err
			}
			saved = time.Now()
		}
	}
}

// learn does a step and returns its loss.
func (t *training) learn(lr float64) (float64, error) {
	examples, err := t.examples.batch(t.step)
	if err != nil {
		return 0, err
	}
	b, err := sequences.NewBatch(t.model, examples, sequences.BatchOptions{})
	if err != nil {
		return 0, err
	}
	t.tape.Begin(tensor.Pass{Train: true, Grad: true, Seed: t.seed, Step: uint64(t.step)})
	loss := nn.CrossEntropy{}.Loss(t.tape, t.model.Forward(t.tape, b), b.Targets())
	value := float64(loss.Data()[0])
	t.tape.Backward(loss)
	norm := optim.GradNorm(t.params, t.tape.Grad)
	if bad := value + norm; math.IsNaN(bad) || math.IsInf(bad, 0) {
		return 0, fmt.Errorf("step %d has a loss of %v and a gradient of norm %v: try a lower learning rate than %v", t.step+1, value, norm, t.study.LR)
	}
	t.opt.Step(t.tape.Grad, lr, optim.ClipFactor(norm, t.study.Clip))
	return value, nil
}

// validates reports whether a validation follows a step.
func (st *study) validates(step int) bool {
	n := st.Validations
	return n > 0 && step > 0 && step*n/st.Steps > (step-1)*n/st.Steps
}

// validate remembers the weights where they are better than those before.
func (t *training) validate(ctx context.Context) error {
	right, err := t.study.validate(ctx, t.model, t.subject)
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

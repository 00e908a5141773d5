package studies

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/studies/internal/trial"
)

// training is a model that is being trained.
type training struct {
	*trial.Training
	model    *sequences.Model
	examples stream
}

// do fills a cell.
func (st *study) do(ctx context.Context, o opening) (c Cell, err error) {
	t, err := st.begin(o)
	if err != nil {
		return c, err
	}
	err = st.kept.Do(ctx, t.Training, func() (any, error) {
		c, err = st.test(ctx, t, o)
		return c, err
	})
	return c, err
}

// begin makes a model that has not learned anything.
func (st *study) begin(o opening) (*training, error) {
	m, err := sequences.New(st.config(o.subject), o.seed)
	if err != nil {
		return nil, err
	}
	t := &training{model: m, examples: stream{study: st, subject: o.subject, seed: o.seed, round: -1}}
	r := st.task.Lengths(lengths.Val)
	t.Training = trial.New(m, trial.Plan{
		Name: fmt.Sprintf("%s-%d", o.subject.Name, o.seed), Setting: o.subject.setting(), Seed: o.seed,
		Steps: st.Steps, LR: st.LR, Clip: st.Clip, AdamW: optim.AdamWOptions{WeightDecay: st.WeightDecay},
		Schedule:    optim.Linear{Warmup: int(math.Ceil(st.Warmup * float64(st.Steps))), Epochs: st.Steps}, // of steps
		Batch:       t.batch,
		Validations: st.Validations, MostRight: st.Tests * (r.Max - r.Min + 1),
		Validate: func(ctx context.Context) (int, error) { return st.validate(ctx, m, o.subject) },
		OnStep: func(step int, loss float64) {
			p := st.progress
			p.Step, p.Loss = step, loss
			st.report(p)
		},
	})
	return t, nil
}

// batch makes what a step learns from.
func (t *training) batch(step int) (nn.Batch, int, error) {
	examples, err := t.examples.batch(step)
	if err != nil {
		return nil, 0, err
	}
	b, err := sequences.NewBatch(t.model, examples, sequences.BatchOptions{})
	if err != nil {
		return nil, 0, err
	}
	return b, len(b.IDs), nil
}

// test asks a model that is trained, and makes the cell.
func (st *study) test(ctx context.Context, t *training, o opening) (Cell, error) {
	start := time.Now()
	scores, err := st.exam(ctx, t.model, o.subject)
	return Cell{
		Encoding: o.subject.Name, Setting: o.subject.setting(), Seed: o.seed, Parameters: t.Parameters(), Steps: t.Steps(), BestStep: t.BestStep(),
		Loss: t.Loss(), Scores: scores, TrainSeconds: t.Seconds(), TestSeconds: time.Since(start).Seconds(),
	}, err
}

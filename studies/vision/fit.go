package vision

import (
	"context"
	"fmt"
	"time"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/studies/internal/trial"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/polyphase"
)

// lowest is the part of the learning rate that is left in the end.
const lowest = 0.02

// do fills a cell.
func (st *study) do(ctx context.Context, o *opening) (c Cell, err error) {
	m, t, err := st.begin(o)
	if err != nil {
		return c, err
	}
	err = st.kept.Do(ctx, t, func() (any, error) {
		c, err = st.test(ctx, o, m, t)
		return c, err
	})
	return c, err
}

// begin makes a model that has not learned anything.
func (st *study) begin(o *opening) (*vision.Model, *trial.Training, error) {
	m, err := vision.New(o.config, o.seed)
	if err != nil {
		return nil, nil, err
	}
	data, err := vision.NewData(m, vision.FromPipeline(st.learned(o.seed)))
	if err != nil {
		return nil, nil, err
	}
	from := &order{data: data, seed: o.seed, n: data.Len(), each: st.BatchSize, epoch: -1}
	return m, trial.New(m, trial.Plan{
		Name: fmt.Sprintf("%s-%d", o.subject.Name, o.seed), Setting: o.subject.setting(), Seed: o.seed,
		Steps: st.Steps, LR: st.LR, Clip: st.Clip, AdamW: optim.AdamWOptions{WeightDecay: st.WeightDecay},
		Schedule: optim.Cosine{Warmup: st.Warmup, Epochs: st.Steps, Floor: lowest},
		Loss:     nn.SoftCrossEntropy{Smoothing: st.Smoothing},
		Batch: func(step int) (nn.Batch, int, error) {
			b, err := from.batch(step)
			if err != nil {
				return nil, 0, err
			}
			return b, b.Items(), nil
		},
		OnStep: func(step int, loss float64) {
			p := st.progress
			p.Step, p.Loss = step, loss
			st.report(p)
		},
	}), nil
}

// test asks a model that is trained, and makes the cell.
func (st *study) test(ctx context.Context, o *opening, m *vision.Model, t *trial.Training) (Cell, error) {
	start := time.Now()
	c := Cell{
		Encoding: o.subject.Name, Setting: o.subject.setting(), Seed: o.seed, Parameters: t.Parameters(), FeedForwardWidth: feedForwardWidth(o.config),
		Steps: t.Steps(), Images: t.Tokens(), Loss: t.Loss(), TrainSeconds: t.Seconds(),
	}
	for _, resolution := range st.resolutions() {
		p := st.progress
		p.Step, p.Resolution = t.Steps(), resolution
		st.report(p)
		right, err := st.ask(ctx, m, resolution)
		if err != nil {
			return c, err
		}
		c.Scores = append(c.Scores, Score{Resolution: resolution, Trained: resolution == st.Size, Right: right, Examples: st.Set.Test.Len()})
	}
	if st.Shifts != None {
		p := st.progress
		p.Step, p.Resolution, p.Shifting = t.Steps(), st.Size, true
		st.report(p)
		found, err := polyphase.Study{Shifts: st.Shifts, Most: max(st.Size-1, 1), Seed: shiftSeed}.Measure(ctx, m, vision.FromPipeline(st.tested(st.Size)))
		if err != nil {
			return c, err
		}
		c.Shift = shiftOf(found)
	}
	c.TestSeconds = time.Since(start).Seconds()
	return c, nil
}

// shiftSeed is the seed of the shifts, the same for all models.
const shiftSeed = 0x5817f

// examPixels is how many pixels are asked about at a time.
const examPixels = 1 << 16

// ask asks for the classes of all test images of a resolution and returns how many answers are right.
func (st *study) ask(ctx context.Context, m *vision.Model, resolution int) (right int, err error) {
	data, err := vision.NewData(m, vision.FromPipeline(st.tested(resolution)))
	if err != nil {
		return 0, err
	}
	tape, each := tensor.NewTape(), max(examPixels/(resolution*resolution), 1)
	for at := 0; at < data.Len(); at += each {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		items := make([]int, min(each, data.Len()-at))
		for k := range items {
			items[k] = at + k
		}
		b, err := data.Prepare(items)
		if err != nil {
			return 0, err
		}
		tape.Begin(tensor.Pass{})
		logits := m.Forward(tape, b).Value()
		for k, item := range items {
			if first(logits.Row(k)) == st.Set.Test.Label(item) {
				right++
			}
		}
	}
	return right, nil
}

// first returns the place of the largest number, the first where several are equal.
func first(list []float32) int {
	best := 0
	for i, v := range list {
		if v > list[best] {
			best = i
		}
	}
	return best
}

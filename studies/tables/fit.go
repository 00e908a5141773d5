package tables

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/studies/internal/trial"
	"github.com/graft-ml/graft/tables/decoder"
)

// lowest is the part of the learning rate that is left in the end.
const lowest = 0.02

// do fills a cell.
func (st *study) do(ctx context.Context, o opening) (c Cell, err error) {
	m, t, err := st.begin(&o)
	if err != nil {
		return c, err
	}
	err = st.kept.Do(ctx, t, func() (any, error) {
		c, err = st.test(ctx, &o, m, t)
		return c, err
	})
	return c, err
}

// begin makes a model that has not learned anything.
func (st *study) begin(o *opening) (*decoder.Model, *trial.Training, error) {
	m, err := decoder.New(o.config, o.task.words, o.seed)
	if err != nil {
		return nil, nil, err
	}
	return m, trial.New(m, trial.Plan{
		Name: fmt.Sprintf("%s-%s-%d", o.task.Name(), o.reader.Name, o.seed), Setting: o.reader.setting(), Seed: o.seed,
		Steps: st.Steps, LR: st.LR, Clip: st.Clip, AdamW: optim.AdamWOptions{Beta2: st.Beta2, WeightDecay: st.WeightDecay},
		Schedule: optim.Cosine{Warmup: st.Warmup, Epochs: st.Steps, Floor: lowest},
		Batch:    func(step int) (nn.Batch, int, error) { return st.batch(o, m, step) },
		OnStep: func(step int, loss float64) {
			p := st.progress
			p.Step, p.Loss = step, loss
			st.report(p)
		},
	}), nil
}

// batch makes what a step learns from.
func (st *study) batch(o *opening, m *decoder.Model, step int) (nn.Batch, int, error) {
	d, err := decoder.NewData(m, st.items(o, step), decoder.DataOptions{})
	if err != nil {
		return nil, 0, err
	}
	all := make([]int, d.Len())
	for i := range all {
		all[i] = i
	}
	b, err := d.Prepare(all)
	if err != nil {
		return nil, 0, err
	}
	return b, len(b.(*sequences.Batch).IDs), nil
}

// test asks a model that is trained, and makes the cell.
func (st *study) test(ctx context.Context, o *opening, m *decoder.Model, t *trial.Training) (Cell, error) {
	start := time.Now()
	c := Cell{
		Task: o.task.Name(), Reader: o.reader.Name, Reading: o.reader.Reading, Setting: o.reader.setting(), Seed: o.seed,
		Parameters: t.Parameters(), FeedForwardWidth: o.config.FeedForwardWidth, Steps: t.Steps(), Loss: t.Loss(),
		Tokens: t.Tokens(), TrainSeconds: t.Seconds(),
	}
	for _, size := range st.TestSizes {
		p := st.progress
		p.Step, p.Size = t.Steps(), size
		st.report(p)
		right, err := st.ask(ctx, o, m, size)
		if err != nil {
			return c, err
		}
		c.Scores = append(c.Scores, Score{Size: size, Trained: slices.Contains(st.Sizes, size), Right: right, Examples: st.Tests})
	}
	var err error
	if routed(o.reader.Reading) {
		c.Columns, err = st.routing(ctx, o, m)
	}
	c.TestSeconds = time.Since(start).Seconds()
	return c, err
}

// examBatch is how many questions are answered at a time.
const examBatch = 50

// longestAnswer is more tokens than any answer has.
const longestAnswer = 6

// ask asks questions of tables of a size and returns how many were answered right, word by word.
func (st *study) ask(ctx context.Context, o *opening, m *decoder.Model, size int) (right int, err error) {
	questions := make([]tableqa.Question, st.Tests)
	queries := make([]decoder.Query, st.Tests)
	for i := range questions {
		q := o.task.bySize[size].At(questionSeed, datasets.Test, i)
		questions[i], queries[i] = q, decoder.Query{Table: q.Table, Question: q.Text}
	}
	answers, err := m.AskAll(ctx, queries, decoder.AskOptions{MaxTokens: longestAnswer, BatchSize: examBatch})
	if err != nil {
		return 0, err
	}
	for i, a := range answers {
		if a.Ended && tableqa.ExactMatch.Correct(&questions[i], a.Items) {
			right++
		}
	}
	return right, nil
}

// explained is how many questions of the largest size that was learned the weights of the router are taken from.
const explained = 20

// routing returns the mean weight that cells give to the order of the columns, a layer each.
func (st *study) routing(ctx context.Context, o *opening, m *decoder.Model) ([]float64, error) {
	means := make([]float64, m.Config.Layers)
	for i := range explained {
		q := o.task.bySize[st.Sizes[len(st.Sizes)-1]].At(questionSeed, datasets.Test, i)
		x, err := m.Explain(ctx, q.Table, q.Text, decoder.AskOptions{})
		if err != nil {
			return nil, err
		}
		for layer := range means {
			means[layer] += x.Mean(layer, decoder.All) / explained
		}
	}
	return means, nil
}

package recipes

import (
	"context"
	"errors"
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/train"
)

// judged are the names of metrics that want answers rather than scores of tokens.
var judged = map[tableqa.Metric]string{tableqa.Denotation: "denotation", tableqa.LabelAccuracy: "verdict", tableqa.NumericMatch: "numeric-match"}

// mostAnswer is the most tokens of an answer that is judged.
const mostAnswer = 64

// Judge asks a model the questions of a split and has the evaluator of the data set judge
// its answers: of all, and of the parts that are reported on their own. Statements are
// verified by the likelier verdict, questions answered as data.questions.answer says, and
// tables that are longer than the model reads lose rows; one that has no room for a row is
// answered wrong. p is a plan of the model's. There are
// no scores of graphs and rows, and none of sets whose answers must match exactly, for which
// the metric of the plan is the same. each, which may be nil, is told how many were answered.
func (t *Trained) Judge(ctx context.Context, p *Plan, split datasets.Split, each func(done, of int)) (train.Scores, error) {
	d, ok := p.data.(*questionData)
	if !ok || judged[d.set.Info.Metric] == "" {
		return nil, nil
	}
	m, ok := t.Model.(*decoder.Model)
	if !ok {
		return nil, fmt.Errorf("recipes: a %T cannot be asked", t.Model)
	}
	source, tally := d.set.Split(split), tableqa.Tally{}
	for first := 0; first < source.Len(); first += t.Recipe.Train.EvalBatchSize {
		batch := make([]tableqa.Question, min(t.Recipe.Train.EvalBatchSize, source.Len()-first))
		for k := range batch {
			batch[k] = source.At(first + k)
		}
		answers, err := t.answers(ctx, m, d, batch)
		if err != nil {
			return nil, fmt.Errorf("recipes: split %v: questions from %d on: %w", split, first, err)
		}
		for k := range batch {
			tally.Add(d.set.Info.Metric, &batch[k], answers[k])
		}
		if each != nil {
			each(first+len(batch), source.Len())
		}
	}
	name := judged[d.set.Info.Metric]
	scores := train.Scores{{Name: name, Value: tally.All.Percent() / 100}}
	for _, part := range []struct {
		name string
		rate tableqa.Rate
	}{{"one cell", tally.OneCell}, {"simple", tally.Simple}, {"complex", tally.Complex}, {"small", tally.Small}} {
		if part.rate.All > 0 {
			scores = append(scores, train.Score{Name: part.name, Value: part.rate.Percent() / 100})
		}
	}
	return scores, nil
}

// answers asks some questions.
func (t *Trained) answers(ctx context.Context, m *decoder.Model, d *questionData, batch []tableqa.Question) ([][]string, error) {
	o := decoder.AskOptions{CutRows: t.Recipe.Data.Questions.Long != RefuseLong, MaxTokens: mostAnswer, BatchSize: len(batch)}
	list := make([][]string, len(batch))
	var choices func(*tables.Table) []string
	switch {
	case d.set.Info.Task == tableqa.Verification:
		choices = func(*tables.Table) []string { return []string{tableqa.Entailed, tableqa.Refuted} }
	case t.Recipe.Data.Questions.Answer == ChooseCell:
		choices = decoder.CellTexts
	}
	if choices != nil {
		for k, q := range batch {
			weighed, err := m.Choose(ctx, q.Table, q.Text, choices(q.Table), o)
			if tooLong(err) {
				continue // no answer is a wrong one
			}
			if err != nil {
				return nil, err
			}
			if best := decoder.Likeliest(weighed); best >= 0 {
				list[k] = []string{weighed[best].Text}
			}
		}
		return list, nil
	}
	queries := make([]decoder.Query, len(batch))
	for k, q := range batch {
		queries[k] = decoder.Query{Table: q.Table, Question: q.Text}
	}
	answers, err := m.AskAll(ctx, queries, o)
	if tooLong(err) && len(batch) > 1 {
		for k := range batch {
			one, err := t.answers(ctx, m, d, batch[k:k+1])
			if err != nil {
				return nil, err
			}
			list[k] = one[0]
		}
		return list, nil
	}
	if tooLong(err) {
		return list, nil // no answer is a wrong one
	}
	if err != nil {
		return nil, err
	}
	for k, a := range answers {
		list[k] = a.Items
	}
	return list, nil
}

// tooLong tells of an error whether it is about a table of which not even one row fits.
func tooLong(err error) bool {
	var long *tables.LongError
	return errors.As(err, &long) && long.Fit == 0
}

package baseline

import (
	"errors"
	"slices"

	"github.com/graft-ml/graft/datasets/tableqa"
)

// Majority always gives the answer that was most frequent in training.
type Majority struct {
	Most  string // the answer
	Count int    // of training questions with it
	All   int    // training questions
}

// FitMajority counts the answers of a split; of equally frequent ones it takes the first in
// alphabetical order. The error is that there are no questions.
func FitMajority(train tableqa.Source) (*Majority, error) {
	count := map[string]int{}
	for i := range train.Len() {
		for _, a := range train.At(i).Answers {
			count[a]++
		}
	}
	if len(count) == 0 {
		return nil, errors.New("baseline: there are no questions to count the answers of")
	}
	var answers []string
	for a := range count {
		answers = append(answers, a)
	}
	slices.Sort(answers)
	most := slices.MaxFunc(answers, func(a, b string) int { return count[a] - count[b] })
	return &Majority{most, count[most], train.Len()}, nil
}

// Answer is the most frequent answer.
func (m *Majority) Answer(*tableqa.Question) []string { return []string{m.Most} }

// Answerer is anything that answers questions.
type Answerer interface {
	Answer(q *tableqa.Question) []string
}

var _, _, _ Answerer = (*Majority)(nil), (*Statements)(nil), (*Cells)(nil)

// Measure has all questions of a split answered and judges the answers.
func Measure(m tableqa.Metric, s tableqa.Source, a Answerer) tableqa.Tally {
	var t tableqa.Tally
	for i := range s.Len() {
		q := s.At(i)
		t.Add(m, &q, a.Answer(&q))
	}
	return t
}

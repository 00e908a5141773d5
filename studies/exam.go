package studies

import (
	"context"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/sequences"
)

// examBatch is how many questions are answered at a time.
const examBatch = 64

// exam asks questions of all lengths, of the training first.
func (st *study) exam(ctx context.Context, m *sequences.Model, subject Subject) ([]Score, error) {
	var scores []Score
	for _, split := range []lengths.Split{lengths.Val, lengths.Test} {
		r := st.task.Lengths(split)
		for length := r.Min; length <= r.Max; length++ {
			p := st.progress
			p.Length = length
			st.report(p)
			// The first questions of the training lengths are those of the validation, which may have chosen the weights.
			first := 0
			if split == lengths.Val {
				first = st.Tests
			}
			right, err := st.ask(ctx, m, subject, questions{split, length, first})
			if err != nil {
				return nil, err
			}
			scores = append(scores, Score{Length: length, Trained: split == lengths.Val, Right: right, Examples: st.Tests})
		}
	}
	return scores, nil
}

// validate asks questions of the training lengths and returns how many were answered right.
func (st *study) validate(ctx context.Context, m *sequences.Model, subject Subject) (right int, err error) {
	r := st.task.Lengths(lengths.Val)
	for length := r.Min; length <= r.Max; length++ {
		n, err := st.ask(ctx, m, subject, questions{lengths.Val, length, 0})
		if err != nil {
			return 0, err
		}
		right += n
	}
	return right, nil
}

// questions are those of a length from the first on, Tests of them.
type questions struct {
	split  lengths.Split
	length int
	first  int
}

// ask has the model answer questions, taking the likeliest token every time, and returns how many answers were right.
func (st *study) ask(ctx context.Context, m *sequences.Model, subject Subject, q questions) (right int, err error) {
	examples := make([]lengths.Example, st.Tests)
	prompts := make([][]int32, st.Tests)
	o := sequences.Options{Stop: []int32{lengths.EOS}, BatchSize: examBatch, Places: make([]*sequences.Places, st.Tests)}
	longest := 0
	for i := range examples {
		examples[i] = st.task.Generate(questionSeed, q.split, q.length, q.first+i)
		e, err := st.example(subject, examples[i])
		if err != nil {
			return 0, err
		}
		prompts[i], o.Places[i] = e.Prompt, e.Places
		longest = max(longest, len(e.Target))
	}
	o.MaxTokens = longest + longest/4 + 2 // a working may be longer than ours and the answer right
	answers, err := m.Generate(ctx, prompts, o)
	if err != nil {
		return 0, err
	}
	for i, a := range answers {
		if st.task.Correct(examples[i], st.task.Vocabulary().Decode(a.Tokens)) {
			right++
		}
	}
	return right, nil
}

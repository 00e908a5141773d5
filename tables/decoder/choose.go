package decoder

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables"
)

// Choice is one of the answers that a model may choose among.
type Choice struct {
	Text           string
	LogProbability float64 // the logarithm of the probability that the model gives to this answer, its end included
	Share          float64 // of the probability of all choices together
}

// Choose weighs answers to a question of a table: true and false of a statement, the cells of a column. Choices come in the
// order of the answers; see [Likeliest]. Table and question are read once. The errors are those of [Model.Ask].
func (m *Model) Choose(ctx context.Context, t *tables.Table, question string, answers []string, o AskOptions) ([]Choice, error) {
	if len(answers) == 0 {
		return nil, errors.New("decoder: there are no answers to choose among")
	}
	continuations, longest := make([][]int32, len(answers)), 0
	for i, text := range answers {
		continuations[i] = m.answered([]string{text})
		longest = max(longest, len(continuations[i]))
	}
	q, err := m.query(Query{t, question}, o.CutRows, longest-1) // the last token is not read
	if err != nil {
		return nil, err
	}
	scores, err := m.Decoder.Score(ctx, q.ids, continuations, sequences.ScoreOptions{Places: q.places, BatchSize: o.BatchSize})
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	best, total := slices.Max(scores), 0.0
	for _, s := range scores {
		total += math.Exp(s - best)
	}
	choices := make([]Choice, len(answers))
	for i, s := range scores {
		choices[i] = Choice{answers[i], s, math.Exp(s-best) / total}
	}
	return choices, nil
}

// Likeliest returns the number of the likeliest choice, the first of equal ones; -1 where there is none.
func Likeliest(choices []Choice) int {
	best := -1
	for i, c := range choices {
		if best < 0 || c.LogProbability > choices[best].LogProbability {
			best = i
		}
	}
	return best
}

// CellTexts returns the texts of the cells below the header, each once, in the order of the rows: the answers to choose
// among where a cell is asked for.
func CellTexts(t *tables.Table) []string {
	var list []string
	seen := map[string]bool{}
	for _, row := range t.Cells()[1:] {
		for _, text := range row {
			if !seen[text] {
				seen[text] = true
				list = append(list, text)
			}
		}
	}
	return list
}

package tableqa_test

import (
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tokenize"
)

// TestWordsAreTokens reads questions, cells and answers of both tasks with the vocabulary that
// Words gives: each cell is one token, and nothing is missing.
func TestWordsAreTokens(t *testing.T) {
	for _, task := range []func(tableqa.ProxyOptions) (*tableqa.Proxy, error){tableqa.LocatingValues, tableqa.CountingStars} {
		p, err := task(tableqa.ProxyOptions{Sizes: []tableqa.Size{tableqa.Square(4)}, TestSizes: []tableqa.Size{{Rows: 20, Columns: 5}}})
		if err != nil {
			t.Fatal(err)
		}
		words, err := tokenize.NewWords(p.Words(), tables.MarkNames())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			q := p.At(1, datasets.Split(i%3), i)
			for _, row := range q.Table.Cells() {
				for _, cell := range row {
					if ids := words.Append(nil, cell); len(ids) != 1 {
						t.Errorf("%s: the cell %q has the tokens %v", q.ID, cell, ids)
					}
				}
			}
			for _, text := range []string{q.Text, q.Answers[0]} {
				if missing := words.Missing(text); len(missing) > 0 || words.Decode(words.Append(nil, text)) != text {
					t.Errorf("%s: %q is read as %q, %q is missing", q.ID, text, words.Decode(words.Append(nil, text)), missing)
				}
			}
		}
	}
}

package baseline

import (
	"context"
	"errors"
	"math"

	"github.com/graft-ml/graft/datasets/tableqa"
)

// Cells answers a question with the cell that scores best. The score is a learned sum of how
// many words of the question stand in the row and in the column's name, whether the cell
// itself is in the question, and what kind of cell the words of the question ask for.
type Cells struct {
	weights []float64
}

// FitCells fits the weights to the questions of a split whose answer is exactly one cell: the
// probability of that cell among all of the table, by a softmax over scores, is made large.
// The error is that of ctx, or about options or a split without such questions.
func FitCells(ctx context.Context, train tableqa.Source, o Options) (*Cells, error) {
	o, err := o.withDefaults(1e-5)
	if err != nil {
		return nil, err
	}
	var choices []choice
	for i := range train.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if q := train.At(i); q.OneCell() {
			choices = append(choices, choice{cellFeatures(&q), q.Cell[0]*q.Table.Columns() + q.Cell[1]})
		}
	}
	if len(choices) == 0 {
		return nil, errors.New("baseline: no question is answered by exactly one cell: there is nothing to fit to")
	}
	weights, err := minimise(ctx, cellFeatureCount, softmax(choices), o.L2)
	if err != nil {
		return nil, err
	}
	return &Cells{weights}, nil
}

// choice is the features of all cells of a table and the one that is right.
type choice struct {
	cells *matrix
	right int
}

// softmax is the mean of -ln p of the right cells.
func softmax(choices []choice) loss {
	var p []float64
	return func(w, grad []float64) float64 {
		sum, scale := 0.0, 1/float64(len(choices))
		for _, c := range choices {
			p = p[:0]
			most := math.Inf(-1)
			for k := range c.cells.rows() {
				z := c.cells.dot(k, w)
				p, most = append(p, z), math.Max(most, z)
			}
			right, total := p[c.right], 0.0
			for k, z := range p {
				p[k] = math.Exp(z - most)
				total += p[k]
			}
			sum += most + math.Log(total) - right
			for k := range p {
				g := p[k] / total
				if k == c.right {
					g--
				}
				c.cells.accumulate(k, grad, g*scale)
			}
		}
		return sum * scale
	}
}

// Choose gives row (0 the header) and column of the best cell, of equally good ones the first.
func (c *Cells) Choose(q *tableqa.Question) [2]int {
	best, most := 0, math.Inf(-1)
	cells := cellFeatures(q)
	for k := range cells.rows() {
		if z := cells.dot(k, c.weights); z > most {
			best, most = k, z
		}
	}
	return [2]int{best / q.Table.Columns(), best % q.Table.Columns()}
}

// Answer is the text of the best cell.
func (c *Cells) Answer(q *tableqa.Question) []string {
	at := c.Choose(q)
	if at[0] == 0 {
		return []string{q.Table.Header[at[1]]}
	}
	return []string{q.Table.Rows[at[0]-1][at[1]]}
}

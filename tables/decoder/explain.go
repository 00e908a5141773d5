package decoder

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tensor"
)

// Explanation tells how the router of a model weighed the two orders of a table while it read it with a question. All
// weights are those of the column order, from 0, rows alone, to 1, columns alone.
type Explanation struct {
	Table    *tables.Table // as it was read, without the rows that were cut
	Question string
	Layers   int
	Heads    int
	// Cells are the weights of the cells, the mean over their tokens: [layer][head][row, the header first][column].
	Cells [][][][]float64
	// Tokens are those of the question.
	Tokens []QuestionToken
}

// QuestionToken is a token of a question with its weights, [layer][head]. Its text may be a part of a word, and where the
// tokenizer cuts characters into bytes, U+FFFD.
type QuestionToken struct {
	Text    string
	Weights [][]float64
}

// Explain reads a table with a question and returns the weights of the router. Of the options CutRows counts. A model whose
// encoding has no router, or that is not shown both orders, has nothing to explain, which the error says with what to
// choose.
func (m *Model) Explain(ctx context.Context, t *tables.Table, question string, o AskOptions) (*Explanation, error) {
	if e := m.Decoder.Config.Encoding; m.Config.Reading != Both || !routes(e) {
		return nil, fmt.Errorf("decoder: the model reads tables by %v with the encoding %s, which has no router whose weights could be shown: train one with the encoding %s, which reads both orders and weighs them",
			m.Config.Reading, e.Name(), defaultEncoding)
	}
	q, err := m.query(Query{t, question}, o.CutRows, 0)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	// A batch reads all of an example but its last token.
	b, err := sequences.NewBatch(m.Decoder, []sequences.Example{{Prompt: q.ids, Target: []int32{m.Marks.EOS}, Places: q.places}}, sequences.BatchOptions{})
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	routing, err := m.Decoder.Routing(b)
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	x := &Explanation{Table: q.table, Question: question, Layers: m.Config.Layers, Heads: m.Config.Heads}
	for _, layer := range routing {
		x.Cells = append(x.Cells, cellWeights(layer, q.reading, m.Config.Heads, len(q.table.Rows)+1, q.table.Columns()))
	}
	for at := q.question[0]; at < q.question[1]; at++ {
		token := QuestionToken{Text: m.text(q.ids[at : at+1])}
		for _, layer := range routing {
			weights := make([]float64, m.Config.Heads)
			for h := range weights {
				weights[h] = float64(layer.At(at, h, columnOrder))
			}
			token.Weights = append(token.Weights, weights)
		}
		x.Tokens = append(x.Tokens, token)
	}
	return x, nil
}

// columnOrder is the number of the column order among the orders of [Both].
const columnOrder = 1

// cellWeights returns the weights of a layer, [head][row][column]; routing is [tokens, heads, orders].
func cellWeights(routing *tensor.Tensor, r *tables.Reading, heads, rows, columns int) [][][]float64 {
	out := make([][][]float64, heads)
	count := make([]int, rows*columns)
	for _, c := range r.Cell {
		if c[0] >= 0 {
			count[int(c[0])*columns+int(c[1])]++
		}
	}
	for h := range out {
		out[h] = make([][]float64, rows)
		for i := range out[h] {
			out[h][i] = make([]float64, columns)
		}
		for t, c := range r.Cell {
			if c[0] >= 0 {
				out[h][c[0]][c[1]] += float64(routing.At(t, h, columnOrder)) / float64(count[int(c[0])*columns+int(c[1])])
			}
		}
	}
	return out
}

// routes tells whether an encoding weighs the orders of a table.
func routes(e encodings.Encoding) bool {
	p, err := shown(e, Both)
	_, ok := p.(encodings.Routed)
	return err == nil && ok
}

// All stands for the mean over all layers, or heads.
const All = -1

// Map returns the weights of the cells in a layer and a head, or their means: [row, the header first][column].
func (x *Explanation) Map(layer, head int) [][]float64 {
	out := make([][]float64, len(x.Table.Rows)+1)
	layers, heads := choose(layer, x.Layers), choose(head, x.Heads)
	for i := range out {
		out[i] = make([]float64, x.Table.Columns())
		for j := range out[i] {
			for _, l := range layers {
				for _, h := range heads {
					out[i][j] += x.Cells[l][h][i][j] / float64(len(layers)*len(heads))
				}
			}
		}
	}
	return out
}

// Mean returns the mean weight of the cells in a layer and a head, or over all of them.
func (x *Explanation) Mean(layer, head int) float64 {
	sum, cells := 0.0, 0
	for _, row := range x.Map(layer, head) {
		for _, w := range row {
			sum += w
			cells++
		}
	}
	return sum / float64(cells)
}

// Weight returns the weight of the question's token t in a layer and a head, or the mean over them.
func (x *Explanation) Weight(t, layer, head int) float64 {
	sum := 0.0
	layers, heads := choose(layer, x.Layers), choose(head, x.Heads)
	for _, l := range layers {
		for _, h := range heads {
			sum += x.Tokens[t].Weights[l][h]
		}
	}
	return sum / float64(len(layers)*len(heads))
}

// choose returns the numbers below n that k stands for.
func choose(k, n int) []int {
	if k != All {
		return []int{k}
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

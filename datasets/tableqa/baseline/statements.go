package baseline

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/tables"
)

// Statements verifies statements by logistic regression over their words and over how many
// of them, and of their numbers, stand in the table. It knows nothing of rows and columns
// but which row has most of the words.
type Statements struct {
	words   map[string]int // number of the feature of a word
	weights []float64
}

// FitStatements fits the regression to the statements of a split. The error is that of ctx,
// or about options or a split without statements of both labels.
func FitStatements(ctx context.Context, train tableqa.Source, o Options) (*Statements, error) {
	o, err := o.withDefaults(1e-3)
	if err != nil {
		return nil, err
	}
	s := &Statements{words: map[string]int{}}
	queries, labels, err := readStatements(ctx, train)
	if err != nil {
		return nil, err
	}
	for k, word := range frequent(queries, o.MinCount) {
		s.words[word] = statementFeatures + k
	}
	var rows matrix
	for i, query := range queries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q := train.At(i)
		s.features(&rows, query, q.Table)
	}
	s.weights, err = minimise(ctx, statementFeatures+len(s.words), logistic(&rows, labels), o.L2)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// readStatements gives the words and labels of all statements.
func readStatements(ctx context.Context, train tableqa.Source) ([]*query, []float64, error) {
	queries, labels := make([]*query, train.Len()), make([]float64, train.Len())
	entailed := 0
	for i := range queries {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		q := train.At(i)
		if q.Label != 0 && q.Label != 1 {
			return nil, nil, fmt.Errorf("baseline: question %s has no label: fit to a set of statements, such as tabfact", q.ID)
		}
		entailed += q.Label
		queries[i], labels[i] = newQuery(q.Text), float64(q.Label)
	}
	if refuted := len(queries) - entailed; entailed == 0 || refuted == 0 {
		return nil, nil, fmt.Errorf("baseline: %d entailed and %d refuted statements to fit to, expected some of both", entailed, refuted)
	}
	return queries, labels, nil
}

// frequent lists the words that are in at least so many queries, in alphabetical order.
func frequent(queries []*query, least int) []string {
	count := map[string]int{}
	for _, q := range queries {
		for _, word := range q.words {
			count[word]++
		}
	}
	var list []string
	for word, n := range count {
		if n >= least {
			list = append(list, word)
		}
	}
	slices.Sort(list)
	return list
}

// logistic is the mean of -ln p of the labels.
func logistic(rows *matrix, labels []float64) loss {
	return func(w, grad []float64) float64 {
		sum, scale := 0.0, 1/float64(rows.rows())
		for i, label := range labels {
			z := rows.dot(i, w)
			// ln(1 + e^z) without overflow.
			sum += math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) - label*z
			rows.accumulate(i, grad, (sigmoid(z)-label)*scale)
		}
		return sum * scale
	}
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// Probability is that of the statement being entailed.
func (s *Statements) Probability(q *tableqa.Question) float64 {
	var row matrix
	s.features(&row, newQuery(q.Text), q.Table)
	return sigmoid(row.dot(0, s.weights))
}

// Answer is tableqa.Entailed or tableqa.Refuted.
func (s *Statements) Answer(q *tableqa.Question) []string {
	if s.Probability(q) >= 0.5 {
		return []string{tableqa.Entailed}
	}
	return []string{tableqa.Refuted}
}

// The features of a statement that are not words of it.
const (
	constant         = iota
	shareInTable     // of its content words
	shareInBestRow   // of its content words, in the row that has most
	shareInHeader    // of its content words
	shareInTitle     // of its content words
	numbersInTable   // share of its numbers
	numbersInBestRow // share of its numbers
	strangeNumber    // a number is nowhere in the table
	noNumber
	countsRows  // a number is that of the rows
	lengthWords // logarithm of
	lengthRows  // logarithm of

	statementFeatures = iota
)

// features adds the row of one statement.
func (s *Statements) features(to *matrix, q *query, t *tables.Table) {
	var header, table, best uint64
	for _, name := range t.Header {
		header |= q.see(name).mask
	}
	for _, cells := range t.Rows {
		row := uint64(0)
		for _, cell := range cells {
			row |= q.see(cell).mask
		}
		if table |= row; bits.OnesCount64(row&q.content) > bits.OnesCount64(best&q.content) {
			best = row
		}
	}
	table |= header
	rows, counted := q.number[strconv.Itoa(len(t.Rows))]
	to.add(constant, 1)
	to.add(shareInTable, part(table, q.content))
	to.add(shareInBestRow, part(best, q.content))
	to.add(shareInHeader, part(header, q.content))
	to.add(shareInTitle, part(q.see(t.Title).mask, q.content))
	to.add(numbersInTable, part(table, q.digits))
	to.add(numbersInBestRow, part(best, q.digits))
	to.add(strangeNumber, truth(q.digits&^table != 0))
	to.add(noNumber, truth(q.digits == 0))
	to.add(countsRows, truth(counted && q.digits>>rows&1 == 1))
	to.add(lengthWords, math.Log1p(float64(len(q.words))))
	to.add(lengthRows, math.Log1p(float64(len(t.Rows))))
	for _, word := range q.words {
		if k, ok := s.words[word]; ok {
			to.add(k, 1)
		}
	}
	to.end()
}

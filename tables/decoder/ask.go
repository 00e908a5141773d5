package decoder

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables"
)

// AskOptions say how a model is asked. The zero value asks of whole tables, for at most 100 tokens.
type AskOptions struct {
	// MaxTokens is the most tokens of an answer; 0 means 100, as the official code.
	MaxTokens int
	// CutRows leaves out the last rows of a table that is longer than the model reads, so that there is room for the answer:
	// for MaxTokens, but at most a quarter of what the model reads. Otherwise such a table is an error, a
	// [*tables.LongError].
	CutRows bool
	// BatchSize is the number of questions that are worked on at a time; 0 means 16.
	BatchSize int
}

// Query is a table with what is asked of it.
type Query struct {
	Table    *tables.Table
	Question string
}

// Answer is what a model says.
type Answer struct {
	Text        string   // items, joined by ", "
	Items       []string // of a list in its order; one where the answer is none
	Probability float64  // that the model gives to the whole answer, its end included
	Ended       bool     // by the model; otherwise MaxTokens or what the model reads cut it off
	Rows        int      // of the table that were read, from the first
}

// Ask returns the model's answer to a question of a table: the likeliest token every time. The error is a
// [*tables.TableError] or [*tables.EmptyError] of a table that nothing can be asked of, a [*tables.LongError], or the end
// of ctx.
func (m *Model) Ask(ctx context.Context, t *tables.Table, question string, o AskOptions) (*Answer, error) {
	list, err := m.AskAll(ctx, []Query{{t, question}}, o)
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// AskAll asks several questions, of one or of many tables, each for itself. An error of one, with its number, comes
// before any is answered.
func (m *Model) AskAll(ctx context.Context, queries []Query, o AskOptions) ([]Answer, error) {
	if o.MaxTokens < 0 || o.BatchSize < 0 {
		return nil, fmt.Errorf("decoder: answers of %d tokens in batches of %d: want positive numbers, or 0 for the defaults", o.MaxTokens, o.BatchSize)
	}
	if o.MaxTokens == 0 {
		o.MaxTokens = 100
	}
	generate := sequences.Options{MaxTokens: o.MaxTokens, BatchSize: o.BatchSize, Stop: []int32{m.Marks.EOS}, Probabilities: true}
	prompts, answers := make([][]int32, len(queries)), make([]Answer, len(queries))
	for i, q := range queries {
		p, err := m.query(q, o.CutRows, min(o.MaxTokens, m.Config.MaxTokens/4))
		if err != nil {
			return nil, about(i, len(queries), err)
		}
		prompts[i], answers[i].Rows = p.ids, len(p.table.Rows)
		if p.places != nil {
			generate.Places = append(generate.Places, p.places)
		}
	}
	completions, err := m.Decoder.Generate(ctx, prompts, generate)
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	for i, c := range completions {
		a := &answers[i]
		a.Items, a.Ended, a.Probability = m.items(c.Tokens), c.Reason == sequences.Stopped, math.Exp(c.LogProbability)
		a.Text = strings.Join(a.Items, ", ")
	}
	return answers, nil
}

// items returns the texts between the bars of an answer.
func (m *Model) items(ids []int32) []string {
	var items []string
	for {
		end := 0
		for end < len(ids) && ids[end] != m.Marks.Bar {
			end++
		}
		items = append(items, strings.TrimSpace(m.text(ids[:end])))
		if end == len(ids) {
			return items
		}
		ids = ids[end+1:]
	}
}

// text returns the text of tokens; what makes no character is U+FFFD.
func (m *Model) text(ids []int32) string {
	return strings.ToValidUTF8(m.Tokenizer.Decode(ids), "\uFFFD")
}

// query is a table with a question as the model reads them.
type query struct {
	table   *tables.Table // without the rows that were cut
	ids     []int32
	places  *sequences.Places
	reading *tables.Reading
	// question are its first token and the first after it.
	question [2]int
}

// query lays out a table with a question. With cut, the table loses rows until there is room for answer tokens besides.
func (m *Model) query(q Query, cut bool, answer int) (*query, error) {
	if q.Table == nil {
		return nil, fmt.Errorf("decoder: there is no table")
	}
	if err := q.Table.Answerable(); err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	s := m.sheet(q.Table)
	title := len(s.prefix)
	prefix, suffix := m.asked(s, q.Question)
	s.prefix = prefix
	b := tables.Budget{Limit: m.Config.MaxTokens, Text: len(prefix) + len(suffix), Truncate: cut}
	if cut {
		b.Text += answer
	}
	out := &query{}
	var err error
	if out.table, s.cells, err = b.Fit(q.Table, s.cells); err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	out.ids, out.places, out.reading, err = m.prompt(s, suffix)
	if err != nil {
		return nil, err
	}
	out.question = [2]int{title, len(prefix) - 1} // the mark behind it is none of it
	if m.Config.Question == After {
		out.question = [2]int{out.reading.Span[1], len(out.ids) - 1}
	}
	return out, nil
}

// about tells which of several queries an error is about.
func about(i, of int, err error) error {
	if of == 1 {
		return err
	}
	return fmt.Errorf("question %d: %w", i, err)
}

package decoder_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
)

// TestAsk: a model that learned a few tables by heart answers of them, weighs the right answers highest, and does so again
// once it was saved and loaded; questions together are no worse than alone.
func TestAsk(t *testing.T) {
	ctx := context.Background()
	items := lessons(4)
	for _, c := range []struct {
		encoding string
		reading  decoder.Reading
		together int
	}{{"two-order", decoder.Both, 1}, {"rope", decoder.Columns, 3}} {
		m := newModel(t, small(c.encoding, c.reading))
		fit(t, m, items, decoder.DataOptions{Together: c.together}, 60)
		dir := filepath.Join(t.TempDir(), "model")
		if err := m.Save(dir); err != nil {
			t.Fatal(err)
		}
		loaded, err := decoder.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		var queries []decoder.Query
		for _, item := range items {
			queries = append(queries, decoder.Query{Table: item.Table, Question: item.Questions[0].Text})
		}
		answers, err := loaded.AskAll(ctx, queries, decoder.AskOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range answers {
			q := items[i].Questions[0]
			if a.Text != q.Answers[0] || !a.Ended || a.Rows != 3 || !(a.Probability > 0.5 && a.Probability <= 1) {
				t.Errorf("%s: question %d: %+v, want %s", c.encoding, i, a, q.Answers[0])
			}
			alone, err := m.Ask(ctx, items[i].Table, q.Text, decoder.AskOptions{})
			if err != nil || alone.Text != a.Text {
				t.Errorf("%s: question %d: %+v alone, %v", c.encoding, i, alone, err)
			}
			choices, err := m.Choose(ctx, items[i].Table, q.Text, decoder.CellTexts(items[i].Table), decoder.AskOptions{BatchSize: 4})
			if err != nil {
				t.Fatal(err)
			}
			best := choices[decoder.Likeliest(choices)]
			if best.Text != a.Text || math.Abs(math.Exp(best.LogProbability)-a.Probability) > 1e-4 {
				t.Errorf("%s: question %d: of the cells %+v, answered %+v", c.encoding, i, best, a)
			}
			sum := 0.0
			for _, choice := range choices {
				sum += choice.Share
			}
			if math.Abs(sum-1) > 1e-12 || len(choices) != 6 {
				t.Errorf("shares of %d choices have the sum %v", len(choices), sum)
			}
		}
	}
}

// TestAnswersInAnyReading: untrained models of all readings answer, alike alone and in a batch, up to the limit.
func TestAnswersInAnyReading(t *testing.T) {
	ctx := context.Background()
	for _, r := range readings {
		m := newModel(t, small(r.encoding, r.reading))
		queries := []decoder.Query{{cities(), "what year ?"}, {lessons(1)[0].Table, "city ?"}, {cities().Head(1), ""}}
		all, err := m.AskAll(ctx, queries, decoder.AskOptions{MaxTokens: 5})
		if err != nil {
			t.Fatalf("%v: %v", r, err)
		}
		for i, q := range queries {
			one, err := m.Ask(ctx, q.Table, q.Question, decoder.AskOptions{MaxTokens: 5})
			if err != nil || one.Text != all[i].Text || one.Rows != len(q.Table.Rows) || !(one.Probability > 0) {
				t.Errorf("%v: question %d: alone %+v (%v), together %+v", r, i, one, err, all[i])
			}
		}
		choices, err := m.Choose(ctx, cities(), "true ?", []string{"true", "false", "60 and 61"}, decoder.AskOptions{})
		if err != nil || len(choices) != 3 || decoder.Likeliest(choices) == 2 {
			t.Errorf("%v: %+v, %v", r, choices, err)
		}
	}
}

// TestAskedByMany: a model may be asked by several at once, and says what it says to one.
func TestAskedByMany(t *testing.T) {
	ctx := context.Background()
	for _, r := range readings {
		m := newModel(t, small(r.encoding, r.reading))
		want, err := m.Ask(ctx, cities(), "what year ?", decoder.AskOptions{MaxTokens: 4})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for range 3 {
					got, err := m.Ask(ctx, cities(), "what year ?", decoder.AskOptions{MaxTokens: 4})
					if err != nil || got.Text != want.Text || got.Probability != want.Probability {
						t.Errorf("%v: %+v (%v), want %+v", r, got, err, want)
					}
				}
			})
		}
		group.Wait()
	}
}

// TestAskRefuses: what cannot be asked is told before anything is computed.
func TestAskRefuses(t *testing.T) {
	ctx := context.Background()
	c := small("two-order", decoder.Served)
	c.MaxTokens = 64
	m := newModel(t, c)
	var long *tables.LongError
	var empty *tables.EmptyError
	var odd *tables.TableError
	if _, err := m.Ask(ctx, cities(), "what year ?", decoder.AskOptions{}); !errors.As(err, &long) || long.Tokens-long.Limit != 2 || long.Fit != 2 {
		t.Errorf("a long table: %v", err)
	}
	a, err := m.Ask(ctx, cities(), "what year ?", decoder.AskOptions{CutRows: true})
	if err != nil || a.Rows != 1 {
		t.Errorf("a cut table: %+v, %v", a, err)
	}
	if _, err := m.Choose(ctx, cities(), "what year ?", []string{"52"}, decoder.AskOptions{}); !errors.As(err, &long) {
		t.Errorf("a long table to choose of: %v", err)
	}
	if _, err := m.Ask(ctx, cities().Head(0), "year ?", decoder.AskOptions{}); !errors.As(err, &empty) {
		t.Errorf("a table without rows: %v", err)
	}
	if _, err := m.Ask(ctx, &tables.Table{Header: []string{"a"}, Rows: [][]string{{"b", "c"}}}, "year ?", decoder.AskOptions{}); !errors.As(err, &odd) {
		t.Errorf("a table that is none: %v", err)
	}
	if _, err := m.Ask(ctx, nil, "year ?", decoder.AskOptions{}); err == nil {
		t.Error("no table is asked of")
	}
	if _, err := m.Ask(ctx, cities().Head(1), "year ?", decoder.AskOptions{MaxTokens: -1}); err == nil {
		t.Error("answers of -1 tokens")
	}
	if _, err := m.Choose(ctx, cities().Head(1), "year ?", nil, decoder.AskOptions{}); err == nil || !strings.Contains(err.Error(), "no answers") {
		t.Errorf("nothing to choose among: %v", err)
	}
	if decoder.Likeliest(nil) != -1 {
		t.Error("the likeliest of no choices")
	}
	_, err = m.AskAll(ctx, []decoder.Query{{cities().Head(1), "year ?"}, {cities(), "year ?"}}, decoder.AskOptions{})
	if !errors.As(err, &long) || !strings.HasPrefix(err.Error(), "question 1: ") {
		t.Errorf("the second of two: %v", err)
	}
	ended, stop := context.WithCancel(ctx)
	stop()
	if _, err := m.Ask(ended, cities().Head(1), "year ?", decoder.AskOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
	if _, err := m.Explain(ended, cities().Head(1), "year ?", decoder.AskOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// TestCellTexts names each cell once.
func TestCellTexts(t *testing.T) {
	table := &tables.Table{Header: []string{"a", "b"}, Rows: [][]string{{"1", "2"}, {" 2 ", ""}, {"1", "3"}}}
	if got := decoder.CellTexts(table); !slices.Equal(got, []string{"1", "2", "None", "3"}) {
		t.Errorf("%q", got)
	}
}

// TestExplain: weights are between 0 and 1, means are means, and the cells of an item that is part of a larger question are
// weighed alone.
func TestExplain(t *testing.T) {
	ctx := context.Background()
	m := newModel(t, small("two-order:std=0.3", decoder.Served))
	x, err := m.Explain(ctx, cities(), "what year ?", decoder.AskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if x.Layers != 2 || x.Heads != 4 || len(x.Cells) != 2 || len(x.Cells[1]) != 4 || len(x.Cells[1][3]) != 4 || len(x.Cells[1][3][3]) != 3 {
		t.Fatalf("%d layers of %d heads", x.Layers, x.Heads)
	}
	if got := fmt.Sprint(x.Tokens[0].Text, x.Tokens[1].Text, x.Tokens[2].Text, len(x.Tokens)); got != "what year ? 3" && got != "whatyear?3" {
		t.Errorf("tokens of the question: %s", got)
	}
	sum, mixed := 0.0, map[float64]bool{}
	for l := range x.Layers {
		for h := range x.Heads {
			for _, row := range x.Map(l, h) {
				for _, w := range row {
					if !(w >= 0 && w <= 1) {
						t.Errorf("a weight of %v", w)
					}
					sum += w
					mixed[w] = true
				}
			}
		}
	}
	if mean := sum / (2 * 4 * 12); math.Abs(mean-x.Mean(decoder.All, decoder.All)) > 1e-9 || len(mixed) < 50 {
		t.Errorf("the mean weight is %v, want %v; %d different ones", x.Mean(decoder.All, decoder.All), mean, len(mixed))
	}
	if w := x.Weight(1, decoder.All, 2); math.Abs(w-(x.Tokens[1].Weights[0][2]+x.Tokens[1].Weights[1][2])/2) > 1e-12 {
		t.Errorf("the weight of a token is %v", w)
	}
	// A table stands before its question: the weights of its cells do not depend on what is asked.
	y, err := m.Explain(ctx, cities(), "where ?", decoder.AskOptions{})
	if err != nil || fmt.Sprint(x.Cells) != fmt.Sprint(y.Cells) {
		t.Errorf("another question has other weights of the cells: %v", err)
	}
	for _, c := range []decoder.Config{small("rope", decoder.Rows), small("rope", decoder.Both), small("axial-rope", decoder.Plane)} {
		if _, err := newModel(t, c).Explain(ctx, cities(), "year ?", decoder.AskOptions{}); err == nil || !strings.Contains(err.Error(), "train one with the encoding two-order") {
			t.Errorf("%s: %v", c.Encoding, err)
		}
	}
}

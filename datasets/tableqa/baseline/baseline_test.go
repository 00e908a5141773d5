package baseline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/tables"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"The 1,234.5 Cafés, 12. St. John's", []string{"the", "1234.5", "cafés", "12", "st", "john", "s"}},
		{"1940/41 2,x -3", []string{"1940", "41", "2", "x", "3"}},
		{"..,.", nil},
	} {
		var got []string
		each(c.text, func(word string) { got = append(got, word) })
		if !slices.Equal(got, c.want) {
			t.Errorf("words of %q are %q, expected %q", c.text, got, c.want)
		}
	}
}

// scores is a table of people and numbers, with statements or questions about it.
func scores(n int) *tables.Table {
	t := &tables.Table{Name: fmt.Sprint(n), Header: []string{"name", "points", "club"}}
	for k := range 4 {
		t.Rows = append(t.Rows, []string{fmt.Sprintf("player%d", n+k), fmt.Sprint(100*k + n), fmt.Sprintf("club%d", (n+k)%7)})
	}
	return t
}

// statements are true ones about half of the tables, and false ones in which a number is
// strange.
func statements(n int) tableqa.Slice {
	var list tableqa.Slice
	for i := range n {
		t := scores(i)
		q := tableqa.Question{ID: fmt.Sprint(i), Table: t, Label: i % 2, Answers: []string{tableqa.Refuted}, Cell: [2]int{-1, -1}, Simple: i%3 == 0}
		points := 7777
		if q.Label == 1 {
			q.Answers, points = []string{tableqa.Entailed}, 100+i
		}
		q.Text = fmt.Sprintf("player%d has %d points", i+1, points)
		list = append(list, q)
	}
	return list
}

// questions ask for the club of a player.
func questions(n int) tableqa.Slice {
	var list tableqa.Slice
	for i := range n {
		t := scores(i)
		list = append(list, tableqa.Question{ID: fmt.Sprint(i), Table: t, Label: tableqa.NoLabel, Text: fmt.Sprintf("which club has player%d?", i+i%4),
			Answers: []string{t.Rows[i%4][2]}, Cell: [2]int{i%4 + 1, 2}})
	}
	return list
}

func TestStatementsLearn(t *testing.T) {
	model, err := FitStatements(context.Background(), statements(60), Options{})
	if err != nil {
		t.Fatal(err)
	}
	tally := Measure(tableqa.LabelAccuracy, statements(300), model)
	if tally.All != (tableqa.Rate{Right: 300, All: 300}) || tally.Simple.All != 100 || tally.Complex.All != 200 || tally.OneCell.All != 0 {
		t.Errorf("tally %v", &tally)
	}
	again, err := FitStatements(context.Background(), statements(60), Options{})
	if err != nil || !slices.Equal(again.weights, model.weights) {
		t.Errorf("the same statements gave other weights (%v)", err)
	}
}

func TestCellsLearn(t *testing.T) {
	model, err := FitCells(context.Background(), questions(60), Options{})
	if err != nil {
		t.Fatal(err)
	}
	tally := Measure(tableqa.Denotation, questions(200), model)
	if tally.All != (tableqa.Rate{Right: 200, All: 200}) || tally.OneCell != tally.All {
		t.Errorf("tally %v", &tally)
	}
	again, err := FitCells(context.Background(), questions(60), Options{})
	if err != nil || !slices.Equal(again.weights, model.weights) {
		t.Errorf("the same questions gave other weights (%v)", err)
	}
	header := tableqa.Question{Text: "?", Table: &tables.Table{Header: []string{"a"}}}
	if got := model.Answer(&header); !slices.Equal(got, []string{"a"}) {
		t.Errorf("a table of one header cell is answered by %q", got)
	}
}

// TestGradients compares both losses with central differences.
func TestGradients(t *testing.T) {
	s := &Statements{words: map[string]int{"has": statementFeatures, "points": statementFeatures + 1}}
	var rows matrix
	var labels []float64
	for _, q := range statements(6) {
		s.features(&rows, newQuery(q.Text), q.Table)
		labels = append(labels, float64(q.Label))
	}
	var choices []choice
	for _, q := range questions(5) {
		choices = append(choices, choice{cellFeatures(&q), q.Cell[0]*3 + q.Cell[1]})
	}
	for _, c := range []struct {
		name string
		f    loss
		size int
	}{{"logistic", logistic(&rows, labels), statementFeatures + 2}, {"softmax", softmax(choices), cellFeatureCount}} {
		w, grad := make([]float64, c.size), make([]float64, c.size)
		for k := range w {
			w[k] = math.Sin(float64(k))
		}
		c.f(w, grad)
		for k := range w {
			const step = 1e-5
			at, ignored := w[k], make([]float64, c.size)
			w[k] = at + step
			up := c.f(w, ignored)
			w[k] = at - step
			down := c.f(w, ignored)
			w[k] = at
			if want := (up - down) / (2 * step); math.Abs(grad[k]-want) > 1e-6 {
				t.Errorf("%s: derivative %d is %g, expected %g", c.name, k, grad[k], want)
			}
		}
	}
}

func TestMajority(t *testing.T) {
	m, err := FitMajority(tableqa.Slice{{Answers: []string{"b"}}, {Answers: []string{"a", "b"}}, {Answers: []string{"a"}}})
	if err != nil || *m != (Majority{"a", 2, 3}) {
		t.Errorf("majority %+v, %v", m, err)
	}
}

func TestRefused(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	fitStatements := func(ctx context.Context, s tableqa.Source, o Options) error {
		_, err := FitStatements(ctx, s, o)
		return err
	}
	fitCells := func(ctx context.Context, s tableqa.Source, o Options) error {
		_, err := FitCells(ctx, s, o)
		return err
	}
	for _, c := range []struct {
		fit  func(context.Context, tableqa.Source, Options) error
		s    tableqa.Source
		o    Options
		want string
	}{
		{fitStatements, statements(4), Options{L2: -1}, "L2 -1"},
		{fitCells, questions(4), Options{L2: math.NaN()}, "L2 NaN"},
		{fitStatements, questions(4), Options{}, "question 0 has no label"},
		{fitStatements, statements(1), Options{}, "0 entailed and 1 refuted"},
		{fitStatements, tableqa.Slice(nil), Options{}, "0 entailed and 0 refuted"},
		{fitCells, statements(4), Options{}, "no question is answered by exactly one cell"},
	} {
		if err := c.fit(context.Background(), c.s, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, expected an error with %q in it", err, c.want)
		}
	}
	if err := fitStatements(ended, statements(4), Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := fitCells(ended, questions(4), Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := minimise(ended, 1, func(w, _ []float64) float64 { return w[0] }, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := FitMajority(tableqa.Slice(nil)); err == nil {
		t.Error("a majority of no answers")
	}
}

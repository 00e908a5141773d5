package decoder_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tokenize"
	"github.com/graft-ml/graft/train"
)

// words knows what the tables of these tests hold.
func words(t testing.TB) tokenize.Tokenizer {
	t.Helper()
	list := append(tokenize.Numbers(0, 99), strings.Fields("city country year oslo rome bern cairo norway italy egypt switzerland where is which in what of ? true false games None and")...)
	tok, err := tokenize.NewWords(list, tables.MarkNames())
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// small is a small model's configuration. The question stands after the table.
func small(encoding string, reading decoder.Reading) decoder.Config {
	return decoder.Config{Layers: 2, Width: 32, Heads: 4, KVHeads: 2, FeedForwardWidth: 32, InitStd: 0.2, Encoding: encoding, Reading: reading, Question: decoder.After}
}

func newModel(t testing.TB, c decoder.Config) *decoder.Model {
	t.Helper()
	m, err := decoder.New(c, words(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// cities is a table with cells of one and of several tokens, and an empty one.
func cities() *tables.Table {
	return &tables.Table{Name: "cities", Title: "games", Header: []string{"city", "country of", "year"},
		Rows: [][]string{{"oslo", "norway", "52"}, {"rome", "italy", "60 and 61"}, {"bern", "switzerland", ""}}}
}

// readings are encodings with how they read.
var readings = []struct {
	encoding string
	reading  decoder.Reading
}{
	{"two-order", decoder.Both}, {"rope", decoder.Rows}, {"rope", decoder.Columns}, {"axial-rope", decoder.Plane}, {"none", decoder.Rows}, {"alibi", decoder.Columns},
}

// lessons are small tables with a question of every row.
func lessons(n int) []decoder.Item {
	names := []string{"oslo", "rome", "bern", "cairo"}
	var items []decoder.Item
	for i := range n {
		table := &tables.Table{Name: fmt.Sprint("table ", i), Header: []string{"city", "year"}}
		var questions []decoder.Question
		for k := range 3 {
			city, year := names[(i+k)%4], fmt.Sprint((7*i+31*k)%100)
			table.Rows = append(table.Rows, []string{city, year})
			questions = append(questions, decoder.Question{Text: "year of " + city + " ?", Answers: []string{year}})
		}
		items = append(items, decoder.Item{Table: table, Questions: questions})
	}
	return items
}

// fit trains a model until it knows a few tables by heart.
func fit(t testing.TB, m *decoder.Model, items []decoder.Item, o decoder.DataOptions, epochs int) {
	t.Helper()
	data, err := decoder.NewData(m, items, o)
	if err != nil {
		t.Fatal(err)
	}
	task := train.Task{Model: m, Loss: nn.CrossEntropy{}, Metric: train.Accuracy{}, Train: data}
	if _, err := train.Fit(context.Background(), task, train.Options{Epochs: epochs, BatchSize: 6, LR: 3e-3, Seed: 1}); err != nil {
		t.Fatal(err)
	}
}

package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
	tablefiles "github.com/graft-ml/graft/tables/open"
	"github.com/graft-ml/graft/tokenize"
	"github.com/graft-ml/graft/train"
)

// readerCommand makes a model that reads tables: "reader DIR ENCODING TABLE EPOCHS" learns by heart for each row which of
// the second column belongs to which of the first, and for statements whether they are true.
func readerCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: reader DIR ENCODING TABLE EPOCHS")
	}
	epochs, err := strconv.Atoi(args[3])
	ts.Check(err)
	t, err := tablefiles.Open(ts.MkAbs(args[2]), tablefiles.Options{})
	ts.Check(err)
	words := strings.Fields("of ? is true false None")
	known := map[string]bool{}
	for _, row := range t.Cells() {
		for _, cell := range row {
			for _, word := range strings.Fields(cell) {
				if !known[word] {
					known[word] = true
					words = append(words, word)
				}
			}
		}
	}
	tok, err := tokenize.NewWords(words, tables.MarkNames())
	ts.Check(err)
	m, err := decoder.New(decoder.Config{Layers: 2, Width: 32, Heads: 4, InitStd: 0.2, Encoding: args[1], MaxTokens: 80}, tok, 1)
	ts.Check(err)
	item := decoder.Item{Table: t}
	for i, row := range t.Cells()[1:] {
		other := t.Rows[(i+1)%len(t.Rows)][1]
		item.Questions = append(item.Questions, decoder.Question{Text: t.Header[1] + " of " + row[0] + " ?", Answers: []string{row[1]}},
			decoder.Question{Text: row[0] + " is " + row[1], Answers: []string{"true"}}, decoder.Question{Text: row[0] + " is " + other, Answers: []string{"false"}})
	}
	data, err := decoder.NewData(m, []decoder.Item{item}, decoder.DataOptions{})
	ts.Check(err)
	_, err = train.Fit(context.Background(), train.Task{Model: m, Loss: nn.CrossEntropy{}, Train: data}, train.Options{Epochs: epochs, BatchSize: 9, LR: 5e-3})
	ts.Check(err)
	ts.Check(m.Save(ts.MkAbs(args[0])))
}

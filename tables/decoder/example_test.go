package decoder_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tokenize"
	"github.com/graft-ml/graft/train"
)

// A model learns to read the second column of small tables, and is asked.
func Example() {
	tok, err := tokenize.NewWords(append(tokenize.Numbers(0, 99), strings.Fields("city year oslo rome of ?")...), tables.MarkNames())
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := decoder.New(decoder.Config{Layers: 2, Width: 32, Heads: 2, InitStd: 0.2}, tok, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	table := &tables.Table{Header: []string{"city", "year"}, Rows: [][]string{{"oslo", "52"}, {"rome", "60"}}}
	items := []decoder.Item{{Table: table, Questions: []decoder.Question{
		{Text: "year of oslo ?", Answers: []string{"52"}},
		{Text: "year of rome ?", Answers: []string{"60"}},
	}}}
	data, err := decoder.NewData(model, items, decoder.DataOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	task := train.Task{Model: model, Loss: nn.CrossEntropy{}, Train: data}
	if _, err := train.Fit(context.Background(), task, train.Options{Epochs: 60, BatchSize: 2, LR: 0.01}); err != nil {
		fmt.Println(err)
		return
	}
	answer, err := model.Ask(context.Background(), table, "year of rome ?", decoder.AskOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Text, answer.Probability > 0.9)
	// Output: 60 true
}

// What a model reads, and what of it is learned, where two questions share a table.
func ExampleData_Example() {
	tok, err := tokenize.NewWords(strings.Fields("city oslo rome is a ? true false"), tables.MarkNames())
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := decoder.New(decoder.Config{Width: 16, Heads: 2, Question: decoder.After}, tok, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	table := &tables.Table{Header: []string{"city"}, Rows: [][]string{{"oslo"}}}
	questions := []decoder.Question{{Text: "oslo is a city", Answers: []string{"true"}}, {Text: "rome is a city", Answers: []string{"false"}}}
	data, err := decoder.NewData(model, []decoder.Item{{Table: table, Questions: questions}}, decoder.DataOptions{Together: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	example, err := data.Example(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tok.Decode(example.Prompt))
	for i, id := range example.Target {
		fmt.Print(tok.Decode([]int32{id}), " ", example.Learned[i], "; ")
	}
	// Output:
	// <bos> | city | <row> - | <row> oslo | <row> <column> | <row> oslo is a city <answer>
	// true true; <eos> true; rome false; is false; a false; city false; <answer> false; false true; <eos> true;
}

package classify_test

import (
	"fmt"

	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/classify"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/tokenize"
)

// weather is one row of two columns, wind and rain, whose class is not known.
type weather struct{}

func (weather) Len() int            { return 1 }
func (weather) Class(int) int       { return -1 }
func (weather) Cells(int) [][]int32 { return [][]int32{{11}, {12}} } // strong, none
func (weather) Tokens(int) int      { return 2 }

func Example() {
	names := append(tables.MarkNames(), "stay", "go", "walk", "wind", "rain", "strong", "none")
	tok, err := tokenize.NewWords([]string{"None"}, names)
	if err != nil {
		fmt.Println(err)
		return
	}
	v := classify.Vocabulary{Tokenizer: tok, Header: [][]int32{{9}, {10}}, Class: 6, Classes: 3}
	model, err := classify.New(decoder.Config{Layers: 1, Width: 16, Heads: 2}, v, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := classify.NewData(model, weather{})
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := data.Prepare([]int{0})
	if err != nil {
		fmt.Println(err)
		return
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	fmt.Println(data.Length(0), "tokens, scores", model.Forward(tp, batch).Value().Shape())
	// Output: 22 tokens, scores [1 3]
}

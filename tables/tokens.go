package tables

import (
	"fmt"

	"github.com/graft-ml/graft/tokenize"
)

// Marks are the tokens that stand in a sequence for its begin and end and between
// the cells of a table, and before an answer.
type Marks struct {
	BOS, EOS  int32
	Bar       int32 // after every cell
	Dash      int32 // below every cell but those of the last row
	RowEnd    int32 // at the end of a row of the grid
	ColumnEnd int32 // below the cells of the last row
	Answer    int32 // where an answer begins, as "Response:" in a prompt of TableInstruct
}

// MarkNames are the names of the marks among a tokenizer's special tokens, in the
// order of the fields of Marks. As special tokens "|" and "-" are others than those
// of the same characters in a text, which the published tokenizer does not tell apart.
func MarkNames() []string {
	return []string{"<bos>", "<eos>", "|", "-", "<row>", "<column>", "<answer>"}
}

// MarksOf finds the marks in a tokenizer; the error names one that it does not have.
func MarksOf(t tokenize.Tokenizer) (Marks, error) {
	var ids [7]int32
	for i, name := range MarkNames() {
		id, ok := t.Special(name)
		if !ok {
			return Marks{}, fmt.Errorf("tables: the tokenizer has no special token %q; those of tables are %q: make it with them", name, MarkNames())
		}
		ids[i] = id
	}
	return Marks{BOS: ids[0], EOS: ids[1], Bar: ids[2], Dash: ids[3], RowEnd: ids[4], ColumnEnd: ids[5], Answer: ids[6]}, nil
}

// Tokens gives the tokens of every cell, [rows+1][columns][tokens], the header
// first, as [Table.Cells] has them.
func Tokens(t *Table, tok tokenize.Tokenizer) [][][]int32 {
	cells := t.Cells()
	out := make([][][]int32, len(cells))
	for i, row := range cells {
		out[i] = make([][]int32, len(row))
		for j, text := range row {
			out[i][j] = tok.Append(nil, text)
		}
	}
	return out
}

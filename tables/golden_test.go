package tables

import (
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
)

// toy is the tokenizer of the goldens: words cut into pieces of at most so many
// characters, numbered as they are first met.
type toy struct {
	ids         map[string]int32
	first, most int
}

func (y *toy) tokens(text string) []int32 {
	var out []int32
	for _, word := range strings.Fields(text) {
		for len(word) > 0 {
			piece := word[:min(y.most, len(word))]
			word = word[len(piece):]
			if _, known := y.ids[piece]; !known {
				y.ids[piece] = int32(y.first + len(y.ids))
			}
			out = append(out, y.ids[piece])
		}
	}
	return out
}

// TestGoldenPositions builds the examples of the official data code again, from the
// text of the input to both orders. The instruction and the caption are not in the
// metadata: those here have the pieces that the ids show.
func TestGoldenPositions(t *testing.T) {
	for _, c := range golden.Files(t, "2d_tpe", "positions_") {
		t.Run(c.Name, func(t *testing.T) {
			var cfg struct {
				BOS       int32 `json:"bos"`
				EOS       int32 `json:"eos"`
				Bar       int32 `json:"cell_sep"`
				Dash      int32 `json:"row_marker"`
				ColumnEnd int32 `json:"last_row_marker"`
				RowEnd    int32 `json:"row_end"`
				MaxPiece  int   `json:"max_piece"`
				First     int   `json:"first_id"`
			}
			c.JSON(t, "config", &cfg)
			var table [][]string
			c.JSON(t, "table", &table)
			for _, form := range instructForms(table, "caption .") {
				parsed, err := ParseInstruct(form)
				if err != nil {
					t.Fatal(err)
				}
				m := Marks{BOS: cfg.BOS, EOS: cfg.EOS, Bar: cfg.Bar, Dash: cfg.Dash, RowEnd: cfg.RowEnd, ColumnEnd: cfg.ColumnEnd}
				tok := &toy{ids: map[string]int32{}, first: cfg.First, most: cfg.MaxPiece}
				comparePositions(t, c, parsed, tok, m)
			}
		})
	}
}

// instructForms writes a table in the three forms of TableInstruct.
func instructForms(table [][]string, title string) []string {
	bars := func(row []string) string { return "| " + strings.Join(row, " | ") + " |" }
	numbered, plain, bare := "[TLE] "+title+" [TAB] col: "+bars(table[0]), "[TLE] "+title+" [TAB] col: "+bars(table[0]), "[TLE] "+title+" [TAB] "+bars(table[0])
	for i, row := range table[1:] {
		part := " [SEP] "
		plain += part + bars(row)
		bare += part + bars(row)
		if i == 0 {
			part = " "
		}
		numbered += part + "row " + string(rune('1'+i)) + ": " + bars(row)
	}
	return []string{numbered, plain, bare}
}

func comparePositions(t *testing.T, c *golden.Case, table *Table, tok *toy, m Marks) {
	t.Helper()
	cells := make([][][]int32, 0)
	for _, row := range table.Cells() {
		var ids [][]int32
		for _, cell := range row {
			ids = append(ids, tok.tokens(cell))
		}
		cells = append(cells, ids)
	}
	before, after := Prompt("Use the table to answer .", c.Metadata["question"], table)
	prefix := append([]int32{m.BOS}, tok.tokens(before)...)
	suffix := tok.tokens(after)
	answer := append(tok.tokens(c.Metadata["answer"]), m.EOS)
	r, err := Read(prefix, cells, suffix, m)
	if err != nil {
		t.Fatal(err)
	}
	labels := make([]int64, len(r.IDs), len(r.IDs)+len(answer))
	for i := range labels {
		labels[i] = -100
	}
	r.Append(answer...)
	c.CompareInts(t, "input_ids", wide(r.IDs))
	c.CompareInts(t, "labels", append(labels, wide(answer)...))
	c.CompareInts(t, "row_order", wide(r.Row))
	c.CompareInts(t, "col_order", wide(r.Column))
	c.CompareInts(t, "prefix_len", []int64{int64(r.Span[0])})
	c.CompareInts(t, "suffix_len", []int64{int64(len(suffix) + len(answer))})
	c.CompareInts(t, "answer_len", []int64{int64(len(answer))})
	c.CompareInts(t, "substart", wide(prefix[len(prefix)-4:]))
	c.CompareInts(t, "subend", wide(suffix[:4]))
	rows, columns := 2*len(cells), 2*len(cells[0])+1
	counts := make([]int64, rows*columns)
	px, py := wide(r.Row), wide(r.Row)
	for i := range px {
		if g := r.Grid[i]; g != outside {
			counts[int(g[0])*columns+int(g[1])]++
			px[i] = int64(r.Span[0] - 1 + (columns+1)*int(g[0]+1))
			py[i] = int64(r.Span[0] - 1 + (rows+1)*int(g[1]+1))
		} else if i >= r.Span[1] {
			px[i] = int64(r.Span[0] - 1 + (columns+1)*(rows+1) + i - r.Span[1])
			py[i] = px[i]
		}
	}
	c.CompareInts(t, "cell_token_counts", counts)
	c.CompareInts(t, "unused_px", px) // unused by the model; they follow from Grid
	c.CompareInts(t, "unused_py", py)
	if got := c.Shape("cell_token_counts"); got[0] != rows || got[1] != columns {
		t.Errorf("extended grid %v, want %v", []int{rows, columns}, got)
	}
}

func wide(list []int32) []int64 {
	out := make([]int64, len(list))
	for i, v := range list {
		out[i] = int64(v)
	}
	return out
}

package tables

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/graft-ml/graft/tokenize"
)

var testMarks = Marks{BOS: 1, EOS: 2, Bar: 3, Dash: 4, RowEnd: 5, ColumnEnd: 6}

// drawCells draws the tokens of a table.
func drawCells(t *rapid.T) [][][]int32 {
	columns := rapid.IntRange(1, 5).Draw(t, "columns")
	token := rapid.Int32Range(10, 99)
	return rapid.SliceOfN(rapid.SliceOfN(rapid.SliceOfN(token, 1, 4), columns, columns), 1, 5).Draw(t, "cells")
}

// TestReadingProperties holds readings of random tables to what the two orders mean.
func TestReadingProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := drawCells(t)
		text := rapid.SliceOfN(rapid.Int32Range(100, 200), 0, 6)
		prefix, suffix := text.Draw(t, "prefix"), text.Draw(t, "suffix")
		r, err := Read(prefix, cells, suffix, testMarks)
		if err != nil {
			t.Fatal(err)
		}
		n := len(r.IDs)
		if want := len(prefix) + Length(cells) + len(suffix); n != want {
			t.Fatalf("%d tokens, want %d", n, want)
		}
		permutation(t, "row order", r.Row)
		permutation(t, "column order", r.Column)
		for m := range n {
			if inside := m >= r.Span[0] && m < r.Span[1]; int(r.Row[m]) != m || !inside && int(r.Column[m]) != m || inside != (r.Grid[m] != outside) {
				t.Fatalf("token %d: places %d and %d, grid %v, span %v", m, r.Row[m], r.Column[m], r.Grid[m], r.Span)
			}
		}
		// In either order places rise with the grid, and tokens of a cell follow each other.
		ordered(t, r, func(g [2]int32) [2]int32 { return g })
		ordered(t, r.InColumnOrder(), func(g [2]int32) [2]int32 { return [2]int32{g[1], g[0]} })
		back := map[[2]int32][]int32{}
		for m, cell := range r.Cell {
			if cell != outside {
				back[cell] = append(back[cell], r.IDs[m])
			}
		}
		for i, row := range cells {
			for j, want := range row {
				if got := back[[2]int32{int32(i), int32(j)}]; !slices.Equal(got, want) {
					t.Fatalf("cell %d, %d has tokens %v, want %v", i, j, got, want)
				}
			}
		}
	})
}

func permutation(t *rapid.T, what string, p []int32) {
	sorted := slices.Sorted(slices.Values(p))
	for i, v := range sorted {
		if int(v) != i {
			t.Fatalf("%s %v is no permutation", what, p)
		}
	}
}

// ordered holds the table's tokens, as they lie, to the order of a key of the grid.
func ordered(t *rapid.T, r *Reading, key func([2]int32) [2]int32) {
	for m := r.Span[0] + 1; m < r.Span[1]; m++ {
		before, now := key(r.Grid[m-1]), key(r.Grid[m])
		if slices.Compare(before[:], now[:]) > 0 {
			t.Fatalf("token %d at %v comes behind %v", m, r.Grid[m], r.Grid[m-1])
		}
	}
}

func TestInColumnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := Read([]int32{1}, drawCells(t), []int32{100, 101}, testMarks)
		if err != nil {
			t.Fatal(err)
		}
		c := r.InColumnOrder()
		for m := range r.IDs {
			at := r.Column[m]
			if c.IDs[at] != r.IDs[m] || c.Row[at] != r.Row[m] || c.Column[at] != at || c.Grid[at] != r.Grid[m] || c.Cell[at] != r.Cell[m] {
				t.Fatalf("token %d at place %d of the column order is another", m, at)
			}
		}
		// Both are one sequence: going on is the same, and coordinates go with the tokens.
		r.Append(7, 8)
		c.Append(7, 8)
		if again := r.InColumnOrder(); !reflect.DeepEqual(again, c) {
			t.Fatalf("%+v, want %+v", c, again)
		}
		rows, columns := r.Coordinates(), c.Coordinates()
		for m := range r.IDs {
			at := r.Column[m]
			if rows[2*m] != columns[2*at] || rows[2*m+1] != columns[2*at+1] {
				t.Fatalf("token %d is at another point", m)
			}
		}
	})
}

func TestCoordinates(t *testing.T) {
	r, err := Read([]int32{1, 9}, [][][]int32{{{10, 11}}, {{12}}}, []int32{20, 21}, testMarks)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{0, 0, 1, 1, // text
		2, 2, 2, 2.5, 2, 3, 2, 4, 3, 2, 3, 3, 3, 4, // header and the dashes below
		4, 2, 4, 3, 4, 4, 5, 2, 5, 3, 5, 4, // row 1
		6, 6, 7, 7} // the grid has 4 rows and 3 columns
	if got := r.Coordinates(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		cells [][][]int32
		want  string
	}{
		"nothing":    {nil, "tables: there are no cells to read"},
		"no columns": {[][][]int32{{}}, "tables: there are no cells to read"},
		"ragged":     {[][][]int32{{{1}, {2}}, {{3}}}, "tables: row 1: 1 cell, 1 too few for 2 columns"},
		"no tokens":  {[][][]int32{{{1}, {2}}, {{3}, {}}}, `tables: row 1: the cell in column 2 has no tokens; write "None" in place of nothing`},
	} {
		_, err := Read(nil, c.cells, nil, testMarks)
		var e *TableError
		if !errors.As(err, &e) || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestTokens(t *testing.T) {
	words, err := tokenize.NewWords([]string{"a", "b", "None", "1"}, MarkNames())
	if err != nil {
		t.Fatal(err)
	}
	marks, err := MarksOf(words)
	if err != nil {
		t.Fatal(err)
	}
	if ids := []int32{marks.BOS, marks.EOS, marks.Bar, marks.Dash, marks.RowEnd, marks.ColumnEnd, marks.Answer}; len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 7 {
		t.Errorf("marks %v are not different", marks)
	}
	cells := Tokens(&Table{Header: []string{"a", "b"}, Rows: [][]string{{"1 1", ""}}}, words)
	if len(cells) != 2 || len(cells[1]) != 2 || words.Decode(cells[1][1]) != "None" || len(cells[1][0]) != 2 {
		t.Errorf("%v", cells)
	}
	other, err := tokenize.NewWords([]string{"a"}, []string{"<bos>"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := MarksOf(other); err == nil || !strings.Contains(err.Error(), `no special token "<eos>"`) {
		t.Error(err)
	}
}

func TestFit(t *testing.T) {
	table := &Table{Name: "t", Header: []string{"a"}, Rows: [][]string{{"1"}, {"2"}, {"3"}}}
	cells := [][][]int32{{{10}}, {{11}}, {{12, 13}}, {{14}}} // 6, 6, 7 and 6 tokens
	if n := Length(cells); n != 25 {
		t.Fatalf("%d tokens, want 25", n)
	}
	for _, c := range []struct {
		limit, text int
		rows        int // that fit, -1 where the header does not
		left        int // of the truncated table, -1 where it is refused
	}{{25, 0, 3, 3}, {30, 5, 3, 3}, {29, 5, 2, 2}, {19, 0, 2, 2}, {18, 0, 1, 1}, {12, 0, 1, 1}, {11, 0, 0, -1}, {5, 0, -1, -1}, {5, 9, -1, -1}} {
		b := Budget{Limit: c.limit, Text: c.text}
		if got := b.Rows(cells); got != c.rows {
			t.Errorf("%+v: %d rows fit, want %d", b, got, c.rows)
		}
		_, _, err := b.Fit(table, cells)
		var long *LongError
		if whole := c.rows == 3; whole != (err == nil) {
			t.Errorf("%+v: %v", b, err)
		} else if !whole && (!errors.As(err, &long) || *long != LongError{"t", 25 + c.text, c.limit, 3, max(c.rows, 0)}) {
			t.Errorf("%+v: %v", b, err)
		}
		b.Truncate = true
		got, tokens, err := b.Fit(table, cells)
		if refused := c.left < 0; refused != (err != nil) {
			t.Errorf("%+v: %v", b, err)
		} else if !refused && (len(got.Rows) != c.left || len(tokens) != c.left+1 || Length(tokens)+c.text > c.limit) {
			t.Errorf("%+v: %d rows, %d of tokens", b, len(got.Rows), len(tokens))
		}
	}
	for want, e := range map[string]*LongError{
		`tables: table "t": its 30 tokens are 10 more than the 20 of the context; its first 2 of 3 rows fit: truncate the table to them, or ask of a part of it`: {"t", 30, 20, 3, 2},
		`tables: its 30 tokens are 28 more than the 2 of the context; not even one row fits: leave columns out, or take a model with a longer context`:           {"", 30, 2, 3, 0},
	} {
		if e.Error() != want {
			t.Errorf("%v, want %s", e, want)
		}
	}
}

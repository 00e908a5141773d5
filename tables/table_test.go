package tables

import (
	"errors"
	"reflect"
	"testing"
)

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		table Table
		want  string
		row   int
	}{
		"a rectangle": {Table{Header: []string{"a", "b"}, Rows: [][]string{{"1", "2"}}}, "", 0},
		"no rows":     {Table{Header: []string{"a"}}, "", 0},
		"no columns":  {Table{Name: "t", Rows: [][]string{{}}}, `tables: table "t": header: there are no columns; the first row must name the columns`, 0},
		"short":       {Table{Header: []string{"a", "b", "c"}, Rows: [][]string{{"1", "2", "3"}, {"1"}}}, "tables: row 2: 1 cell, 2 too few for 3 columns; give every row the same number of cells, empty ones included", 2},
		"long":        {Table{Name: "x.csv", Header: []string{"a"}, Rows: [][]string{{"1", "2"}}}, `tables: table "x.csv": row 1: 2 cells, 1 too many for 1 column; give every row the same number of cells, empty ones included`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.table.Check()
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *TableError
			if !errors.As(err, &e) || err.Error() != c.want || e.Row != c.row {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestAnswerable(t *testing.T) {
	var empty *EmptyError
	if err := (&Table{Name: "t", Header: []string{"a"}}).Answerable(); !errors.As(err, &empty) {
		t.Error(err)
	} else if want := `tables: table "t": it has a header but no rows: there is nothing to ask; was the file cut off below its first line?`; err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	var e *TableError
	if err := (&Table{}).Answerable(); !errors.As(err, &e) {
		t.Error(err)
	}
	if err := (&Table{Header: []string{"a"}, Rows: [][]string{{"1"}}}).Answerable(); err != nil {
		t.Error(err)
	}
}

func TestCells(t *testing.T) {
	table := &Table{Header: []string{" a", ""}, Rows: [][]string{{"1 \n", "  "}}}
	if got, want := table.Cells(), [][]string{{"a", "None"}, {"1", "None"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if table.Header[1] != "" {
		t.Error("the table itself was changed")
	}
}

func TestHead(t *testing.T) {
	table := &Table{Title: "t", Header: []string{"a"}, Rows: [][]string{{"1"}, {"2"}, {"3"}}, Notes: []string{"n"}}
	head := table.Head(2)
	if !reflect.DeepEqual(head, &Table{Title: "t", Header: []string{"a"}, Rows: [][]string{{"1"}, {"2"}}, Notes: []string{"n", "2 of 3 rows are kept"}}) {
		t.Errorf("%+v", head)
	}
	head.Rows = append(head.Rows, []string{"new"})
	if table.Rows[2][0] != "3" {
		t.Error("adding a row to the head changed the table")
	}
	if all := table.Head(3); !reflect.DeepEqual(all, table) {
		t.Errorf("%+v", all)
	}
	if none := table.Head(-1); len(none.Rows) != 0 {
		t.Errorf("%+v", none)
	}
}

func TestOptionNames(t *testing.T) {
	for _, name := range []string{"refuse", "pad", "fit"} {
		var r Ragged
		if err := r.UnmarshalText([]byte(name)); err != nil || r.String() != name {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	for _, name := range []string{"unique", "numbered", "kept"} {
		var n Names
		if err := n.UnmarshalText([]byte(name)); err != nil || n.String() != name {
			t.Errorf("%s: %v, %v", name, n, err)
		}
	}
	for _, name := range []string{"double", "single", "none"} {
		var q Quote
		if err := q.UnmarshalText([]byte(name)); err != nil || q.String() != name {
			t.Errorf("%s: %v, %v", name, q, err)
		}
	}
	var r Ragged
	if err := r.UnmarshalText([]byte("pat")); err == nil || r != RaggedRefuse {
		t.Error(err)
	}
}

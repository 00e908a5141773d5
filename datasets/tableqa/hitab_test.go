package tableqa

import (
	"strings"
	"testing"
)

func TestHiTabTable(t *testing.T) {
	const good = `{"title": "t", "texts": [["", "men", "", "all"], ["", "old", "young", ""], ["group", "1", "2", "3"], ["", "4", "5", "6"]],
		"merged_regions": [{"first_row": 0, "last_row": 0, "first_column": 1, "last_column": 2}, {"first_row": 2, "last_row": 9, "first_column": 0, "last_column": 0},
		{"first_row": 99, "last_row": 99, "first_column": 0, "last_column": 0}], "top_header_rows_num": 2, "left_header_columns_num": 1}`
	h, err := parseHierarchy("f", "id", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(h.Header, "|"); got != "|men / old|men / young|all" || len(h.Rows) != 2 || h.Rows[1][0] != "group" || h.Title != "t" {
		t.Errorf("%+v", h.Table)
	}
	for _, c := range []struct{ sample, answers, fails string }{
		{`{"answer": [12.50, "a", [3]]}`, "12.50 a 3", ""},
		{`{"answer": [[1, 2]]}`, "", "an answer is a list of 2"},
		{`{"answer": [true]}`, "", "the answer true is no text and no number"},
		{`{"answer": []}`, "", "there is no answer"},
	} {
		var s hitabSample
		if err := parseLine("f", 1, []byte(c.sample), &s); err != nil {
			t.Fatal(err)
		}
		got, err := s.answers()
		if strings.Join(got, " ") != c.answers || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %q, %v", c.sample, got, err)
		}
	}
	for sample, want := range map[string][2]int{
		`{"answer": [5], "aggregation": ["none"], "linked_cells": {"quantity_link": {"[ANSWER]": {"(3, 2)": 5.0}}}}`:  {2, 2},
		`{"answer": [5], "aggregation": ["sum"], "linked_cells": {"quantity_link": {"[ANSWER]": {"(3, 2)": 5.0}}}}`:   noCell(),
		`{"answer": [5], "aggregation": ["none"], "linked_cells": {"quantity_link": {"[ANSWER]": {"(9, 2)": 5.0}}}}`:  noCell(),
		`{"answer": [5], "aggregation": ["none"], "linked_cells": {"quantity_link": {"[ANSWER]": {"(3, -1)": 5.0}}}}`: noCell(),
		`{"answer": [5], "aggregation": ["none"]}`: noCell(),
	} {
		var s hitabSample
		if err := parseLine("f", 1, []byte(sample), &s); err != nil {
			t.Fatal(err)
		}
		if got := s.cell(h); got != want {
			t.Errorf("%s: cell %v, expected %v", sample, got, want)
		}
	}
	for _, c := range []struct{ old, new, want string }{
		{`"top_header_rows_num": 2`, `"top_header_rows_num": 0`, "0 header rows"},
		{`"top_header_rows_num": 2`, `"top_header_rows_num": 5`, "5 header rows and 1 header columns in a table of 4 rows"},
		{`"4", `, ``, "row 4 has 3 cells, expected 4"},
		{`"merged_regions": [`, `"merged_regions": [` + strings.Repeat(`{"first_row": 0, "last_row": 9, "first_column": 0, "last_column": 9}, `, 5), "8 merged regions overlap"},
		{`"men"`, `1`, "number where string was expected"},
	} {
		if _, err := parseHierarchy("f", "id", []byte(strings.Replace(good, c.old, c.new, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, expected %q in it", c.new, err, c.want)
		}
	}
}

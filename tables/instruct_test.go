package tables

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestParseInstruct(t *testing.T) {
	cities := &Table{Header: []string{"city", "people in 2020"}, Rows: [][]string{{"Lyon", "516|092"}, {"", "285911"}}}
	titled := *cities
	titled.Title = "Cities [of Europe] ."
	for name, c := range map[string]struct {
		input string
		want  *Table
	}{
		"numbered":         {"[TLE] Cities [of Europe] . [TAB] col: | city | people in 2020 | row 1: | Lyon | 516|092 | [SEP] row 2: |  | 285911 |", &titled},
		"numbered, parted": {"[TAB] col: | city | people in 2020 | [SEP] row 1: | Lyon | 516|092 | [SEP] row 2: | | 285911 | [SEP]", cities},
		"with col":         {"[TLE] Cities [of Europe] . [TAB] col: | city | people in 2020 | [SEP] | Lyon | 516|092 | [SEP] |  | 285911", &titled},
		"bare":             {"[TAB] | city | people in 2020 | [SEP] | Lyon | 516|092 | [SEP] | | 285911 |", cities},
		"open ends":        {"[TAB] col: city | people in 2020 row 1: Lyon | 516|092 [SEP] row 2: | | 285911", cities},
		"no rows":          {"[TAB] col: | city |", &Table{Header: []string{"city"}}},
		"names of a row":   {"[TAB] | row 1 | col: | [SEP] | row 2: x | b |", &Table{Header: []string{"row 1", "col:"}, Rows: [][]string{{"row 2: x", "b"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseInstruct(c.input)
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestBadInstruct(t *testing.T) {
	for input, want := range map[string]string{
		"| a | b |":                           "tables: the input has no [TAB]",
		"[TAB] ":                              "tables: header: there are no columns",
		"[TAB] | a | b | [SEP] | 1 | 2 | 3 |": "tables: row 1: 3 cells, 1 too many for 2 columns; does a cell hold a bar",
		"[TAB] | a | b | [SEP] | 1 |":         "tables: row 1: 1 cell, 1 too few for 2 columns",
	} {
		_, err := ParseInstruct(input)
		var e *TableError
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", input, err, want)
		}
	}
}

func TestPrompt(t *testing.T) {
	before, after := Prompt("Answer.", "who?", &Table{})
	want := "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n" +
		"### Instruction:\nAnswer.\n\n### Question:\nwho?\n\n### Input:\n[TAB] "
	if before != want || after != "\n\n### Response:" {
		t.Errorf("%q, %q", before, after)
	}
	before, _ = Prompt("100%d", "%s", &Table{Title: "People"})
	if !strings.HasSuffix(before, "\n100%d\n\n### Question:\n%s\n\n### Input:\n[TLE] People [TAB] ") {
		t.Errorf("%q", before)
	}
}

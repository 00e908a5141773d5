package tables

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func TestReadMarkdown(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		o     Options
		want  [][]string
		notes []string
	}{
		"plain":     {"| a | b |\n|---|---|\n| 1 | 2 |\n", Options{}, [][]string{{"a", "b"}, {"1", "2"}}, nil},
		"aligned":   {"a|b|c\n:-|-:|:-:\n1|2|3", Options{}, [][]string{{"a", "b", "c"}, {"1", "2", "3"}}, nil},
		"in prose":  {"# Title\n\nSome | text.\n\n| a | b |\r\n| --- | --- |\r\n| 1 |  |\r\n|| 2 |\r\n\r\nMore.\n", Options{}, [][]string{{"a", "b"}, {"1", ""}, {"", "2"}}, nil},
		"escapes":   {"| a |\n|---|\n| x \\| y \\\\ \\n \\*z\\* |\n| 1<br>2<BR />3 |\n| \\<br> |\n", Options{}, [][]string{{"a"}, {`x | y \ \n *z*`}, {"1\n2\n3"}, {"<br>"}}, nil},
		"in code":   {"```\n| x |\n|---|\n```\n~~~~\n~~~\n| y |\n|---|\n~~~~\n| a |\n|---|\n| 1 |\n", Options{}, [][]string{{"a"}, {"1"}}, nil},
		"several":   {"| a |\n|---|\n| 1 |\n\n| b |\n|---|\n\n| c |\n|---|\n", Options{}, [][]string{{"a"}, {"1"}}, []string{"2 further tables of the text left out"}},
		"some rows": {"| a |\n|---|\n| 1 |\n| 2 |\n", Options{MaxRows: 1}, [][]string{{"a"}, {"1"}}, []string{"the rows after the first 1 were left out"}},
		"no rows":   {"| a |\n|---|", Options{}, [][]string{{"a"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadMarkdown("in.md", strings.NewReader(c.text), c.o)
			if err != nil {
				t.Fatal(err)
			}
			if all := append([][]string{got.Header}, got.Rows...); !reflect.DeepEqual(all, c.want) {
				t.Errorf("%q, want %q", all, c.want)
			}
			if !reflect.DeepEqual(got.Notes, c.notes) {
				t.Errorf("notes %q, want %q", got.Notes, c.notes)
			}
		})
	}
}

func TestBadMarkdown(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		o    Options
		want string
	}{
		"nothing":   {"", Options{}, "in.md: there is no table"},
		"prose":     {"Title\n-----\n\na | b\n", Options{}, "in.md: there is no table; a line of names"},
		"dashes":    {"\n| a | b |\n|---|\n", Options{}, "in.md:3: 1 cell of dashes below 2 names; give"},
		"too many":  {"| a |\n|---|\n| 1 | 2 |\n", Options{}, "in.md:3: row 1 has 2 cells, 1 too many for 1 column"},
		"below":     {"| a | b |\n|---|---|\n| 1 | 2 |\nprose\n", Options{}, "in.md:4: row 2 has 1 cell, 1 too few for 2 columns"},
		"not UTF-8": {"| a |\n|---|\n| \xff |\n", Options{}, "in.md:3: byte 3: 0xff is not UTF-8 text"},
		"long":      {strings.Repeat("x", 200), Options{MaxRow: 100}, "in.md:1: the line is longer than 100 bytes"},
		"behind":    {"| a |\n|---|\n\n\xff", Options{}, "in.md:4: byte 1: 0xff"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadMarkdown("in.md", strings.NewReader(c.text), c.o)
			if err == nil || !strings.HasPrefix(err.Error(), "tables: "+c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestWriteMarkdown(t *testing.T) {
	table := &Table{Header: []string{"größe", "b|c"}, Rows: [][]string{{"1\n2", `\`}, {"", "<br>"}}}
	var out bytes.Buffer
	if err := WriteMarkdown(&out, table); err != nil {
		t.Fatal(err)
	}
	want := `| größe  | b\|c  |
|--------|-------|
| 1<br>2 | \\    |
|        | \<br> |
`
	if out.String() != want {
		t.Errorf("\n%swant\n%s", out.String(), want)
	}
	again, err := ReadMarkdown("", &out, Options{})
	if err != nil || !reflect.DeepEqual(again.Rows, table.Rows) {
		t.Errorf("%q, %v", again, err)
	}
	if err := WriteMarkdown(&out, &Table{Header: []string{"a"}, Rows: [][]string{{}}}); err == nil {
		t.Error("a ragged table is written")
	}
}

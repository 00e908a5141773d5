package tables

import (
	"bytes"
	"encoding/csv"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// typed fails unless an error of a reader is one of those that are documented.
func typed(t *testing.T, err error) {
	t.Helper()
	var file *FileError
	if !errors.As(err, &file) {
		t.Fatalf("the error %v is a %T", err, err)
	}
	if file.Line < 0 || file.Column < 0 || file.Reason == "" {
		t.Fatalf("%+v", file)
	}
}

// sound fails unless a table is what readers give.
func sound(t *testing.T, table *Table) {
	t.Helper()
	if err := table.Check(); err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(slices.Values(table.Header))
	if len(slices.Compact(names)) != len(table.Header) || slices.Contains(names, "") {
		t.Fatalf("header %q", table.Header)
	}
}

var csvSeeds = []string{
	"a,b\n1,2\n", "a;b\r\n\"x;\"\"y\";2\r\n", "\xef\xbb\xbfa\tb\n1\t2", "a#b\n'#\"\n", `a,b` + "\n" + `"x \"q\" \\",\"z` + "\n",
	"a,b\n1,2,3\n", "a,b\n1\n", "a,a\n", ",\n,\n", "a,b\n\"x\ny", "a,b\n\"x\"y,\n", "a\"b\n", "a\n\xff\n", "\xff\xfea", "a\r1\r", "\n\n", "\"\"\n\"\"\n",
	"a,b\n'it''s',2\n", "a\n\"x\r\ny\"\r\n", "a|b\n\\||\\\n", "\"a\r\",b\n", "a\r,b\n", "\t\ufeff",
}

// FuzzCSV holds the readers of delimited text to: no panic, typed errors, sound
// tables; the own scanner gives what encoding/csv does where both read the dialect;
// and writing a table and reading it again changes nothing.
func FuzzCSV(f *testing.F) {
	for _, seed := range csvSeeds {
		for kind := range byte(4) {
			f.Add([]byte(seed), kind)
		}
	}
	dialects := []Dialect{{}, {Quote: QuoteSingle}, WikiTables(), TabFact()}
	f.Fuzz(func(t *testing.T, data []byte, kind byte) {
		d := dialects[int(kind)%len(dialects)]
		o := Options{Names: NamesNumbered, Ragged: Ragged(kind / 4 % 3), MaxRow: 1 << 12, MaxColumns: 100, MaxCell: 1000}
		table, err := ReadCSV("fuzz.csv", bytes.NewReader(data), d, o)
		if err != nil {
			typed(t, err)
		} else {
			sound(t, table)
			writeAndRead(t, table)
		}
		compareScanner(t, data)
	})
}

func writeAndRead(t *testing.T, table *Table) {
	t.Helper()
	var out bytes.Buffer
	if err := WriteCSV(&out, table, 0); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	again, err := ReadCSV("", &out, Dialect{Comma: ','}, Options{Names: NamesKept})
	if err != nil {
		t.Fatalf("%v of %q", err, text)
	}
	// A line end in a cell is LF after reading, whatever it was.
	want := append([][]string{table.Header}, table.Rows...)
	for i, row := range want {
		want[i] = slices.Clone(row)
		for j, cell := range row {
			want[i][j] = strings.ReplaceAll(cell, "\r\n", "\n")
		}
	}
	if got := append([][]string{again.Header}, again.Rows...); !reflect.DeepEqual(got, want) {
		t.Fatalf("%q became %q by way of %q", want, got, text)
	}
}

// compareScanner reads RFC 4180 by the own scanner, which explains what is wrong in
// it, and by encoding/csv.
func compareScanner(t *testing.T, data []byte) {
	t.Helper()
	own := newScanner("", bytes.NewReader(data), Dialect{Comma: ','}, 1<<20)
	theirs := csv.NewReader(bytes.NewReader(data))
	theirs.FieldsPerRecord = -1
	for {
		want, theirErr := theirs.Read()
		got, line, err := own.Next()
		if (err == nil) != (theirErr == nil) {
			t.Fatalf("%q: %v, encoding/csv says %v", data, err, theirErr)
		}
		if err != nil {
			return
		}
		at, _ := theirs.FieldPos(0)
		if !slices.Equal(got, want) || line != at {
			t.Fatalf("%q: %q in line %d, want %q in %d", data, got, line, want, at)
		}
	}
}

// FuzzJSON holds the reader of records to: no panic, typed errors, sound tables.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`[{"a":1,"b":"x"},{"b":null,"c":true}]`, "{\"a\":1}\n{\"a\":-2.5e3}\n", `[]`, `{}`, `[{}]`, `[1]`, `{"a":[1]}`, `{"a":{"b":1}}`, `{"a":1,"a":2}`, `{"":1," ":2}`,
		`[{"a":1}`, `[{"a":1},]`, `[{"a":1}]x`, `{"a"`, `{"a":"\ud800"}`, "{\"a\":\"\xff\"}", `nul`, `"x"`, `{"a":1}}`, `{"a":1},{"a":2}`, `]`, `[}`, `[{]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := ReadJSON("fuzz.json", bytes.NewReader(data), Options{Names: NamesNumbered, MaxRow: 1 << 12, MaxRows: 100, MaxColumns: 100})
		if err != nil {
			typed(t, err)
			return
		}
		sound(t, table)
	})
}

// FuzzMarkdown holds the reader of Markdown to: no panic, typed errors, sound tables,
// and writing a table and reading it again changes no more than blanks at the ends.
func FuzzMarkdown(f *testing.F) {
	for _, seed := range []string{
		"| a | b |\n|---|---|\n| 1 | 2 |\n", "a|b\n-|-\n1|2\n\nx", "| a \\| b |\n|:-:|\n| \\\\ |\n| <br> \\<br> |\n", "```\n|a|\n|-|\n```", "~~~", "|\n|-|\n", "||\n|-|\n||\n", "|a|\n|-|\n|1|2|\n",
		"|a|b|\n|-|\n", "text | x\n", "|a|\n|-|\n\\|\n", "|a|\n|-|\n\\", "|a|\n|-|\n<br\n", "\\|\n-\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := ReadMarkdown("fuzz.md", bytes.NewReader(data), Options{Names: NamesNumbered, Ragged: RaggedFit, MaxRow: 1 << 12, MaxColumns: 100})
		if err != nil {
			typed(t, err)
			return
		}
		sound(t, table)
		var out bytes.Buffer
		if err := WriteMarkdown(&out, table); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		again, err := ReadMarkdown("", &out, Options{Names: NamesKept})
		if err != nil {
			t.Fatalf("%v of %q", err, text)
		}
		want := append([][]string{table.Header}, table.Rows...)
		got := append([][]string{again.Header}, again.Rows...)
		for i, row := range want {
			for j, cell := range row {
				cell = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(cell), "\r\n", "\n"), "\r", "\n")
				if got[i][j] != cell {
					t.Fatalf("%q became %q by way of %q", cell, got[i][j], text)
				}
			}
		}
	})
}

// FuzzInstruct holds the parser of TableInstruct to: no panic, typed errors,
// rectangles.
func FuzzInstruct(f *testing.F) {
	for _, seed := range []string{
		"[TLE] t [TAB] col: | a | b | row 1: | 1 | 2 | [SEP] row 2: | 3 | |", "[TAB] col: | a | b | [SEP] | 1 | 2 |", "[TAB] | a | [SEP] | 1 |", "[TAB]", "", "[TAB] |", "[TAB] | |", "[TAB] row 1:", "[TAB] col: row 1: | | [SEP]", "[TAB]||| | |[SEP]|",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		table, err := ParseInstruct(input)
		if err != nil {
			var e *TableError
			if !errors.As(err, &e) {
				t.Fatalf("the error %v is a %T", err, err)
			}
			return
		}
		if err := table.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

package files

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// readTable gives the columns and rows of a text, errors of rows among them.
func readTable(text string, d Delimiter, maxRow int) (columns []string, rows [][]string, lines []int, err error) {
	t, err := NewTable("t.csv", strings.NewReader(text), d, maxRow)
	if err != nil {
		return nil, nil, nil, err
	}
	for {
		row, err := t.Next()
		switch {
		case err == io.EOF:
			return t.Columns(), rows, lines, nil
		case Skippable(err):
			row = []string{strings.TrimPrefix(err.Error(), "files: t.csv:")}
		case err != nil:
			return t.Columns(), rows, lines, err
		}
		rows, lines = append(rows, slices.Clone(row)), append(lines, t.Line())
	}
}

func TestTable(t *testing.T) {
	for _, c := range []struct {
		name, text string
		d          Delimiter
		columns    []string
		rows       [][]string
		lines      []int
	}{
		{"commas", "a,b\n1,2\n3,4\n", Auto, []string{"a", "b"}, [][]string{{"1", "2"}, {"3", "4"}}, []int{2, 3}},
		{"semicolons", "a;b,c;d\n1;2,5;3\n", Auto, []string{"a", "b,c", "d"}, [][]string{{"1", "2,5", "3"}}, []int{2}},
		{"tabs", "a\tb\n1\t2\n", Auto, []string{"a", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"delimiters in quotes do not count", "\"a;;;\",b\n1,2\n", Auto, []string{"a;;;", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"given", "a;b,c\n1;2,3\n", Comma, []string{"a;b", "c"}, [][]string{{"1;2", "3"}}, []int{2}},
		{"one column", "a\nx\n", Auto, []string{"a"}, [][]string{{"x"}}, []int{2}},
		{"mark and CR LF", "\xef\xbb\xbfa,b\r\n1,2\r\n", Auto, []string{"a", "b"}, [][]string{{"1", "2"}}, []int{2}},
		{"no last line end, blanks", " a , b \n1, 2", Auto, []string{"a", "b"}, [][]string{{"1", " 2"}}, []int{2}},
		{"blank lines", "\n\na,b\n\n1,2\n\r\n\n3,4\n\n", Auto, []string{"a", "b"}, [][]string{{"1", "2"}, {"3", "4"}}, []int{5, 8}},
		{"quotes", "a,b\n\"x \"\"y\"\"\",\"two\nlines\"\n3,4\n", Auto, []string{"a", "b"}, [][]string{{`x "y"`, "two\nlines"}, {"3", "4"}}, []int{2, 4}},
		{"a row too short", "a,b\n1\n3,4\n", Auto, []string{"a", "b"},
			[][]string{{"2: the row has another number of cells than the 2 columns; put a value that holds the delimiter in quotes"}, {"3", "4"}}, []int{2, 3}},
		{"a stray quote", "a,b\n1,x\"y\n3,4\n", Auto, []string{"a", "b"},
			[][]string{{"2: a quote stands where none may, at byte 4 of line 2; put the cell in quotes and double the quotes within it"}, {"3", "4"}}, []int{2, 3}},
		{"a quote that swallows lines", "a,b\n1,\"x\n2,y\n3,\"z\n4,5\n", Auto, []string{"a", "b"},
			[][]string{{"2: the row goes on to line 4: a quote stands where none may, at byte 3 of line 4; put the cell in quotes and double the quotes within it"}, {"4", "5"}}, []int{2, 5}},
		{"not UTF-8", "a,b\n1,\xe9t\xe9\n3,4\n", Auto, []string{"a", "b"},
			[][]string{{"2: byte 3, 0xe9, is not UTF-8 text; save the file as UTF-8"}, {"3", "4"}}, []int{2, 3}},
	} {
		columns, rows, lines, err := readTable(c.text, c.d, 0)
		if err != nil || !slices.Equal(columns, c.columns) || !slices.EqualFunc(rows, c.rows, slices.Equal) || !slices.Equal(lines, c.lines) {
			t.Errorf("%s: columns %q, rows %q in lines %v (%v)\nwant %q, %q, %v", c.name, columns, rows, lines, err, c.columns, c.rows, c.lines)
		}
	}
}

func TestTableErrors(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	for _, c := range []struct {
		name, text string
		maxRow     int
		want       string
	}{
		{"empty", "", 0, "files: t.csv: the file is empty; its first line must name the columns"},
		{"a mark only", "\xef\xbb\xbf", 0, "files: t.csv: the file is empty"},
		{"blank", "\n\n", 0, "files: t.csv: the file is empty"},
		{"names that are not UTF-8", "a,\xff\n", 0, "files: t.csv:1: the line of names: byte 3, 0xff, is not UTF-8 text"},
		{"a long line", "a,b\n1,2\n3," + long + "\n", 0, "files: t.csv:3: the row is longer than 1048576 bytes; is a quote not closed, or are line ends lost? If not, raise data.files.maxRow"},
		{"a long first line", long, 0, "files: t.csv:1: the row is longer than 1048576 bytes"},
		{"many lines in a quote", "a,b\n1,\"" + strings.Repeat("x\n", 1<<20) + "\"\n", 0, "files: t.csv:2: the row is longer than 1048576 bytes"},
		{"a little too long", "a\n1234567890\n", 9, "files: t.csv:2: the row is longer than 9 bytes"},
		{"an open quote", "a,b\n1,\"x\n2,y\n", 0, "files: t.csv:2: a quote that opens in this row is never closed"},
	} {
		if _, _, _, err := readTable(c.text, Auto, c.maxRow); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
	if _, rows, _, err := readTable("a\n1234567890\n", Auto, 10); err != nil || len(rows) != 1 {
		t.Errorf("a row of just the limit: %v", err)
	}
	broken := errors.New("the disk is gone")
	if _, err := NewTable("t.csv", io.MultiReader(strings.NewReader("a,b\n1"), iotest.ErrReader(broken)), Auto, 0); err != nil {
		t.Errorf("the line of names is there: %v", err)
	} else if _, _, _, err := readBroken(broken); !errors.Is(err, broken) || err.Error() != "files: t.csv:2: the disk is gone" {
		t.Errorf("a reader that fails: %v", err)
	}
}

func readBroken(broken error) ([]string, [][]string, []int, error) {
	t, err := NewTable("t.csv", io.MultiReader(strings.NewReader("a,b\n1"), iotest.ErrReader(broken)), Auto, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	_, err = t.Next()
	return nil, nil, nil, err
}

func TestFind(t *testing.T) {
	for text, want := range map[string]string{
		"smile,y\n":     `files: t.csv:1: there is no column "smiles"; the columns are "smile", "y"; did you mean "smile"? --smiles-column says which it is`,
		"smiles;y\n":    `files: t.csv:1: there is no column "smiles"; the columns are "smiles;y"; they seem to be separated by semicolons, not by commas: set data.files.delimiter to semicolon`,
		"smiles\ty\n":   `they seem to be separated by tabs, not by commas: set data.files.delimiter to tab`,
		"smiles,smiles": `files: t.csv:1: the column "smiles" comes twice; give each column a name of its own`,
	} {
		table, err := NewTable("t.csv", strings.NewReader(text), Comma, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := table.Find("smiles", "--smiles-column"); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// FuzzTable holds the reader to what encoding/csv makes of the same text, and its raw
// rows to hold the same cells.
func FuzzTable(f *testing.F) {
	for _, text := range []string{
		"a,b\n1,2\n", "a;b\r\n\"x;\"\"\";2\r\n", "\xef\xbb\xbfa\n", "a\t\"b\nc\"\n\n1\t2", "a,b\n\"1,2\n", "\"", "a\n\"b\"c\n", "\r\r\n\n,\n", ",\n,", "a,b\n1\n\xff,\xff\n", "a\n\r\r",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table, err := NewTable("t", strings.NewReader(text), Auto, 1<<10)
		if err != nil {
			return
		}
		reference := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\xef\xbb\xbf")))
		reference.Comma = table.Delimiter().char()
		if _, err := reference.Read(); err != nil {
			t.Fatalf("accepted %q, which encoding/csv does not: %v", text, err)
		}
		line := 0
		for range len(text) + 2 {
			row, err := table.Next()
			if err == io.EOF {
				if _, err := reference.Read(); err != io.EOF {
					t.Fatalf("%q: rows are missing (%v)", text, err)
				}
				return
			}
			want, wantErr := reference.Read()
			if err != nil {
				if wantErr == nil && len(table.Raw()) <= 1<<10 && !strings.Contains(err.Error(), "UTF-8") {
					t.Fatalf("%q: refused with %v", text, err)
				}
				if !Skippable(err) {
					return
				}
				continue
			}
			if table.Line() <= line || !slices.Equal(row, want) {
				t.Fatalf("%q: line %d: %q, want %q", text, table.Line(), row, want)
			}
			line = table.Line()
			// As predict writes it, with a cell behind. By itself too, but for a carriage return at the end, which a reader
			// takes for a part of the end of the line.
			read := func(text []byte) ([]string, error) {
				again := csv.NewReader(bytes.NewReader(text))
				again.Comma = table.Delimiter().char()
				return again.Read()
			}
			more := fmt.Appendf(bytes.Clone(table.Raw()), "%c0", table.Delimiter().char())
			if cells, err := read(more); err != nil || !slices.Equal(cells, append(slices.Clone(want), "0")) {
				t.Fatalf("%q: the raw row %q with a cell behind is %q, %v", text, table.Raw(), cells, err)
			}
			if len(table.Raw()) == 0 || bytes.HasSuffix(table.Raw(), []byte("\r")) {
				continue
			}
			if cells, err := read(table.Raw()); err != nil || !slices.Equal(cells, want) {
				t.Fatalf("%q: the raw row %q is %q, %v", text, table.Raw(), cells, err)
			}
		}
		t.Fatalf("%q: more rows than bytes", text)
	})
}

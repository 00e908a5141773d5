package tables

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestReadCSV(t *testing.T) {
	people := [][]string{{"name", "age"}, {"Ada", "36"}, {"Bo", ""}}
	for name, c := range map[string]struct {
		text    string
		dialect Dialect
		options Options
		want    [][]string
		notes   []string
	}{
		"comma":               {"name,age\nAda,36\nBo,\n", Dialect{}, Options{}, people, nil},
		"semicolon":           {"name;age\nAda;36\nBo;\n", Dialect{}, Options{}, people, nil},
		"tab":                 {"name\tage\nAda\t36\nBo\t\n", Dialect{}, Options{}, people, nil},
		"bar":                 {"name|age\nAda|36\nBo|\n", Dialect{}, Options{}, people, nil},
		"mark and CR LF":      {"\xef\xbb\xbfname,age\r\nAda,36\r\nBo,\r\n", Dialect{}, Options{}, people, nil},
		"no last end":         {"name,age\nAda,36\nBo,", Dialect{}, Options{}, people, nil},
		"blank lines":         {"\n\nname,age\n\nAda,36\r\n\r\nBo,\n\n", Dialect{}, Options{}, people, nil},
		"decimal commas":      {"a;b\n1,5;2,5\n3,25;4\n", Dialect{}, Options{}, [][]string{{"a", "b"}, {"1,5", "2,5"}, {"3,25", "4"}}, nil},
		"delimiters quoted":   {"a;b\n\"x,y,z\";\"u,v,w\"\n", Dialect{}, Options{}, [][]string{{"a", "b"}, {"x,y,z", "u,v,w"}}, nil},
		"one column":          {"a\nx\n", Dialect{}, Options{}, [][]string{{"a"}, {"x"}}, nil},
		"doubled quotes":      {"a,b\n\"say \"\"hi\"\"\",\"two\nlines\"\n", Dialect{}, Options{}, [][]string{{"a", "b"}, {`say "hi"`, "two\nlines"}}, nil},
		"single quotes":       {"a,b\n'it''s, well',don't\n", Dialect{Quote: QuoteSingle}, Options{}, [][]string{{"a", "b"}, {"it's, well", "don't"}}, nil},
		"single over lines":   {"a,b\r\n'1\r\n2',3\r\n", Dialect{Quote: QuoteSingle, Comma: ','}, Options{}, [][]string{{"a", "b"}, {"1\n2", "3"}}, nil},
		"no quotes":           {"a#b\n\"x#'y\n", TabFact(), Options{}, [][]string{{"a", "b"}, {`"x`, "'y"}}, nil},
		"backslashes":         {`a,b` + "\n" + `"x \"q\" \\, y",\"z\"` + "\n" + `\n,c\,d` + "\n", WikiTables(), Options{}, [][]string{{"a", "b"}, {`x "q" \, y`, `"z"`}, {`\n`, "c,d"}}, nil},
		"wide delimiter":      {"a→b\nx→y\n", Dialect{Comma: '→'}, Options{}, [][]string{{"a", "b"}, {"x", "y"}}, nil},
		"wide, no quotes":     {"a→b\nx→\n", Dialect{Comma: '→', Quote: QuoteNone}, Options{}, [][]string{{"a", "b"}, {"x", ""}}, nil},
		"no rows":             {"a,b\n", Dialect{}, Options{}, [][]string{{"a", "b"}}, nil},
		"no header":           {"1,2\n3,4\n", Dialect{}, Options{NoHeader: true}, [][]string{{"column 1", "column 2"}, {"1", "2"}, {"3", "4"}}, nil},
		"empty names":         {" a ,, \n1,2,3\n", Dialect{}, Options{}, [][]string{{"a", "column 2", "column 3"}, {"1", "2", "3"}}, nil},
		"names kept":          {" a ,,a\n1,2,3\n", Dialect{}, Options{Names: NamesKept}, [][]string{{" a ", "", "a"}, {"1", "2", "3"}}, nil},
		"names numbered":      {"a,a,a (2),a,,column 5\n1,2,3,4,5,6\n", Dialect{}, Options{Names: NamesNumbered}, [][]string{{"a", "a (3)", "a (2)", "a (4)", "column 5", "column 5 (2)"}, {"1", "2", "3", "4", "5", "6"}}, nil},
		"short rows padded":   {"a,b,c\n1\n1,2,3\n1,2\n", Dialect{}, Options{Ragged: RaggedPad}, [][]string{{"a", "b", "c"}, {"1", "", ""}, {"1", "2", "3"}, {"1", "2", ""}}, []string{"2 rows with too few cells padded with empty ones, the first in line 2"}},
		"long rows cut":       {"a,b\n1,2\n1,2,3,4\n", Dialect{}, Options{Ragged: RaggedFit}, [][]string{{"a", "b"}, {"1", "2"}, {"1", "2"}}, []string{"1 row with too many cells cut to the header's width, the first in line 3"}},
		"rows left out":       {"a\n1\n2\n3\n", Dialect{}, Options{MaxRows: 2}, [][]string{{"a"}, {"1"}, {"2"}}, []string{"the rows after the first 2 were left out"}},
		"just as many":        {"a\n1\n2\n", Dialect{}, Options{MaxRows: 2}, [][]string{{"a"}, {"1"}, {"2"}}, nil},
		"wrong rows beyond":   {"a\n1\n\"2\n", Dialect{}, Options{MaxRows: 1}, [][]string{{"a"}, {"1"}}, []string{"the rows after the first 1 were left out"}},
		"text is not sniffed": {"a\tb,c\n1\t2,3\n", Dialect{Comma: '\t'}, Options{}, [][]string{{"a", "b,c"}, {"1", "2,3"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadCSV("in.csv", strings.NewReader(c.text), c.dialect, c.options)
			if err != nil {
				t.Fatal(err)
			}
			if all := append([][]string{got.Header}, got.Rows...); !reflect.DeepEqual(all, c.want) {
				t.Errorf("%q, want %q", all, c.want)
			}
			if !reflect.DeepEqual(got.Notes, c.notes) {
				t.Errorf("notes %q, want %q", got.Notes, c.notes)
			}
			if err := got.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestBadCSV(t *testing.T) {
	wide := Options{MaxRow: 5000, MaxCell: 5000}
	for name, c := range map[string]struct {
		text    string
		dialect Dialect
		options Options
		want    string
	}{
		"empty":           {"", Dialect{}, Options{}, "in.csv: the file is empty"},
		"only blanks":     {"\n\r\n", Dialect{}, Options{}, "in.csv: the file is empty"},
		"too many":        {"a,b\n1,2\n1,2,3,4\n", Dialect{}, Options{}, "in.csv:3: row 2 has 4 cells, 2 too many for 2 columns; put cells"},
		"too many padded": {"a,b\n1,2,3\n", Dialect{}, Options{Ragged: RaggedPad}, "in.csv:2: row 1 has 3 cells, 1 too many for 2 columns"},
		"too few":         {"a,b,c\n\n1\n", Dialect{}, Options{}, "in.csv:3: row 1 has 1 cell, 2 too few for 3 columns; add"},
		"twice":           {"x,a,b, a\n", Dialect{}, Options{}, `in.csv:1: columns 2 and 4 are both called "a"; give`},
		"twice by place":  {"column 2,,b\n", Dialect{}, Options{}, `in.csv:1: columns 1 and 2 are both called "column 2"`},
		"unclosed":        {"a,b\n1,2\n3,\"x\ny\nz\n", Dialect{}, Options{}, "in.csv:3: byte 3: the quote that opens here is never closed; write a quote that belongs to the text twice"},
		"unclosed second": {"a,b\n\"1\n\",\"x\ny\nz\n", Dialect{}, Options{}, "in.csv:3: byte 3: the quote that opens here is never closed"},
		"unclosed header": {"\n\"a,b\n1,2\n", Dialect{Comma: ','}, Options{}, "in.csv:2: byte 1: the quote that opens here is never closed"},
		"unclosed single": {"a,b\n1,2\n3,'x\ny\n", Dialect{Quote: QuoteSingle}, Options{}, "in.csv:3: byte 3: the quote that opens here is never closed"},
		"unclosed escape": {"a,b\n\"x\\\"\n", WikiTables(), Options{}, "in.csv:2: byte 1: the quote that opens here is never closed; put a backslash"},
		"long unclosed":   {"a,b\n1,\"" + strings.Repeat("line\n", 10000), Dialect{}, wide, "in.csv:2: byte 3: the quote that opens here is not closed within the 5000 bytes that a row may have"},
		"long of quotes":  {"a,b\n1,\"" + strings.Repeat("\"\"", 10000), Dialect{}, wide, "in.csv:2: the line is longer than 5000 bytes"},
		"quotes in lines": {"a,b\n1,\"" + strings.Repeat("\"\"\"\"\n", 10000), Dialect{}, wide, "in.csv:2: byte 3: the quote that opens here is not closed within"},
		"long, single":    {"a,b\n1,'" + strings.Repeat("line\n", 10000), Dialect{Quote: QuoteSingle}, wide, "in.csv:2: byte 3: the quote that opens here is not closed within"},
		"long line":       {"a,b\n" + strings.Repeat("x", 20000), Dialect{}, wide, "in.csv:2: the line is longer than 5000 bytes; are line ends lost"},
		"long, just":      {"a,b\n" + strings.Repeat("x", 5003) + "\n1,2\n", Dialect{}, wide, "in.csv:2: the row is longer than 5000 bytes"},
		"long rows":       {"a,b\n\"" + strings.Repeat("x\n", 2600) + "\",1\n", Dialect{}, wide, "in.csv:2: the row is longer than 5000 bytes"},
		"long cell":       {"a,b\n1," + strings.Repeat("x", 70000), Dialect{}, Options{}, "in.csv:2: row 1: the cell in column 2 has 70000 bytes, and 65536 are the most"},
		"bare quote":      {"a,b\n1,x\"y\n", Dialect{}, Options{}, "in.csv:2: byte 4: a quote stands in a cell that does not begin with one; put the whole"},
		"behind a quote":  {"a,b\n1,\"x\" y\n", Dialect{}, Options{}, "in.csv:2: byte 6: text goes on behind the quote that ends a cell"},
		"not UTF-8":       {"a,b\n1,2\nöx\xe9,3\n", Dialect{}, Options{}, "in.csv:3: byte 4: 0xe9 is not UTF-8 text; convert the file to UTF-8, for example: iconv -f WINDOWS-1252"},
		"cut character":   {"a,b\n1,\xc3", Dialect{}, Options{}, "in.csv:2: byte 3: 0xc3 is not UTF-8 text"},
		"UTF-16":          {"\xff\xfea\x00", Dialect{}, Options{}, "in.csv:1: byte 1: the text is UTF-16, not UTF-8; convert the file to UTF-8, for example: iconv -f UTF-16"},
		"CR":              {"a,b\r1,2\r", Dialect{}, Options{}, "in.csv:1: byte 4: lines end in CR alone; convert"},
		"columns":         {"a,b,c\n", Dialect{}, Options{MaxColumns: 2}, "in.csv:1: the header has 3 cells, and 2 are the most"},
		"limit":           {"a\n", Dialect{}, Options{MaxRow: -1}, "MaxRow: it is below 0"},
		"ragged":          {"a\n", Dialect{}, Options{Ragged: 7}, "Ragged: "},
		"names":           {"a\n", Dialect{}, Options{Names: -1}, "Names: "},
		"quote":           {"a\n", Dialect{Quote: 3}, Options{}, "Quote: "},
		"comma":           {"a\n", Dialect{Comma: '"'}, Options{}, "Comma: '\"' has another meaning already"},
		"comma of no use": {"a\n", Dialect{Comma: -1}, Options{}, "Comma: "},
		"backslash":       {"a\n", Dialect{Comma: '\\', Backslash: true}, Options{}, "Comma: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadCSV("in.csv", strings.NewReader(c.text), c.dialect, c.options)
			if err == nil || !strings.HasPrefix(err.Error(), "tables: "+c.want) {
				t.Fatalf("%v, want %q", err, c.want)
			}
			var file *FileError
			var option *OptionError
			if !errors.As(err, &file) && !errors.As(err, &option) {
				t.Errorf("the error is a %T", err)
			}
		})
	}
}

// TestPaddingBomb holds a small file of short rows below a wide header to a bound.
func TestPaddingBomb(t *testing.T) {
	text := strings.Repeat(",", DefaultMaxColumns-1) + "\n" + strings.Repeat("x\n", 1<<20)
	_, err := ReadCSV("in.csv", strings.NewReader(text), Dialect{Comma: ','}, Options{Ragged: RaggedPad})
	if err == nil || !strings.Contains(err.Error(), "hold anything") {
		t.Fatal(err)
	}
}

// TestRowsOneByOne reads what Next gives, to an error that stays.
func TestRowsOneByOne(t *testing.T) {
	r, err := StreamCSV("in.csv", strings.NewReader("a,b\n1,2\n\n\"3\n\",4\n5\n6,7\n"), Dialect{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		row  []string
		line int
	}{{[]string{"1", "2"}, 2}, {[]string{"3\n", "4"}, 4}} {
		row, err := r.Next()
		if err != nil || !reflect.DeepEqual(row, want.row) || r.Line() != want.line {
			t.Errorf("%q in line %d, %v, want %q in %d", row, r.Line(), err, want.row, want.line)
		}
	}
	for range 2 {
		if _, err := r.Next(); err == nil || !strings.Contains(err.Error(), "in.csv:6: row 3 has 1 cell") {
			t.Error(err)
		}
	}
}

// failing gives some text, then an error.
type failing struct {
	text io.Reader
	err  error
}

func (f failing) Read(p []byte) (int, error) {
	n, err := f.text.Read(p)
	if err == io.EOF {
		err = f.err
	}
	return n, err
}

func TestReadError(t *testing.T) {
	cause := errors.New("the disk is gone")
	for _, d := range []Dialect{{}, WikiTables()} {
		_, err := ReadCSV("in.csv", failing{strings.NewReader("a,b\n1,2\n3,"), cause}, d, Options{})
		var file *FileError
		if !errors.As(err, &file) || !errors.Is(err, cause) || file.Line != 3 {
			t.Errorf("%v", err)
		}
	}
}

func TestWriteCSV(t *testing.T) {
	table := &Table{Header: []string{"a", "b;c"}, Rows: [][]string{{"1", "say \"x\""}, {"", "two\nlines"}}}
	var out bytes.Buffer
	if err := WriteCSV(&out, table, ';'); err != nil {
		t.Fatal(err)
	}
	if want := "a;\"b;c\"\n1;\"say \"\"x\"\"\"\n;\"two\nlines\"\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	if err := WriteCSV(&out, table, '"'); err == nil {
		t.Error("a quote for a delimiter is taken")
	}
	if err := WriteCSV(&out, &Table{}, 0); err == nil {
		t.Error("a table without columns is written")
	}
}

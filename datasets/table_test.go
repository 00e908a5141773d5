package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

func tableOf(text string, columns ...string) (out string, err error) {
	err = parseTable(context.Background(), "t.csv", strings.NewReader(text), columns, func(line int, values []string) error {
		out += fmt.Sprint(line, values, " ")
		return nil
	})
	return out, err
}

func TestTable(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "a,b,c\n1,2,3\n4,5,6\n", "2 [3 1] 3 [6 4] "},
		{"byte order mark and CR LF", "\xef\xbb\xbfa,b,c\r\n1,2,3\r\n", "2 [3 1] "},
		{"quotes", "a,b,c\n\"x, \"\"y\"\"\n\",2,3\n4,5,6", "2 [3 x, \"y\"\n] 4 [6 4] "},
		{"CR CR LF", "a, B ,c\r\r\n\r\r\n1,2,3\r\r\n", "3 [3\r 1] "},
		{"capitals and blanks", "A, B , C\n1,2,3\n", "2 [3 1] "},
		{"doubled line ends", "a,b,c\r\n\r\n1,2,3\r\n\r\n", "3 [3 1] "},
		{"header only", "a,b,c", ""},
	} {
		got, err := tableOf(c.text, "c", "a")
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v; expected %q", c.name, got, err, c.want)
		}
	}
}

func TestTableRefuses(t *testing.T) {
	many := strings.Repeat("x,", 30) + "x"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "t.csv: the file is empty; its first line must name the columns"},
		{"delimiter", "smiles;y\nC;1\n", `t.csv:1: there is no column "smiles"; the columns are "smiles;y"; columns must be separated by commas`},
		{"column", "smile,y\nC,1\n", `t.csv:1: there is no column "smiles"; the columns are "smile", "y"; did you mean "smile"?`},
		{"many columns", many + "\n", `"x", and 11 more; did you mean "x"?`},
		{"ragged", "smiles,y\nC,1\nC\n", "t.csv:3: the row has another number of columns than the header; put a value that holds a comma in quotes"},
		{"quote", "smiles,y\nC\"C,1\n", "t.csv:2: column 2: a quote stands where none may; double a quote within a quoted value"},
		{"open quote", "smiles,y\n\"C,1\n", "t.csv:2: column 6: a quote stands where none may; double a quote within a quoted value"},
		{"not UTF-8", "smiles,y\nC\xff,1\n", `t.csv:2: column "smiles" is not UTF-8 text; save the file as UTF-8`},
		{"long line", "smiles,y\nC,1\n" + strings.Repeat("C", 10<<20), "t.csv:3: the line is longer than 1048576 bytes; the file is not what its name says, or its line ends are lost"},
		{"long header", strings.Repeat("C", 10<<20), "t.csv:1: the line is longer than 1048576 bytes; the file is not what its name says, or its line ends are lost"},
	} {
		_, err := tableOf(c.text, "smiles", "y")
		var file *FileError
		if !errors.As(err, &file) || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
	stop := errors.New("stop")
	err := parseTable(context.Background(), "t.csv", strings.NewReader("a\n1\n2\n"), []string{"a"}, func(int, []string) error { return stop })
	if err != stop {
		t.Errorf("an error of the caller came back as %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := parseTable(ctx, "t.csv", strings.NewReader("a\n1\n"), []string{"a"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled read gave %v", err)
	}
	path := write(t, filepath.Join(t.TempDir(), "t.csv.gz"), zipped(t, "a,b\n1,2\n")[:30])
	if err := readTable(context.Background(), path, []string{"a"}, func(int, []string) error { return nil }); err == nil || !strings.Contains(err.Error(), "the file is cut off: copy it again") {
		t.Errorf("a file that is cut off: %v", err)
	}
}

func TestLines(t *testing.T) {
	l := newLines("f", strings.NewReader("\xef\xbb\xbf a\r\n\n  \nb\xc3\xa9\n"+strings.Repeat("x", maxLine)+"\nlast"))
	for _, want := range []string{"1 a", "4bé", "5" + strings.Repeat("x", maxLine), "6last"} {
		line, err := l.next()
		if got := fmt.Sprint(l.n, string(line)); err != nil || strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("got %.20q, %v; expected %.20q", got, err, want)
		}
	}
	if _, err := l.next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestReadJSON(t *testing.T) {
	dir := t.TempDir()
	var into struct{ A []int32 }
	for _, c := range []struct{ text, want string }{
		{"{\"a\":[1,\n2", ":2: malformed JSON: unexpected end of JSON input; the file is damaged or another one: get it again"},
		{"{\"a\":[1,\n\n\"x\"]}", `:3: string where int32 was expected (key "a"); the file is damaged or another one: get it again`},
		{`{"a":[5000000000]}`, `:1: number 5000000000 where int32 was expected (key "a"); the file is damaged or another one: get it again`},
		{"", ":1: malformed JSON: unexpected end of JSON input; the file is damaged or another one: get it again"},
		{`{"a":[NaN]}`, ":1: malformed JSON: invalid character 'N' looking for beginning of value; the file is damaged or another one: get it again"},
	} {
		path := write(t, filepath.Join(dir, "f.json"), []byte(c.text))
		if err := readJSON(path, &into); err == nil || err.Error() != "datasets: "+path+c.want {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
	path := write(t, filepath.Join(dir, "bomb.json.gz"), zipped(t, strings.Repeat(" ", 2<<20)))
	if err := readJSON(path, &into); err == nil || !strings.Contains(err.Error(), "more than 100 times its size") {
		t.Errorf("a bomb: %v", err)
	}
	path = write(t, filepath.Join(dir, "mark.json"), []byte("\xef\xbb\xbf{\"a\":[3]}"))
	if err := readJSON(path, &into); err != nil || into.A[0] != 3 {
		t.Errorf("a byte order mark: %v", err)
	}
}

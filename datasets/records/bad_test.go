package records

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestBadTables(t *testing.T) {
	for _, c := range []struct {
		name, text string
		set        func(o *Options)
		want       string
	}{
		{"many cells", "x,y\n1,a\n2,b,3\n", nil, "t.csv:3: the row has another number of cells than the 2 columns"},
		{"few cells", "x,y\n1\n", nil, "t.csv:2: the row has another number of cells"},
		{"open quote", "x,y\n1,a\n\"2,b\n3,c\n", nil, "t.csv:3: a quote that opens in this row is never closed"},
		{"stray quote", "x,y\n1,a\n2\"3,b\n", nil, "t.csv:3: a quote stands where none may"},
		{"no text", "x,y\n1,a\n\xff,b\n", nil, "t.csv:3: byte 1, 0xff, is not UTF-8 text"},
		{"twice", "x,y,x\n", nil, `t.csv:1: columns 1 and 3 are both called "x"`},
		{"no name", "x,,y\n", nil, "t.csv:1: column 2 has no name"},
		{"no rows", "x,y\n", nil, "t.csv: there are no rows below the names of the columns"},
		{"nothing", "", nil, "t.csv: the file is empty"},
		{"only the target", "y\na\n", nil, "there is no column to predict from"},
		{"no target named", "x,z\na,b\n", nil, "which column is to be predicted? None is called target, label or y (columns: x, z)"},
		{"no target", "x,y\na,\n", nil, `t.csv:2: column "y": there is no target`},
		{"one class", "x,y\n1,a\n2,a\n", nil, `column "y": all rows are of one class`},
		{"numbers", "x,y\n1,1.5\n2,2\n", nil, `column "y": it has 2 different numbers, which are no classes; --target-bins 5`},
		{"same numbers", "x,y\n1,2\n2,2\n", func(o *Options) { o.TargetBins = 2 }, "all training rows have the same number"},
		{"bins of words", "x,y\n1,a\n", func(o *Options) { o.TargetBins = 2 }, `t.csv:2: column "y": "a" is no number`},
		{"a word", "x,y\n1,a\nz,b\n", func(o *Options) { o.Numeric = "x" }, `numeric: the column "x" has "z", which is no number`},
		{"no split", "x,y,s\n1,a,train\n2,b,tset\n", func(o *Options) { o.SplitColumn = "s" }, `t.csv:3: column "s": "tset" is no split`},
		{"no training", "x,y,s\n1,a,val\n2,b,test\n", func(o *Options) { o.SplitColumn = "s" }, "none of its 2 rows is one to train on"},
		{"unknown column", "x,y\n1,a\n", func(o *Options) { o.Ignore = "xx" }, `ignore: `},
		{"target ignored", "x,y\n1,a\n", func(o *Options) { o.Ignore = "y" }, `ignore: "y" is the column to predict`},
		{"named twice", "x,y\n1,a\n", func(o *Options) { o.Ignore, o.Text = "x", "x" }, `text: "x" is named by ignore already`},
		{"bins", "x,y\n1,a\n", func(o *Options) { o.Bins = 1 }, "bins: 1: want 2 to 4096"},
		{"no file", "", func(o *Options) { o.Path = "" }, "path: no file"},
	} {
		o := Options{Path: write(t, "t.csv", c.text)}
		if c.set != nil {
			c.set(&o)
		}
		if _, err := Load(context.Background(), Request{Options: o}, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// TestSkipBad leaves rows out that cannot be used, and counts them.
func TestSkipBad(t *testing.T) {
	text := "x,y\n" + strings.Repeat("1,a\n2,b\n", 20) + "3,\n4,a,5\n\xff,b\n"
	l, err := Load(context.Background(), Request{Options: Options{Path: write(t, "t.csv", text), SkipBad: true}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if l.Parts[0].Len() != 32 || !strings.HasSuffix(l.Notes[0], "t.csv: 3 rows that cannot be used were left out") {
		t.Errorf("%d rows, notes %q", l.Parts[0].Len(), l.Notes)
	}
}

// TestFormats reads the same rows from files of other forms.
func TestFormats(t *testing.T) {
	csv, md, jsonl := "x,y\n", "| x | y |\n|---|---|\n", ""
	for i := range 20 {
		csv += fmt.Sprintf("%d,%c\n", i%5, 'a'+i%2)
		md += fmt.Sprintf("| %d | %c |\n", i%5, 'a'+i%2)
		jsonl += fmt.Sprintf("{\"x\": %d, \"y\": \"%c\"}\n", i%5, 'a'+i%2)
	}
	var first *Loaded
	for name, text := range map[string]string{"t.csv": csv, "t.tsv": strings.ReplaceAll(csv, ",", "\t"), "t.md": md, "t.jsonl": jsonl} {
		l, err := Load(context.Background(), Request{Options: Options{Path: write(t, name, text)}}, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if first == nil {
			first = l
		}
		if fmt.Sprint(l.Parts[0].tokens, l.Parts[1].tokens) != fmt.Sprint(first.Parts[0].tokens, first.Parts[1].tokens) {
			t.Errorf("%s: other tokens than another form", name)
		}
	}
}

func TestBins(t *testing.T) {
	s := newSample(1, 0)
	for i := range 100 {
		s.add(float64(i / 10))
	}
	if got := fmt.Sprint(s.edges(32)); got != "[0 1 2 3 4 5 6 7 8]" {
		t.Errorf("a bin a value: %s", got)
	}
	edges := s.edges(4)
	if got := fmt.Sprint(edges); got != "[2 4 7]" {
		t.Errorf("quantiles: %s", got)
	}
	for _, c := range []struct {
		x    float64
		want int
	}{{-1e9, 0}, {2, 0}, {2.5, 1}, {7, 2}, {7.1, 3}, {1e9, 3}} {
		if got := bin(edges, c.x); got != c.want {
			t.Errorf("%v falls into bin %d, want %d", c.x, got, c.want)
		}
	}
	for range 3 * mostSampled {
		s.add(5)
	}
	if len(s.values) != mostSampled {
		t.Errorf("%d numbers are kept", len(s.values))
	}
}

func FuzzParseSchema(f *testing.F) {
	path := write(f, "t.csv", people(40))
	l, err := Load(context.Background(), Request{Options: Options{Path: path, TargetColumn: "income"}}, nil)
	if err != nil {
		f.Fatal(err)
	}
	text, err := l.Schema.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"version":1,"target":{"name":"y","classes":["a","b"]},"columns":[{"name":"x","kind":"number"}],"maxText":1,"vocabulary":{}}`))
	f.Add([]byte(`{"version":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ParseSchema(text)
		if err != nil {
			return
		}
		rows := s.Rows()
		cells := make([]string, len(s.Columns))
		from := make([]int, len(s.Columns))
		for k := range from {
			from[k], cells[k] = k, "3"
		}
		if err := rows.add(s, "f", 1, cells, from, -1); err != nil {
			t.Fatal(err)
		}
		for _, cell := range append(s.Header(), rows.Cells(0)...) {
			for _, id := range cell {
				if id < 0 || int(id) >= s.Tokenizer().Size() {
					t.Fatalf("token %d of %d", id, s.Tokenizer().Size())
				}
			}
		}
	})
}

// FuzzLoad reads whatever comes as a table.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(people(12)))
	f.Add([]byte("x,y\n\"a\nb\",1\n,2\nNA,1\n"))
	f.Add([]byte("x;y\r\n1;a\r\n2;b\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := write(t, "t.csv", string(text))
		l, err := Load(context.Background(), Request{Options: Options{Path: path, SkipBad: true, TextTokens: 300}}, nil)
		if err != nil {
			return
		}
		schema, err := l.Schema.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseSchema(schema); err != nil {
			t.Fatalf("the schema of %q cannot be read: %v", text, err)
		}
	})
}

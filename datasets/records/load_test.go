package records

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

// write puts a table into a file.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// people is a table whose income follows from age and job.
func people(rows int) string {
	var b strings.Builder
	b.WriteString("age,job,notes,income\n")
	jobs := []string{"nurse", "smith", "clerk"}
	for i := range rows {
		income := "low"
		if i%50 > 25 && i%3 == 1 {
			income = "high"
		}
		age := fmt.Sprint(20 + i%50)
		if i%17 == 0 {
			age = "NA"
		}
		fmt.Fprintf(&b, "%s,%s,the note of number %d,%s\n", age, jobs[i%3], i, income)
	}
	return b.String()
}

func TestLoad(t *testing.T) {
	path := write(t, "people.csv", people(200))
	q := Request{Options: Options{Path: path, TargetColumn: "income", Bins: 8}, Seed: 3}
	l, err := Load(context.Background(), q, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := l.Schema
	for k, want := range []string{"age (number, 8 bins)", "job (category, 3 words)", "notes (text)"} {
		if got := s.Columns[k].String(); got != want {
			t.Errorf("column %d: %s, want %s", k, got, want)
		}
	}
	if got := s.Target.String(); got != "income (2 classes: high, low)" {
		t.Errorf("target %s", got)
	}
	for split, want := range [3]int{160, 20, 20} {
		if got := l.Parts[split].Len(); got != want {
			t.Errorf("split %d has %d rows, want %d", split, got, want)
		}
	}
	if len(l.Notes) != 1 || !strings.HasPrefix(l.Notes[0], `always guessing "low", the most frequent class, is right for `) {
		t.Errorf("notes: %q", l.Notes)
	}
	text, err := s.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	known, err := ParseSchema(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(context.Background(), q, known)
	if err != nil {
		t.Fatal(err)
	}
	for split := range l.Parts {
		a, b := l.Parts[split], again.Parts[split]
		for i := range a.Len() {
			if fmt.Sprint(a.Cells(i), a.Class(i)) != fmt.Sprint(b.Cells(i), b.Class(i)) {
				t.Fatalf("split %d, row %d: %v, and %v by the stored schema", split, i, a.Cells(i), b.Cells(i))
			}
			n := 0
			for _, cell := range a.Cells(i) {
				n += len(cell)
			}
			if n != a.Tokens(i) {
				t.Errorf("row %d has %d tokens, %d are told", i, n, a.Tokens(i))
			}
		}
	}
	if err := os.WriteFile(path, []byte(people(199)), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(context.Background(), q, known); err == nil || !strings.Contains(err.Error(), "the file has changed") {
		t.Errorf("another file: %v", err)
	}
}

func TestReader(t *testing.T) {
	path := write(t, "people.csv", people(100))
	o := Options{Path: path, TargetColumn: "income", Ignore: "notes"}
	l, err := Load(context.Background(), Request{Options: o}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := l.Schema
	r, err := NewReader("more.csv", strings.NewReader("job;age\nclerk;33\npilot;\nclerk;old\nsmith;1e9\n"), o, s)
	if err != nil {
		t.Fatal(err)
	}
	rows := s.Rows()
	var failed []string
	for range 4 {
		if _, err := r.Read(rows); err != nil {
			failed = append(failed, err.Error())
		}
	}
	if len(failed) != 1 || !strings.Contains(failed[0], `more.csv:4: column "age": "old" is no number, and the column has numbers`) {
		t.Errorf("errors: %q", failed)
	}
	age, job := s.places[0].first, s.places[1].first
	if rows.Len() != 3 || rows.Class(0) != -1 || fmt.Sprint(rows.Cells(1)) != fmt.Sprint([][]int32{{age + 1}, {job + 2}}) ||
		rows.Cells(2)[0][0] != age+2+int32(len(s.Columns[0].Edges)) {
		t.Errorf("%d rows: %v, %v", rows.Len(), rows.Cells(1), rows.Cells(2))
	}
	for text, want := range map[string]string{
		"age\n1\n":                 "more.csv:1: columns that the model reads are not there: job; the table has age",
		"age,job,height,weight\n":  "more.csv:1: columns that the model was not trained with: height, weight; remove them",
		"age,job,notes,income,x\n": "not trained with: x;",
		"age,job,age\n":            `more.csv:1: columns 1 and 3 are both called "age"`,
		"":                         "more.csv: the file is empty",
	} {
		if _, err := NewReader("more.csv", strings.NewReader(text), o, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestSplits(t *testing.T) {
	path := write(t, "s.csv", "x,y,s\n1,a,train\n2,b,train\n3,a,val\n4,b,test\n5,a,Training\n")
	o := Options{Path: path, SplitColumn: "s", MinCount: 1}
	l, err := Load(context.Background(), Request{Options: o, Limit: datasets.Limit{Train: 2}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if l.Parts[0].Len() != 2 || l.Parts[1].Len() != 1 || l.Parts[2].Len() != 1 {
		t.Errorf("%d, %d, %d rows", l.Parts[0].Len(), l.Parts[1].Len(), l.Parts[2].Len())
	}
	if got := l.Schema.Columns[0].Edges; len(l.Schema.Columns) != 1 || fmt.Sprint(got) != "[1]" {
		t.Errorf("edges %v: only rows that are trained on count", got)
	}
}

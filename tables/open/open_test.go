package open

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/excel"
)

// packed compresses a text by gzip.
func packed(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func book(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for cell, value := range map[string]any{"A1": "city", "B1": "people", "A2": "Lyon", "B2": 516092, "A3": "Oslo"} {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// cities is one table in every format.
func cities(t *testing.T) map[string]string {
	return map[string]string{
		"cities.csv":       "city,people\nLyon,516092\nOslo,\n",
		"cities.txt":       "city;people\nLyon;516092\nOslo;\n",
		"Cities.TSV":       "city\tpeople\nLyon\t516092\nOslo\t\n",
		"cities.tab":       "city\tpeople\nLyon\t516092\nOslo\t\n",
		"cities.md":        "Cities:\n\n| city | people |\n|---|---|\n| Lyon | 516092 |\n| Oslo | |\n",
		"cities.markdown":  "city|people\n---|---\nLyon|516092\nOslo|\u00a0\n",
		"cities.json":      `[{"city":"Lyon","people":516092},{"city":"Oslo"}]`,
		"cities.jsonl":     "{\"city\":\"Lyon\",\"people\":516092}\n{\"city\":\"Oslo\"}\n",
		"cities.ndjson":    "{\"city\":\"Lyon\",\"people\":516092}\n{\"city\":\"Oslo\"}\n",
		"cities.xlsx":      book(t),
		"cities.csv.gz":    packed(t, "city,people\nLyon,516092\nOslo,\n"),
		"cities.JSONL.gz":  packed(t, "{\"city\":\"Lyon\",\"people\":516092}\n{\"city\":\"Oslo\"}\n"),
		"cities.2024.csv":  "city,people\nLyon,516092\nOslo,\n",
		"cities.tsv.gz.md": "| city | people |\n|---|---|\n| Lyon | 516092 |\n| Oslo | |\n",
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpen(t *testing.T) {
	endings := map[string]bool{}
	for name, text := range cities(t) {
		endings[strings.ToLower(filepath.Ext(name))] = true
		t.Run(name, func(t *testing.T) {
			path := write(t, name, text)
			got, err := Open(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, &tables.Table{Name: path, Header: []string{"city", "people"}, Rows: [][]string{{"Lyon", "516092"}, {"Oslo", ""}}}) {
				t.Errorf("%+v", got)
			}
			few, err := Open(path, Options{Rows: tables.Options{MaxRows: 1}})
			if err != nil || len(few.Rows) != 1 || len(few.Notes) != 1 {
				t.Errorf("%+v, %v", few, err)
			}
		})
	}
	for _, ending := range Endings() {
		if !endings[ending] {
			t.Errorf("no file ends in %s", ending)
		}
	}
}

// TestStream reads a row by itself, then the rest as a table.
func TestStream(t *testing.T) {
	for name, text := range cities(t) {
		s, err := NewStream(write(t, name, text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		row, err := s.Next()
		if err != nil || !reflect.DeepEqual(row, []string{"Lyon", "516092"}) || !reflect.DeepEqual(s.Header(), []string{"city", "people"}) {
			t.Errorf("%s: %q below %q, %v", name, row, s.Header(), err)
		}
		rest, err := s.Table()
		if err != nil || !reflect.DeepEqual(rest.Rows, [][]string{{"Oslo", ""}}) {
			t.Errorf("%s: %+v, %v", name, rest, err)
		}
		if _, err := s.Next(); err != io.EOF || s.Notes() != nil {
			t.Errorf("%s: %v, %q", name, err, s.Notes())
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOptions(t *testing.T) {
	got, err := Open(write(t, "t.tsv", "a,b\n'1\t2',3\n"), Options{Dialect: tables.Dialect{Comma: ',', Quote: tables.QuoteSingle}})
	if err != nil || !reflect.DeepEqual(got.Rows, [][]string{{"1\t2", "3"}}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := Open(write(t, "t.xlsx", book(t)), Options{Workbook: excel.Options{Sheet: "none"}}); err == nil || !strings.Contains(err.Error(), `there is no sheet "none"`) {
		t.Error(err)
	}
}

func TestBadFiles(t *testing.T) {
	gz := packed(t, "a,b\n1,2\n")
	for name, c := range map[string]struct{ text, want string }{
		"t.parquet":   {"", `the ending ".parquet" is of no table that can be read; those are .csv .tsv .tab .txt .md .markdown .json .jsonl .ndjson .xlsx, and .gz behind all but the last; rename`},
		"t":           {"", `the ending "" is of no table`},
		"t.xls":       {"", `the ending ".xls" is of no table`},
		"t.xlsx.gz":   {"", `the ending ".xlsx" is of no table`},
		"t.gz":        {"", `the ending "" is of no table`},
		"t.csv":       {"a,b\n1,2,3\n", "row 1 has 3 cells"},
		"t.md":        {"text", "there is no table"},
		"t.json":      {"[1]", "a number where a record was expected"},
		"t.xlsx":      {"a,b\n", "it is not a sound workbook"},
		"cut.csv.gz":  {gz[:len(gz)-9], "the compressed data ends too early; the file is cut off"},
		"sum.csv.gz":  {gz[:len(gz)-6] + "xx" + gz[len(gz)-4:], "it is not sound gzip data; the file is damaged"},
		"no.csv.gz":   {"a,b\n1,2\n3,4\n5,6\n", "it is not sound gzip data; the file is damaged"},
		"e.csv.gz":    {"", "the compressed data ends too early"},
		"bomb.csv.gz": {packed(t, "a\n"+strings.Repeat("1\n", 2<<20)), "it unpacks to more than 100 times its size; if it is to be trusted, unpack it first"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, name, c.text)
			_, err := Open(path, Options{})
			var file *tables.FileError
			if !errors.As(err, &file) || !strings.HasPrefix(file.File, path) || !strings.HasPrefix(file.Reason+"; "+file.Hint, c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	missing := filepath.Join(t.TempDir(), "none.csv")
	if _, err := Open(missing, Options{}); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "tables: "+missing+": no such file or directory; check") {
		t.Error(err)
	}
	folder := filepath.Join(t.TempDir(), "folder.csv")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(folder, Options{}); err == nil || !strings.Contains(err.Error(), "it is not a regular file") {
		t.Error(err)
	}
}

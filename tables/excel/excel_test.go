package excel

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/graft-ml/graft/tables"
)

// workbook makes the bytes of a workbook.
func workbook(t testing.TB, fill func(*excelize.File)) []byte {
	t.Helper()
	book := excelize.NewFile()
	fill(book)
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// set writes cells, row by row from A1; nil is left out.
func set(t testing.TB, book *excelize.File, sheet string, rows ...[]any) {
	t.Helper()
	for i, row := range rows {
		for j, value := range row {
			if value == nil {
				continue
			}
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := book.SetCellValue(sheet, cell, value); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func people(t testing.TB) []byte {
	return workbook(t, func(book *excelize.File) {
		set(t, book, "Sheet1", []any{"name", "born", "share"}, []any{"Ada", time.Date(1815, 12, 10, 0, 0, 0, 0, time.UTC), 0.5}, nil, []any{"Bo"}, []any{"Cy", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), true})
		if _, err := book.NewSheet("Empty"); err != nil {
			t.Fatal(err)
		}
		if _, err := book.NewSheet("Other"); err != nil {
			t.Fatal(err)
		}
		set(t, book, "Other", []any{"a", "a"}, []any{1, 2, 3})
	})
}

func read(data []byte, o Options, rows tables.Options) (*tables.Table, error) {
	return Read("people.xlsx", bytes.NewReader(data), int64(len(data)), o, rows)
}

func TestRead(t *testing.T) {
	data := people(t)
	got, err := read(data, Options{}, tables.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"Bo", "", ""}, {"Cy", "2024-02-29", "TRUE"}}
	if !reflect.DeepEqual(got.Header, []string{"name", "born", "share"}) || len(got.Rows) != 3 || !reflect.DeepEqual(got.Rows[1:], want) || got.Name != "people.xlsx!Sheet1" || got.Notes != nil {
		t.Errorf("%q", got)
	}
	raw, err := read(data, Options{Raw: true}, tables.Options{MaxRows: 3})
	if err != nil || raw.Rows[2][1] != "45351" || raw.Rows[0][2] != "0.5" {
		t.Errorf("%q, %v", raw, err)
	}
	fitted, err := read(data, Options{Sheet: "Other"}, tables.Options{Ragged: tables.RaggedFit, Names: tables.NamesNumbered})
	if err != nil || !reflect.DeepEqual(fitted.Header, []string{"a", "a (2)"}) || !reflect.DeepEqual(fitted.Rows, [][]string{{"1", "2"}}) || len(fitted.Notes) != 1 {
		t.Errorf("%q, %v", fitted, err)
	}
}

func TestStream(t *testing.T) {
	data := people(t)
	r, err := Stream("people.xlsx", bytes.NewReader(data), int64(len(data)), Options{}, tables.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil || len(row) != 3 {
			t.Fatal(row, err)
		}
		lines = append(lines, r.Line())
	}
	if !reflect.DeepEqual(lines, []int{2, 4, 5}) {
		t.Errorf("rows %v", lines)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// TestLargeSheet reads a sheet that is unpacked to a temporary file.
func TestLargeSheet(t *testing.T) {
	const rows = 600
	var sheet strings.Builder
	sheet.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for i := 1; i <= rows; i++ {
		fmt.Fprintf(&sheet, `<row r="%d"><c r="A%d" t="inlineStr"><is><t>row %d %s</t></is></c></row>`, i, i, i, strings.Repeat("x", 30000))
	}
	sheet.WriteString(`</sheetData></worksheet>`)
	if sheet.Len() < inMemory {
		t.Fatalf("%d bytes are not enough", sheet.Len())
	}
	data := replaced(t, people(t), "xl/worksheets/sheet1.xml", sheet.String())
	t.Setenv("TMPDIR", t.TempDir())
	got, err := read(data, Options{}, tables.Options{NoHeader: true})
	if err != nil || len(got.Rows) != rows || !strings.HasPrefix(got.Rows[rows-1][0], fmt.Sprintf("row %d xx", rows)) {
		t.Errorf("%d rows, %v", len(got.Rows), err)
	}
}

// replaced is a workbook with another text for one of its parts.
func replaced(t testing.TB, data []byte, name, text string) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range archive.File {
		if part.Name != name {
			if err := w.Copy(part); err != nil {
				t.Fatal(err)
			}
			continue
		}
		p, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(p, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBadWorkbooks(t *testing.T) {
	data := people(t)
	worksheet := func(rows string) []byte {
		return replaced(t, data, "xl/worksheets/sheet1.xml", `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`+rows+`</sheetData></worksheet>`)
	}
	for name, c := range map[string]struct {
		data []byte
		o    Options
		rows tables.Options
		want string
	}{
		"unknown sheet": {data, Options{Sheet: "Shet1"}, tables.Options{}, `people.xlsx: there is no sheet "Shet1"; the sheets are ["Sheet1" "Empty" "Other"]; did you mean "Sheet1"?`},
		"empty sheet":   {data, Options{Sheet: "Empty"}, tables.Options{}, "people.xlsx!Empty: the file is empty"},
		"too many":      {data, Options{Sheet: "Other"}, tables.Options{Names: tables.NamesNumbered}, "people.xlsx!Other:2: row 1 has 3 cells, 1 too many for 2 columns"},
		"twice":         {data, Options{Sheet: "Other"}, tables.Options{}, `people.xlsx!Other:1: columns 1 and 2 are both called "a"`},
		"too large":     {data, Options{MaxFile: 10}, tables.Options{}, fmt.Sprintf("people.xlsx: the workbook has %d bytes, and 10 are the most; save the sheet as CSV", len(data))},
		"a bomb":        {replaced(t, data, "xl/worksheets/sheet1.xml", strings.Repeat(" ", 2<<20)), Options{MaxUnpacked: 1 << 20}, tables.Options{}, "people.xlsx: it unpacks to more than 1048576 bytes"},
		"limit":         {data, Options{MaxUnpacked: -1}, tables.Options{}, "MaxUnpacked: it is below 0"},
		"not a zip":     {[]byte("a,b\n1,2\n"), Options{}, tables.Options{}, "people.xlsx: it is not a sound workbook: not a valid zip file; open it"},
		"old":           {[]byte(oldFormat + strings.Repeat("\x00", 600)), Options{}, tables.Options{}, "people.xlsx: it is a workbook of an older Excel, or an encrypted one; save it as XLSX"},
		"no cells":      {nil, Options{}, tables.Options{}, "people.xlsx: it is not a sound workbook"},
		"far row":       {worksheet(`<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>`), Options{}, tables.Options{}, "people.xlsx!Sheet1:1048577: a sheet has at most 1048576 rows"},
		"wide":          {worksheet(`<row r="1"><c r="XFD1"><v>1</v></c></row>`), Options{}, tables.Options{MaxColumns: 100}, "people.xlsx!Sheet1:1: the header has 16384 cells, and 100 are the most"},
		"no sheets":     {replaced(t, data, "xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"></workbook>`), Options{}, tables.Options{}, "people.xlsx: the workbook has no sheets"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(c.data, c.o, c.rows)
			if err == nil || !strings.HasPrefix(err.Error(), "tables: "+c.want) {
				t.Fatalf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestDeclaredSizes refuses an archive whose directory declares sizes beyond 2^63,
// which together come out below 0.
func TestDeclaredSizes(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	if _, err := w.CreateRaw(&zip.FileHeader{Name: "xl/workbook.xml", UncompressedSize64: 1<<63 + 1}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := read(out.Bytes(), Options{}, tables.Options{}); err == nil || !strings.Contains(err.Error(), "it unpacks to more than") {
		t.Error(err)
	}
}

func TestSheets(t *testing.T) {
	data := people(t)
	list, err := Sheets("people.xlsx", bytes.NewReader(data), int64(len(data)), Options{})
	if err != nil || !reflect.DeepEqual(list, []string{"Sheet1", "Empty", "Other"}) {
		t.Errorf("%q, %v", list, err)
	}
	if _, err := Sheets("x", bytes.NewReader(nil), 0, Options{}); err == nil {
		t.Error("no workbook is one")
	}
}

// FuzzSheet holds the reader to: no panic, typed errors, rectangles, whatever stands
// in a sheet.
func FuzzSheet(f *testing.F) {
	for _, seed := range []string{
		`<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>`, `<worksheet><sheetData><row><c><v>1</v></c><c t="s"><v>0</v></c></row><row><c t="b"><v>1</v></c></row></sheetData></worksheet>`,
		`<worksheet><sheetData><row r="2"><c r="B2" s="1"><v>45351</v></c><c r="A9" t="inlineStr"><is><t>x</t></is></c></row>`, `<row r="-1"><c r="XFE1"><v>1</v></c></row>`, `<row r="99999999"/>`, `<c r="A1" t="s"><v>-1</v></c>`, `<row><c r="1A"/></row>`, `<`, ``,
	} {
		f.Add([]byte(seed))
	}
	data := people(f)
	f.Fuzz(func(t *testing.T, sheet []byte) {
		table, err := read(replaced(t, data, "xl/worksheets/sheet1.xml", string(sheet)), Options{}, tables.Options{NoHeader: true, MaxColumns: 1000})
		if err != nil {
			var file *tables.FileError
			if !errors.As(err, &file) {
				t.Fatalf("the error %v is a %T", err, err)
			}
			return
		}
		if err := table.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzArchive does the same whatever the bytes of the workbook are.
func FuzzArchive(f *testing.F) {
	data := people(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("PK"))
	f.Add([]byte(oldFormat))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := read(data, Options{MaxUnpacked: 4 << 20}, tables.Options{MaxRows: 100}); err != nil {
			var file *tables.FileError
			if !errors.As(err, &file) {
				t.Fatalf("the error %v is a %T", err, err)
			}
		}
	})
}

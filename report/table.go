package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Column describes one column of a table.
type Column struct {
	Key     string // name in JSON, camel case
	Heading string // name for people; empty: the key
	Right   bool   // aligned to the right, as numbers are
	Wrap    int    // longest line in characters, longer text is wrapped; 0: never
	Hidden  bool   // for programs only: people know it from elsewhere
}

// Table is a list of rows. Values are strings, whole numbers, floats, booleans,
// durations, lists of strings, or a [Cell]; nil is an empty cell.
type Table struct {
	Title   string // above the table; not in JSON
	Columns []Column
	Rows    [][]any
}

// Cell is a value that people and programs get in different forms.
type Cell struct {
	Text  string // for people, with its unit
	Value any    // for programs
}

// Add appends a row. It panics unless there is one value a column.
func (t *Table) Add(values ...any) {
	if len(values) != len(t.Columns) {
		panic(fmt.Sprintf("report: Table.Add: %d values for %d columns", len(values), len(t.Columns)))
	}
	t.Rows = append(t.Rows, values)
}

// Write writes the table in the format. The error is that of the writer, or
// names a value that JSON cannot hold.
func (t *Table) Write(w io.Writer, f Format) error {
	switch f {
	case JSON:
		return t.writeJSON(w)
	case Markdown:
		return t.writeMarkdown(w)
	case CSV:
		return t.writeCSV(w)
	}
	return t.writeText(w)
}

func (t *Table) writeText(w io.Writer) error {
	p := table.NewWriter()
	p.SetStyle(table.StyleLight)
	p.Style().Format.Header = text.FormatDefault
	p.Style().Options.SeparateRows = false
	head := make(table.Row, len(t.Columns))
	configs := make([]table.ColumnConfig, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Heading
		if c.Heading == "" {
			head[i] = c.Key
		}
		configs[i] = table.ColumnConfig{Number: i + 1, Hidden: c.Hidden, WidthMax: c.Wrap, WidthMaxEnforcer: text.WrapSoft}
		if c.Right {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	p.AppendHeader(head)
	p.SetColumnConfigs(configs)
	for _, values := range t.Rows {
		row := make(table.Row, len(values))
		for i, v := range values {
			row[i] = plain(v)
		}
		p.AppendRow(row)
	}
	title := t.Title
	if title != "" {
		title += "\n" // not go-pretty's title, which it wraps to the width of the rows
	}
	_, err := io.WriteString(w, title+p.Render()+"\n")
	return err
}

// writeJSON writes the keys in the order of the columns, which a map would lose.
func (t *Table) writeJSON(w io.Writer) error {
	var b bytes.Buffer
	for r, values := range t.Rows {
		b.WriteByte('{')
		for i, v := range values {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Quote(t.Columns[i].Key))
			b.WriteByte(':')
			text, err := json.Marshal(machine(v))
			if err != nil {
				return fmt.Errorf("report: row %d, column %s: %w", r, t.Columns[i].Key, err)
			}
			b.Write(text)
		}
		b.WriteString("}\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// plain is the form of a value for people.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case Cell:
		return v.Text
	case float64:
		return Number(v)
	case float32:
		return Number(float64(v))
	case time.Duration:
		return Duration(v)
	case []string:
		return join(v)
	}
	return fmt.Sprint(v)
}

// machine is the form of a value for programs: seconds for durations, null for
// numbers that JSON does not have.
func machine(v any) any {
	switch v := v.(type) {
	case Cell:
		return machine(v.Value)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case time.Duration:
		return v.Seconds()
	}
	return v
}

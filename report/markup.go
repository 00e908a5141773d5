package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// writeMarkdown writes a table of GitHub's Markdown: what [Text] shows, without hidden columns.
func (t *Table) writeMarkdown(w io.Writer) error {
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(t.Title + "\n\n")
	}
	row := func(cell func(i int) string) {
		for i, c := range t.Columns {
			if !c.Hidden {
				b.WriteString("| " + cell(i) + " ")
			}
		}
		b.WriteString("|\n")
	}
	row(func(i int) string {
		if t.Columns[i].Heading != "" {
			return escaped(t.Columns[i].Heading)
		}
		return escaped(t.Columns[i].Key)
	})
	row(func(i int) string {
		if t.Columns[i].Right {
			return "---:"
		}
		return "---"
	})
	for _, values := range t.Rows {
		row(func(i int) string { return escaped(plain(values[i])) })
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// escaped is text that stays in its cell.
func escaped(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", "<br>").Replace(text)
}

// writeCSV writes a line of keys and one for each row, with the values that [JSON] has; lists are joined by "; ".
func (t *Table) writeCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = c.Key
	}
	_ = out.Write(record) // Error tells of it below
	for r, values := range t.Rows {
		for i, v := range values {
			var err error
			if record[i], err = field(v); err != nil {
				return fmt.Errorf("report: row %d, column %s: %w", r, t.Columns[i].Key, err)
			}
		}
		_ = out.Write(record)
	}
	out.Flush()
	return out.Error()
}

// field is the form of a value in a line of CSV.
func field(v any) (string, error) {
	switch v := machine(v).(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []string:
		return strings.Join(v, "; "), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	default:
		text, err := json.Marshal(v)
		return string(text), err
	}
}

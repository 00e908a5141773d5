package tables

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// byteOrderMark may begin a UTF-8 file.
const byteOrderMark = "\ufeff"

// WriteCSV writes a table as RFC 4180 has it, with this delimiter (0 is the comma)
// and lines that end in LF. The table must pass [Table.Check].
func WriteCSV(out io.Writer, t *Table, comma rune) error {
	if err := t.Check(); err != nil {
		return err
	}
	if comma == 0 {
		comma = ','
	}
	if err := (Dialect{Comma: comma}).check(); err != nil {
		return err
	}
	buffered := bufio.NewWriter(out)
	w := csv.NewWriter(buffered)
	w.Comma = comma
	write := func(row []string) error {
		if len(row) == 1 && row[0] == "" { // as a blank line it would be passed over on reading
			w.Flush()
			_, err := buffered.WriteString("\"\"\n")
			return err
		}
		return w.Write(row)
	}
	if strings.HasPrefix(t.Header[0], byteOrderMark) { // readers drop one at the start of a file
		if _, err := buffered.WriteString(byteOrderMark); err != nil {
			return err
		}
	}
	if err := write(t.Header); err != nil {
		return err
	}
	for _, row := range t.Rows {
		if err := write(row); err != nil {
			return err
		}
	}
	if w.Flush(); w.Error() != nil {
		return w.Error()
	}
	return buffered.Flush()
}

// WriteMarkdown writes a table as [ReadMarkdown] reads it, its columns below each
// other. The table must pass [Table.Check].
func WriteMarkdown(out io.Writer, t *Table) error {
	if err := t.Check(); err != nil {
		return err
	}
	header := marked(t.Header)
	rows := make([][]string, len(t.Rows))
	widths := make([]int, len(header))
	for j, name := range header {
		widths[j] = max(3, utf8.RuneCountInString(name))
	}
	for i, row := range t.Rows {
		rows[i] = marked(row)
		for j, cell := range rows[i] {
			widths[j] = max(widths[j], utf8.RuneCountInString(cell))
		}
	}
	w := bufio.NewWriter(out)
	line := func(row []string) {
		for j, cell := range row {
			fmt.Fprintf(w, "| %s%s ", cell, strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell)))
		}
		w.WriteString("|\n")
	}
	line(header)
	for _, width := range widths {
		w.WriteString("|" + strings.Repeat("-", width+2))
	}
	w.WriteString("|\n")
	for _, row := range rows {
		line(row)
	}
	return w.Flush() // which gives the first error of all writes
}

// marked is a row with whatever means something in Markdown written so that it does not.
func marked(row []string) []string {
	out := make([]string, len(row))
	for j, cell := range row {
		out[j] = markdownText.Replace(strings.TrimSpace(cell))
	}
	return out
}

var markdownText = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", `\<`, "\r\n", "<br>", "\n", "<br>", "\r", "<br>")

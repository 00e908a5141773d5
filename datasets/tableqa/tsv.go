package tableqa

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// tsvFile is a question file of WikiTableQuestions: lines of fields with tabs between them
// and a header line, without quotes.
type tsvFile struct {
	path   string
	header []string
	rows   [][]string // as they stand, not yet unescaped; row k is line k+2
}

// parseTSV reads a whole file that must have the given columns.
func parseTSV(path string, text []byte, columns ...string) (*tsvFile, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	f := &tsvFile{path: path, header: strings.Split(strings.TrimSuffix(lines[0], "\r"), "\t")}
	for _, name := range columns {
		if f.column(name) < 0 {
			return nil, notPublished(path, 1, "there is no column %q among %d", name, len(f.header))
		}
	}
	for k, line := range lines[1:] {
		if !utf8.ValidString(line) {
			return nil, notPublished(path, k+2, "the line is not UTF-8 text")
		}
		row := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
		if len(row) != len(f.header) {
			return nil, notPublished(path, k+2, "%d fields, expected %d", len(row), len(f.header))
		}
		f.rows = append(f.rows, row)
	}
	return f, nil
}

// column is the number of a column, -1 where there is none of that name.
func (f *tsvFile) column(name string) int {
	for k, have := range f.header {
		if have == name {
			return k
		}
	}
	return -1
}

// unescape reads the escapes of WikiTableQuestions: \n is a line break, \p a bar, \\ a
// backslash. A backslash before anything else stands for itself.
func unescape(field string) string {
	if !strings.Contains(field, `\`) {
		return field
	}
	var b strings.Builder
	for i := 0; i < len(field); i++ {
		c := field[i]
		if c == '\\' && i+1 < len(field) {
			switch field[i+1] {
			case 'n':
				c, i = '\n', i+1
			case 'p':
				c, i = '|', i+1
			case '\\':
				i++
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// unescapeList splits a field at its bars and then unescapes each part.
func unescapeList(field string) []string {
	list := strings.Split(field, "|")
	for i, part := range list {
		list[i] = unescape(part)
	}
	return list
}

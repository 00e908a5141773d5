package tables

import (
	"fmt"
	"io"
	"strings"
)

// ReadMarkdown reads the first pipe table of a Markdown text, whatever stands around
// it; a note tells of further ones. The table is a line of names, a line of dashes,
// with colons or not, and rows up to a blank line. In a cell \| is a bar, a backslash
// before other punctuation takes that literally, and <br> is the end of a line.
// Tables within fences of code are passed over. name is what messages call the text;
// the error is a [*FileError] or [*OptionError].
func ReadMarkdown(name string, in io.Reader, o Options) (*Table, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	m := &markdown{lines: newLines(name, newChecked(name, in), o.MaxRow)}
	if found, err := m.find(); err != nil {
		return nil, err
	} else if !found {
		return nil, &FileError{File: name, Reason: "there is no table", Hint: "a line of names between bars and a line such as |---|---| below it make one"}
	}
	r, err := NewRowReader(name, m, o)
	if err != nil {
		return nil, err
	}
	t, err := r.Table()
	if err != nil {
		return nil, err
	}
	further := 0
	for {
		found, err := m.find()
		if err != nil {
			return nil, err
		}
		if !found {
			break
		}
		further++
	}
	if further > 0 {
		t.Notes = append(t.Notes, plural(further, "further table")+" of the text left out")
	}
	return t, nil
}

// markdown finds tables in a text and gives their rows.
type markdown struct {
	lines  *lines
	header []string // of the table that was found, until it was given
	at     int      // its line
	within bool     // a table: its rows come next
	fence  string   // that opened a block of code
}

// blanks are those of Markdown. Others, such as one that does not break, may be a cell.
const blanks = " \t"

// find goes to the next table.
func (m *markdown) find() (bool, error) {
	before := "" // the line above
	for {
		line, err := m.lines.next()
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		text := strings.Trim(string(line), blanks)
		if m.code(text) {
			before = ""
			continue
		}
		if strings.Contains(before, "|") {
			if dashes := splitBars(text); aligns(dashes) {
				m.header, m.at, m.within = splitBars(before), m.lines.line-1, true
				if len(m.header) != len(dashes) {
					return false, &FileError{File: m.lines.name, Line: m.lines.line, Reason: fmt.Sprintf("%s of dashes below %s", plural(len(dashes), "cell"), plural(len(m.header), "name")),
						Hint: "give every column its dashes"}
				}
				return true, nil
			}
		}
		before = text
	}
}

// code tells whether a line belongs to a block of code between fences.
func (m *markdown) code(text string) bool {
	if m.fence != "" {
		if strings.HasPrefix(text, m.fence) && strings.Trim(text, m.fence[:1]) == "" {
			m.fence = ""
		}
		return true
	}
	for _, mark := range []string{"```", "~~~"} {
		if strings.HasPrefix(text, mark) {
			m.fence = text[:len(text)-len(strings.TrimLeft(text, mark[:1]))]
			return true
		}
	}
	return false
}

// Next gives the header, then the rows.
func (m *markdown) Next() ([]string, int, error) {
	if header := m.header; header != nil {
		m.header = nil
		return header, m.at, nil
	}
	if !m.within {
		return nil, 0, io.EOF
	}
	line, err := m.lines.next()
	if err != nil {
		return nil, 0, err
	}
	text := strings.Trim(string(line), blanks)
	if text == "" {
		m.within = false
		return nil, 0, io.EOF
	}
	return splitBars(text), m.lines.line, nil
}

// aligns tells whether the cells of a row are dashes with or without colons.
func aligns(cells []string) bool {
	for _, c := range cells {
		c = strings.TrimSuffix(strings.TrimPrefix(c, ":"), ":")
		if c == "" || strings.Trim(c, "-") != "" {
			return false
		}
	}
	return len(cells) > 0
}

// splitBars gives the cells of a line; bars at its ends make none.
func splitBars(text string) []string {
	var cells []string
	var cell strings.Builder
	text = strings.TrimPrefix(text, "|")
	open := true // there is a cell that no bar has ended
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '\\' && i+1 < len(text) && strings.IndexByte(punctuation, text[i+1]) >= 0:
			cell.WriteByte(b)
			i++
			cell.WriteByte(text[i])
			open = true
		case b == '|':
			cells = append(cells, plain(cell.String()))
			cell.Reset()
			open = false
		default:
			cell.WriteByte(b)
			open = true
		}
	}
	if open {
		cells = append(cells, plain(cell.String()))
	}
	return cells
}

// punctuation is what a backslash takes literally (CommonMark 0.31, section 2.4).
const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// plain is the text that a cell stands for.
func plain(cell string) string {
	cell = strings.TrimSpace(cell)
	if !strings.ContainsAny(cell, `\<`) {
		return cell
	}
	var out strings.Builder
	for i := 0; i < len(cell); {
		if cell[i] == '\\' && i+1 < len(cell) && strings.IndexByte(punctuation, cell[i+1]) >= 0 {
			out.WriteByte(cell[i+1])
			i += 2
			continue
		}
		if n := lineBreak(cell[i:]); n > 0 {
			out.WriteByte('\n')
			i += n
			continue
		}
		out.WriteByte(cell[i])
		i++
	}
	return out.String()
}

// lineBreak is the length of the <br> at the beginning of a text, or 0.
func lineBreak(text string) int {
	for _, form := range []string{"<br>", "<br/>", "<br />"} {
		if len(text) >= len(form) && strings.EqualFold(text[:len(form)], form) {
			return len(form)
		}
	}
	return 0
}

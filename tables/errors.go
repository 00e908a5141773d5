package tables

import (
	"fmt"
	"strings"
)

// TableError is a table that cannot be used as it is.
type TableError struct {
	Table  string // Table.Name; may be empty
	Row    int    // from 1; 0 is the header, -1 the whole table
	Reason string // what came and what was expected
	Hint   string // what to do; may be empty
}

// Error gives table, row, reason and hint on one line.
func (e *TableError) Error() string {
	where := ""
	switch {
	case e.Row == 0:
		where = "header: "
	case e.Row > 0:
		where = fmt.Sprintf("row %d: ", e.Row)
	}
	return "tables: " + named(e.Table) + where + e.Reason + hint(e.Hint)
}

// EmptyError is a table without rows that was to be asked.
type EmptyError struct {
	Table string // Table.Name; may be empty
}

// Error says so.
func (e *EmptyError) Error() string {
	return "tables: " + named(e.Table) + "it has a header but no rows: there is nothing to ask" + hint("was the file cut off below its first line?")
}

// LongError is a table that has more tokens than there is room for.
type LongError struct {
	Table  string // Table.Name; may be empty
	Tokens int    // of the whole sequence, text around the table included
	Limit  int    // the most that there may be
	Rows   int    // of the table
	Fit    int    // how many of them, from the first, there is room for
}

// Error says by how much, and how many rows would fit.
func (e *LongError) Error() string {
	s := fmt.Sprintf("tables: %sits %d tokens are %d more than the %d of the context", named(e.Table), e.Tokens, e.Tokens-e.Limit, e.Limit)
	if e.Fit == 0 {
		return s + "; not even one row fits: leave columns out, or take a model with a longer context"
	}
	return s + fmt.Sprintf("; its first %d of %d rows fit: truncate the table to them, or ask of a part of it", e.Fit, e.Rows)
}

// FileError is a file, or another source of text, that cannot be read as a table.
type FileError struct {
	File   string // its name; may be empty
	Line   int    // from 1; the row in a workbook; 0 where the whole file is meant
	Column int    // byte in the line, from 1; 0 where the whole line is meant
	Reason string // what came and what was expected
	Hint   string // what to do; may be empty
	Err    error  // the cause; may be nil
}

// Error gives file, line, column, reason and hint on one line.
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString("tables: ")
	b.WriteString(e.File)
	switch {
	case e.File != "" && e.Line > 0:
		fmt.Fprintf(&b, ":%d: ", e.Line)
	case e.File != "":
		b.WriteString(": ")
	case e.Line > 0:
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Column > 0 {
		fmt.Fprintf(&b, "byte %d: ", e.Column)
	}
	b.WriteString(e.Reason)
	b.WriteString(hint(e.Hint))
	return b.String()
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// OptionError is an option that makes no sense.
type OptionError struct {
	Option string // the field's name
	Reason string // what it is and what it may be
}

// Error gives option and reason.
func (e *OptionError) Error() string { return "tables: " + e.Option + ": " + e.Reason }

// named is the name of a table in front of a message.
func named(table string) string {
	if table == "" {
		return ""
	}
	return fmt.Sprintf("table %q: ", table)
}

func hint(text string) string {
	if text == "" {
		return ""
	}
	return "; " + text
}

// clip shortens text from a file for a message.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	cut := most - 3
	for cut > 0 && s[cut]&0xc0 == 0x80 { // not within a character
		cut--
	}
	return s[:cut] + "..."
}

package files

import (
	"errors"
	"fmt"
	"strings"
)

// RowError is a row of a table, or a graph of another file, that cannot be used. The
// reader that gave it can go on with the next.
type RowError struct {
	File   string
	Line   int    // from 1; the first where a row has several; 0 if unknown
	Last   int    // the last line of a row that has several; else 0
	Column string // name; empty for the whole row
	Reason string // what came and what was expected
	Hint   string // what to do; may be empty
	Err    error  // the cause; may be nil
}

// Error gives file, line, column, reason and hint on one line.
func (e *RowError) Error() string {
	var b strings.Builder
	b.WriteString("files: ")
	place(&b, e.File, e.Line)
	if e.Last > e.Line {
		fmt.Fprintf(&b, "the row goes on to line %d: ", e.Last)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, "column %q: ", clip(e.Column))
	}
	b.WriteString(e.Reason)
	hint(&b, e.Hint)
	return b.String()
}

// Unwrap gives the cause.
func (e *RowError) Unwrap() error { return e.Err }

// FileError is a file that cannot be used, or not beyond a line.
type FileError struct {
	File   string
	Line   int    // from 1; 0 where the whole file is meant
	Reason string // what is wrong
	Hint   string // what to do; may be empty
	Err    error  // the cause; may be nil
}

// Error gives file, line, reason and hint on one line.
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString("files: ")
	place(&b, e.File, e.Line)
	b.WriteString(e.Reason)
	hint(&b, e.Hint)
	return b.String()
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// OptionError is an option that makes no sense.
type OptionError struct {
	Option string // its key in a configuration, such as "smilesColumn"
	Reason string // what it is and what it may be
}

// Error gives option and reason.
func (e *OptionError) Error() string { return fmt.Sprintf("files: %s: %s", e.Option, e.Reason) }

func option(name, format string, args ...any) *OptionError {
	return &OptionError{Option: name, Reason: fmt.Sprintf(format, args...)}
}

func place(b *strings.Builder, file string, line int) {
	switch {
	case file != "" && line > 0:
		fmt.Fprintf(b, "%s:%d: ", file, line)
	case file != "":
		b.WriteString(file + ": ")
	case line > 0:
		fmt.Fprintf(b, "line %d: ", line)
	}
}

func hint(b *strings.Builder, text string) {
	if text != "" {
		b.WriteString("; " + text)
	}
}

// Skippable tells whether an error is about one row or graph only: a reader that
// gave it can be asked for the next.
func Skippable(err error) bool {
	var row *RowError
	return errors.As(err, &row)
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

// quoted names words for a message, the first of many.
func quoted(words []string) string {
	const most = 20
	var list []string
	for _, w := range words[:min(len(words), most)] {
		list = append(list, fmt.Sprintf("%q", clip(w)))
	}
	if len(words) > most {
		list = append(list, fmt.Sprintf("and %d more", len(words)-most))
	}
	return strings.Join(list, ", ")
}

// bare is the text of an error without the package in front.
func bare(err error) string {
	text := err.Error()
	for _, prefix := range []string{"graphs: ", "datasets: ", "smiles: ", "files: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

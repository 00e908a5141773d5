package recipes

import (
	"fmt"
	"strings"
)

// ParseError says where a configuration file is wrong, why, and what to do.
type ParseError struct {
	File         string // name given to Parse; may be empty
	Line, Column int    // from 1; 0 where the whole file is meant
	Reason       string
	Hint         string // may be empty
	Err          error  // cause; may be nil
}

// Error gives file, line, column, reason and hint on one line.
func (e *ParseError) Error() string {
	var b strings.Builder
	b.WriteString("recipes: ")
	switch {
	case e.File != "" && e.Line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", e.File, e.Line, e.Column)
	case e.File != "":
		b.WriteString(e.File + ": ")
	case e.Line > 0:
		fmt.Fprintf(&b, "line %d, column %d: ", e.Line, e.Column)
	}
	b.WriteString(e.Reason)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *ParseError) Unwrap() error { return e.Err }

// SettingError is a setting that no run can be made with.
type SettingError struct {
	Path   string // such as "train.batchSize"
	Reason string // what it is and what it may be
}

// Error gives path and reason.
func (e *SettingError) Error() string { return fmt.Sprintf("recipes: %s: %s", e.Path, e.Reason) }

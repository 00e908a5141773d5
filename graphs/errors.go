package graphs

import (
	"fmt"
	"strings"
)

// InvalidError says what is wrong with one graph.
type InvalidError struct {
	Graph  string // the graph's ID; may be empty
	Field  string // the part that is wrong, such as "edge" or "node type"
	Record int    // which edge, node or value of that part, from 0; -1 for the whole part
	Reason string // what came and what was expected
	Hint   string // what to do; may be empty
}

// Error gives graph, field, record, reason and hint on one line.
func (e *InvalidError) Error() string {
	if e.Graph == "" {
		return "graphs: " + e.detail()
	}
	return fmt.Sprintf("graphs: graph %q: %s", e.Graph, e.detail())
}

// detail is the message without package and graph, for errors that wrap this one
// and have already said where the graph is.
func (e *InvalidError) detail() string {
	var b strings.Builder
	b.WriteString(e.Field)
	if e.Record >= 0 {
		fmt.Fprintf(&b, " %d", e.Record)
	}
	b.WriteString(": ")
	b.WriteString(e.Reason)
	if e.Hint != "" {
		b.WriteString("; ")
		b.WriteString(e.Hint)
	}
	return b.String()
}

// ItemError names the item of a batch that could not be used.
type ItemError struct {
	Item  int    // index in the list of graphs, from 0
	Graph string // the graph's ID; may be empty
	Err   error  // usually an *InvalidError
}

// Error gives the item, where it came from, and what is wrong with it.
func (e *ItemError) Error() string {
	if e.Graph == "" {
		return fmt.Sprintf("graphs: batch item %d: %s", e.Item, detailOf(e.Err))
	}
	return fmt.Sprintf("graphs: batch item %d (%s): %s", e.Item, e.Graph, detailOf(e.Err))
}

// Unwrap gives the cause.
func (e *ItemError) Unwrap() error { return e.Err }

// ParseError says where in a JSON Lines file a graph could not be read.
type ParseError struct {
	File   string // Reader.Name; may be empty
	Line   int    // from 1
	Column int    // byte in the line, from 1; 0 where the whole line is meant
	Err    error  // *SyntaxError, *InvalidError or an I/O error
}

// Error gives file, line, column and the cause.
func (e *ParseError) Error() string {
	var b strings.Builder
	b.WriteString("graphs: ")
	if e.File != "" {
		fmt.Fprintf(&b, "%s:%d: ", e.File, e.Line)
	} else {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Column > 0 {
		fmt.Fprintf(&b, "column %d: ", e.Column)
	}
	b.WriteString(detailOf(e.Err))
	return b.String()
}

// Unwrap gives the cause.
func (e *ParseError) Unwrap() error { return e.Err }

// SyntaxError is a line that is not JSON, or not the JSON of a graph.
type SyntaxError struct {
	Reason string // what came and what was expected
	Hint   string // what to do; may be empty
}

// Error gives the reason and the hint.
func (e *SyntaxError) Error() string { return "graphs: " + e.detail() }

func (e *SyntaxError) detail() string {
	if e.Hint == "" {
		return e.Reason
	}
	return e.Reason + "; " + e.Hint
}

// detailOf leaves the package prefix and the place out of an error that the
// wrapping error has already placed.
func detailOf(err error) string {
	if d, ok := err.(interface{ detail() string }); ok {
		return d.detail()
	}
	return err.Error()
}

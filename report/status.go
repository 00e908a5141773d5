package report

import (
	"fmt"
	"io"
)

// Status is a line on a terminal that says what is being done now, for work whose results come late. Elsewhere it shows
// nothing. Make one with [NewStatus], and [Status.Clear] it before anything else is written.
type Status struct {
	out   io.Writer
	width func() int // 0: no terminal
	shown bool
}

// NewStatus shows the line on out, where that is a terminal.
func NewStatus(out io.Writer) *Status {
	return &Status{out: out, width: columnsOf(out)}
}

// Show replaces the line by text, cut to the width of the terminal.
func (s *Status) Show(text string) {
	width := s.width()
	if width == 0 {
		return
	}
	fmt.Fprint(s.out, eraseLine, fit(text, width-1))
	s.shown = true
}

// Clear removes the line.
func (s *Status) Clear() {
	if s.shown {
		fmt.Fprint(s.out, eraseLine)
		s.shown = false
	}
}

package report

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
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
	s := &Status{out: out, width: func() int { return 0 }}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.width = func() int {
			if width, _, err := term.GetSize(int(f.Fd())); err == nil {
				return width
			}
			return 80
		}
	}
	return s
}

// eraseLine takes the cursor to the beginning of the line and empties it.
const eraseLine = "\r\x1b[K"

// Show replaces the line by text, cut to the width of the terminal.
func (s *Status) Show(text string) {
	width := s.width()
	if width == 0 {
		return
	}
	if letters := []rune(text); len(letters) >= width {
		text = string(letters[:max(width-1, 0)])
	}
	fmt.Fprint(s.out, eraseLine, text)
	s.shown = true
}

// Clear removes the line.
func (s *Status) Clear() {
	if s.shown {
		fmt.Fprint(s.out, eraseLine)
		s.shown = false
	}
}

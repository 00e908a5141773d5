package report

import (
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/term"
)

// eraseLine takes the cursor to the beginning of the line and empties it.
const eraseLine = "\r\x1b[K"

// columnsOf gives a function that tells the width of the terminal that out is, as it
// is now, or 0 where out is something else.
func columnsOf(out io.Writer) func() int {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func() int { return 0 }
	}
	return func() int {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
		return 80
	}
}

// fit cuts a text to a number of characters, at least one.
func fit(s string, columns int) string {
	for utf8.RuneCountInString(s) > max(columns, 1) {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

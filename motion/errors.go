package motion

import (
	"fmt"
	"strings"
)

// FileError is a file, or another source, that cannot be read as a movement.
type FileError struct {
	File   string // its name; may be empty
	Line   int    // from 1; 0 where the whole file is meant
	Reason string // what came and what was expected
	Hint   string // what to do; may be empty
	Err    error  // the cause; may be nil
}

// Error gives file, line, reason and hint on one line.
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString("motion: ")
	b.WriteString(e.File)
	switch {
	case e.File != "" && e.Line > 0:
		fmt.Fprintf(&b, ":%d: ", e.Line)
	case e.File != "":
		b.WriteString(": ")
	case e.Line > 0:
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	b.WriteString(e.Reason)
	b.WriteString(hint(e.Hint))
	return b.String()
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// ClipError is a clip that cannot be used as it is.
type ClipError struct {
	Clip   string // Clip.Name; may be empty
	Frame  int    // from 0; -1 where the whole clip is meant
	Joint  string // its name; empty where no single joint is meant
	Reason string // what came and what was expected
	Hint   string // what to do; may be empty
}

// Error gives clip, frame, joint, reason and hint on one line.
func (e *ClipError) Error() string {
	var b strings.Builder
	b.WriteString("motion: ")
	if e.Clip != "" {
		fmt.Fprintf(&b, "clip %q: ", e.Clip)
	}
	if e.Frame >= 0 {
		fmt.Fprintf(&b, "frame %d: ", e.Frame)
	}
	if e.Joint != "" {
		fmt.Fprintf(&b, "joint %q: ", e.Joint)
	}
	b.WriteString(e.Reason)
	b.WriteString(hint(e.Hint))
	return b.String()
}

func hint(text string) string {
	if text == "" {
		return ""
	}
	return "; " + text
}

package images

import (
	"errors"
	"strings"
)

// What the error of an image that cannot be used is about, for errors.Is.
var (
	// ErrTooLarge is an image beyond the [Limits].
	ErrTooLarge = errors.New("the image is too large")
	// ErrFormat is data that is no PNG, JPEG or GIF.
	ErrFormat = errors.New("the format is not known")
	// ErrDamaged is a PNG, JPEG or GIF that is cut off or not sound.
	ErrDamaged = errors.New("the image is damaged")
)

// FileError is an image file that cannot be used. It wraps [ErrTooLarge], [ErrFormat] or
// [ErrDamaged] where one of them is the matter, and the cause where there is one.
type FileError struct {
	File   string // its name; may be empty
	Reason string // what came and what was expected
	Hint   string // what to do; may be empty
	Limit  string // the field of Limits that it goes beyond, where that is the matter
	Err    error  // the cause; may be nil
}

// Error gives file, reason and hint on one line.
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString("images: ")
	if e.File != "" {
		b.WriteString(e.File + ": ")
	}
	b.WriteString(e.Reason)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
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
func (e *OptionError) Error() string { return "images: " + e.Option + ": " + e.Reason }

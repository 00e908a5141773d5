package safetensors

import (
	"errors"
	"strconv"
	"strings"
)

// ErrChecksum is inside the [*FormatError] of bytes that do not have the checksum the file states.
var ErrChecksum = errors.New("checksum does not match")

// ErrNoTensor is inside the error of asking for a tensor that the file does not have.
var ErrNoTensor = errors.New("no such tensor")

// FormatError says that a file, or what was to be written to one, is not valid or was damaged.
type FormatError struct {
	Path   string // of the file; empty for a reader that has no path
	Tensor string // the tensor's name, when the fault is in one tensor
	What   string // what is wrong
	Hint   string // what to do, may be empty
	Err    error  // the cause, may be nil

	header bool // the fault is in the header and not in one tensor
}

// Error returns one line: path, tensor or "header", what is wrong, what to do.
func (e *FormatError) Error() string {
	return message(e.Path, e.Tensor, e.What, e.Hint, e.header, e.Err)
}

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Err }

// UnsupportedError says that a file is well formed but asks for something that this package does not do, or not without
// being told to.
type UnsupportedError struct {
	Path   string // of the file; empty for a reader that has no path
	Tensor string // the tensor's name, when it is about one tensor
	What   string // what is not supported
	Hint   string // what to do, may be empty

	header bool
}

// Error returns one line: path, tensor or "header", what is not supported, what to do.
func (e *UnsupportedError) Error() string {
	return message(e.Path, e.Tensor, e.What, e.Hint, e.header, nil)
}

func message(path, tensor, what, hint string, header bool, cause error) string {
	var b strings.Builder
	b.WriteString("safetensors: ")
	if path != "" {
		b.WriteString(path + ": ")
	}
	if tensor != "" || !header {
		b.WriteString("tensor " + quote(tensor) + ": ")
	} else {
		b.WriteString("header: ")
	}
	b.WriteString(what)
	if cause != nil {
		b.WriteString(": " + cause.Error())
	}
	if hint != "" {
		b.WriteString("; " + hint)
	}
	return b.String()
}

// quote returns the name in quotes, shortened: a name comes from outside and may be megabytes long.
func quote(name string) string {
	const most = 120
	if len(name) <= most {
		return strconv.Quote(name)
	}
	return strconv.Quote(name[:most]) + "..."
}

func headerError(what, hint string) *FormatError {
	return &FormatError{What: what, Hint: hint, header: true}
}

func tensorError(name, what, hint string) *FormatError {
	return &FormatError{Tensor: name, What: what, Hint: hint}
}

// at writes the path into an error of this package.
func at(path string, err error) error {
	switch e := err.(type) {
	case *FormatError:
		e.Path = path
	case *UnsupportedError:
		e.Path = path
	}
	return err
}

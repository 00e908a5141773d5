// Package tap holds the bytes that a parser reads, so that the text of what it gives can be
// had as it stands in the input, and so that an input without an end, such as one with a quote
// that is never closed, is refused.
//
// # Use
//
//	t := tap.New(in, most)
//	rows := csv.NewReader(t)
//	row, err := rows.Read()
//	text := t.Take(rows.InputOffset())
//
// # Errors
//
// Read fails with [ErrTooLong] once more bytes are held than may be; other errors are those of
// the input.
//
// # Imports
//
// The standard library.
package tap

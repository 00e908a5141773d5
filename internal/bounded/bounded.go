// Package bounded stops reading what unpacks to more than it should.
//
// # Use
//
//	in := bounded.New(unzip, 100*size, errBomb)
//
// [Reader] is all there is. Unlike io.LimitReader it does not take the limit for the
// end: what is cut off is an error.
//
// # Errors
//
// The reader passes on the errors of what it reads from, and beyond the limit gives
// the one it was made with.
//
// # Imports
//
// The standard library.
package bounded

import "io"

// Reader reads at most a number of bytes, then fails. Make one with [New].
type Reader struct {
	in   io.Reader
	left int64
	err  error
}

// New returns a reader of at most limit bytes of in; one more, and it fails with err.
func New(in io.Reader, limit int64, err error) *Reader { return &Reader{in, limit, err} }

// Read reads as in does.
func (r *Reader) Read(p []byte) (int, error) {
	if r.left < 0 {
		return 0, r.err
	}
	n, err := r.in.Read(p[:min(int64(len(p)), r.left+1)])
	if r.left -= int64(n); r.left < 0 {
		return n, r.err
	}
	return n, err
}

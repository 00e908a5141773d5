package tap

import (
	"errors"
	"io"
)

// ErrTooLong tells that more was read than may be held.
var ErrTooLong = errors.New("the row is too long")

// ReadAhead is how far a parser may read beyond what it gives.
const ReadAhead = 4096

// Reader passes bytes on and holds them until they are taken.
type Reader struct {
	in     io.Reader
	most   int
	held   []byte
	offset int64 // of held[0] in the input
	ended  bool
}

// New returns a reader of in that holds some [ReadAhead] bytes more than the given number at
// most.
func New(in io.Reader, most int) *Reader { return &Reader{in: in, most: most + ReadAhead} }

// Read reads as the input does, and fails with [ErrTooLong] where too much is held.
func (r *Reader) Read(p []byte) (int, error) {
	if len(r.held) > r.most {
		return 0, ErrTooLong
	}
	n, err := r.in.Read(p[:min(len(p), ReadAhead)])
	r.held = append(r.held, p[:n]...)
	r.ended = r.ended || err == io.EOF
	return n, err
}

// Held returns the bytes that are held, valid until the next call of Read.
func (r *Reader) Held() []byte { return r.held }

// Offset returns the place in the input of the first byte that is held.
func (r *Reader) Offset() int64 { return r.offset }

// Take returns the bytes up to an offset in the input, valid until the next call of Read, and
// holds them no longer.
func (r *Reader) Take(to int64) []byte {
	n := min(int(to-r.offset), len(r.held))
	part := r.held[:n]
	r.held, r.offset = r.held[n:], r.offset+int64(n)
	return part
}

// Ended tells whether an offset is the end of an input that was read to its end.
func (r *Reader) Ended(offset int64) bool {
	return r.ended && offset == r.offset+int64(len(r.held))
}

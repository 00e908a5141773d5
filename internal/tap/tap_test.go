package tap

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestTooLong(t *testing.T) {
	r := New(strings.NewReader(strings.Repeat("x", 10*ReadAhead)), ReadAhead)
	n, err := io.Copy(io.Discard, r)
	if !errors.Is(err, ErrTooLong) || n < 2*ReadAhead || n > 3*ReadAhead || int64(len(r.Held())) != n {
		t.Errorf("%d bytes passed, %d held: %v", n, len(r.Held()), err)
	}
	r.Take(n)
	if m, err := r.Read(make([]byte, 10)); m != 10 || err != nil || r.Ended(n+10) {
		t.Errorf("behind what was taken: %d, %v, ended %v", m, err, r.Ended(n+10))
	}
	if r.Offset() != n {
		t.Errorf("held from byte %d on, expected %d", r.Offset(), n)
	}
	if got := r.Take(1 << 40); len(got) != 10 {
		t.Errorf("%d bytes taken of the 10 that there are", len(got))
	}
}

package bounded_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/graft-ml/graft/internal/bounded"
)

func TestReader(t *testing.T) {
	bomb := errors.New("too much")
	for _, c := range []struct {
		text  string
		limit int64
		want  error
	}{{"", 0, nil}, {"abc", 3, nil}, {"abc", 4, nil}, {"abc", 2, bomb}, {"abc", 0, bomb}} {
		for name, in := range map[string]io.Reader{"whole": strings.NewReader(c.text), "bytes": iotest.OneByteReader(strings.NewReader(c.text))} {
			r := bounded.New(in, c.limit, bomb)
			text, err := io.ReadAll(r)
			if err != c.want || err == nil && string(text) != c.text {
				t.Errorf("%q within %d, %s: %q, %v", c.text, c.limit, name, text, err)
			}
			if _, again := r.Read(make([]byte, 1)); c.want != nil && again != bomb {
				t.Errorf("%q within %d, %s: read again: %v", c.text, c.limit, name, again)
			}
		}
	}
}

func ExampleNew() {
	_, err := io.ReadAll(bounded.New(strings.NewReader("a long text"), 5, errors.New("it unpacks to too much")))
	fmt.Println(err)
	// Output: it unpacks to too much
}

package peakmemory_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/graft-ml/graft/internal/peakmemory"
)

// TestBytes takes memory and sees it.
func TestBytes(t *testing.T) {
	before, err := peakmemory.Bytes()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	const more = 64 << 20
	taken := make([]byte, more)
	for i := range taken {
		taken[i] = 1
	}
	after, err := peakmemory.Bytes()
	if err != nil || before < 1<<20 || after < more || after < before {
		t.Errorf("%d bytes, then %d: %v", before, after, err)
	}
	if taken[more-1] != 1 {
		t.Error("the memory is gone")
	}
}

func ExampleBytes() {
	bytes, err := peakmemory.Bytes()
	fmt.Println(bytes > 0 || err != nil)
	// Output: true
}

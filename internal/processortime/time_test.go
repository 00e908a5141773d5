package processortime_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/graft-ml/graft/internal/processortime"
)

// TestSeconds sees work, and no work.
func TestSeconds(t *testing.T) {
	before, err := processortime.Seconds()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	time.Sleep(50 * time.Millisecond)
	rested, err := processortime.Seconds()
	if err != nil || rested < before || rested-before > 0.04 {
		t.Errorf("%v s of work, then %v after a rest: %v", before, rested, err)
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if worked, err := processortime.Seconds(); err != nil || worked > rested+0.01 {
			return
		}
	}
	t.Error("ten seconds of work are less than a hundredth")
}

func ExampleSeconds() {
	seconds, err := processortime.Seconds()
	fmt.Println(seconds > 0 || err != nil)
	// Output: true
}

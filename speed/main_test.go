package speed

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/graft-ml/graft/grit"
)

// aloneWord makes the test program the process of its own that some figures need.
const aloneWord = "alone-in-a-test"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == aloneWord {
		if err := alone(context.Background(), small(), os.Args[2:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// small is a model that reads the molecules and takes little time.
func small() grit.Config {
	c := grit.ZINC()
	c.Layers, c.Width, c.Heads = 2, 16, 4
	return c
}

// itself is the command line of the test program as a process of its own.
func itself(t *testing.T) []string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{path, aloneWord}
}

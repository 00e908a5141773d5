package scaling

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// aloneWord makes the test program the process of its own that points need.
const aloneWord = "alone-in-a-test"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == aloneWord {
		if err := Alone(context.Background(), os.Args[2:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
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

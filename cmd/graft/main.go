// Command graft trains transformers for graphs, tables, images, motion and sequences, evaluates them and predicts with them.
// "graft help" is its manual.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(25) // most memory is the tape's, which is never garbage: do not let garbage grow as large
	}
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

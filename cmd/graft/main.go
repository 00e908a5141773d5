// Command graft trains graph transformers, evaluates them and predicts with them.
// "graft help" is its manual.
package main

import "os"

func main() {
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

//go:build !race

package grit_test

// raced tells whether the race detector is on.
const raced = false

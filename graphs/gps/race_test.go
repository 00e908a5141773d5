//go:build race

package gps

// raced tells whether the race detector is on.
const raced = true

//go:build race

package vision_test

// raced tells whether the race detector is on.
const raced = true

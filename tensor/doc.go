// Package tensor holds the float32 arrays that everything else computes on.
package tensor

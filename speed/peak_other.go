//go:build !linux && !darwin

package speed

import "errors"

// peakMemory returns errors.ErrUnsupported: how to ask this system is not known here.
func peakMemory() (int64, error) { return 0, errors.ErrUnsupported }

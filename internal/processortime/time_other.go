//go:build !unix

package processortime

import "errors"

// Seconds returns errors.ErrUnsupported: how to ask this system is not known here.
func Seconds() (float64, error) { return 0, errors.ErrUnsupported }

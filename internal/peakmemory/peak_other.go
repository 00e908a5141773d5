//go:build !linux && !darwin

package peakmemory

import "errors"

// Bytes returns errors.ErrUnsupported: how to ask this system is not known here.
func Bytes() (int64, error) { return 0, errors.ErrUnsupported }

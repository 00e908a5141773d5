//go:build !amd64

package simd

func supported(l Level) bool { return l == None }

func tableOf(Level) *kernels { return &portable }

package simd

// The generator writes the assembly of all levels and its Go declarations.
//
//go:generate go run ./asm

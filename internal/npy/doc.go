// Package npy reads arrays of numbers from NumPy's .npy files, strictly, and writes them.
//
// It is our own because the reader that Go has, github.com/sbinet/npyio, goes out of bounds on headers that are cut off or
// garbled, and allocates what they say.
//
// # Use
//
//	shape, values, err := npy.Read(file)
//
// [Write] is its counterpart.
//
// # Errors
//
// Errors have no prefix and no name of a file, which are the caller's to give. They say what came and what to do.
//
// # Imports
//
// The standard library.
package npy

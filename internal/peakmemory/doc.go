// Package peakmemory asks the system for the most memory that this process has had.
//
// # Use
//
//	bytes, err := peakmemory.Bytes()
//
// [Bytes] is all there is: the peak of the resident set, start-up included. It is never less than before, so that what one
// piece of work takes is measured by a process that does nothing else.
//
// # Errors
//
// errors.ErrUnsupported where how to ask the system is not known, which is all but Linux and macOS; else what could not be
// read.
//
// # Imports
//
// The standard library.
package peakmemory

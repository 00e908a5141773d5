// Package processortime asks the system for the time that processors have worked for this process. Unlike that of the clock it
// does not count the time in which other programs have the processors.
//
// # Use
//
//	before, err := processortime.Seconds()
//	work()
//	after, err := processortime.Seconds()
//	took := after - before // of two processors that were both busy, twice the time by the clock
//
// [Seconds] is all there is.
//
// # Errors
//
// errors.ErrUnsupported on systems other than Unix; else what the system call says.
//
// # Imports
//
// The standard library.
package processortime

// Package encodingtest checks that an encoding keeps the contract of [encodings.Encoding]: those of this module, and
// those that a user writes.
//
// # Main types
//
//   - [Run] checks an encoding within a test, [Check] returns what is wrong with it as [Failure] values.
//   - [Options] say with which sizes and on which [Layout] values; the zero value is [Layouts], small ones of every kind.
//
// The encoding is put into a small model of two layers of attention with random weights, its parameters moved away from
// their initial values, so that zeros hide nothing. A failure names one of these properties:
//
//   - sizes: New refuses sizes that no model has; the same seed gives the same parameters.
//   - refusal: a layout that is not served is refused with an error that names encoding and layout. At least one is served.
//   - shape: tokens, the attention's result and the loss have the shapes that the contract says, and all numbers are
//     finite.
//   - determinism: a pass gives the same bits when it is repeated, on a new tape or a used one, at one processor or two.
//   - evaluation: an evaluation pass does not depend on the seed and changes no tensor; a training pass moves no parameter.
//   - alone: an item gives the same bits alone as in a batch.
//   - permutation: tokens of points, graphs and tables in another order give the same results in that order.
//   - relative: where the encoder has a method Relative() bool that says true, moving a sequence or all points of an
//     item without leading tokens changes nothing.
//   - gradient: gradients of inputs and parameters agree with central differences, and every parameter is reached by
//     some layout.
//   - decoding: where sequences that go on are served, a text in pieces gives what it gives at once.
//   - panic: nothing panics.
//
// # Use
//
//	func TestMine(t *testing.T) {
//		encodingtest.Run(t, mine.Encoding{Base: 500}, encodingtest.Options{})
//	}
//
// # Errors
//
// Run reports failures to the test; nothing returns an error.
//
// # Imports
//
// encodings, attention, graphs, nn and tensor.
package encodingtest

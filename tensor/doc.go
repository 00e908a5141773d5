// Package tensor holds float32 arrays and the tape that differentiates what is computed with them.
//
// # Main types
//
// [Tensor] is a dense, row-major array of float32 with a shape. It is what parameters, inputs and results are; it knows
// nothing of gradients. [Tape] computes: each of its methods is an operation that takes and returns a [Var], a value on
// the tape. Once a pass has come to a loss, [Tape.Backward] goes back through the operations in reverse and leaves the
// gradient of every leaf, which [Tape.Grad] returns by its tensor.
//
//	tp := tensor.NewTape()
//	for step := range steps {
//		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1, Step: uint64(step)})
//		y := tp.Linear(tp.Const(x), tp.Leaf(weight), tp.Leaf(bias)) // [rows, out]
//		loss := tp.Mean(tp.Abs(tp.Sub(y, tp.Const(target))))
//		tp.Backward(loss)
//		descend(weight, tp.Grad(weight))
//		descend(bias, tp.Grad(bias))
//	}
//
// # Shapes
//
// Most operations see a value as a matrix: the first dimension counts rows, the product of the others is the width. The
// shape () is a single number. Dimensions may be 0; every operation then gives the empty or zero result that follows.
// There is no broadcasting: operations of a matrix with a vector have names of their own ([Tape.AddRow],
// [Tape.MulRow], [Tape.ScaleRows]).
//
// # Images
//
// The pixels of images are rows, with the channels last, and a [Grid] says which rows form which image. Images of one grid
// may differ in size, and sequences are images of height 1. [Tape.Conv], [Tape.GroupNorm] and [Tape.Sample] work on them;
// every other operation takes pixels for what they are, rows, so that a layer of tokens can follow a convolution at once.
//
//	images := tensor.NewGrid(8, tensor.Size{Height: 224, Width: 224}) // x is [8*224*224, 3]
//	embed := tensor.ConvOptions{Stride: tensor.Size{Height: 16, Width: 16}}
//	tokens := tp.Conv(x, tp.Leaf(weight), tp.Leaf(bias), images, embed) // [8*14*14, width] for a weight [width, 3, 16, 16]
//	grid := embed.Grid(images, tensor.Size{Height: 16, Width: 16})      // 8 images of 14x14
//
// # Passes and memory
//
// All values of a pass live in the tape's arena, which the next pass uses again, so a loop in a steady state allocates
// next to nothing. [Tape.Begin] therefore ends the life of every Var and gradient of the pass before it, and Backward
// gives memory back as it goes: copy what must last, or [Var.Keep] what is looked at after Backward. A tape belongs to
// one goroutine at a time; its operations spread over all processors by themselves. Several tapes may run side by side.
//
// # Determinism
//
// The same pass gives the same bits at any number of processors: work is cut into pieces of fixed size and reductions are
// summed in a fixed order. Random operations draw from streams that depend on the seed, the step and the order of the
// operations alone, so a step can be repeated in another process. Different levels of vector instructions (see
// internal/simd) may differ in the last digits.
//
// # Operations of one's own
//
// An operation outside this package is a [Function]: a struct that keeps the Vars it read and wrote, with a Backward
// that adds to the gradients of the inputs. It takes its result from [Tape.Out], computes it, and hands both to
// [Tape.Record]. The example of Function shows a whole one.
//
// # Finding a NaN
//
// A tape that is told to [Tape.Watch] looks at every value and gradient as it arises; [Tape.FirstBad] then names the
// operation, the layer (see [Tape.Enter]) and the row where the first NaN or infinity came up.
//
// # Errors
//
// Shapes and indices that do not fit are programming errors: they panic with the operation, what came and what was
// expected. Nothing returns an error. NaN and infinities are values like others and pass through.
//
// # Imports
//
// internal/simd, internal/parallel, and gonum/mat for the bridge to gonum's matrices ([FromMatrix], [Tensor.Matrix]).
package tensor

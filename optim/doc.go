// Package optim turns gradients into steps of the parameters.
//
//   - [AdamW] is the optimiser: it holds the moments of each parameter, and its [AdamW.State] goes into checkpoints.
//   - [GradNorm] and [ClipFactor] limit the norm of the gradients. Clipping multiplies nothing by itself: the factor is
//     handed to [AdamW.Step], which applies it on the way.
//   - [Schedule] says how the learning rate changes from epoch to epoch: [Cosine], [Linear], [Constant].
//
// The three meet in the loop of training:
//
//	params := nn.Collect(model).Trainable()
//	opt := optim.NewAdamW(params, optim.AdamWOptions{WeightDecay: 1e-5})
//	schedule := optim.Cosine{Warmup: 50, Epochs: 2000}
//
//	tp.Backward(loss)
//	norm := optim.GradNorm(params, tp.Grad)
//	opt.Step(tp.Grad, 1e-3*schedule.Factor(epoch), optim.ClipFactor(norm, 1))
//
// Everything agrees with PyTorch to the last digits of float32, and gives the same bits at any number of processors.
//
// # Errors
//
// Constants that make no sense panic. A saved state that does not fit ([AdamW.Restore]) returns an error that lists all
// that is wrong.
//
// # Imports
//
// nn, tensor and internal/simd.
package optim

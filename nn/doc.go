// Package nn holds the layers and losses that models are made of.
//
// A layer is a struct of tensors with two methods. Params declares the tensors, Apply puts the layer's computation on a
// [tensor.Tape]. A model is a struct of layers in plain Go code; there is no registry and no container to put layers in.
//
//   - [Module] is anything that declares parameters; [Collect] lists them as [Params], with paths such as
//     block.3.attention.query.weight that name them in checkpoints and messages.
//   - [Linear], [Embedding], [BatchNorm], [LayerNorm], [RMSNorm], [CausalConv], [Activation], the blocks' parts [FeedForward]
//     and [SwiGLU], and the heads [MLP] and [Readout] are the layers; [Conv] and [GroupNorm] are those of images, whose
//     pixels are rows of channels as a [tensor.Grid] says, so that a BatchNorm of images is BatchNorm. [Init] is the stream
//     of random numbers that their constructors draw the first weights from.
//   - [Loss] turns predictions and targets into the number that training makes small: [L1], [MSE], [CrossEntropy],
//     [SoftCrossEntropy], [WeightedCrossEntropy], [BinaryCrossEntropy].
//   - [Model] and [Batch] are what a training loop knows of a model and its data.
//
// # Use
//
//	init := nn.NewInit(1)
//	hidden, out := nn.NewLinear(8, 16, init), nn.NewLinear(16, 1, init)
//
//	tp := tensor.NewTape()
//	tp.Begin(tensor.Pass{Train: true, Grad: true})
//	x := nn.GELU.Apply(tp, hidden.Apply(tp, tp.Const(inputs)))
//	loss := nn.L1{}.Loss(tp, out.Apply(tp, x), targets)
//	tp.Backward(loss)
//	gradient := tp.Grad(hidden.Weight)
//
// Constructors set PyTorch's defaults: the same initial distributions, momentum and eps.
//
// # Errors
//
// Shapes that do not fit are programming errors and panic; so do class ids outside a model's classes, which data sets
// refuse when they are read. Names from flags and files ([ParseActivation], [ParseLoss]) return errors.
//
// # Imports
//
// tensor, internal/simd and internal/nearest.
package nn

// Package ela is efficient local attention (ELA): a light gate for maps of features, by rows and columns, that is put
// behind a convolution or between the blocks of a transformer whose tokens lie on a grid.
//
// Xu and Wan, "ELA: Efficient Local Attention for Deep Convolutional Neural Networks", arXiv 2403.01123 (2024). It is
// coordinate attention (Hou and others 2021) without the reduction of channels, with one-dimensional convolutions and group
// norm. The authors released no code; kernels and groups of the sizes [T], [B], [S] and [L] are those that the modules in
// circulation agree on, and so is that rows and columns share one convolution and norm. Config.Separate is the paper's way
// of writing.
//
// # Main types
//
//   - [Config] describes a gate; its zero value is ELA-B.
//   - [Gate] is what [New] makes of it for a number of channels: a part of a model with parameters and Apply.
//   - [Strip] is the convolution and the norm that run along rows or columns.
//   - [Gated] puts a gate behind the patches of a vision.Model.
//
// # Use
//
//	gate, err := ela.New(ela.T(), 64, init) // or ela.T().Fit(24), for 24 channels
//	if err != nil {
//		return err
//	}
//	x = conv.Apply(tp, x, grid) // [pixels, 64]
//	x = gate.Apply(tp, x, conv.Grid(grid))
//
// In a residual network it stands at the end of the branch, before the addition; in inverted residual blocks behind the
// depth-wise convolution.
//
// # Errors
//
// Sizes that do not fit are refused by [Config.Validate] and [New], with the field and what to choose. A map that is not on
// its grid panics.
//
// # Imports
//
// vision, nn, tensor and internal packages.
package ela

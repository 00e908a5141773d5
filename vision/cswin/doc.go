// Package cswin is the CSWin transformer of images (Dong and others, "CSWin Transformer: A General Vision Transformer
// Backbone with Cross-Shaped Windows", CVPR 2022, arXiv 2107.00652), after the official code (microsoft/CSWin-Transformer,
// commit f111ae2).
//
// # Main types
//
//   - [Config] describes a model. Its zero value, but for the classes, is CSWin-T; [T], [S], [B] and [L] are the published
//     sizes, [At384] their form for larger images, and [Small28] and its kin models for small ones.
//   - [Model] is what [New] makes of a configuration and a seed: stages of blocks, each of half the resolution of the one
//     before. It is a vision.Classifier and a vision.Explainer, and reads a *vision.Batch. [Model.LoadOfficial] reads
//     official weights.
//   - [OverlappingPatches] is the model's beginning alone, for a vision.Config.
//
// # How they meet
//
//	model, err := cswin.New(cswin.Small28(), 1)
//	if err != nil {
//		return err
//	}
//	data, err := vision.NewData(model, source) // a vision.Source
//	if err != nil {
//		return err
//	}
//	task := train.Task{Model: model, Loss: nn.SoftCrossEntropy{Smoothing: 0.1}, Metric: train.Accuracy{}, Train: data}
//	result, err := train.Fit(ctx, task, train.Options{Epochs: 20, BatchSize: 128, LR: 1e-3})
//
// # Stripes
//
// In every block half of the heads attend within vertical stripes, as high as the image, and half within horizontal ones,
// so that a token sees a cross. In the last stage, and where stripes are as wide as images of the size of the configuration,
// all heads attend among all tokens. Where a token is within its stripe tells LePE, a depth-wise convolution of the values
// that sees nothing of other stripes. Both are attention.Windows.
//
// The paper's words and ours: split size sw, Stripes; depth, Layers; get_v, LePE, Local; merge block, [Downsampling].
//
// # Images of any size
//
// The official code wants square images whose resolution the stripes divide, at every stage. This package reads images of
// any height and width from 3 pixels on, of several sizes in a batch: the last stripe of an image is narrower where stripes
// do not divide it. That is the same as tokens padded with masked ones on the right and below, behind the projections, and
// for images that need none the same bits. Convolutions round as PyTorch's do: an image of n pixels has (n+1)/4 tokens
// along a side, rounded down, and a stage half of those of the stage before, rounded up. An image gives the same bits in
// any batch.
//
// # Errors
//
// A configuration that no model can have is refused by [Config.Validate] and [New], with the field and what to choose.
// Images are refused by vision.NewBatch and vision.Data, weights that do not fit by [Model.LoadOfficial]. A batch of another
// package's model panics.
//
// # Imports
//
// vision, attention, nn, tensor, safetensors and internal packages.
package cswin

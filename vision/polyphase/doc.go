// Package polyphase makes vision transformers whose answers do not change when an image is shifted circularly by whole
// pixels.
//
// "Reviving Shift Equivariance in Vision Transformers" (arXiv 2306.07470; official code willding123/Shift-Equivariant-Vision-
// Transformers, commit c8cd2ef). Patches, windows and sub-sampled attention cut an image at fixed places, so that a shift by
// one pixel gives other tokens. Here the content of the image decides where it is cut: before every operation of a stride
// the image is rolled so that its strongest polyphase component comes to the origin. Tables of places are replaced by a
// circular convolution.
//
// # Main types
//
//   - [Anchoring] is the roll, an operation for any values on a grid: pixels before patches, tokens before windows or before
//     sub-sampling. Rolls are not undone: residual streams go on in the rolled frame.
//   - [PositionConv] is the encoding of places that commutes with shifts.
//   - [Patches] joins both to the beginning of a vision.Model; [ViT] makes poly-ViT of any of its configurations. The
//     anchored model with windows and sub-sampled attention is package vision/twins.
//   - [Study] measures how many shifts of images keep the predicted class.
//
// # Use
//
//	model, err := vision.New(polyphase.ViT(vision.Config{Classes: 10, ImageHeight: 32, PatchHeight: 4}, polyphase.ToPhase), 1)
//	if err != nil {
//		return err
//	}
//	found, err := polyphase.Study{Shifts: 4}.Measure(ctx, model, source) // a vision.Source
//	if err != nil {
//		return err
//	}
//	fmt.Println(found.Consistency) // 1
//
// or between layers of one's own:
//
//	x = polyphase.Anchoring{Stride: tensor.Size{Height: 7, Width: 7}}.Apply(tp, x, grid)
//
// # What is equal, and how far
//
// With [ToPhase] tokens of a shifted image are bit for bit those of the image in another order, up to the first attention
// among all of them. Sums over the tokens (attention, the mean at the end) are formed in that order, so that logits differ
// by rounding, some 1e-6 of their size. With [ToPixel] nothing is left of the shift, and logits have the same bits. Where
// phases are equally strong (see [Anchoring]), and where pixels do not come back in at the other side, nothing is promised.
//
// # Errors
//
// Settings that do not fit are refused when the model is made, images that patches do not divide by vision.NewBatch,
// vision.Data and [Study.Measure], with the size to choose. Grids that do not fit values or strides panic.
//
// # Imports
//
// vision, encodings, nn, tensor and internal packages.
package polyphase

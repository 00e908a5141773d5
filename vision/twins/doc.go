// Package twins is the Twins-SVT vision transformer, whose blocks attend in turns within windows and to sub-sampled tokens of
// the whole image, and poly-Twins, its form whose answers do not change when an image is shifted circularly.
//
// Chu and others, "Twins: Revisiting the Design of Spatial Attention in Vision Transformers" (NeurIPS 2021), and "Reviving
// Shift Equivariance in Vision Transformers" (arXiv 2306.07470; official code willding123/Shift-Equivariant-Vision-
// Transformers, commit c8cd2ef, over timm's blocks). All attention is that of package attention: windows are attention.Windows,
// sub-sampled keys a ragged batch of attention.Softmax. How images and tokens are anchored tells package vision/polyphase.
//
// # Main types
//
//   - [Config] describes a model; its zero value, but for the classes, is poly-Twins-S. [S], [B], [L], [Small28] and [Small32]
//     are presets. Config.Anchor chooses between the anchored model and the plain one, which have the same parameters.
//   - [Model] is what [New] makes of it, a vision.Classifier: a list of [Stage], a norm, a head.
//   - [Block] has a [Mixer], either [WindowAttention] or [SubsampledAttention], and a feed-forward part.
//
// # Use
//
//	model, err := twins.New(twins.Small28(), 1)
//	if err != nil {
//		return err
//	}
//	data, err := vision.NewData(model, source) // a vision.Source
//	if err != nil {
//		return err
//	}
//	task := train.Task{Model: model, Loss: nn.SoftCrossEntropy{Smoothing: 0.1}, Metric: train.Accuracy{}, Train: data}
//	result, err := train.Fit(ctx, task, train.Options{Epochs: 10, BatchSize: 64, LR: 1e-3})
//
// # Shifts
//
// Tokens are rolled before patches, windows and reductions, each time to a multiple of their side, and not rolled back. Where
// the last roll of a stage is no multiple of the patches of the next one, which no published model has, these get a roll of
// their own. The mean at the end forgets what is left. With polyphase.ToPhase logits of shifted images differ by rounding,
// with polyphase.ToPixel not at all.
//
// Images may differ in size within a batch, and need not be square; an image gives the same bits in any batch. What sizes an
// anchored model reads says [Model.Accepts].
//
// # Errors
//
// A configuration that no model can have is refused by [Config.Validate] and [New], with the field and what to choose. Images
// are refused by vision.NewBatch and vision.Data. A batch of another package's model panics.
//
// # Imports
//
// vision, vision/polyphase, attention, nn, tensor and internal packages.
package twins

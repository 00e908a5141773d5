// Package vision is the transformer of images on the attention engine, and the seam that other models of images share:
// batches of images of any size, patches, classification, and maps of what a model looks at. Where patches are is told to
// the attention by any structural encoding that knows two axes.
//
// # Main types
//
//   - [Image] is a picture with its class, [Source] where images come from. [Data] makes a [Batch] of some of them; it is a
//     train.Data. [FromPipeline] makes a source of the pipelines of package vision/images.
//   - [Config] describes a vision transformer (ViT). Its zero value, but for the classes, is ViT-Ti/16; [ViTTi], [ViTS] and
//     [ViTB] are the published sizes.
//   - [Model] is what [New] makes of a configuration and a seed: a [Stem], an encoding, a list of [Block], a head. It is an
//     nn.Model and a [Classifier], which is all that data and commands know of a model.
//   - [Relevance] is a map over the patches of an image, by attention rollout.
//
// # How they meet
//
//	config := vision.Config{Classes: 10, ImageHeight: 28, Channels: 1, PatchHeight: 4, Layers: 4, Width: 64, Heads: 4,
//		Encoding: encodings.AxialRoPE{}}
//	model, err := vision.New(config, 1)
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
// # Images of any size
//
// A batch holds images of one size or of several, laid end to end; nothing is padded but what the patches of an image
// want on its right and below ([Remainder]). An image gives the same bits in any batch. A model reads images of other
// sizes than it was trained on: rotations, sinusoids, digits and rings go on, tables of places are resized ([EncodingNames],
// [FitEncoding]).
//
// # Models of one's own
//
// A model of another architecture is a [Classifier]: its Forward takes a *[Batch], whose pixels are rows of channels as
// the Grid says, which is what the convolutions of package nn and [CutPatches] work on. What comes before the blocks of a
// [Model] alone is a [Patching] with its [Stem]. A model that can be asked what it looks at is an [Explainer].
//
// # Linear attention
//
// With Config.Attention Linear the blocks have LightNet's layer, whose time is linear in the patches. It carries the
// encodings that change queries, keys or tokens; one that masks or biases scores is refused by [New].
//
// # Errors
//
// A configuration that no model can have is refused by [Config.Validate] and [New], with the field and what to choose.
// Images that a model cannot read (another number of channels, a size that patches do not divide where that is to be
// refused, numbers that are not finite, a label that is no class) are refused by [NewData], [Data] and [NewBatch] with the
// number of the image. A batch of another package's model panics.
//
// # Imports
//
// vision/images, encodings, attention, nn, tensor and internal packages.
package vision

// Package vision compares ways to tell a vision transformer where patches are: on images of the resolution that was
// learned, on images of others, and on images that are shifted.
//
// A small transformer for each way learns the classes of images of one resolution. All have as many parameters, by the width
// of their feed-forward parts, learn from the same images in the same order, augmented alike, and are tested on the same. So
// a difference is one of the encoding, or of the seed: take several.
//
// # Main types
//
//   - [Study] is what is compared on which images, and how much of it. Its zero value, but for the set of images, is a study
//     of CIFAR-10 for two cores.
//   - [Subject] is a way: an encoding of two dimensions, with softmax or linear attention, or a convolution of patches, with
//     or without polyphase anchoring. [SubjectByName] knows them by name, [List] says what there is.
//   - [Cell] is the result of one model. [Rows] brings seeds together, mean and deviation.
//
// # Use
//
//	set, err := imagesets.Load(ctx, "cifar-10-subset", imagesets.Options{Protocol: imagesets.PublishedSplit})
//	if err != nil {
//		return err
//	}
//	defer set.Close()
//	cells, err := vision.Study{Set: set, Seeds: []uint64{1, 2, 3}, Dir: "runs/vision"}.Run(ctx)
//	for _, r := range vision.Rows(cells) {
//		fmt.Println(r.Encoding, r.Resolutions, r.Scores, r.Kept)
//	}
//
// # What is measured
//
// Test images of other resolutions are the same images resized, so that an object covers more patches than any did in
// training; [Subject.Beyond] says what an encoding does with places that it never saw. Under a circular shift pixels that
// leave at one side come in at the other. The answers of an anchored model do not change by that, but where two phases of
// an image are equally strong (see package vision/polyphase): [Shift].Kept is 1. With patches of 4 by 4 pixels that is so for
// none of the test images of Fashion-MNIST and of the subset of CIFAR-10, and not for 108 of the 10,000 of MNIST, where two
// phases are the same to the last bit. All other models may change their answers.
//
// # Errors
//
// An unknown name is a studies.UnknownError with the nearest known one, a setting of an encoding that is not known an
// encodings.UnknownError inside an error of this package. [Study.Check] and [Study.Run] refuse settings that make no sense,
// resolutions that are no whole number of patches with those to choose, encodings that cannot serve the model with the
// encoding's own reason, and a folder of another study with the settings that differ, before anything is trained. A loss
// that is not finite ends the study with the step, an image that cannot be decoded with its file; the end of a context
// with the context's error, after the step at hand.
//
// # Imports
//
// studies, vision, vision/polyphase, vision/images, datasets/imagesets, encodings, optim, nn, tensor and studies/internal/trial.
package vision

// Package images holds pictures as numbers: read from files that are not trusted, brought
// to one size, augmented at random, stacked into batches. It knows nothing of models, nor of
// data sets, which package datasets/imagesets gives by name.
//
// # Main types
//
//   - [Image] is a picture, its channels last: [height, width, channels], of bytes or floats.
//   - [Decode] reads PNG, JPEG and GIF as [DecodeOptions] say, and refuses what is beyond their [Limits].
//   - [Preparation] brings images to one size, [Normalisation] their numbers to one scale.
//   - [Augmentation] changes training images at random, [Mixing] joins images of a batch.
//   - [Source] hands out images by number. A [Loader] goes through one and decodes ahead, a
//     [Pipeline] makes any of its items a [Stack], and [Cached] keeps what fits.
//
// # Use
//
//	files := images.Files{Paths: paths, Options: images.DecodeOptions{Channels: 3}}
//	fit := images.Preparation{Height: 32, Width: 32}
//	scale, err := images.Measure(ctx, files, fit)
//	if err != nil {
//		return err // names the file
//	}
//	train := images.Pipeline{
//		Source: files, Label: func(i int) int { return labels[i] }, Classes: 10, Seed: 1,
//		Preparation: fit, Normalisation: scale, Augmentation: images.CIFARAugmentation(),
//	}
//	var batch images.Stack
//	err = train.Fill(&batch, []int{5, 2, 9}, epoch)
//
// # What becomes of a file's pixels
//
// Every file becomes one channel or three of 8 bits. Grayscale without transparency keeps
// its one channel unless colour is asked for, and is then repeated; colour becomes gray by
// the luma of ITU-R BT.601. Samples of 16 bits are rounded. Palettes and CMYK become RGB.
// What is transparent is put on a background, white by default. EXIF's orientation of JPEG
// files is honoured. Colour profiles and gamma are ignored: numbers are those of the file.
// Of an animated GIF the first frame is taken.
//
// # Randomness
//
// Every random decision is a function of a [Key]: seed, epoch and item. Each operation has a
// stream of its own, so that switching one on does not change what another draws, and batches
// have the same bits on any number of processors.
//
// # Errors
//
// A file that cannot be used is a [*FileError] that names it, says why and what to do, and
// wraps [ErrTooLarge], [ErrFormat] or [ErrDamaged]. Sizes are read from the header and refused
// before memory is taken by them. An option that makes no sense is an [*OptionError]. Parts
// outside an image, and images of shapes that an operation cannot have, are programming
// errors and panic.
//
// # Imports
//
// internal/bounded, internal/bytesize, internal/nearest, internal/parallel and
// internal/splitmix.
package images

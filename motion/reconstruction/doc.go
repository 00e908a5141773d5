// Package reconstruction trains motion tokenizers and measures how well movement comes back from its tokens. It is
// apart from package tokenizer because models know nothing of the training loop.
//
// # Main types
//
//   - [Experiment] is the training of a tokenizer on some clips and its test on others: Task and Options for package train,
//     Fit for all at once.
//   - [MPJPE] is the metric, in millimetres where clips know their unit.
//   - [Report] has a [Row] for each clip: its error beside those of two simple ways to keep one frame of four ([Held],
//     [Interpolated]), and the use of the codebook.
//
// # Use
//
//	e := reconstruction.Experiment{Config: tokenizer.Small(), Seed: 1, Train: clips[:4], Held: clips[4:]}
//	model, report, err := e.Fit(ctx, e.Options(10))
//	if err != nil {
//		return err
//	}
//	report.Write(os.Stdout)
//
// # Errors
//
// Clips that do not fit are errors that name the clip; those of training are package train's. A metric that is given
// anything but places of whole frames panics.
//
// # Imports
//
// motion, motion/tokenizer, train, nn, tensor.
package reconstruction

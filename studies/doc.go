// Package studies compares structural encodings: studies whose rows differ in the encoding and in nothing else. It is what
// "graft bench encodings" does.
//
// # Main types
//
//   - [Lengths] is a study of length generalisation: a task, sizes, a decoder, encodings and seeds. [Small] sets it up for
//     two cores, [Published] as the paper has it; [Lengths.Run] does it.
//   - [Subject] is an encoding under study; [SubjectByName] gives it. Its [Reading] is how it is told of a grid.
//   - [Cell] is the result of an encoding with a seed: a [Score] for each length. [Rows] puts seeds together.
//
// # How they meet
//
// For every subject and seed the study makes a sequences.Model that begins with the same numbers but for the encoding's,
// and trains it on the short examples of a task of datasets/lengths, the same ones in the same order. Then the model
// answers questions of every length of the training and of longer ones, which are the same for all, by taking the
// likeliest token every time; an answer is right if it is exactly the one wanted.
//
//	study, err := studies.Small("copy")
//	if err != nil {
//		return err
//	}
//	study.Seeds, study.Dir = []uint64{1, 2, 3}, "runs/copy"
//	cells, err := study.Run(ctx)
//	if err != nil {
//		return err
//	}
//	for _, r := range studies.Rows(cells) {
//		fmt.Println(r.Encoding, r.Scores.Mean(lengths.Range{Min: 9, Max: 16}))
//	}
//
// # The folder
//
// With Lengths.Dir the settings are kept in study.yaml, and each result in cells.jsonl as soon as it is there. The model
// at work is saved below unfinished from time to time and when the study is ended; it goes on from there and ends with
// the same bits. Nothing about training is drawn from a running stream: examples follow from seed and number, dropout
// from seed and step.
//
// # The published study and the small one
//
// [Published] follows the official code (McGill-NLP/length-generalization at 40f8a445): the decoder of T5 without a scale
// of the scores, 12 layers of 768 with dropout 0.1, AdamW with a weight decay of 0.05, a rate of 3e-5 that falls in a
// straight line after a warm-up of 6 %, 40,000 steps of 64 out of 100,000 examples, the best of 20 validations. It trains
// on targets alone, as the code does. Two things differ: the alphabet, see datasets/lengths, and that a length has 500
// questions also in addition and lego, whose official test sets have unequal bins.
//
// [Small] is the same decoder with 4 layers and no dropout, a rate of 1e-3 and examples that never come twice.
//
// # Errors
//
// An unknown task is an [*UnknownError], an unknown encoding an encodings.UnknownError inside an error of this package.
// [Lengths.Check] and [Lengths.Run] refuse settings that make no sense, encodings that cannot serve the task or the model
// with the encoding's own reason, and a folder of another study with the settings that differ, before anything is
// trained. A loss that is not finite ends the study with the step; the end of a context with the context's error, after
// the step at hand.
//
// # Imports
//
// train/checkpoint, sequences, datasets/lengths, encodings, optim, nn, tensor and internal/nearest.
package studies

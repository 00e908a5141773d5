// Package lengths generates the tasks on which decoders are trained on short examples and tested on longer ones: those of
// Kazemnejad et al., The Impact of Positional Encoding on Length Generalization in Transformers (NeurIPS 2023, arXiv
// 2305.19466), and one in two dimensions.
//
// # Main types
//
//   - [Task] is one task in one variant, such as "copy_cmc" or "addition". [ByName] gives it; [Names] lists all. [Options]
//     shortens its lengths, makes its alphabet smaller and asks for a scratchpad.
//   - [Example] is a prompt and what must follow it, with the [Record] both were made from. [Task.At] gives the i-th of a
//     [Split], spread evenly over the lengths; [Task.Generate] the i-th of one length.
//   - [Vocabulary] is the closed list of tokens of a task; [Task.Sequence] gives an example as token ids, and for "locate"
//     where on the grid each token lies.
//   - [Reader] reads records from a file: the only way to examples of "scan" and "pcfg", whose data are not generated.
//
// The strings are those of the official code (McGill-NLP/length-generalization at 40f8a445): prompts, targets, answers and
// scratchpads. Only its alphabets are replaced, because they come from the vocabulary of T5: copy and reverse draw from
// the 79 ASCII characters with which the official list begins and 21 Greek letters, sort_single from its first 50.
//
// # Use
//
//	task, err := lengths.ByName("addition", lengths.Options{Train: lengths.Range{Min: 1, Max: 4}})
//	if err != nil {
//		return err
//	}
//	for i := range 100_000 {
//		e := task.At(seed, lengths.Train, i)
//		s, err := task.Sequence(e) // s.IDs[:s.Prompt] is given, the rest is to be learnt
//		...
//	}
//	if task.Correct(e, task.Vocabulary().Decode(predicted)) { ... }
//
// # Randomness
//
// Every example has a random stream of its own, derived from the seed, the task, the split, the length and its number: it
// is the same whichever others are generated, in whatever order and on however many goroutines, so none need be stored.
// Training and test examples differ in length and so never coincide. Validation examples have training lengths and their
// own streams; as in the official data, short ones may repeat a training example (there are only 16 sequences of 4 bits).
//
// # Errors
//
// An unknown name is an [*UnknownError] with the nearest known one. Options that a task cannot have are errors that say
// what it can have. A record that contradicts itself, or a line that is none, is a [*RecordError] with file and line; text
// outside a vocabulary an [*UnknownTokenError] with the token and its place. A length outside the split's, or generating
// scan or pcfg, panics.
//
// # Imports
//
// internal/nearest and internal/splitmix.
package lengths

// Package tokenize turns text into the small whole numbers that models read, and back: by a byte-level BPE that is trained
// on texts of one's own, or by a closed list of words and numbers.
//
// # Main types
//
//   - [Tokenizer] is what both kinds do. [Parse] reads either back from what its Marshal wrote, to be kept beside a model's
//     weights.
//   - [BPE] cuts any text into frequent runs of bytes (Sennrich and others, Neural Machine Translation of Rare Words with
//     Subword Units, ACL 2016, arXiv 1508.07909; on bytes as GPT-2 does). [TrainBPE] learns it from [Texts]. Every string
//     of bytes comes back exactly, valid UTF-8 or not.
//   - [Words] knows the words, numbers, signed numbers and marks that it was made with by [NewWords], and one token for
//     whatever else there is. It suits generated tasks, where it gives every number a token of its own.
//
// # How they meet
//
//	texts := tokenize.Strings(questions...)
//	bpe, err := tokenize.TrainBPE(ctx, texts, tokenize.BPEOptions{Size: 4096, Special: []string{"<bos>", "<eos>"}})
//	if err != nil {
//		return err
//	}
//	bos, _ := bpe.Special("<bos>")
//	ids := bpe.Append([]int32{bos}, "how many medals did Norway win?")
//	data, err := bpe.Marshal() // written beside the weights
//	...
//	t, err := tokenize.Parse(data)
//	text := t.Decode(ids[1:])
//
// # Special tokens
//
// Special tokens have the first ids, in the order in which they were named. Text never yields them, not even text in which
// their names stand: whoever wants one puts its id there.
//
// # Why not a library
//
// Of the Go libraries that were looked at in November 2026 most only run vocabularies that were trained elsewhere
// (pkoukk/tiktoken-go, eliben/go-sentencepiece), and sugarme/tokenizer, which trains too, panics on ordinary text (its
// issue 77). What is needed here fits in a few hundred lines.
//
// # Promises
//
// The same texts and options give the same tokenizer, in whatever order the texts come. A tokenizer may be used by many
// goroutines at once. Append takes no memory but that of the slice it appends to, once it has warmed up, and time that
// grows as the text.
//
// # Errors
//
// Options, lists of words and files that make no sense are errors that say which entry and why; what a context ends is its
// error. [Parse] takes no memory by numbers that stand in the file. An id that a tokenizer does not have panics.
//
// # Imports
//
// The standard library.
package tokenize

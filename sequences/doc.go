// Package sequences is a decoder-only transformer on the attention engine: a model of token sequences that learns to go on
// from a prompt, and goes on. Its form is configurable from LLaMA's to GPT-2's and T5's; where tokens are is told to it by
// any structural encoding.
//
// # Main types
//
//   - [Config] describes a model. Its zero value, but for the vocabulary, is a small model of LLaMA's form; [LLaMA],
//     [GPT2], [T5Decoder] and [MiniCPM] set the forms of published families.
//   - [Model] is what [New] makes of a configuration and a seed: a token table, an encoding, a list of [Block], a head. It
//     is an nn.Model. [Model.Generate] goes on from prompts as [Options] say, [Model.Score] tells how likely given
//     continuations are.
//   - [Example] is a prompt and what is to follow, of which all is learned or the answers alone. [Data] makes a [Batch] of
//     some of them; it is a train.Data.
//     Several continuations of one beginning may share a sequence as branches that do not see one another
//     (Example.Branches).
//   - [Places] say where tokens are, if not one after another: tables in several orders, points.
//
// # How they meet
//
//	config := sequences.Config{Vocabulary: 128, Layers: 2, Width: 64, Heads: 4, Encoding: encodings.ALiBi{}}
//	model, err := sequences.New(config, 1)
//	if err != nil {
//		return err
//	}
//	data, err := sequences.NewData(model, examples, sequences.BatchOptions{}) // []sequences.Example
//	if err != nil {
//		return err
//	}
//	task := train.Task{Model: model, Loss: nn.CrossEntropy{}, Metric: train.Accuracy{}, Train: data}
//	result, err := train.Fit(ctx, task, train.Options{Epochs: 10, BatchSize: 64, LR: 1e-3})
//	...
//	answers, err := model.Generate(ctx, prompts, sequences.Options{MaxTokens: 20, Stop: []int32{end}})
//
// Tokens are whole numbers; what they stand for is a tokenizer's matter. Prompts are read but not learned: the loss is the
// mean over the tokens of the targets, and its exponential the perplexity. An encoding's own loss (2D-TPE's entropy,
// SeqPE's) joins the gradient without showing in that figure; [Model.Run] returns it.
//
// # Generation
//
// Prompts of any lengths are read together, nothing padded, and then one token a step for each sequence that has not ended.
// Keys and values of the tokens that were read are kept; encodings that cannot go on from there, which they say themselves,
// have the sequence read anew for every token. What is drawn depends on the seed, the prompt's number and the prompt, not
// on what else is in the batch. [Model.Score] keeps keys and values of a prompt in the same way for all its continuations.
//
// # Weights of others
//
// [LoadLLaMA] reads the state dict of a LLaMA-form model from safetensors files, single or sharded, and its config.json;
// [Model.SaveLLaMA] writes both. [Model.LLaMATensors] is the table of names. [ToInterleaved] and [ToHalfSplit] move weights
// between the two orders of rotated channels. The forms of LLaMA and MiniCPM are read alike; with encodings.TwoOrder{} so
// are those of 2D-TPE, whose routers are self_attn.gate_1, gate_2 and gate_3 of every layer:
//
//	c := sequences.Config{Encoding: encodings.TwoOrder{}} // sizes, factors and base are those of config.json
//	routed, err := sequences.LoadLLaMA("2d-tpe", c, sequences.LLaMAOptions{})
//	begun, err := sequences.LoadLLaMA("minicpm", c, sequences.LLaMAOptions{FreshEncoding: true, Seed: 1})
//
// # Promises
//
// The same seed gives the same bits at any number of processors. In evaluation a sequence has the same bits of logits alone
// and in any batch, and those of a token do not depend on tokens after it.
//
// # Errors
//
// A configuration that no model can have is refused by [Config.Validate] and [New], with the field and what to choose;
// sizes that an encoding cannot work with, by the encoding. Examples and prompts that a model cannot read are refused by
// [NewData], [NewBatch], [Model.Generate] and [Model.Score] with their number: a token beyond the vocabulary, no target, an
// empty prompt, a sequence longer than MaxLength or than a learned table. Weights that do not fit are an error that lists
// all differences, and change nothing. A batch of another package's model panics.
//
// # Imports
//
// encodings, attention, nn, tensor, safetensors, internal/nearest and internal/simd; renameio for files that are whole or
// not there.
package sequences

// Package decoder answers questions of tables with a decoder-only transformer: it
// reads a table token by token, row by row or column by column or, as 2D-TPE does
// (Li and others, WWW 2025, arXiv 2409.19700), in both orders at once, with a
// question before or after it, and goes on with the answer.
//
// # Main types
//
//   - Config describes a model: sizes, the structural encoding by name, and the
//     Reading, which is how that encoding is told where the tokens of a table are.
//   - Model is what New makes of a configuration, a tokenizer and a seed: a
//     [sequences.Model] with a tokenizer and the marks of tables. It is an nn.Model.
//     Model.Ask answers, Model.Choose weighs given answers, Model.Explain shows the
//     weights of the router.
//   - Data makes batches of questions, one or several of a table in a sequence, of
//     which the tokens of the answers are learned. It is a train.Data.
//
// # How they meet
//
//	model, err := decoder.New(decoder.Config{Layers: 2, Width: 64, Heads: 4}, tokenizer, 1)
//	if err != nil {
//		return err
//	}
//	data, err := decoder.NewData(model, items, decoder.DataOptions{}) // []decoder.Item
//	if err != nil {
//		return err
//	}
//	task := train.Task{Model: model, Loss: nn.CrossEntropy{}, Metric: train.Accuracy{}, Train: data}
//	result, err := train.Fit(ctx, task, train.Options{Epochs: 10, BatchSize: 16, LR: 1e-3})
//	...
//	answer, err := model.Ask(ctx, table, "how many medals did Norway win ?", decoder.AskOptions{})
//	fmt.Println(answer.Text, answer.Probability)
//
// # The sequence
//
// What the model reads is, with the marks of [tables.MarkNames],
//
//	<bos> title | question | TABLE <answer> answer <eos>
//
// or, where [Config].Question is [After],
//
//	<bos> title | TABLE question <answer> answer <eos> question <answer> answer <eos> ...
//
// where the questions are branches behind one table: each sees what stands before them
// all and itself, nothing of another question or its answer, and its places begin
// behind the table, so that it is what it is when it is asked alone.
//
// TABLE is the cells with their separators as [tables.Read] lays them out, and the
// items of a list are joined by the bar. Marks never come out of text, so that nothing
// in a cell or a question can be taken for one, and any tokenizer will do that has
// them. The entropy of the router (2D-TPE's second loss) is taken over the tokens of
// the table, which are known here and need not be searched for.
//
// Tokens of text count on after the table, alike in both orders, and so do answers,
// whose keys and values are kept while they are written.
//
// # Errors
//
// A configuration that no model can have, an encoding without such a reading and a
// tokenizer without the marks are refused by New. A table that is no rectangle is a
// [tables.TableError], one that is longer than the model reads a [tables.LongError],
// which tells by how much and how many rows would fit; AskOptions.CutRows and
// DataOptions.Long leave rows, or the question, out instead. Explain wants an encoding
// with a router, and says which one has it. NewData refuses several questions in a
// sequence where the encoding cannot serve branches, and says why.
//
// # Imports
//
// tables, tokenize, sequences, encodings, nn, tensor, train/checkpoint for files, and
// internal/nearest.
package decoder

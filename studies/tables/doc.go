// Package tables compares ways to read tables: a study whose models differ in how the structure of a table is told them,
// and in nothing else. It is what "graft bench tables" does, and shows when the two orders of 2D-TPE (Li and others, WWW
// 2025, arXiv 2409.19700) beat the flattened table.
//
// # Main types
//
//   - [Study] is tasks, ways to read, sizes of tables, a decoder and seeds; [Study.Run] does it. The zero value is the
//     study for two cores.
//   - [Reader] is a way to read: [ReaderByName] gives rows and columns, which flatten the table into one line, axial, which
//     turns by row and by column, and two-order, the pair of orders that a router weighs.
//   - [Cell] is the result of a model: a [Score] for each size of tables. [Rows] puts seeds together, [Compare] says how far
//     two orders are ahead of the better of one line.
//
// # How they meet
//
// For every task of datasets/tableqa that is generated, reader and seed the study trains a model of tables/decoder on
// square tables of some sizes. The examples and their order are the same for all readers. So is the number of parameters,
// to a few hundredths of a percent: the feed-forward part is wider where there is no router. Then the model answers
// questions of tables that it has not seen, some of them larger than any it learned from; an answer is right if it is so
// word by word.
//
//	study := tables.Study{Tasks: []string{"locating-values"}, Seeds: []uint64{1, 2, 3}, Dir: "runs/tables"}
//	cells, err := study.Run(ctx)
//	if err != nil {
//		return err
//	}
//	for _, c := range tables.Compare(tables.Rows(cells)) {
//		fmt.Printf("%s: %+.1f points at sizes of the training, %+.1f at larger ones\n", c.Task, c.Trained.Points(), c.HeldOut.Points())
//	}
//
// # The folder
//
// With Study.Dir the settings are kept in study.yaml, and each result in cells.jsonl as soon as it is there. The model at
// work is saved below unfinished from time to time and when the study is ended; it goes on from there and ends with the
// same bits. Results are the same at any number of processors.
//
// # What makes the tasks learnable
//
// The defaults are what came out of trials with the routed pair on Locating-Values, with tables of 1,000 different numbers
// and some minutes on two cores:
//
//   - The question stands before the table, as in the prompts of TableInstruct, so that a cell which is read knows what is
//     asked.
//   - Sizes are unlocked one after the other, from 2x2 on: the small ones make the task learnable.
//   - Parameters begin with a standard deviation of 0.1: with 0.02, LLaMA's, numbers are not told apart in the time.
//   - The entropy of the router is not in the loss. With 0.01 of it three layers of four read one order alone after 8,000
//     steps, and fewer answers were right, with one seed. The official code has 1, on a trained language model;
//     "two-order:entropy-weight=1" is the reader to see that with.
//   - The answer has a mark of its own before it, so that its place need not be told from those behind cells.
//
// # Errors
//
// An unknown task or reader is a *studies.UnknownError, an unknown encoding an *encodings.UnknownError inside an error of
// this package. [Study.Check] and [Study.Run] refuse settings that make no sense and readers that cannot serve the model
// with the encoding's own reason, and Run a folder of another study with the settings that differ, before anything is
// trained. A loss that is not finite ends the study with the step; the end of a context with the context's error, after
// the step at hand.
//
// # Imports
//
// studies, tables/decoder, tables, tokenize, datasets/tableqa, datasets, sequences, encodings, optim, nn and
// studies/internal/trial.
package tables

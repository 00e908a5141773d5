// Package records reads a table of one's own whose rows are to be classified: people.csv
// with a column income. It learns from the training rows what the cells of each column
// mean, and makes tokens of rows for a model that reads tables, for training now and for
// prediction later.
//
// # Main types
//
//   - Options say which file it is, which column is to be predicted, and what columns are.
//     Load goes through the file row by row and gives a Loaded: three Rows and a Schema.
//   - Schema is what was read off the training rows: kinds of columns, edges of bins, words,
//     classes, the tokenizer. It is stored with a trained model and makes the same tokens of
//     the same cells later.
//   - Reader reads further rows of such a table for prediction, in memory for one row.
//     Schema.Answer turns what a model predicts into cells of a table.
//
// # Use
//
//	o := records.Options{Path: "people.csv", TargetColumn: "income"}
//	loaded, err := records.Load(ctx, records.Request{Options: o}, nil)
//	if err != nil {
//		return err // people.csv:17: column "income": ...
//	}
//	fmt.Println(loaded.Schema.Target.Classes, loaded.Parts[datasets.Train].Len())
//
// # What columns are
//
// A column is a number if every cell that says anything is one. It is a text if its training
// rows say at least three words in the mean and more than half of them differ.
// Every other column is a category. Options.Numeric, Categorical and Text decide otherwise
// for columns that they name.
//
// A number becomes the token of its bin: as many training rows fall into each of
// Options.Bins bins as equal numbers allow (quantiles; where a column has more than 131,072
// rows, of so many of them that are drawn). A number may be beyond all that were seen: the
// outer bins are open. A category becomes the token of its word, and the token of unknown
// words where training rows have it less than Options.MinCount times or
// Options.MaxCategories others are more frequent. A text becomes the tokens of a byte-level
// BPE learned from the training rows, the first Options.MaxText of them.
//
// A cell is missing if it is empty, or where a number is expected says NA, N/A, NaN, null or
// None in any case; that has a token of its own in every column. Tokens belong to one column
// but those of texts: 3 rooms are not 3 children.
//
// # What is predicted
//
// Classes: the words of the target column, or its whole numbers if there are at most 20.
// Other numbers are refused, unless Options.TargetBins makes classes of their quantiles.
//
// # Memory and splits
//
// The file is gone through three times, and never held. What stays is 4 bytes a cell, 8
// where a column is a text and more for its tokens, less than the file has itself. Rows are drawn
// 80, 10 and 10 % for training, validation and test, or told apart by a column.
//
// # Errors
//
// A row that cannot be used is a *files.RowError with file, line and column, and
// Options.SkipBad leaves such rows out, counted in a note. What is wrong with a file as a
// whole is a *files.FileError, an option that makes no sense a *files.OptionError.
//
// # Imports
//
// datasets, datasets/files for delimited text, tables and tables/open for the other formats,
// tokenize, internal/nearest.
package records

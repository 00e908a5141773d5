// Package classify tells of which class the rows of a table are, with a decoder that reads
// each row as a small table of its own: the names of the columns, and below them its cells.
//
// # Main types
//
//   - Vocabulary says what tokens there are: those of a tokenizer, the header that all rows
//     have, and the tokens of the classes.
//   - Model is what New makes of a decoder.Config, a vocabulary and a seed. It is an
//     nn.Model whose predictions are a score a class, or one for both of two classes.
//   - Rows are what it reads, as tokens; NewData makes batches of them. It is a train.Data.
//
// # How they meet
//
//	model, err := classify.New(decoder.Config{Layers: 2, Width: 64, Heads: 4}, vocabulary, 1)
//	if err != nil {
//		return err
//	}
//	data, err := classify.NewData(model, rows)
//	if err != nil {
//		return err
//	}
//	task := train.Task{Model: model, Loss: nn.CrossEntropy{}, Metric: train.Accuracy{}, Train: data}
//
// # The answer
//
// What the model reads of a row is <bos> TABLE |, the table with the separators that
// [tables.Read] lays out. The decoder's logits of the token that follows the bar, those of
// the tokens of classes alone, are the scores. Of two classes the score is the second's less
// the first's: the logit of the second, as nn.BinaryCrossEntropy takes it.
//
// # Errors
//
// A configuration that no model can have and a vocabulary without the marks of tables or
// classes are refused by New, rows that are longer than the model reads by NewData, which
// names the longest.
//
// # Imports
//
// tables, tables/decoder, tokenize, sequences, nn, tensor.
package classify

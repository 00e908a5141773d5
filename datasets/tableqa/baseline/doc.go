// Package baseline has what little a model that reads tables must beat: the most frequent
// answer, and bags of words with a handful of learned weights.
//
// # Main types
//
//   - [Majority] always gives the most frequent answer.
//   - [Statements] verifies statements of TabFact by logistic regression over their words and
//     their overlap with the table.
//   - [Cells] answers questions of WikiTableQuestions with the cell whose row and column share
//     most with the question, by learned weights.
//   - [Measure] has any [Answerer] answer a split and judges the answers by parts.
//
// All are fitted without drawing anything at random: the same questions give the same
// weights. None reads a table as a table, beyond telling rows and columns apart.
//
// # Use
//
//	set, err := tableqa.Load(ctx, "tabfact", tableqa.Options{})
//	if err != nil {
//		return err
//	}
//	model, err := baseline.FitStatements(ctx, set.Train, baseline.Options{})
//	if err != nil {
//		return err
//	}
//	tally := baseline.Measure(set.Info.Metric, set.Test, model)
//	fmt.Println(&tally)
//
// # Errors
//
// Options out of range, a split with nothing to fit to and a context that has ended are
// errors; nothing else fails.
//
// # Imports
//
// datasets/tableqa and gonum.
package baseline

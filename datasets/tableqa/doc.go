// Package tableqa gives questions about tables, and statements that tables entail or refute,
// by name: the benchmarks of the field from their published files, and two generated tasks
// that tell whether a model reads rows and columns.
//
//	kind                          names
//	generated                     locating-values, counting-stars
//	questions, short answers      wikitables (WikiTableQuestions), hitab
//	statements to be verified     tabfact
//	questions, written answers    fetaqa
//
// [Describe] has sizes, protocols, published figures and the licence of each.
//
// # Main types
//
//   - [Question] is a question or statement with its table and what is to be answered.
//   - [Set] is a data set: three [Source] values and the [Info] about it, and Notes: what must
//     be said beside any figure measured on it.
//   - [Protocol] is a rule by which a set is cut into splits; [Options] chooses one.
//   - [Metric] judges answers; [Evaluate] is the official evaluator of WikiTableQuestions.
//   - [Proxy] generates a task: [LocatingValues], [CountingStars].
//   - [Coverage] counts how many answers are exactly one cell, which a model that points at
//     cells can give; [OneCell] keeps those questions.
//
// Package baseline below this one has what little a model must beat.
//
// # Use
//
//	set, err := tableqa.Load(ctx, "tabfact", tableqa.Options{Dir: "data"})
//	if err != nil {
//		return err
//	}
//	var rate tableqa.Rate
//	for i := range set.Test.Len() {
//		q := set.Test.At(i)
//		rate.Add(set.Info.Metric.Correct(&q, answer(q.Table, q.Text)))
//	}
//	fmt.Println(rate, set.Notes)
//
// # Files
//
// A set's files are looked for in Options.Dir or else $GRAFT_DATA and the cache: in the
// folder itself, in the set's own folder below it (wikitablequestions, tabfact, hitab,
// fetaqa) and in that below its folder tables. Any of these may be a zip file, and in a
// folder csv.zip stands for the folder csv, dev.jsonl.zip for the file dev.jsonl: archives
// are read where they lie. Each table is read once and shared by the questions about it.
//
// # Randomness
//
// Every table of a generated task has a random stream of its own, derived from the seed,
// the task, the split and its number: question i is the same whichever others are asked for,
// in whatever order and on however many goroutines.
//
// # Errors
//
// An unknown name is a [*datasets.UnknownError] with the nearest known one, data that is not
// there a [*datasets.MissingError] with the folders tried. Damaged data is a
// [*datasets.FileError], or a [*tables.FileError] where it is a table in delimited text, with
// file, line or record, reason and what to do. Files are not trusted: they have a largest
// size, unpacked, one by one and together.
//
// # Imports
//
// datasets, tables, internal/bounded, internal/splitmix, and golang.org/x/text for Unicode
// normalisation.
package tableqa

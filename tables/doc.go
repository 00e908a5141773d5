// Package tables reads tables and lays them out for attention: each token of a cell
// gets its place in two orders, row by row and column by column, as 2D-TPE wants
// them (Li, Guan, Wu, Yu, Yan, WWW 2025, arXiv 2409.19700).
//
// # Main types
//
//   - [Table] is a rectangle of strings below a header. [ReadCSV] (delimited text in
//     any [Dialect]), [ReadMarkdown], [ReadJSON] and [ParseInstruct] make one;
//     packages tables/excel and tables/open read workbooks, and any file by its
//     ending. [Options] say what is repaired and what refused.
//   - [RowReader] gives a table row by row where it is too large to be held.
//   - [Reading] is a sequence of tokens with a table in it, made by [Read] of
//     [Tokens]; [Budget] sees to it that it is not longer than the context.
//
// # Use
//
//	t, err := tables.ReadCSV("people.csv", file, tables.Dialect{}, tables.Options{})
//	if err != nil {
//		return err // says which line, and what to do
//	}
//	before, after := tables.Prompt("Answer the question.", "who is oldest?", t)
//	prefix := tok.Append([]int32{marks.BOS}, before)
//	suffix := tok.Append(nil, after)
//	budget := tables.Budget{Limit: 4096, Text: len(prefix) + len(suffix), Truncate: true}
//	_, cells, err := budget.Fit(t, tables.Tokens(t, tok))
//	if err != nil {
//		return err // not even one row fits
//	}
//	r, err := tables.Read(prefix, cells, suffix, marks)
//
// # Errors
//
// What cannot be read is a [*FileError] (file, line, byte, reason, what to do). A
// table that is not a rectangle is a [*TableError], one without rows that is to be
// asked an [*EmptyError], one that the context has no room for a [*LongError], an
// option that makes no sense an [*OptionError].
//
// # Imports
//
// tokenize and internal/nearest.
package tables

// Package open reads a table from a file of any kind that Graft knows, by the ending
// of its name.
//
// # Main types
//
// [Open] gives a [tables.Table]; [NewStream] a [Stream], which goes through delimited
// text and workbooks row by row and holds other files. [Options] are those of
// packages tables and tables/excel.
//
// # Use
//
//	t, err := open.Open("people.csv", open.Options{Rows: tables.Options{MaxRows: 1000}})
//	if err != nil {
//		return err // says which line, and what to do
//	}
//	tables.WriteMarkdown(os.Stdout, t)
//
// # Endings
//
//	.csv .txt        delimited text, the delimiter found out
//	.tsv .tab        the same with tabs
//	.md .markdown    the first pipe table of a Markdown text
//	.json            an array of records
//	.jsonl .ndjson   records one after another
//	.xlsx            a sheet of a workbook
//
// All but the last may be compressed by gzip and end in .gz behind that.
//
// # Errors
//
// Files that cannot be read, those of an unknown ending among them, are
// [*tables.FileError]s; options that make no sense [*tables.OptionError]s.
//
// # Imports
//
// tables, tables/excel and internal packages.
package open

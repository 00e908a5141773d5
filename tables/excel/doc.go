// Package excel reads sheets of Excel workbooks (XLSX) as tables. It stands apart
// from package tables so that whoever has no workbooks need not build what reads
// them, excelize.
//
// # Main types
//
// [Read] gives a [tables.Table]; [Stream] a [Reader], which goes through a sheet row
// by row. [Options] choose the sheet and bound what is unpacked; what a table must be
// is for [tables.Options]. [Sheets] lists the sheets.
//
// # Use
//
//	file, err := os.Open("people.xlsx")
//	if err != nil {
//		return err
//	}
//	defer file.Close()
//	stat, err := file.Stat()
//	if err != nil {
//		return err
//	}
//	t, err := excel.Read("people.xlsx", file, stat.Size(), excel.Options{Sheet: "2024"}, tables.Options{})
//
// Package tables/open does this, and chooses by the ending of a file's name.
//
// # Cells
//
// A cell is the text that Excel would show, a date as 2024-02-29, or with
// Options.Raw the number that is stored. A formula is the value it had when the
// workbook was saved. Empty cells at the end of a row are not stored, so short rows
// are no fault; those that are blank altogether are passed over. Merged cells have
// their text in the first of them only.
//
// # Errors
//
// What cannot be read is a [*tables.FileError]; its line is the row of the sheet. An
// option that makes no sense is a [*tables.OptionError].
//
// # Imports
//
// tables, internal/nearest and github.com/xuri/excelize.
package excel

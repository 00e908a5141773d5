// Package report shows what Graft did: tables on a terminal or as JSON, the
// progress of a run, and its learning curves as a picture.
//
// # Main types
//
//   - [Table] has named columns and rows of values. [Table.Write] draws it for
//     people or, with [JSON], writes one object a row for programs; [Markdown]
//     and [CSV] are for pages and spreadsheets.
//   - [Progress] draws a bar while a run trains, or a line an epoch where the
//     output is not a terminal.
//   - [Panel] is one diagram of a picture; [WritePNG] stacks several. [Histogram]
//     is one of counts, which [WriteHistograms] draws, [Chart] one of measured values
//     with their spread, which [WriteCharts] draws.
//   - [HeatMap] is a table whose cells are coloured: [WriteHeatMap] draws it, and
//     [WriteHeatMapPage] writes a page on which its views can be chosen. [Overlay] is a
//     picture with a map over it, which [WriteOverlay] draws.
//
// # Use
//
//	t := report.Table{Columns: []report.Column{{Key: "split"}, {Key: "mae", Right: true}}}
//	t.Add("val", 0.19483)
//	t.Add("test", 0.20117)
//	if err := t.Write(os.Stdout, report.Text); err != nil {
//		return err
//	}
//
// # Errors
//
// Writing returns the error of the writer or of the file system. An unknown
// format name is answered with the nearest one. A row with a wrong number of
// values panics.
//
// # Imports
//
// train, for the epochs that curves are drawn from, and internal/nearest.
package report

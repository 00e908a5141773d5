package report

import (
	"bytes"
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"gonum.org/v1/plot"
)

// Sizes of a picture of a heat map.
const (
	heatRow      = 24 // height of a row
	heatLine     = 14 // height of a line of text
	heatMargin   = 10
	heatLeast    = 34 // width of a column
	heatMost     = 110
	heatWidest   = 940 // of all columns together, as far as heatLeast lets them
	heatRows     = 60  // rows and columns that are drawn at most
	heatColumns  = 40
	heatNarrow   = 300 // width of the picture
	heatWordsRow = 17  // height of a line of words
	heatGap      = 5   // below the header, and around the words
	heatLegend   = 26
)

// WriteHeatMap draws the first view of a heat map into a PNG file, as [WritePNG]
// does. Of a table of more than 60 rows or 40 columns the first are drawn, and a
// line says so; texts that are wider than their column are cut.
func WriteHeatMap(path string, h HeatMap) error {
	if err := h.check(); err != nil {
		return fmt.Errorf("report: heat map %q: %w", h.Title, err)
	}
	d := &heatDrawing{HeatMap: &h, view: &h.Views[0], rows: min(len(h.Cells), heatRows), columns: min(len(h.Cells[0]), heatColumns)}
	d.measure()
	img := vgimg.NewWith(vgimg.UseWH(d.width, d.height), vgimg.UseDPI(panelDPI))
	d.canvas = draw.New(img)
	d.draw()
	var b bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(&b); err != nil {
		return fmt.Errorf("report: %s: %w", path, err)
	}
	return WritePicture(path, b.Bytes())
}

// heatDrawing is a heat map on its way to a canvas.
type heatDrawing struct {
	*HeatMap
	view          *HeatView
	rows, columns int // that are drawn
	widths        []vg.Length
	lines         [][]int // words of each line
	width, height vg.Length
	canvas        draw.Canvas
	y             vg.Length // top of what is drawn next
}

// heatStyle is the style of a text.
func heatStyle(size vg.Length, ink color.Color) draw.TextStyle {
	return draw.TextStyle{Color: ink, Font: font.From(plot.DefaultFont, size), XAlign: text.XCenter, YAlign: text.YCenter, Handler: plot.DefaultTextHandler}
}

func heatFont(style draw.TextStyle) draw.TextStyle {
	style.Font.Variant = "Sans"
	return style
}

// measure chooses the widths of columns and picture, and breaks the words into lines.
func (d *heatDrawing) measure() {
	style := heatFont(heatStyle(8, color.Black))
	d.widths = make([]vg.Length, d.columns)
	total := vg.Length(0)
	for j := range d.widths {
		for _, row := range d.Cells[:d.rows] {
			d.widths[j] = max(d.widths[j], style.Width(row[j])+8)
		}
		d.widths[j] = min(max(d.widths[j], heatLeast), heatMost)
		total += d.widths[j]
	}
	if total > heatWidest { // wide columns give way first
		high := vg.Length(heatMost)
		for total > heatWidest && high > heatLeast {
			high -= 2
			total = 0
			for j := range d.widths {
				d.widths[j] = min(d.widths[j], high)
				total += d.widths[j]
			}
		}
	}
	d.width = max(total, heatNarrow) + 2*heatMargin
	at := d.width
	for k, word := range d.Words {
		w := style.Width(word) + 8
		if at+w > d.width-heatMargin {
			d.lines, at = append(d.lines, nil), heatMargin
		}
		d.lines[len(d.lines)-1] = append(d.lines[len(d.lines)-1], k)
		at += w + 2
	}
	d.height = 2*heatMargin + heatRow*vg.Length(d.rows) + heatWordsRow*vg.Length(len(d.lines)) + heatLine*vg.Length(len(d.headings())) + 3*heatGap + heatLegend
	if d.left() != "" {
		d.height += heatLine
	}
}

// headings are the lines above all else.
func (d *heatDrawing) headings() []string {
	var list []string
	for _, line := range []string{d.Title, d.Note, d.at()} {
		if line != "" {
			list = append(list, line)
		}
	}
	return list
}

// at says which view is drawn.
func (d *heatDrawing) at() string {
	var parts []string
	for k, by := range d.By {
		parts = append(parts, by+" "+d.view.At[k])
	}
	return strings.Join(parts, ", ")
}

// left says what is not drawn.
func (d *heatDrawing) left() string {
	rows, columns := len(d.Cells)-d.rows, len(d.Cells[0])-d.columns
	switch {
	case rows > 0 && columns > 0:
		return fmt.Sprintf("%s more rows and %s more columns are not shown", Count(rows), Count(columns))
	case rows > 0:
		return fmt.Sprintf("%s more rows are not shown", Count(rows))
	case columns > 0:
		return fmt.Sprintf("%s more columns are not shown", Count(columns))
	}
	return ""
}

func (d *heatDrawing) draw() {
	d.canvas.FillPolygon(color.White, rectangle(0, 0, d.width, d.height))
	d.y = d.height - heatMargin
	for k, line := range d.headings() {
		size := vg.Length(9)
		if k == 0 {
			size = 11
		}
		d.line(line, size)
	}
	d.y -= heatGap
	d.words()
	d.y -= heatGap
	for r := range d.rows {
		d.row(r)
	}
	if left := d.left(); left != "" {
		d.line(left, 8)
	}
	d.legend()
}

// line writes a line of text from the left.
func (d *heatDrawing) line(s string, size vg.Length) {
	style := heatFont(heatStyle(size, color.Gray{40}))
	style.XAlign = text.XLeft
	d.canvas.FillText(style, vg.Point{X: heatMargin, Y: d.y - heatLine/2}, cut(style, s, d.width-2*heatMargin))
	d.y -= heatLine
}

// words draws the text above the table.
func (d *heatDrawing) words() {
	for _, line := range d.lines {
		x := vg.Length(heatMargin)
		for _, k := range line {
			v := d.view.Words[k]
			style := heatFont(heatStyle(8, heatInk(v)))
			w := min(style.Width(d.Words[k])+8, d.width-2*heatMargin)
			d.canvas.FillPolygon(heatColour(v), rectangle(x, d.y-heatWordsRow+2, x+w, d.y))
			d.canvas.FillText(style, vg.Point{X: x + w/2, Y: d.y - heatWordsRow/2 + 1}, cut(style, d.Words[k], w-4))
			x += w + 2
		}
		d.y -= heatWordsRow
	}
}

// row draws a row of cells: the text of each, and below it the share in small digits. A line sets the header off.
func (d *heatDrawing) row(r int) {
	x := vg.Length(heatMargin)
	for j, width := range d.widths {
		v := d.view.Values[r][j]
		style := heatFont(heatStyle(8, heatInk(v)))
		if r == 0 {
			style.Font.Weight = 3 // bold
		}
		d.canvas.FillPolygon(heatColour(v), rectangle(x, d.y-heatRow, x+width, d.y))
		d.canvas.StrokeLines(draw.LineStyle{Color: color.White, Width: 1}, append(rectangle(x, d.y-heatRow, x+width, d.y), vg.Point{X: x, Y: d.y - heatRow}))
		d.canvas.FillText(style, vg.Point{X: x + width/2, Y: d.y - heatRow/3}, cut(style, oneLine(d.Cells[r][j]), width-6))
		d.canvas.FillText(heatFont(heatStyle(6, heatInk(v))), vg.Point{X: x + width/2, Y: d.y - heatRow*3/4}, heatValue(v))
		x += width
	}
	d.y -= heatRow
	if r == 0 {
		d.y -= heatGap
		d.canvas.StrokeLine2(draw.LineStyle{Color: color.Gray{30}, Width: 1.2}, heatMargin, d.y+heatGap/2, x, d.y+heatGap/2)
	}
}

// legend draws the scale with what its ends mean.
func (d *heatDrawing) legend() {
	const bar, steps = 120, 60
	d.y -= 14
	style := heatFont(heatStyle(8, color.Gray{40}))
	low, high := "0 "+d.Low, "1 "+d.High
	left := heatMargin + style.Width(low) + 6
	for k := range steps {
		x := left + bar*vg.Length(k)/steps
		d.canvas.FillPolygon(heatColour((float64(k)+0.5)/steps), rectangle(x, d.y-9, left+bar, d.y))
	}
	style.XAlign = text.XLeft
	d.canvas.FillText(style, vg.Point{X: heatMargin, Y: d.y - 4.5}, low)
	d.canvas.FillText(style, vg.Point{X: left + bar + 6, Y: d.y - 4.5}, high)
}

func rectangle(left, low, right, high vg.Length) []vg.Point {
	return []vg.Point{{X: left, Y: low}, {X: right, Y: low}, {X: right, Y: high}, {X: left, Y: high}}
}

// cut shortens text until it has room.
func cut(style draw.TextStyle, s string, room vg.Length) string {
	if style.Width(s) <= room {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if short := strings.TrimRight(string(runes[:n]), " ") + "…"; style.Width(short) <= room {
			return short
		}
	}
	return "…"
}

// oneLine is text without line breaks and other controls.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == ' ' }), " ")
}

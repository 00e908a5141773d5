package report

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"math"
	"unicode/utf8"

	"github.com/google/renameio/v2"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Panel is one diagram of a picture: lines over the same x.
type Panel struct {
	Title, XLabel, YLabel string
	Lines                 []Line
	LogX                  bool    // logarithmic x axis; needs positive values
	LogY                  bool    // logarithmic y axis; needs positive values, else it stays linear
	Low, High             float64 // ends of the y axis, for values that are known to stay between; both 0: what the lines need
	Mark                  float64 // x of a dashed vertical line, such as the best epoch; NaN or 0: none
	MarkLabel             string
}

// Line is one series of a panel. Points whose Y is NaN or infinite are left out.
type Line struct {
	Name   string
	Points []Point
	Dashed bool
}

// Point is one value of a line.
type Point struct{ X, Y float64 }

// palette is that of Okabe and Ito, which colour-blind readers can tell apart.
var palette = [...]color.NRGBA{
	{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
	{230, 159, 0, 255}, {86, 180, 233, 255}, {0, 0, 0, 255},
}

// Size of one panel and sharpness of the picture.
const (
	panelWidth  = 7.5 * vg.Inch
	panelHeight = 3 * vg.Inch
	panelDPI    = 120
	legendWidth = 95 // at least, right of the diagram, where no line can cross it
)

// WritePNG draws the panels below one another into a PNG file, which is written
// beside the path and then renamed, so that a reader never sees half a picture.
func WritePNG(path string, panels ...Panel) error {
	plots := make([]*plot.Plot, len(panels))
	legend := legendRoom(panels)
	for i, panel := range panels {
		p, err := panel.plot()
		if err != nil {
			return fmt.Errorf("report: panel %q: %w", panel.Title, err)
		}
		plots[i] = p
	}
	return writePlots(path, plots, legend)
}

// writePlots draws plots below one another into a PNG file, with a width for the legends beside them.
func writePlots(path string, plots []*plot.Plot, legend vg.Length) error {
	if len(plots) == 0 {
		return errors.New("report: a picture with no panels")
	}
	img := vgimg.NewWith(vgimg.UseWH(panelWidth, panelHeight*vg.Length(len(plots))), vgimg.UseDPI(panelDPI))
	rows := make([][]*plot.Plot, len(plots))
	for i, p := range plots {
		p.Legend.XOffs = legend
		rows[i] = []*plot.Plot{p}
	}
	tiles := draw.Tiles{Rows: len(plots), Cols: 1, PadTop: 6, PadBottom: 6, PadLeft: 6, PadRight: legend + 8, PadY: 12}
	for i, row := range plot.Align(rows, tiles, draw.New(img)) {
		plots[i].Draw(row[0])
	}
	var b bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(&b); err != nil {
		return fmt.Errorf("report: %s: %w", path, err)
	}
	return WritePicture(path, b.Bytes())
}

// WritePicture writes the bytes of a picture beside the path and then renames the
// file. The error says what to do.
func WritePicture(path string, picture []byte) error {
	if err := renameio.WriteFile(path, picture, 0o644); err != nil {
		return fmt.Errorf("report: picture %s cannot be written: %w; choose a folder that exists and that you may write to", path, err)
	}
	return nil
}

// legendRoom is the width that the longest name and its line need in a legend.
func legendRoom(panels []Panel) vg.Length {
	longest := 0
	for _, panel := range panels {
		longest = max(longest, utf8.RuneCountInString(panel.MarkLabel))
		for _, line := range panel.Lines {
			longest = max(longest, utf8.RuneCountInString(line.Name))
		}
	}
	return max(legendWidth, 30+4.6*vg.Length(longest)) // a letter of the legend's font is 4.6 wide on average
}

func (panel Panel) plot() (*plot.Plot, error) {
	p := newPlot(panel.Title, panel.XLabel, panel.YLabel)
	p.X.Tick.Marker = wholeTicks{}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{230}, color.Gray{230}
	p.Add(grid)

	low, high := math.Inf(1), math.Inf(-1)
	for i, line := range panel.Lines {
		xys := line.finite()
		if len(xys) == 0 {
			continue
		}
		for _, xy := range xys {
			low, high = min(low, xy.Y), max(high, xy.Y)
		}
		l, points, err := plotter.NewLinePoints(xys)
		if err != nil {
			return nil, err
		}
		l.Color, l.Width = palette[i%len(palette)], 1.5
		points.Color, points.Shape, points.Radius = l.Color, draw.CircleGlyph{}, 1.5
		if line.Dashed {
			l.Dashes = []vg.Length{5, 3}
		}
		p.Add(l)
		if len(xys) <= 60 { // more points would run into one another
			p.Add(points)
		}
		p.Legend.Add(line.Name, l)
	}
	if math.IsInf(low, 1) {
		low, high = 0, 1 // nothing to draw yet
		p.X.Min, p.X.Max = 0, 1
	}
	if panel.LogX && p.X.Min > 0 && p.X.Max > p.X.Min {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, logTicks{}
	}
	if panel.Low != panel.High {
		low, high = panel.Low, panel.High
	}
	if panel.LogY && low > 0 && high > 3*low {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
		p.Y.Min, p.Y.Max = low/1.1, high*1.1
	} else {
		pad := (high - low) * 0.05
		if pad == 0 {
			pad = max(math.Abs(low)*0.05, 1e-3)
		}
		p.Y.Min, p.Y.Max = low-pad, high+pad
	}
	if panel.Mark > 0 {
		mark, err := plotter.NewLine(plotter.XYs{{X: panel.Mark, Y: p.Y.Min}, {X: panel.Mark, Y: p.Y.Max}})
		if err != nil {
			return nil, err
		}
		mark.Color, mark.Width, mark.Dashes = color.Gray{110}, 1, []vg.Length{3, 3}
		p.Add(mark)
		if panel.MarkLabel != "" {
			p.Legend.Add(panel.MarkLabel, mark)
		}
	}
	return p, nil
}

// newPlot is an empty plot in the style of all pictures, with room for the legend.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	sans := func(f *font.Font, size vg.Length) { f.Variant, f.Size = "Sans", size }
	sans(&p.Title.TextStyle.Font, 11)
	sans(&p.Legend.TextStyle.Font, 9)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		sans(&axis.Label.TextStyle.Font, 10)
		sans(&axis.Tick.Label.Font, 9)
	}
	p.Title.Padding, p.Legend.Padding = 6, 2
	p.Legend.Top = true
	return p
}

func (l Line) finite() plotter.XYs {
	var xys plotter.XYs
	for _, p := range l.Points {
		if !math.IsNaN(p.Y) && !math.IsInf(p.Y, 0) {
			xys = append(xys, plotter.XY{X: p.X, Y: p.Y})
		}
	}
	return xys
}

// logTicks marks 1, 2, 3 and 5 of every decade with plain numbers: the ticks of
// gonum label powers of ten only, and a loss seldom spans two of them. Of many
// decades it marks 1 and 3, or 1.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(low, high float64) []plot.Tick {
	marks := []float64{1, 2, 3, 5}
	switch decades := math.Log10(high / low); {
	case decades > 5:
		marks = marks[:1]
	case decades > 2.2:
		marks = []float64{1, 3}
	}
	var ticks []plot.Tick
	for decade := math.Floor(math.Log10(low)); decade <= math.Ceil(math.Log10(high)); decade++ {
		for _, m := range marks {
			if v := m * math.Pow(10, decade); v >= low && v <= high {
				ticks = append(ticks, plot.Tick{Value: v, Label: Number(v)})
			}
		}
	}
	return ticks
}

// wholeTicks marks whole numbers, ten at most: half an epoch means nothing.
type wholeTicks struct{}

// Ticks implements plot.Ticker.
func (wholeTicks) Ticks(low, high float64) []plot.Tick {
	step := 1.0
	for factors := []float64{2, 2.5, 2}; (high-low)/step > 10; factors = append(factors[1:], factors[0]) {
		step *= factors[0]
	}
	var ticks []plot.Tick
	for v := math.Ceil(low/step) * step; v <= high; v += step {
		ticks = append(ticks, plot.Tick{Value: v, Label: Number(v)})
	}
	return ticks
}

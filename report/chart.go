package report

import (
	"fmt"
	"image/color"
	"math"
	"unicode/utf8"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Chart is a diagram of measured values: a bar each, from 0, with its spread as a line
// and, where there is one, the value of others as a mark.
type Chart struct {
	Title, YLabel string
	Bars          []Bar
	// BarName and MarkName explain both in the legend, which there is where a bar has a mark.
	BarName, MarkName string
}

// Bar is a value of a chart.
type Bar struct {
	Name  string  // below it
	Label string  // above it; empty: the number
	Value float64 // NaN: no bar
	// Spread reaches to both sides of the value; 0: none.
	Spread float64
	// Mark is the value of others; 0 or NaN: none. MarkSpread reaches to both sides of it.
	Mark, MarkSpread float64
}

// WriteCharts draws charts below one another into a PNG file, as [WritePNG] does.
func WriteCharts(path string, charts ...Chart) error {
	plots := make([]*plot.Plot, len(charts))
	legend := vg.Length(0)
	for i, c := range charts {
		p, err := c.plot()
		if err != nil {
			return fmt.Errorf("report: chart %q: %w", c.Title, err)
		}
		plots[i] = p
		if c.marked() {
			legend = max(legend, legendRoom([]Panel{{Lines: []Line{{Name: c.BarName}, {Name: c.MarkName}}}}))
		}
	}
	return writePlots(path, plots, legend)
}

// marked tells whether a bar has a mark.
func (c Chart) marked() bool {
	for _, b := range c.Bars {
		if b.hasMark() {
			return true
		}
	}
	return false
}

func (b Bar) hasMark() bool { return b.Mark != 0 && !math.IsNaN(b.Mark) }

// Widths in parts of the distance between two bars.
const (
	chartBar  = 0.62
	chartMark = 0.2 // right of the middle, clear of the line of the spread
)

// crowded is how many characters of names stand side by side at most; more are turned.
const crowded = 62

func (c Chart) plot() (*plot.Plot, error) {
	p := newPlot(c.Title, "", c.YLabel)
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = nil, color.Gray{230}
	p.Add(grid)
	for _, b := range c.Bars {
		if math.IsInf(b.Value, 0) || math.IsInf(b.Mark, 0) || !(b.Spread >= 0) || !(b.MarkSpread >= 0) || math.IsInf(b.Spread, 0) || math.IsInf(b.MarkSpread, 0) {
			return nil, fmt.Errorf("bar %q: value %v ± %v, mark %v ± %v", b.Name, b.Value, b.Spread, b.Mark, b.MarkSpread)
		}
	}
	p.Add(columns(c.Bars))
	p.X.Tick.Marker = allNames(c.Bars)
	p.X.Tick.LineStyle.Width = 0
	p.Y.Tick.Marker = numberTicks{}
	if c.turned() {
		p.X.Tick.Label.Rotation = math.Pi / 7
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XRight, text.YTop
	}
	if c.marked() {
		p.Legend.Add(c.BarName, swatch{palette[0]})
		p.Legend.Add(c.MarkName, diamond{})
	}
	if low, high := p.Y.Min, p.Y.Max; !(high > low) { // no bars at all
		p.Y.Min, p.Y.Max = 0, 1
	} else if pad := (high - low) * 0.08; low < 0 { // room for the numbers
		p.Y.Min, p.Y.Max = low-pad, high+pad
	} else {
		p.Y.Max = high + pad
	}
	return p, nil
}

// turned tells whether the names need more room than there is side by side.
func (c Chart) turned() bool {
	longest := 0
	for _, b := range c.Bars {
		longest = max(longest, utf8.RuneCountInString(b.Name)+2)
	}
	return longest*len(c.Bars) > crowded
}

// allNames marks the middle of each bar with its name.
type allNames []Bar

// Ticks implements plot.Ticker.
func (n allNames) Ticks(_, _ float64) []plot.Tick {
	ticks := make([]plot.Tick, len(n))
	for i, b := range n {
		ticks[i] = plot.Tick{Value: float64(i), Label: b.Name}
	}
	return ticks
}

// columns draws the bars.
type columns []Bar

var (
	_ plot.Plotter    = columns(nil)
	_ plot.DataRanger = columns(nil)
)

// DataRange implements plot.DataRanger.
func (bars columns) DataRange() (xmin, xmax, ymin, ymax float64) {
	for _, b := range bars {
		if !math.IsNaN(b.Value) {
			ymin, ymax = min(ymin, b.Value-b.Spread), max(ymax, b.Value+b.Spread)
		}
		if b.hasMark() {
			ymin, ymax = min(ymin, b.Mark-b.MarkSpread), max(ymax, b.Mark+b.MarkSpread)
		}
	}
	room := max(0, fewestBars/2-float64(len(bars))) / 2 // a single bar is no wall
	if !bars.below() {
		ymin = 0 // where a spread alone would reach below
	}
	return -0.6 - room, float64(max(len(bars), 1)) - 0.4 + room, ymin, ymax
}

// below tells whether a value is negative.
func (bars columns) below() bool {
	for _, b := range bars {
		if b.Value < 0 || b.Mark < 0 {
			return true
		}
	}
	return false
}

// Plot implements plot.Plotter.
func (bars columns) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	step := x(1) - x(0)
	half := min(step*chartBar/2, 40)
	for i, b := range bars {
		middle := x(float64(i))
		if !math.IsNaN(b.Value) {
			low, high := y(0), y(b.Value)
			c.FillPolygon(palette[0], []vg.Point{{X: middle - half, Y: low}, {X: middle + half, Y: low}, {X: middle + half, Y: high}, {X: middle - half, Y: high}})
			stem(c, middle, y(max(b.Value-b.Spread, p.Y.Min)), y(b.Value+b.Spread), b.Spread, color.Gray{40})
		}
		top := y(0)
		if v := b.Value + b.Spread; v > 0 {
			top = y(v)
		}
		if b.hasMark() {
			at := middle + half*2*chartMark
			stem(c, at, y(max(b.Mark-b.MarkSpread, p.Y.Min)), y(b.Mark+b.MarkSpread), b.MarkSpread, palette[1])
			c.DrawGlyph(markStyle, vg.Point{X: at, Y: y(b.Mark)})
			if low, high := y(b.Mark-b.MarkSpread)-markStyle.Radius, y(b.Mark+b.MarkSpread)+markStyle.Radius; low < top+12 && high > top {
				top = high // else the number would lie on the mark
			}
		}
		label := b.Label
		if label == "" && !math.IsNaN(b.Value) {
			label = Number(b.Value)
		}
		style := p.Y.Tick.Label
		style.Font.Size, style.XAlign, style.YAlign = 8, text.XCenter, text.YBottom
		c.FillText(style, vg.Point{X: middle, Y: top + 3}, label)
	}
}

// markStyle is that of marks.
var markStyle = draw.GlyphStyle{Color: palette[1], Radius: 4, Shape: diamond{}}

// stem draws a spread as an upright line with ends.
func stem(c draw.Canvas, x, low, high vg.Length, spread float64, ink color.Color) {
	if spread == 0 {
		return
	}
	line := draw.LineStyle{Color: ink, Width: 1.2}
	c.StrokeLine2(line, x, low, x, high)
	c.StrokeLine2(line, x-4, low, x+4, low)
	c.StrokeLine2(line, x-4, high, x+4, high)
}

// diamond is the shape of marks.
type diamond struct{}

var (
	_ draw.GlyphDrawer = diamond{}
	_ plot.Thumbnailer = diamond{}
)

// DrawGlyph implements draw.GlyphDrawer.
func (diamond) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	r := style.Radius
	c.FillPolygon(style.Color, []vg.Point{{X: at.X - r, Y: at.Y}, {X: at.X, Y: at.Y - r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y + r}})
}

// Thumbnail implements plot.Thumbnailer.
func (d diamond) Thumbnail(c *draw.Canvas) {
	d.DrawGlyph(c, markStyle, vg.Point{X: (c.Min.X + c.Max.X) / 2, Y: (c.Min.Y + c.Max.Y) / 2})
}

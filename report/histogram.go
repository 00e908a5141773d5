package report

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Histogram is a diagram of counts: bars side by side, one or more series stacked
// on one another.
type Histogram struct {
	Title, XLabel, YLabel string
	// Low is where the first bar begins, Width how broad each is. 0 for Width is 1.
	Low, Width float64
	// Labels name the bars where these are categories; else the axis has numbers.
	Labels []string
	Series []Series
	Notes  string // beside the legend, such as how many values are missing
}

// Series is the counts of all bars of one kind, such as a split.
type Series struct {
	Name   string
	Counts []int // [bars]
}

// WriteHistograms draws histograms below one another into a PNG file, as
// [WritePNG] does.
func WriteHistograms(path string, histograms ...Histogram) error {
	plots := make([]*plot.Plot, len(histograms))
	for i, h := range histograms {
		p, err := h.plot()
		if err != nil {
			return fmt.Errorf("report: histogram %q: %w", h.Title, err)
		}
		plots[i] = p
	}
	return writePlots(path, plots, legendWidth)
}

func (h Histogram) plot() (*plot.Plot, error) {
	p := newPlot(h.Title, h.XLabel, h.YLabel)
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = nil, color.Gray{230}
	p.Add(grid)
	b := &bars{Histogram: h}
	if b.Width == 0 {
		b.Width = 1
	}
	for _, s := range h.Series {
		for k, n := range s.Counts {
			for len(b.tops) <= k {
				b.tops = append(b.tops, 0)
			}
			if n < 0 {
				return nil, fmt.Errorf("series %q, bar %d: a count of %d", s.Name, k, n)
			}
			b.tops[k] += float64(n)
		}
	}
	p.Add(b)
	if len(h.Series) > 1 {
		for k, s := range h.Series {
			p.Legend.Add(s.Name, swatch{palette[k%len(palette)]})
		}
	}
	if h.Notes != "" {
		p.Legend.Add(h.Notes)
	}
	p.Y.Min = 0
	p.Y.Max = max(1, p.Y.Max*1.05)
	p.Y.Tick.Marker = countTicks{}
	p.X.Tick.Marker = numberTicks{}
	if len(h.Labels) > 0 {
		p.X.Tick.Marker = categories{b.Low + b.Width/2, b.Width, h.Labels}
	} else if lack := fewestBars - float64(len(b.tops)); lack > 0 { // a single bar is no wall
		p.X.Min -= lack / 2 * b.Width
		p.X.Max += lack / 2 * b.Width
	}
	if math.IsInf(p.X.Min, 0) || p.X.Min == p.X.Max { // no bars at all
		p.X.Min, p.X.Max = 0, 1
	}
	return p, nil
}

// fewestBars is for how many there is room at least.
const fewestBars = 9

// bars draws the rectangles.
type bars struct {
	Histogram
	tops []float64 // of each bar, all series on one another
}

var (
	_ plot.Plotter    = (*bars)(nil)
	_ plot.DataRanger = (*bars)(nil)
)

// Plot implements plot.Plotter.
func (b *bars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	base := make([]float64, len(b.tops))
	for s, series := range b.Series {
		for k, n := range series.Counts {
			if n == 0 {
				continue
			}
			left, right := x(b.Low+float64(k)*b.Width), x(b.Low+float64(k+1)*b.Width)
			if gap := (right - left) * 0.06; right-left > 3 {
				left, right = left+gap, right-gap
			}
			low, high := y(base[k]), y(base[k]+float64(n))
			c.FillPolygon(palette[s%len(palette)], []vg.Point{{X: left, Y: low}, {X: right, Y: low}, {X: right, Y: high}, {X: left, Y: high}})
			base[k] += float64(n)
		}
	}
}

// DataRange implements plot.DataRanger.
func (b *bars) DataRange() (xmin, xmax, ymin, ymax float64) {
	for _, top := range b.tops {
		ymax = max(ymax, top)
	}
	return b.Low, b.Low + b.Width*float64(max(len(b.tops), len(b.Labels))), 0, ymax
}

// swatch is the colour of a series in the legend.
type swatch struct{ ink color.Color }

// Thumbnail implements plot.Thumbnailer.
func (s swatch) Thumbnail(c *draw.Canvas) {
	c.FillPolygon(s.ink, []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}})
}

// categories marks the middle of each bar with its name, or of every so many.
type categories struct {
	first, step float64
	names       []string
}

// mostNames is how many characters stand along an axis.
const mostNames = 70

// Ticks implements plot.Ticker.
func (t categories) Ticks(low, high float64) []plot.Tick {
	longest := 1
	for _, n := range t.names {
		longest = max(longest, len(n)+1)
	}
	every := max(1, (len(t.names)*longest+mostNames-1)/mostNames)
	var ticks []plot.Tick
	for k, name := range t.names {
		v := t.first + float64(k)*t.step
		if k%every == 0 && v >= low && v <= high {
			ticks = append(ticks, plot.Tick{Value: v, Label: name})
		}
	}
	return ticks
}

// numberTicks marks numbers as all of this package writes them.
type numberTicks struct{}

// Ticks implements plot.Ticker.
func (numberTicks) Ticks(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for k, t := range ticks {
		if t.Label != "" {
			ticks[k].Label = Number(math.Round(t.Value*1e9) / 1e9)
		}
	}
	return ticks
}

// countTicks marks whole numbers, with commas between thousands.
type countTicks struct{}

// Ticks implements plot.Ticker.
func (countTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for _, t := range (wholeTicks{}).Ticks(low, high) {
		t.Label = Count(int(math.Round(t.Value)))
		ticks = append(ticks, t)
	}
	return ticks
}

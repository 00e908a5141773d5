package report

import (
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteCharts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.png")
	many := make([]Bar, 9)
	for i := range many {
		many[i] = Bar{Name: "transformer+rwse", Value: 80 + float64(i), Spread: float64(i) / 3, Mark: 85, MarkSpread: 0.5}
	}
	err := WriteCharts(path,
		Chart{Title: "zinc", YLabel: "mae", BarName: "measured", MarkName: "published", Bars: []Bar{
			{Name: "grit", Value: 0.103, Spread: 0.002, Mark: 0.059, MarkSpread: 0.002}, {Name: "gps", Value: 0.12, Mark: 0.07}, {Name: "gin", Value: math.NaN(), Mark: 0.526, MarkSpread: 0.05},
		}},
		Chart{Title: "pattern", YLabel: "accuracy, %", BarName: "measured", MarkName: "published", Bars: many},
		Chart{Title: "one", Bars: []Bar{{Name: "a", Label: "much", Value: 3, Spread: 4}}},
		Chart{Title: "below", Bars: []Bar{{Name: "a", Value: -3, Spread: 1}, {Name: "b", Value: 2}}},
		Chart{Title: "nothing"},
	)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds(); got.Dx() != 900 || got.Dy() != 5*360 {
		t.Errorf("the picture has %v dots", got)
	}
	inks := map[[3]uint32]bool{}
	for y := range 360 {
		for x := range 900 {
			r, g, b, _ := img.At(x, y).RGBA()
			inks[[3]uint32{r >> 8, g >> 8, b >> 8}] = true
		}
	}
	for _, c := range palette[:2] {
		if !inks[[3]uint32{uint32(c.R), uint32(c.G), uint32(c.B)}] {
			t.Errorf("nothing is drawn in %v", c)
		}
	}
}

func TestChartMistakes(t *testing.T) {
	if err := WriteCharts("x.png"); err == nil {
		t.Error("a picture of nothing is written")
	}
	for _, b := range []Bar{{Name: "a", Value: math.Inf(1)}, {Name: "a", Spread: -1}, {Name: "a", Spread: math.NaN()}, {Name: "a", Mark: math.Inf(-1)}} {
		if err := WriteCharts("x.png", Chart{Title: "x", Bars: []Bar{b}}); err == nil || !strings.HasPrefix(err.Error(), `report: chart "x": bar "a": value `) {
			t.Errorf("%+v: %v", b, err)
		}
	}
}

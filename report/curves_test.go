package report

import (
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func decay(n int, from, rate float64) []Point {
	points := make([]Point, n)
	for i := range points {
		points[i] = Point{float64(i + 1), from * math.Exp(-rate*float64(i))}
	}
	return points
}

func TestWritePNG(t *testing.T) {
	path := filepath.Join(t.TempDir(), "curves.png")
	holes := decay(20, 2, 0.2)
	holes[3].Y, holes[7].Y = math.NaN(), math.Inf(1)
	rise := decay(20, 1, 0.3)
	for i := range rise {
		rise[i].Y = 1 - rise[i].Y
	}
	panels := []Panel{
		{Title: "loss", XLabel: "epoch", YLabel: "loss", LogY: true, Mark: 12, MarkLabel: "best epoch",
			Lines: []Line{{Name: "train", Points: decay(20, 2.3, 0.3)}, {Name: "val", Points: holes, Dashed: true}}},
		{Title: "one point", Lines: []Line{{Name: "train", Points: []Point{{1, 0.5}}}}},
		{Title: "accuracy", XLabel: "epoch", YLabel: "accuracy", Lines: []Line{{Name: "train", Points: rise}, {Name: "val", Points: rise[:15]}}},
		{Title: "no point", Lines: []Line{{Name: "train"}}},
		{Title: "not positive", LogY: true, Lines: []Line{{Name: "a", Points: []Point{{1, -1}, {2, 4}}}}},
	}
	if err := WritePNG(path, panels...); err != nil {
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
	// 7.5 x 5*3 inches at 120 points an inch.
	if b := img.Bounds(); b.Dx() != 900 || b.Dy() != 1800 {
		t.Errorf("picture of %v, want 900x1800", b)
	}
}

func TestFixedAxis(t *testing.T) {
	lines := []Line{{Name: "a", Points: []Point{{1, 40}, {2, 60}}}}
	for _, c := range []struct{ low, high, least, most float64 }{{0, 100, -5, 105}, {0, 0, 39, 61}} {
		p, err := Panel{Lines: lines, Low: c.low, High: c.high}.plot()
		if err != nil || p.Y.Min != c.least || p.Y.Max != c.most {
			t.Errorf("axis from %v to %v, %v, want %v to %v", p.Y.Min, p.Y.Max, err, c.least, c.most)
		}
	}
}

func TestLegendRoom(t *testing.T) {
	short := Panel{MarkLabel: "best epoch", Lines: []Line{{Name: "train"}}}
	long := Panel{Lines: []Line{{Name: "ein Name von dreißig Buchstaben"}}}
	if got := legendRoom([]Panel{short}); got != legendWidth {
		t.Errorf("room for short names is %v", got)
	}
	if got, want := legendRoom([]Panel{short, long}), 30+31*vg.Length(4.6); math.Abs(float64(got-want)) > 1e-9 {
		t.Errorf("room for a long name is %v, want %v", got, want)
	}
}

func TestWritePNGErrors(t *testing.T) {
	if err := WritePNG("x.png"); err == nil || !strings.Contains(err.Error(), "no panels") {
		t.Errorf("no panels: %v", err)
	}
	if err := WritePNG(filepath.Join(t.TempDir(), "no", "x.png"), Panel{}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("no folder: %v", err)
	}
}

func TestTicks(t *testing.T) {
	for _, test := range []struct {
		ticker    plot.Ticker
		low, high float64
		want      string
	}{
		{logTicks{}, 0.03, 2.4, "0.03 0.05 0.1 0.2 0.3 0.5 1 2"},
		{logTicks{}, 0.002, 4, "0.003 0.01 0.03 0.1 0.3 1 3"},
		{logTicks{}, 0.001, 200, "0.001 0.01 0.1 1 10 100"},
		{wholeTicks{}, 1, 4, "1 2 3 4"},
		{wholeTicks{}, 1, 25, "5 10 15 20 25"},
		{wholeTicks{}, 0, 2000, "0 200 400 600 800 1000 1200 1400 1600 1800 2000"},
		{wholeTicks{}, 7, 7, "7"},
	} {
		var labels []string
		for _, tick := range test.ticker.Ticks(test.low, test.high) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != test.want {
			t.Errorf("%T from %v to %v: got %s, want %s", test.ticker, test.low, test.high, got, test.want)
		}
	}
}

// TestLogAxes sees that an axis is logarithmic where it can be.
func TestLogAxes(t *testing.T) {
	for _, test := range []struct {
		x0, x1 float64
		want   bool
	}{{1, 100, true}, {0, 100, false}, {5, 5, false}} {
		p, err := Panel{LogX: true, Lines: []Line{{Points: []Point{{test.x0, 1}, {test.x1, 2}}}}}.plot()
		if err != nil {
			t.Fatal(err)
		}
		if _, got := p.X.Scale.(plot.LogScale); got != test.want {
			t.Errorf("x from %v to %v: logarithmic is %v, want %v", test.x0, test.x1, got, test.want)
		}
	}
}

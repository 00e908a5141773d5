package report

import (
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// heatTable is a heat map with two views by layer and head: the second has the opposite shares.
func heatTable(rows, columns int) HeatMap {
	h := HeatMap{Title: "Which order the router takes", Note: "people.csv", Low: "row order", High: "column order", By: []string{"layer", "head"},
		Words: strings.Fields("who was born in the year of the first games ?")}
	one, other := HeatView{At: []string{"mean", "mean"}}, HeatView{At: []string{"0", "1"}}
	names := []string{"oslo", "Switzerland", "52", "Saint Vincent and the Grenadines", "1,204.5", "x"}
	for r := range rows {
		var cells []string
		var values, opposite []float64
		for c := range columns {
			cells = append(cells, names[(r*columns+c*c)%len(names)])
			v := math.Mod(float64(r*7+c*3)/41, 1)
			values, opposite = append(values, v), append(opposite, 1-v)
		}
		if r == 0 {
			for c := range cells {
				cells[c] = fmt.Sprint("name ", c)
			}
		}
		h.Cells = append(h.Cells, cells)
		one.Values, other.Values = append(one.Values, values), append(other.Values, opposite)
	}
	for k := range h.Words {
		v := float64(k) / float64(len(h.Words)-1)
		one.Words, other.Words = append(one.Words, v), append(other.Words, 1-v)
	}
	h.Views = []HeatView{one, other}
	return h
}

// TestHeatMapPicture draws tables of all sizes and looks at the colours of the outer cells.
func TestHeatMapPicture(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {5, 4}, {13, 16}, {80, 50}} {
		h := heatTable(size[0], size[1])
		path := filepath.Join(t.TempDir(), "map.png")
		if err := WriteHeatMap(path, h); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		picture, err := png.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		b := picture.Bounds()
		if b.Dx() < 400 || b.Dx() > 2800 || b.Dy() > 3200 {
			t.Errorf("%v: a picture of %v", size, b)
		}
		seen := map[[3]uint32]bool{}
		for x := b.Min.X; x < b.Max.X; x += 4 {
			for y := b.Min.Y; y < b.Max.Y; y += 4 {
				r, g, bl, _ := picture.At(x, y).RGBA()
				seen[[3]uint32{r >> 8, g >> 8, bl >> 8}] = true
			}
		}
		for r := range min(size[0], 60) {
			for c := range min(size[1], 40) {
				if want := heatColour(h.Views[0].Values[r][c]); !seen[[3]uint32{uint32(want.R), uint32(want.G), uint32(want.B)}] {
					t.Fatalf("%v: no pixel has the colour %v of row %d, column %d", size, want, r, c)
				}
			}
		}
		if folder := os.Getenv("GRAFT_LOOK"); folder != "" {
			if err := WriteHeatMap(filepath.Join(folder, fmt.Sprintf("heat-%dx%d.png", size[0], size[1])), h); err != nil {
				t.Fatal(err)
			}
			if err := WriteHeatMapPage(filepath.Join(folder, fmt.Sprintf("heat-%dx%d.html", size[0], size[1])), h); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestHeatMapPage: the page holds all cells and views, text that looks like markup does no harm, and nothing is fetched.
func TestHeatMapPage(t *testing.T) {
	h := heatTable(3, 2)
	h.Cells[1][0], h.Words[0] = `</td><script>alert(1)</script>`, `"<b>`
	h.Views[0].Values[2][1] = math.NaN()
	path := filepath.Join(t.TempDir(), "map.html")
	if err := WriteHeatMapPage(path, h); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, want := range []string{
		"&lt;/td&gt;&lt;script&gt;alert(1)", "<option>mean</option><option>0</option>", "<th class=\"share\" style=\"background:#2166ac;color:#ffffff\">name 0<small>0.00</small>",
		`views = [["mean","mean"],["0","1"]]`, "ends = [[33,102,172],[247,247,247],[200,84,10]]", ",-1],[", "row order", "column order",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"http", "src=", "<script>alert", "ZgotmplZ", "<b>"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
}

// TestHeatMapRefuses: what does not fit together is told.
func TestHeatMapRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(h *HeatMap)
		want   string
	}{
		"no views":    {func(h *HeatMap) { h.Views = nil }, "no view"},
		"no cells":    {func(h *HeatMap) { h.Cells = nil }, "no cells"},
		"ragged":      {func(h *HeatMap) { h.Cells[1] = h.Cells[1][:1] }, "row 1 has 1 cells"},
		"few values":  {func(h *HeatMap) { h.Views[1].Values[2] = nil }, "view 1, row 2: 0 values for 2 cells"},
		"few rows":    {func(h *HeatMap) { h.Views[0].Values = h.Views[0].Values[:2] }, "view 0 has values of 2 rows"},
		"few words":   {func(h *HeatMap) { h.Words = h.Words[:3] }, "for 3 rows and 3 words"},
		"large":       {func(h *HeatMap) { h.Views[0].Values[0][1] = 1.5 }, "the share 1.5"},
		"large words": {func(h *HeatMap) { h.Views[0].Words[1] = -1 }, "the share -1 of a word"},
	} {
		h := heatTable(3, 2)
		c.change(&h)
		for _, write := range []func(string, HeatMap) error{WriteHeatMap, WriteHeatMapPage} {
			if err := write(filepath.Join(t.TempDir(), "map"), h); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
		}
	}
	for _, write := range []func(string, HeatMap) error{WriteHeatMap, WriteHeatMapPage} {
		if err := write(filepath.Join(t.TempDir(), "no", "map"), heatTable(2, 2)); err == nil || !strings.Contains(err.Error(), "choose a folder that exists") {
			t.Errorf("a folder that is not there: %v", err)
		}
	}
}

// TestHeatInk: text stands out from every share.
func TestHeatInk(t *testing.T) {
	light := func(r, g, b uint8) float64 { return 0.299*float64(r) + 0.587*float64(g) + 0.114*float64(b) }
	for k := range 101 {
		v := float64(k) / 100
		back, ink := heatColour(v), heatInk(v)
		if d := math.Abs(light(back.R, back.G, back.B) - light(ink.R, ink.G, ink.B)); d < 110 {
			t.Errorf("at %v the text differs by %v only", v, d)
		}
	}
}

package report

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteHistograms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.png")
	err := WriteHistograms(path,
		Histogram{Title: "sizes", XLabel: "nodes", YLabel: "graphs", Low: 8.5, Series: []Series{{"train", []int{1, 0, 12_345}}, {"test", []int{3}}}},
		Histogram{Title: "classes", Labels: []string{"a", "b"}, Series: []Series{{"all", []int{0, 5}}}, Notes: "3 missing"},
		Histogram{Title: "nothing"},
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
	if got := img.Bounds(); got.Dx() != 900 || got.Dy() != 1080 {
		t.Errorf("the picture has %v dots", got)
	}
	// The tall bar is there, in the colour of the first series.
	found := false
	for y := range img.Bounds().Dy() / 3 {
		for x := range img.Bounds().Dx() {
			r, g, b, _ := img.At(x, y).RGBA()
			found = found || r>>8 == uint32(palette[0].R) && g>>8 == uint32(palette[0].G) && b>>8 == uint32(palette[0].B)
		}
	}
	if !found {
		t.Error("no bar is drawn")
	}
}

func TestHistogramMistakes(t *testing.T) {
	if err := WriteHistograms("x.png"); err == nil {
		t.Error("a picture of nothing is written")
	}
	err := WriteHistograms(filepath.Join(t.TempDir(), "no", "h.png"), Histogram{Title: "x", Series: []Series{{"a", []int{1}}}})
	if err == nil || !strings.Contains(err.Error(), "h.png cannot be written: ") || !strings.Contains(err.Error(), "choose a folder that exists") {
		t.Error(err)
	}
	err = WriteHistograms("x.png", Histogram{Title: "x", Series: []Series{{"a", []int{-1}}}})
	if err == nil || err.Error() != `report: histogram "x": series "a", bar 0: a count of -1` {
		t.Error(err)
	}
}

func TestCategoriesThinOut(t *testing.T) {
	names := make([]string, 200)
	for k := range names {
		names[k] = "class"
	}
	if got := len(categories{0.5, 1, names}.Ticks(0, 200)); got < 5 || got > 14 {
		t.Errorf("%d of 200 names along an axis", got)
	}
	if got := (countTicks{}).Ticks(0, 12_000); got[len(got)-1].Label != "12,000" {
		t.Errorf("%v", got)
	}
}

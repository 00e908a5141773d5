package report

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOverlay(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	m.SetNRGBA(1, 0, color.NRGBA{200, 0, 0, 255})
	path := filepath.Join(t.TempDir(), "o.png")
	if err := WriteOverlay(path, Overlay{m, []float32{0.1, 0.1, 0.1, 0.1, 0.1, 0.5}}); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := png.Decode(f)
	if err != nil || got.Bounds() != image.Rect(0, 0, 3+overlayGap+3, 2) {
		t.Fatalf("%v, %v", got, err)
	}
	for _, want := range []struct {
		x, y int
		c    color.RGBA
	}{
		{1, 0, color.RGBA{200, 0, 0, 255}}, {4 + overlayGap, 0, color.RGBA{60, 60, 60, 255}}, {3 + overlayGap, 1, color.RGBA{255, 255, 255, 255}},
		{5 + overlayGap, 1, covered(color.RGBA{255, 255, 255, 255}, overlayCover)},
	} {
		if c := color.RGBAModel.Convert(got.At(want.x, want.y)); c != want.c {
			t.Errorf("%d, %d: %v, want %v", want.x, want.y, c, want.c)
		}
	}
	if c := covered(color.RGBA{0, 0, 0, 255}, 1); c != (color.RGBA{200, 84, 10, 255}) {
		t.Errorf("all covered: %v", c)
	}
	for text, o := range map[string]Overlay{
		"a map of 1 values for a picture of 2 by 3 pixels": {m, []float32{1}},
		"value 1 of the map is NaN":                        {m, []float32{0, float32(math.NaN()), 0, 0, 0, 0}},
	} {
		if err := WriteOverlay(path, o); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v, want %s", err, text)
		}
	}
	if err := WriteOverlay(filepath.Join(path, "x.png"), Overlay{m, make([]float32, 6)}); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("below a file: %v", err)
	}
}

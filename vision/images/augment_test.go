package images

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// ramp is an image whose numbers all differ.
func ramp(height, width int) *Image {
	m := New(height, width, 1)
	for i := range m.Bytes {
		m.Bytes[i] = uint8(i)
	}
	return m
}

func TestAugmentationNone(t *testing.T) {
	m := noise(1, 6, 7, 3)
	for item := range 20 {
		if (Augmentation{}).Apply(m, Key{Item: item}) != m {
			t.Fatal("the zero value changes an image")
		}
	}
	if f := m.Float(); (Erase{}).Apply(f, Key{}) != f {
		t.Error("the zero value erases")
	}
}

// TestAugmentationKey changes an image in the same way for the same key only.
func TestAugmentationKey(t *testing.T) {
	m := noise(2, 12, 12, 3)
	kept := m.Clone()
	for name, a := range map[string]Augmentation{
		"crop":        {Crop: Crop{Padding: 4, Border: Reflect}},
		"flip":        {Flip: 0.5},
		"jitter":      {Jitter: Jitter{0.4, 0.4, 0.4}},
		"randAugment": {RandAugment: RandAugment{Operations: 2, Magnitude: 9}},
	} {
		distinct := map[string]bool{}
		for epoch := range 4 {
			for item := range 10 {
				k := Key{Seed: 5, Epoch: epoch, Item: item}
				got := a.Apply(m, k)
				if again := a.Apply(m, k); !equal(got, again) {
					t.Errorf("%s: two results of one key", name)
				}
				if got.Height != 12 || got.Width != 12 || got.Channels != 3 || got.Check() != nil {
					t.Errorf("%s: %d, %d, %d, %v", name, got.Height, got.Width, got.Channels, got.Check())
				}
				distinct[string(got.Bytes)] = true
			}
		}
		if least := map[bool]int{true: 2, false: 15}[name == "flip"]; len(distinct) < least {
			t.Errorf("%s: %d results of 40 keys", name, len(distinct))
		}
	}
	if !equal(m, kept) {
		t.Error("the image itself was changed")
	}
}

// TestStreamsApart switches one operation on and looks whether another draws the same.
func TestStreamsApart(t *testing.T) {
	m := ramp(9, 9)
	for item := range 50 {
		k := Key{Seed: 1, Item: item}
		cropped := Augmentation{Crop: Crop{Padding: 2}}.Apply(m, k)
		both := Augmentation{Crop: Crop{Padding: 2}, Flip: 0.5}.Apply(m, k)
		if !equal(both, cropped) && !equal(both, cropped.Flip()) {
			t.Fatalf("item %d: flipping changes the crop", item)
		}
	}
}

// TestCropUniform counts where crops come from.
func TestCropUniform(t *testing.T) {
	m := ramp(8, 8)
	const n, padding = 5000, 1
	counts := map[[2]int]int{}
	for item := range n {
		got := Augmentation{Crop: Crop{Padding: padding}}.Apply(m, Key{Seed: 3, Item: item})
		at := int(got.Bytes[4*8+4]) // the middle is never black
		counts[[2]int{at/8 - 4, at%8 - 4}]++
	}
	for row := -padding; row <= padding; row++ {
		for column := -padding; column <= padding; column++ {
			if got, want := counts[[2]int{row, column}], n/9; math.Abs(float64(got-want)) > 5*math.Sqrt(float64(want)) {
				t.Errorf("%d crops by (%d, %d), expected about %d", got, row, column, want)
			}
		}
	}
	if len(counts) != 9 {
		t.Errorf("%d places", len(counts))
	}
}

func TestFlipMean(t *testing.T) {
	m := ramp(2, 2)
	for _, p := range []float64{0.1, 0.5, 1} {
		flips := 0
		for item := range 4000 {
			if got := (Augmentation{Flip: p}).Apply(m, Key{Seed: 9, Epoch: 2, Item: item}); got.Bytes[0] == 1 {
				flips++
			}
		}
		if got := float64(flips) / 4000; math.Abs(got-p) > 5*math.Sqrt(p*(1-p)/4000) {
			t.Errorf("%v of the images are flipped, expected %v", got, p)
		}
	}
}

func TestErase(t *testing.T) {
	const side = 40
	m := NewFloat(side, side, 3)
	for i := range m.Floats {
		m.Floats[i] = 1000
	}
	for _, fill := range []EraseFill{FillMean, FillColour, FillNoise} {
		e := Erase{Probability: 0.5, Fill: fill}
		erasedImages, distinct := 0, map[float32]bool{}
		sum, squares, n := 0.0, 0.0, 0.0
		for item := range 400 {
			got := e.Apply(m, Key{Seed: 8, Item: item})
			if !equal(got, e.Apply(m, Key{Seed: 8, Item: item})) {
				t.Fatal("two results of one key")
			}
			if got == m {
				continue
			}
			erasedImages++
			box := erasedBox(t, got)
			area, aspect := float64(box.height*box.width)/(side*side), float64(box.height)/float64(box.width)
			if area < 0.015 || area > 0.43 || aspect < 0.25 || aspect > 4 {
				t.Errorf("an area of %v with aspect %v", area, aspect)
			}
			for _, v := range got.Floats {
				if v != 1000 {
					distinct[v] = true
					sum, squares, n = sum+float64(v), squares+float64(v)*float64(v), n+1
				}
			}
		}
		if math.Abs(float64(erasedImages)-200) > 50 {
			t.Errorf("%v: %d of 400 images are erased, expected about half", fill, erasedImages)
		}
		switch mean, variance := sum/n, squares/n; {
		case fill == FillMean && (len(distinct) != 1 || !distinct[0]),
			fill == FillColour && len(distinct) != 3*erasedImages,
			fill == FillNoise && (math.Abs(mean) > 0.02 || math.Abs(variance-1) > 0.03):
			t.Errorf("%v: %d values, mean %v, mean square %v", fill, len(distinct), mean, variance)
		}
	}
	if slices.ContainsFunc(m.Floats, func(v float32) bool { return v != 1000 }) {
		t.Error("the image itself was changed")
	}
}

// erasedBox gives the rectangle that is not 1000, which must be one.
func erasedBox(t *testing.T, m *Image) rectangle {
	t.Helper()
	top, left, bottom, right, count := m.Height, m.Width, -1, -1, 0
	for y := range m.Height {
		for x := range m.Width {
			if m.At(y, x, 0) != 1000 {
				top, left, bottom, right = min(top, y), min(left, x), max(bottom, y), max(right, x)
				count++
			}
		}
	}
	box := rectangle{top, left, bottom - top + 1, right - left + 1}
	if count != box.height*box.width {
		t.Errorf("%d pixels of %+v are erased", count, box)
	}
	return box
}

func TestAugmentationRefused(t *testing.T) {
	for want, a := range map[string]Augmentation{
		"Flip: 1.5":                      {Flip: 1.5},
		"Flip: NaN":                      {Flip: math.NaN()},
		"Crop.Padding: -1":               {Crop: Crop{Padding: -1}},
		"Crop.Border: Border(5)":         {Crop: Crop{Border: 5}},
		"Jitter.Contrast: 2":             {Jitter: Jitter{Contrast: 2}},
		"RandAugment.Operations: -1":     {RandAugment: RandAugment{Operations: -1}},
		"RandAugment.Magnitude: 11":      {RandAugment: RandAugment{Magnitude: 11}},
		"Erase.Probability: -1":          {Erase: Erase{Probability: -1}},
		"Erase.Fill: EraseFill(7)":       {Erase: Erase{Fill: 7}},
		"Erase.MinArea and MaxArea: 0.5": {Erase: Erase{MinArea: 0.5}},
		"Erase.MinAspect: 2":             {Erase: Erase{MinAspect: 2}},
	} {
		var option *OptionError
		if err := a.Check(); !errors.As(err, &option) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
	if err := CIFARAugmentation().Check(); err != nil {
		t.Error(err)
	}
}

func TestTone(t *testing.T) {
	m := &Image{Height: 1, Width: 2, Channels: 3, Bytes: []uint8{100, 50, 200, 0, 255, 30}}
	flat := &Image{Height: 2, Width: 2, Channels: 1, Bytes: []uint8{5, 5, 5, 5}}
	levels := &Image{Height: 2, Width: 3, Channels: 1, Bytes: []uint8{50, 60, 70, 80, 90, 100}}
	for name, c := range map[string]struct {
		got  *Image
		want []uint8
	}{
		"darker":         {brightness(m, 0.5), []uint8{50, 25, 100, 0, 128, 15}},
		"brighter":       {brightness(m, 2), []uint8{200, 100, 255, 0, 255, 60}},
		"no contrast":    {contrast(m, 0), []uint8{118, 118, 118, 118, 118, 118}}, // grays 82 and 153
		"no colour":      {saturation(m, 0), []uint8{82, 82, 82, 153, 153, 153}},
		"gray stays":     {saturation(levels, 0), levels.Bytes},
		"posterise":      {posterise(levels, 4), []uint8{48, 48, 64, 80, 80, 96}},
		"solarise":       {solarise(levels, 75), []uint8{50, 60, 70, 175, 165, 155}},
		"autocontrast":   {autocontrast(levels), []uint8{0, 51, 102, 153, 204, 255}},
		"flat":           {autocontrast(flat), flat.Bytes},
		"equalise flat":  {equalise(flat), flat.Bytes},
		"equalise small": {equalise(levels), levels.Bytes}, // fewer than 255 pixels: Pillow leaves it too
		"sharpness 1":    {sharpness(noise(1, 5, 5, 3), 1), noise(1, 5, 5, 3).Bytes},
	} {
		if !slices.Equal(c.got.Bytes, c.want) {
			t.Errorf("%s: %v, expected %v", name, c.got.Bytes, c.want)
		}
	}
	dark := New(32, 32, 1)
	for i := range dark.Bytes {
		dark.Bytes[i] = uint8(i % 4)
	}
	if got := equalise(dark); !slices.Equal(got.Bytes[:4], []uint8{0, 85, 171, 255}) {
		t.Errorf("%v", got.Bytes[:4])
	}
	smooth := New(3, 3, 1)
	smooth.Bytes[4] = 130
	if got := sharpness(smooth, 0); got.Bytes[4] != 50 || got.Bytes[0] != 0 {
		t.Errorf("%v", got.Bytes)
	}
}

func TestAffine(t *testing.T) {
	m := ramp(5, 5)
	if !equal(m.affine([4]float64{1, 0, 0, 1}, 0, 0), m) {
		t.Error("the identity changes an image")
	}
	if got := m.affine([4]float64{0, 1, -1, 0}, 0, 0); got.Bytes[0] != m.Bytes[20] && got.Bytes[0] != m.Bytes[4] || got.Bytes[12] != 12 {
		t.Errorf("a quarter turn: %v", got.Bytes)
	}
	if got, want := m.affine([4]float64{1, 0, 0, 1}, 2, 0), m.window(0, 2, 5, 5, Zeros); !equal(got, want) {
		t.Errorf("%v, expected %v", got.Bytes, want.Bytes)
	}
}

package images

import (
	"errors"
	"image"
	"math"
	"strings"
	"testing"

	"golang.org/x/image/draw"
)

// TestResizeLikeDraw compares with package draw of golang.org/x/image, whose kernels are the
// same.
func TestResizeLikeDraw(t *testing.T) {
	for _, c := range []struct {
		from, to size
	}{
		{size{20, 31}, size{10, 10}}, {size{7, 5}, size{23, 24}}, {size{64, 64}, size{9, 64}}, {size{1, 1}, size{4, 3}}, {size{3, 50}, size{60, 2}},
	} {
		m := noise(3, c.from.height, c.from.width, 3)
		for filter, kernel := range map[Filter]draw.Scaler{Bilinear: draw.BiLinear, CatmullRom: draw.CatmullRom} {
			want := image.NewRGBA(image.Rect(0, 0, c.to.width, c.to.height))
			kernel.Scale(want, want.Bounds(), m.Standard(), image.Rect(0, 0, c.from.width, c.from.height), draw.Src, nil)
			got := m.Resize(c.to.height, c.to.width, filter)
			for i := range c.to.height * c.to.width {
				for d := range 3 {
					if a, b := int(got.Bytes[3*i+d]), int(want.Pix[4*i+d]); a-b > 1 || b-a > 1 {
						t.Fatalf("%v to %v, %v: number %d of pixel %d is %d, expected %d", c.from, c.to, filter, d, i, a, b)
					}
				}
			}
		}
	}
}

// TestResizeFloats compares floats with bytes, and parts with the whole.
func TestResizeFloats(t *testing.T) {
	m := noise(4, 13, 17, 2)
	for _, filter := range []Filter{Bilinear, CatmullRom, Nearest} {
		bytes, floats := m.Resize(9, 30, filter), m.Float().Resize(9, 30, filter)
		for i, v := range bytes.Bytes {
			if want := min(max(255*float64(floats.Floats[i]), 0), 255); math.Abs(float64(v)-want) > 0.51 {
				t.Fatalf("%v: number %d is %d, as a float %v", filter, i, v, want)
			}
		}
		part := m.resizePart(size{9, 30}, 2, 11, size{5, 8}, filter)
		if !equal(part, bytes.Crop(2, 11, 5, 8)) {
			t.Errorf("%v: a part differs from that of the whole", filter)
		}
		if m.Resize(13, 17, filter) != m {
			t.Errorf("%v: the same size was computed", filter)
		}
		flat := New(5, 7, 1)
		for i := range flat.Bytes {
			flat.Bytes[i] = 201
		}
		for i, v := range flat.Resize(11, 3, filter).Bytes {
			if v != 201 {
				t.Errorf("%v: pixel %d of a flat image is %d", filter, i, v)
			}
		}
	}
}

func TestPreparation(t *testing.T) {
	m := noise(5, 20, 40, 3)
	for name, c := range map[string]struct {
		p    Preparation
		want *Image
	}{
		"nothing":       {Preparation{}, m},
		"cover":         {Preparation{Height: 10, Width: 10}, m.Resize(10, 20, Bilinear).CentreCrop(10, 10)},
		"one side":      {Preparation{Width: 10}, m.Resize(10, 20, Bilinear).CentreCrop(10, 10)},
		"zoom":          {Preparation{Height: 10, Zoom: 0.5}, m.Resize(20, 40, Bilinear).CentreCrop(10, 10)},
		"zoom in place": {Preparation{Height: 20, Width: 40, Zoom: 0.5}, m.Resize(40, 80, Bilinear).CentreCrop(20, 40)},
		"stretch":       {Preparation{Height: 10, Width: 11, Fit: Stretch, Filter: CatmullRom}, m.Resize(10, 11, CatmullRom)},
		"contain":       {Preparation{Height: 20, Width: 20, Fit: Contain}, m.Resize(10, 20, Bilinear).window(-5, 0, 20, 20, Zeros)},
	} {
		got, err := c.p.Apply(m)
		if err != nil || !equal(got, c.want) {
			t.Errorf("%s: %d by %d, %v, expected %d by %d", name, got.Height, got.Width, err, c.want.Height, c.want.Width)
		}
	}
	if got, err := (Preparation{Height: 4, Channels: 1}).Apply(m); err != nil || got.Channels != 1 || got.Height != 4 || got.Width != 4 {
		t.Error(got, err)
	}
	if _, err := (Preparation{Channels: 1}).Apply(New(1, 1, 4)); err == nil {
		t.Error("four channels became one")
	}
}

// TestThin prepares an image as thin as files may have it without computing what is cut off.
func TestThin(t *testing.T) {
	for _, fit := range []Fit{Cover, Contain, Stretch} {
		for _, m := range []*Image{New(1, 1<<18, 1), New(1<<18, 1, 1)} {
			got, err := Preparation{Height: 32, Width: 32, Fit: fit}.Apply(m)
			if err != nil || got.Height != 32 || got.Width != 32 || got.Check() != nil {
				t.Error(fit, err)
			}
		}
	}
}

func TestPreparationRefused(t *testing.T) {
	for want, p := range map[string]Preparation{
		"Height: -1":    {Height: -1},
		"Width: 100000": {Width: 100_000},
		"Channels: 2":   {Channels: 2},
		"Zoom: 2":       {Zoom: 2},
		"Zoom: NaN":     {Zoom: math.NaN()},
		"Fit: Fit(9)":   {Fit: 9},
		"Filter(-1)":    {Filter: -1},
	} {
		var option *OptionError
		if err := p.Check(); !errors.As(err, &option) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
	if err := (Preparation{Height: 224, Zoom: 0.875}).Check(); err != nil {
		t.Error(err)
	}
}

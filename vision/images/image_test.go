package images

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// noise is an image of random bytes.
func noise(seed uint64, height, width, channels int) *Image {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := New(height, width, channels)
	for i := range m.Bytes {
		m.Bytes[i] = uint8(rng.Uint64())
	}
	return m
}

func equal(a, b *Image) bool {
	return a.Height == b.Height && a.Width == b.Width && a.Channels == b.Channels && slices.Equal(a.Bytes, b.Bytes) && slices.Equal(a.Floats, b.Floats)
}

func TestCheck(t *testing.T) {
	for want, m := range map[string]*Image{
		"height 0, width 2":             {Height: 0, Width: 2, Channels: 1},
		"0 bytes and 0 floats":          {Height: 1, Width: 1, Channels: 1},
		"1 bytes and 1 floats":          {Height: 1, Width: 1, Channels: 1, Bytes: []uint8{0}, Floats: []float32{0}},
		"1 numbers, expected 2":         {Height: 1, Width: 2, Channels: 1, Bytes: []uint8{0}},
		"row 1, column 0, channel 1 is": {Height: 2, Width: 1, Channels: 2, Floats: []float32{0, 0, 0, float32(math.NaN())}},
	} {
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
	if err := noise(1, 2, 3, 4).Check(); err != nil {
		t.Error(err)
	}
}

func TestChannels(t *testing.T) {
	m := noise(1, 3, 4, 1)
	three, err := m.WithChannels(3)
	if err != nil || three.Bytes[3] != m.Bytes[1] || three.Bytes[5] != m.Bytes[1] {
		t.Fatal(three, err)
	}
	if back, err := three.WithChannels(1); err != nil || !equal(back, m) { // the weights add up to 65536
		t.Error(back, err)
	}
	colour := noise(2, 5, 5, 3)
	gray, _ := colour.WithChannels(1)
	exact, _ := colour.Float().WithChannels(1)
	for i, v := range gray.Bytes {
		if d := float64(v) - 255*float64(exact.Floats[i]); math.Abs(d) > 0.51 {
			t.Errorf("pixel %d: %d as bytes, %v as floats", i, v, 255*exact.Floats[i])
		}
	}
	if same, _ := colour.WithChannels(3); same != colour || colour.Float().Float().Floats == nil {
		t.Error("an image was copied for nothing")
	}
	if _, err := noise(1, 1, 1, 4).WithChannels(3); err == nil || !strings.Contains(err.Error(), "4 channels cannot become one of 3") {
		t.Error(err)
	}
}

func TestGeometry(t *testing.T) {
	m := &Image{Height: 2, Width: 3, Channels: 1, Bytes: []uint8{1, 2, 3, 4, 5, 6}}
	for name, c := range map[string]struct {
		got  *Image
		want []uint8
	}{
		"crop":        {m.Crop(0, 1, 2, 2), []uint8{2, 3, 5, 6}},
		"centre crop": {m.CentreCrop(1, 1), []uint8{2}},
		"flip":        {m.Flip(), []uint8{3, 2, 1, 6, 5, 4}},
		"zeros":       {m.Pad(1, Zeros), []uint8{0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0, 0}},
		"reflect":     {m.Pad(1, Reflect), []uint8{5, 4, 5, 6, 5, 2, 1, 2, 3, 2, 5, 4, 5, 6, 5, 2, 1, 2, 3, 2}},
		"edge":        {m.Pad(1, Edge), []uint8{1, 1, 2, 3, 3, 1, 1, 2, 3, 3, 4, 4, 5, 6, 6, 4, 4, 5, 6, 6}},
		"nearest":     {m.Resize(2, 6, Nearest), []uint8{1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6}},
		"smaller":     {m.Resize(1, 1, Bilinear), []uint8{4}}, // 3.5
	} {
		if c.got.Check() != nil || !slices.Equal(c.got.Bytes, c.want) {
			t.Errorf("%s: %v, expected %v", name, c.got.Bytes, c.want)
		}
	}
	one := New(1, 1, 2).Pad(3, Reflect)
	if one.Height != 7 || one.Check() != nil {
		t.Error("a reflected border around one pixel")
	}
	if f := m.Float().Flip().Flip(); !equal(f, m.Float()) {
		t.Error("two flips change the image")
	}
	for want, do := range map[string]func(){
		"images: Crop: 2 by 3 pixels from row 1": func() { m.Crop(1, 0, 2, 3) },
		"images: CentreCrop: 3 by 1 pixels":      func() { m.CentreCrop(3, 1) },
		"images: Pad: a border of -1":            func() { m.Pad(-1, Zeros) },
		"images: New: height 0":                  func() { New(0, 1, 1) },
		"images: NewFloat: height 1, width -1":   func() { NewFloat(1, -1, 1) },
		"images: At: row 2":                      func() { m.At(2, 0, 0) },
		"images: Standard: 2 channels":           func() { New(1, 1, 2).Standard() },
	} {
		func() {
			defer func() {
				if r := fmt.Sprint(recover()); !strings.Contains(r, want) {
					t.Errorf("%s, expected %q in it", r, want)
				}
			}()
			do()
		}()
	}
}

func TestEnumerations(t *testing.T) {
	type text interface {
		fmt.Stringer
		MarshalText() ([]byte, error)
	}
	var b Border
	var f Filter
	var fit Fit
	var fill EraseFill
	for _, c := range []struct {
		names []string
		at    func(k int) text
		parse func(text []byte) (any, error)
	}{
		{BorderNames(), func(k int) text { return Border(k) }, func(s []byte) (any, error) { return b, b.UnmarshalText(s) }},
		{FilterNames(), func(k int) text { return Filter(k) }, func(s []byte) (any, error) { return f, f.UnmarshalText(s) }},
		{FitNames(), func(k int) text { return Fit(k) }, func(s []byte) (any, error) { return fit, fit.UnmarshalText(s) }},
		{EraseFillNames(), func(k int) text { return EraseFill(k) }, func(s []byte) (any, error) { return fill, fill.UnmarshalText(s) }},
	} {
		for k, name := range c.names {
			if got, err := c.at(k).MarshalText(); err != nil || string(got) != name || c.at(k).String() != name {
				t.Errorf("%d is %q, %v, expected %q", k, got, err, name)
			}
			if _, err := c.parse([]byte(name)); err != nil {
				t.Error(err)
			}
		}
		if _, err := c.parse([]byte(c.names[0] + "x")); err == nil || !strings.Contains(err.Error(), c.names[0]) || !strings.HasPrefix(err.Error(), "images: ") {
			t.Error(err)
		}
	}
	if fill != FillNoise || f != Nearest || fit != Contain || b != Edge {
		t.Error(fill, f, fit, b)
	}
}

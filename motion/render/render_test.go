package render

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/motion"
)

// walker is a small figure that walks along z, right leg forward first.
func walker(frames int, fps float64) *motion.Clip {
	c := &motion.Clip{Name: "walker", FPS: fps, Skeleton: &motion.Skeleton{
		Joints:  []string{"root", "hips", "head", "l_hip", "l_foot", "r_hip", "r_foot"},
		Parents: []int{-1, 0, 1, 1, 3, 1, 5},
	}}
	for f := range frames {
		z, swing := 0.05*float32(f), 0.3*float32(math.Sin(float64(f)/5))
		c.Positions = append(c.Positions, 9, 0, 9, 0, 1, z, 0, 1.7, z, 0.1, 1, z, 0.1, 0, z-swing, -0.1, 1, z, -0.1, 0, z+swing)
	}
	return c
}

func mustScene(t *testing.T) func(s *Scene, err error) *Scene {
	return func(s *Scene, err error) *Scene {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// count tells how many pixels of a picture are nearer to a colour than to paper.
func count(m image.Image, c color.RGBA) int {
	n := 0
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			r, g, b, _ := m.At(x, y).RGBA()
			d := func(v uint32, w uint8) int { return (int(v>>8) - int(w)) * (int(v>>8) - int(w)) }
			if d(r, c.R)+d(g, c.G)+d(b, c.B) < 40*40 {
				n++
			}
		}
	}
	return n
}

func TestWhatIsSeen(t *testing.T) {
	s := mustScene(t)(One(walker(40, 30), Options{Azimuth: 360}))
	m := s.Draw(20)
	if m.Rect.Dy() != 360 || m.Rect.Dx() < 100 {
		t.Errorf("size %v", m.Rect)
	}
	for name, c := range map[string]color.RGBA{"left": blue, "right": orange, "middle": dark} {
		if n := count(m, c); n < 50 {
			t.Errorf("%d pixels of the colour of %s", n, name)
		}
	}
	// Seen from the front, the figure's left is on the right.
	middle := m.Rect.Dx() / 2
	left := count(m.SubImage(image.Rect(middle, 0, m.Rect.Dx(), 360)), blue)
	if all := count(m, blue); left < all*9/10 {
		t.Errorf("%d of %d blue pixels are on the right", left, all)
	}
	behind := mustScene(t)(One(walker(40, 30), Options{Azimuth: 180})).Draw(20)
	if n := count(behind.SubImage(image.Rect(0, 0, behind.Rect.Dx()/2, 360)), blue); n < count(behind, blue)*9/10 {
		t.Error("seen from behind, left is not on the left")
	}
	// The reference at (9, 0, 9) is far away from the figure: were it drawn, or only
	// fitted, the figure would be small.
	if n := count(m, dark); n < 400 {
		t.Errorf("the figure is small: %d dark pixels", n)
	}
}

// TestAllIsInThePicture wants no figure to touch the edges, whatever the view.
func TestAllIsInThePicture(t *testing.T) {
	for _, o := range []Options{{}, {Azimuth: 90}, {Azimuth: -100, Elevation: 60}, {Elevation: -1}, {Elevation: 89}, {Height: 120, Width: 400}, {Height: 400, Width: 100}, {Follow: true}, {Title: "a title", Height: 200}} {
		o.Hide = Parts{Ground: true, Frame: true}
		if o.Height == 0 {
			o.Height = 150
		}
		s := mustScene(t)(SideBySide(walker(20, 30), walker(20, 30), o))
		for _, f := range []int{0, 7, 19} {
			m := s.Draw(f)
			for k := range 2 {
				area := image.Rect(k*s.width, s.head, (k+1)*s.width, s.o.Height)
				inner := m.SubImage(area.Inset(4)).(*image.RGBA)
				for y := area.Min.Y; y < area.Max.Y; y++ {
					for x := area.Min.X + 1; x < area.Max.X-1; x++ { // without the line between panels
						if !image.Pt(x, y).In(inner.Rect) && m.RGBAAt(x, y) != paper && m.RGBAAt(x, y).R < grid.R {
							t.Fatalf("%+v: frame %d: something at the edge (%d, %d) of %v", o, f, x, y, area)
						}
					}
				}
				if count(inner, blue)+count(inner, orange)+count(inner, dark) < 20 {
					t.Errorf("%+v: frame %d: panel %d is empty", o, f, k)
				}
			}
		}
	}
}

func TestOverlay(t *testing.T) {
	a, b := walker(10, 30), walker(10, 30)
	for i := 0; i < len(b.Positions); i += 3 {
		b.Positions[i] += 1
	}
	m := mustScene(t)(Overlay(a, b, Options{Azimuth: 360, Hide: Parts{Ground: true, Shadow: true, Frame: true}})).Draw(3)
	half := m.Rect.Dx() / 2
	if n := count(m.SubImage(image.Rect(0, 0, half, 360)), blue); n > 0 {
		t.Errorf("%d blue pixels in what lies below", n)
	}
	if count(m.SubImage(image.Rect(0, 0, half, 360)), under) < 100 || count(m.SubImage(image.Rect(half, 0, 2*half, 360)), blue) < 50 {
		t.Error("one of the figures is missing")
	}
}

// TestGIF plays an animation and compares it with the frames that it is made of.
func TestGIF(t *testing.T) {
	for _, c := range []struct {
		frames           int
		clip, fps        float64
		count, hundreths int
	}{{40, 30, 0, 34, 133}, {60, 120, 0, 13, 50}, {10, 0, 0, 9, 33}, {20, 10, 0, 20, 200}, {30, 30, 50, 50, 100}, {1, 30, 0, 1, 4}} {
		s := mustScene(t)(One(walker(c.frames, c.clip), Options{Height: 120, FPS: c.fps, Title: "walker"}))
		var b bytes.Buffer
		if err := s.WriteGIF(&b); err != nil {
			t.Fatal(err)
		}
		again := new(bytes.Buffer)
		if s.WriteGIF(again); !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Error("the second time the file is another")
		}
		g, err := gif.DecodeAll(&b)
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, d := range g.Delay {
			total += d
		}
		if len(g.Image) != c.count || math.Abs(float64(total-c.hundreths)) > 4 || c.count > 1 && g.LoopCount != 0 {
			t.Errorf("%d frames at %v as %v: %d pictures in %d hundredths, expected %d in %d", c.frames, c.clip, c.fps, len(g.Image), total, c.count, c.hundreths)
		}
		shown := image.NewRGBA(image.Rectangle{Max: s.Size()})
		for k, m := range g.Image {
			draw.Draw(shown, m.Rect, m, m.Rect.Min, draw.Src)
			fps := c.fps
			if fps == 0 {
				fps = math.Min(25, s.fps)
			}
			want := s.Draw(min(int(math.Round(float64(k)/fps*s.fps)), s.Frames()-1))
			// Where limbs of two colours meet, the palette has no mixture of them.
			if n := differing(shown, want, 32); n > len(want.Pix)/4/500 {
				t.Fatalf("%+v: picture %d: %d pixels differ from its frame", c, k, n)
			}
		}
	}
}

// differing counts the pixels of which a part differs by more than most.
func differing(a, b *image.RGBA, most int) int {
	n := 0
	for i := 0; i < len(a.Pix); i += 4 {
		for k := range 3 {
			if d := int(a.Pix[i+k]) - int(b.Pix[i+k]); d > most || d < -most {
				n++
				break
			}
		}
	}
	return n
}

func TestStrip(t *testing.T) {
	s := mustScene(t)(One(walker(40, 30), Options{Height: 100, Width: 80, Title: "walk"}))
	m, err := s.Strip(5)
	if err != nil || m.Rect.Dx() != 5*80+4*gap || m.Rect.Dy() != 100 {
		t.Error(m.Rect, err)
	}
	if m, err := s.Strip(1000); err != nil || m.Rect.Dx() != 40*80+39*gap {
		t.Error(m.Rect, err)
	}
	var b bytes.Buffer
	if err := s.WriteStrip(&b, 3); err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(&b); err != nil {
		t.Error(err)
	}
	if err := s.WritePNG(&b, 39); err != nil {
		t.Fatal(err)
	}
	if m, err := png.Decode(&b); err != nil || m.Bounds().Dx() != 80 {
		t.Error(err)
	}
	if s.WriteStrip(&b, 0) == nil {
		t.Error("a strip of no frames")
	}
}

// TestOddClips draws what is no person.
func TestOddClips(t *testing.T) {
	clip := func(joints int, parents []int, values ...float32) *motion.Clip {
		return &motion.Clip{Skeleton: &motion.Skeleton{Joints: make([]string, joints), Parents: parents}, Positions: values}
	}
	for _, c := range []*motion.Clip{
		clip(2, []int{-1, -1}, 0, 0, 0, 1, 1, 1),
		clip(2, []int{-1, 0}, 0, 0, 0, 0, 1e-30, 0),
		clip(2, []int{-1, 0}, -1e38, 0, 0, 1e38, 1, 1),
		clip(2, []int{-1, 0}, 3, 5, 5, 4, 5, 5),
	} {
		for _, o := range []Options{{}, {Follow: true}, {Elevation: -1}} {
			s := mustScene(t)(One(c, o))
			if m := s.Draw(0); count(m, dark)+count(m, pale(dark, 0.3)) < 5 {
				t.Errorf("%v: nothing is seen", c.Positions)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	one := walker(3, 30)
	still := walker(1, 30)
	clear(still.Positions)
	for want, f := range map[string]func() (*Scene, error){
		"there is no clip to be drawn":    func() (*Scene, error) { return New([]Panel{{}}, Options{}) },
		"it has no frames":                func() (*Scene, error) { return One(one.Cut(0, 0), Options{}) },
		"what it is shown with has 3":     func() (*Scene, error) { return Overlay(one, walker(4, 30), Options{}) },
		"all its joints are in one place": func() (*Scene, error) { return One(still, Options{}) },
		"Height of 5 pixels":              func() (*Scene, error) { return One(one, Options{Height: 5}) },
		"Width of 99999 pixels":           func() (*Scene, error) { return One(one, Options{Width: 99999}) },
		"FPS 60":                          func() (*Scene, error) { return One(one, Options{FPS: 60}) },
		"2 panels of 4000 pixels":         func() (*Scene, error) { return SideBySide(one, one, Options{Width: 4000}) },
		"coordinate x is NaN": func() (*Scene, error) {
			c := one.Clone()
			c.Positions[0] = float32(math.NaN())
			return One(c, Options{})
		},
	} {
		_, err := f()
		var size *SizeError
		var clip *motion.ClipError
		if err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &size) && !errors.As(err, &clip) {
			t.Errorf("%v\nexpected %s", err, want)
		}
	}
	long := walker(20000, 30)
	s := mustScene(t)(One(long, Options{Height: 1000, Width: 1000}))
	if err := s.WriteGIF(nil); err == nil || !strings.Contains(err.Error(), "is too large") {
		t.Error(err)
	}
	if err := s.WriteStrip(nil, 100); err == nil || !strings.Contains(err.Error(), "a strip of 100 frames is 100396 by 1000 pixels") {
		t.Error(err)
	}
}

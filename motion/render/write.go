package render

import (
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/png"
	"io"
	"math"
)

// WritePNG writes one frame as PNG.
func (s *Scene) WritePNG(w io.Writer, frame int) error { return png.Encode(w, s.Draw(frame)) }

// strip margins in pixels.
const gap = 4

// Strip draws a number of frames, spread evenly over the clip from its first to its
// last, beside each other; more than the clip has are as many as it has.
func (s *Scene) Strip(count int) (*image.RGBA, error) {
	if count < 1 {
		return nil, &SizeError{fmt.Sprintf("a strip of %d frames", count), "ask for at least 1"}
	}
	count = min(count, s.frames)
	size := s.Size()
	width := count*(size.X+gap) - gap
	if width > mostStrip/size.Y {
		return nil, &SizeError{fmt.Sprintf("a strip of %d frames is %d by %d pixels", count, width, size.Y), fmt.Sprintf("ask for fewer or smaller ones, %d pixels in all", mostStrip)}
	}
	m := image.NewRGBA(image.Rect(0, 0, width, size.Y))
	draw.Draw(m, m.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	for k := range count {
		frame := 0
		if count > 1 {
			frame = k * (s.frames - 1) / (count - 1)
		}
		x := k * (size.X + gap)
		draw.Draw(m, image.Rect(x, 0, x+size.X, size.Y), s.drawViews(frame), image.Point{}, draw.Src)
	}
	s.drawTitle(m)
	return m, nil
}

// WriteStrip writes [Scene.Strip] as PNG.
func (s *Scene) WriteStrip(w io.Writer, count int) error {
	m, err := s.Strip(count)
	if err != nil {
		return err
	}
	return png.Encode(w, m)
}

// WriteGIF writes an animation that plays at the speed of the clips, over and over.
// It shows the frames that are nearest to the times of its own frame rate.
func (s *Scene) WriteGIF(w io.Writer) error {
	fps := s.o.FPS
	if fps == 0 {
		fps = math.Min(defaultFPS, s.fps)
	}
	fps = math.Min(fps, mostFPS)
	size := s.Size()
	count := int(math.Min(math.Max(1, math.Ceil(float64(s.frames)/s.fps*fps-1e-9)), mostPixels))
	if count > mostPixels/(size.X*size.Y) {
		return &SizeError{fmt.Sprintf("an animation of %d frames of %d by %d pixels is too large", count, size.X, size.Y), "cut the clip, or give a lower FPS or Height"}
	}
	out := &gif.GIF{Config: image.Config{Width: size.X, Height: size.Y}}
	q := newQuantiser()
	out.Config.ColorModel = q.palette
	var before *image.Paletted
	for k := range count {
		frame := min(int(math.Round(float64(k)/fps*s.fps)), s.frames-1)
		m := q.reduce(s.Draw(frame))
		out.Image = append(out.Image, changed(before, m))
		out.Disposal = append(out.Disposal, gif.DisposalNone)
		out.Delay = append(out.Delay, hundredths(k+1, fps)-hundredths(k, fps))
		before = m
	}
	return gif.EncodeAll(w, out)
}

// hundredths is the time of a frame; a GIF counts so, and differences of rounded times
// keep the speed.
func hundredths(k int, fps float64) int { return int(math.Round(100 * float64(k) / fps)) }

// changed is the smallest part of a picture in which it differs from the one before.
func changed(before, m *image.Paletted) *image.Paletted {
	if before == nil {
		return m
	}
	box := image.Rectangle{}
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		a := before.Pix[before.PixOffset(0, y):before.PixOffset(m.Rect.Max.X, y)]
		b := m.Pix[m.PixOffset(0, y):m.PixOffset(m.Rect.Max.X, y)]
		first := 0
		for first < len(a) && a[first] == b[first] {
			first++
		}
		if first == len(a) {
			continue
		}
		last := len(a) - 1
		for a[last] == b[last] {
			last--
		}
		box = box.Union(image.Rect(first, y, last+1, y+1))
	}
	if box.Empty() {
		box = image.Rect(0, 0, 1, 1)
	}
	part := image.NewPaletted(box, m.Palette)
	draw.Draw(part, box, m, box.Min, draw.Src)
	return part
}

package images

import "fmt"

// Jitter changes brightness, contrast and saturation by random factors, in random order
// (torchvision's ColorJitter without hue). Each field is the largest change: 0.4 draws a factor
// from 0.6..1.4; 0 leaves the property alone. It works on bytes: floats are taken as 0..1 and
// rounded to 256 levels.
type Jitter struct {
	Brightness float64 `yaml:"brightness,omitempty"`
	Contrast   float64 `yaml:"contrast,omitempty"`
	Saturation float64 `yaml:"saturation,omitempty"`
}

func (j Jitter) check() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"Jitter.Brightness", j.Brightness}, {"Jitter.Contrast", j.Contrast}, {"Jitter.Saturation", j.Saturation}} {
		if !(f.value >= 0 && f.value <= 1) {
			return &OptionError{f.name, fmt.Sprintf("%v, expected 0..1", f.value)}
		}
	}
	return nil
}

func (j Jitter) apply(m *Image, k Key) *Image {
	if j == (Jitter{}) {
		return m
	}
	m = m.bytes()
	rng := k.stream(streamJitter)
	changes := []struct {
		most   float64
		change func(*Image, float64) *Image
	}{{j.Brightness, brightness}, {j.Contrast, contrast}, {j.Saturation, saturation}}
	for _, c := range rng.Perm(len(changes)) {
		factor := 1 + changes[c].most*(2*rng.Float64()-1)
		if changes[c].most > 0 {
			m = changes[c].change(m, factor)
		}
	}
	return m
}

// bytes gives the image with bytes: floats are taken as 0..1, and clipped.
func (m *Image) bytes() *Image {
	if m.Bytes != nil {
		return m
	}
	b := New(m.Height, m.Width, m.Channels)
	for i, v := range m.Floats {
		b.Bytes[i] = toByte(v * 255)
	}
	return b
}

// mapped gives an image of bytes, each of which has been looked up.
func (m *Image) mapped(table *[256]uint8) *Image {
	out := New(m.Height, m.Width, m.Channels)
	for i, v := range m.Bytes {
		out.Bytes[i] = table[v]
	}
	return out
}

// tabled maps each byte by a function of it.
func (m *Image) tabled(of func(v int) float64) *Image {
	var table [256]uint8
	for v := range table {
		table[v] = toByte(float32(of(v)))
	}
	return m.mapped(&table)
}

// brightness blends with black: factor 0 is black, 1 the image.
func brightness(m *Image, factor float64) *Image {
	return m.tabled(func(v int) float64 { return factor * float64(v) })
}

// contrast blends with the mean brightness.
func contrast(m *Image, factor float64) *Image {
	gray, sum := m.gray(), 0
	for _, v := range gray.Bytes {
		sum += int(v)
	}
	mean := float64(sum) / float64(len(gray.Bytes))
	return m.tabled(func(v int) float64 { return mean + factor*(float64(v)-mean) })
}

// saturation blends with the image's grays; an image of one channel has no colours.
func saturation(m *Image, factor float64) *Image {
	if m.Channels != 3 {
		return m
	}
	return blend(m.gray().repeated(), m, factor)
}

// gray is the brightness of a picture: its luma, or all of its numbers where it has other
// than three channels.
func (m *Image) gray() *Image {
	if m.Channels != 3 {
		return m
	}
	return m.luma()
}

// blend is from + factor (m - from); beyond 0..1 it extrapolates.
func blend(from, m *Image, factor float64) *Image {
	out := New(m.Height, m.Width, m.Channels)
	for i, v := range m.Bytes {
		base := float64(from.Bytes[i])
		out.Bytes[i] = toByte(float32(base + factor*(float64(v)-base)))
	}
	return out
}

// sharpness blends with a smoothed image: the mean of 3 by 3 pixels that counts the middle
// five times. The outermost pixels stay (Pillow's SMOOTH).
func sharpness(m *Image, factor float64) *Image {
	smooth, c := m.Clone(), m.Channels
	for y := 1; y < m.Height-1; y++ {
		for x := 1; x < m.Width-1; x++ {
			for d := range c {
				i := m.place(y, x)*c + d
				sum := 4 * int(m.Bytes[i])
				for dy := -1; dy <= 1; dy++ {
					for dx := -1; dx <= 1; dx++ {
						sum += int(m.Bytes[i+(dy*m.Width+dx)*c])
					}
				}
				smooth.Bytes[i] = uint8((sum + 6) / 13)
			}
		}
	}
	return blend(smooth, m, factor)
}

// posterise keeps the upper bits of each byte.
func posterise(m *Image, bits int) *Image {
	return m.tabled(func(v int) float64 { return float64(v &^ (1<<(8-bits) - 1)) })
}

// solarise inverts what is at least as bright as a threshold.
func solarise(m *Image, threshold float64) *Image {
	return m.tabled(func(v int) float64 {
		if float64(v) >= threshold {
			v = 255 - v
		}
		return float64(v)
	})
}

// autocontrast stretches each channel to 0..255.
func autocontrast(m *Image) *Image {
	return m.byChannel(func(counts *[256]int) (table [256]uint8) {
		lo, hi := 0, 255
		for ; lo < hi && counts[lo] == 0; lo++ {
		}
		for ; hi > lo && counts[hi] == 0; hi-- {
		}
		for v := range table {
			table[v] = uint8(v)
			if hi > lo {
				table[v] = toByte(float32(v-lo) * 255 / float32(hi-lo))
			}
		}
		return table
	})
}

// equalise makes the levels of each channel about equally frequent (Pillow's equalize).
func equalise(m *Image) *Image {
	return m.byChannel(func(counts *[256]int) (table [256]uint8) {
		last := 255
		for ; last > 0 && counts[last] == 0; last-- {
		}
		step := (m.Height*m.Width - counts[last]) / 255
		sum := step / 2
		for v := range table {
			table[v] = uint8(v)
			if step > 0 {
				table[v] = uint8(min(sum/step, 255))
			}
			sum += counts[v]
		}
		return table
	})
}

// byChannel looks every byte up in a table that is made of the histogram of its channel.
func (m *Image) byChannel(tableOf func(counts *[256]int) [256]uint8) *Image {
	out := New(m.Height, m.Width, m.Channels)
	for c := range m.Channels {
		var counts [256]int
		for i := c; i < len(m.Bytes); i += m.Channels {
			counts[m.Bytes[i]]++
		}
		table := tableOf(&counts)
		for i := c; i < len(m.Bytes); i += m.Channels {
			out.Bytes[i] = table[m.Bytes[i]]
		}
	}
	return out
}

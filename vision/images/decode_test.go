package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func pngBytes(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegBytes(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifBytes(t testing.TB, g *gif.GIF) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// drawn fills an image that can be drawn on with the colours of its two pixels.
func drawn(m interface {
	image.Image
	Set(x, y int, c color.Color)
}, left, right color.Color) image.Image {
	m.Set(m.Bounds().Min.X, m.Bounds().Min.Y, left)
	m.Set(m.Bounds().Min.X+1, m.Bounds().Min.Y, right)
	return m
}

func TestDecodeKinds(t *testing.T) {
	two := image.Rect(0, 0, 2, 1)
	half := color.NRGBA64{0xffff, 0, 0, 0x8000} // half transparent red
	see := color.Palette{color.NRGBA{}, color.NRGBA{10, 20, 30, 255}}
	frame := image.NewPaletted(image.Rect(1, 1, 2, 2), color.Palette{color.RGBA{10, 20, 30, 255}, color.RGBA{1, 2, 3, 255}})
	blue, black := &RGB{0, 0, 255}, &RGB{}
	for name, c := range map[string]struct {
		data []byte
		o    DecodeOptions
		want []uint8
	}{
		"gray":                {pngBytes(t, drawn(image.NewGray(two), color.Gray{7}, color.Gray{250})), DecodeOptions{}, []uint8{7, 250}},
		"gray to colour":      {pngBytes(t, drawn(image.NewGray(two), color.Gray{7}, color.Gray{250})), DecodeOptions{Channels: 3}, []uint8{7, 7, 7, 250, 250, 250}},
		"16 bits of gray":     {pngBytes(t, drawn(image.NewGray16(two), color.Gray16{0x7fff}, color.Gray16{0x80ff})), DecodeOptions{}, []uint8{127, 128}},
		"colour":              {pngBytes(t, drawn(image.NewRGBA(two), color.RGBA{1, 2, 3, 255}, color.RGBA{255, 0, 0, 255})), DecodeOptions{}, []uint8{1, 2, 3, 255, 0, 0}},
		"colour to gray":      {pngBytes(t, drawn(image.NewRGBA(two), color.RGBA{0, 255, 0, 255}, color.RGBA{255, 0, 0, 255})), DecodeOptions{Channels: 1}, []uint8{150, 76}},
		"transparent":         {pngBytes(t, drawn(image.NewNRGBA(two), color.NRGBA{9, 9, 9, 0}, color.NRGBA{9, 9, 9, 255})), DecodeOptions{}, []uint8{255, 255, 255, 9, 9, 9}},
		"on blue":             {pngBytes(t, drawn(image.NewNRGBA(two), color.NRGBA{9, 9, 9, 0}, color.NRGBA{0, 0, 0, 128})), DecodeOptions{Background: blue}, []uint8{0, 0, 255, 0, 0, 127}},
		"16 bits transparent": {pngBytes(t, drawn(image.NewNRGBA64(two), half, color.NRGBA64{})), DecodeOptions{Background: black}, []uint8{128, 0, 0, 0, 0, 0}},
		"palette":             {pngBytes(t, drawn(image.NewPaletted(two, see), see[0], see[1])), DecodeOptions{}, []uint8{255, 255, 255, 10, 20, 30}},
		"GIF":                 {gifBytes(t, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 2, Height: 2, ColorModel: frame.Palette}}), DecodeOptions{Background: blue}, []uint8{0, 0, 255, 0, 0, 255, 0, 0, 255, 10, 20, 30}},
	} {
		m, err := Decode(bytes.NewReader(c.data), name, c.o)
		if err != nil || m.Check() != nil || !slices.Equal(m.Bytes, c.want) {
			t.Errorf("%s: %+v, %v, expected %v", name, m, err, c.want)
		}
	}
}

func TestDecodeJPEG(t *testing.T) {
	colour := image.NewRGBA(image.Rect(0, 0, 17, 9))
	gray := image.NewGray(colour.Bounds())
	for y := range 9 {
		for x := range 17 {
			colour.Set(x, y, color.RGBA{uint8(10 * x), uint8(20 * y), 90, 255})
			gray.Set(x, y, color.Gray{uint8(10 * x)})
		}
	}
	m, err := Decode(bytes.NewReader(jpegBytes(t, colour)), "x", DecodeOptions{})
	if err != nil || m.Channels != 3 || m.Height != 9 || m.Width != 17 {
		t.Fatal(m, err)
	}
	want, _ := jpeg.Decode(bytes.NewReader(jpegBytes(t, colour)))
	for i := range 9 * 17 {
		r, g, b, _ := want.At(i%17, i/17).RGBA()
		if got := m.Bytes[3*i : 3*i+3]; !slices.Equal(got, []uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)}) {
			t.Fatalf("pixel %d is %v, expected %v, %v, %v", i, got, r>>8, g>>8, b>>8)
		}
	}
	if m, err = Decode(bytes.NewReader(jpegBytes(t, gray)), "x", DecodeOptions{}); err != nil || m.Channels != 1 || m.Len() != 9*17 {
		t.Error(m, err)
	}
}

// withEXIF puts an orientation into a JPEG file.
func withEXIF(file []byte, orientation uint16, order binary.AppendByteOrder, mark string) []byte {
	tiff := order.AppendUint32([]byte(mark), 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, entry := range [][3]uint16{{0x010f, 3, 9}, {0x0112, 3, orientation}} {
		tiff = order.AppendUint16(order.AppendUint16(tiff, entry[0]), entry[1])
		tiff = order.AppendUint16(order.AppendUint16(order.AppendUint32(tiff, 1), entry[2]), 0)
	}
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(segment)+2))...)
	return append(append(out, segment...), file[2:]...)
}

func TestOrientation(t *testing.T) {
	// A black picture of 8 by 16 blocks with a white block on the upper left and a gray one to
	// the right of it.
	drawn := image.NewGray(image.Rect(0, 0, 32, 24))
	for y := range 8 {
		for x := range 16 {
			drawn.SetGray(x, y, color.Gray{uint8(255 - 128*(x/8))})
		}
	}
	file := jpegBytes(t, drawn)
	// Where the white and the gray block are afterwards, as row and column of blocks.
	for orientation, want := range map[uint16][2][2]int{
		1: {{0, 0}, {0, 1}}, 2: {{0, 3}, {0, 2}}, 3: {{2, 3}, {2, 2}}, 4: {{2, 0}, {2, 1}},
		5: {{0, 0}, {1, 0}}, 6: {{0, 2}, {1, 2}}, 7: {{3, 2}, {2, 2}}, 8: {{3, 0}, {2, 0}},
		0: {{0, 0}, {0, 1}}, 9: {{0, 0}, {0, 1}},
	} {
		for mark, order := range map[string]binary.AppendByteOrder{"II*\x00": binary.LittleEndian, "MM\x00*": binary.BigEndian} {
			data := withEXIF(file, orientation, order, mark)
			m, err := Decode(bytes.NewReader(data), "x", DecodeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for k, light := range []float32{1, 0.5} {
				if got := m.At(8*want[k][0]+4, 8*want[k][1]+4, 0); got < light-0.1 || got > light+0.1 {
					t.Errorf("orientation %d, %q: %v at block %v, expected %v", orientation, mark, got, want[k], light)
				}
			}
			if m, _ = Decode(bytes.NewReader(data), "x", DecodeOptions{IgnoreOrientation: true}); m.Height != 24 || m.At(4, 4, 0) < 0.9 {
				t.Errorf("orientation %d was not ignored", orientation)
			}
		}
	}
	for cut := range 60 { // what is broken in the middle is passed over
		readJPEGHeader(withEXIF(file, 3, binary.LittleEndian, "II*\x00")[:cut])
	}
}

// pngHeader is the beginning of a PNG that claims a size.
func pngHeader(width, height uint32, depth, kind byte) []byte {
	chunk := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), width), height)
	chunk = append(chunk, depth, kind, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
}

// jpegHeaderOf is the beginning of a JPEG that claims a size; frame is its kind.
func jpegHeaderOf(width, height uint16, frame byte) []byte {
	out := []byte{0xff, 0xd8, 0xff, frame, 0, 17, 8}
	out = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(out, height), width)
	return append(out, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xda, 0, 12)
}

func TestDecodeRefused(t *testing.T) {
	good := pngBytes(t, image.NewGray(image.Rect(0, 0, 20, 20)))
	photo := jpegBytes(t, image.NewGray(image.Rect(0, 0, 40, 40)))
	broken := slices.Clone(good)
	broken[len(broken)-20] ^= 0xff
	for name, c := range map[string]struct {
		data []byte
		o    DecodeOptions
		is   error
		want string
	}{
		"bomb":             {pngHeader(100_000, 100_000, 8, 2), DecodeOptions{}, ErrTooLarge, "100000 by 100000 pixels, more than the 67108864 allowed"},
		"largest bomb":     {pngHeader(1<<31-1, 1<<31-1, 1, 0), DecodeOptions{}, ErrFormat, "of a kind that is not read: png: unsupported feature: dimension overflow"},
		"heavy":            {pngHeader(8000, 8000, 16, 6), DecodeOptions{}, ErrTooLarge, "takes 512 MB, more than the 268 MB allowed"},
		"JPEG bomb":        {jpegHeaderOf(65535, 65535, 0xc0), DecodeOptions{}, ErrTooLarge, "65535 by 65535 pixels"},
		"progressive":      {jpegHeaderOf(8000, 8000, 0xc2), DecodeOptions{}, ErrTooLarge, "takes 960 MB"},
		"small limit":      {good, DecodeOptions{Limits: Limits{MaxPixels: 399}}, ErrTooLarge, "20 by 20 pixels"},
		"long file":        {good, DecodeOptions{Limits: Limits{MaxFile: 50}}, ErrTooLarge, "more than 50 B"},
		"zero wide":        {pngHeader(0, 5, 8, 2), DecodeOptions{}, ErrDamaged, "damaged"},
		"zero high JPEG":   {jpegHeaderOf(5, 0, 0xc0), DecodeOptions{}, ErrDamaged, "5 pixels wide and 0 high"},
		"empty":            {nil, DecodeOptions{}, ErrDamaged, "the file is empty"},
		"text":             {[]byte("hello, this is no picture"), DecodeOptions{}, ErrFormat, "neither PNG, JPEG nor GIF"},
		"webp":             {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), DecodeOptions{}, ErrFormat, "WebP"},
		"bmp":              {[]byte("BM123456"), DecodeOptions{}, ErrFormat, "BMP"},
		"tiff":             {[]byte("II*\x00123456"), DecodeOptions{}, ErrFormat, "TIFF"},
		"page":             {[]byte("<!DOCTYPE html>"), DecodeOptions{}, ErrFormat, "web page"},
		"lfs":              {[]byte("version https://git-lfs"), DecodeOptions{}, ErrFormat, "git lfs pull"},
		"cut off":          {good[:len(good)-20], DecodeOptions{}, ErrDamaged, "the PNG ends too early; the file is cut off"},
		"cut off header":   {good[:20], DecodeOptions{}, ErrDamaged, "the PNG ends too early"},
		"cut off JPEG":     {photo[:len(photo)-30], DecodeOptions{}, ErrDamaged, "the JPEG ends too early"},
		"wrong check sum":  {broken, DecodeOptions{}, ErrDamaged, "the PNG is damaged"},
		"cut off GIF":      {[]byte("GIF89a\x02\x00\x02\x00\x00\x00\x00"), DecodeOptions{}, ErrDamaged, "GIF"},
		"only a signature": {good[:8], DecodeOptions{}, ErrDamaged, "ends too early"},
	} {
		_, err := Decode(bytes.NewReader(c.data), "dir/x.png", c.o)
		var file *FileError
		if !errors.As(err, &file) || file.File != "dir/x.png" || file.Hint == "" || !errors.Is(err, c.is) || (c.is == ErrTooLarge) != (file.Limit != "") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q in it", name, err, c.want)
		}
	}
	for cut := range photo { // never a panic, and the end marker may be missing
		Decode(bytes.NewReader(photo[:cut]), "x", DecodeOptions{})
	}
}

// TestBombAllocates measures what refusing a bomb takes.
func TestBombAllocates(t *testing.T) {
	bomb := pngHeader(60_000, 60_000, 16, 6)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Decode(bytes.NewReader(bomb), "x", DecodeOptions{}); err == nil {
		t.Fatal("a bomb was decoded")
	}
	runtime.ReadMemStats(&after)
	got := after.TotalAlloc - before.TotalAlloc
	if got > 1<<16 {
		t.Errorf("refusing takes %d bytes", got)
	}
}

func TestDecodeFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.png")
	if err := os.WriteFile(path, pngBytes(t, image.NewGray(image.Rect(0, 0, 3, 2))), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Files{Paths: []string{path}, Options: DecodeOptions{Channels: 3}}.Image(0)
	if err != nil || m.Height != 2 || m.Width != 3 || m.Channels != 3 {
		t.Fatal(m, err)
	}
	for want, decode := range map[string]func() (*Image, error){
		"there is no such file":  func() (*Image, error) { return DecodeFile(filepath.Join(dir, "y.png"), DecodeOptions{}) },
		"it is a folder":         func() (*Image, error) { return DecodeFile(dir, DecodeOptions{}) },
		"more than 10 B":         func() (*Image, error) { return DecodeFile(path, DecodeOptions{Limits: Limits{MaxFile: 10}}) },
		"MaxPixels: -1":          func() (*Image, error) { return DecodeFile(path, DecodeOptions{Limits: Limits{MaxPixels: -1}}) },
		"Channels: 4":            func() (*Image, error) { return DecodeFile(path, DecodeOptions{Channels: 4}) },
		"zip/a.png: there is no": func() (*Image, error) { return DecodeFS(fstest.MapFS{}, "a.png", "zip/a.png", DecodeOptions{}) },
	} {
		if _, err := decode(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if h, err := ReadHeader(file, path, DecodeOptions{}); err != nil || h != (Header{Format: "PNG", Height: 2, Width: 3, Gray: true, Memory: 24, Orientation: 1}) {
		t.Errorf("%+v, %v", h, err)
	}
}

func TestFromStandard(t *testing.T) {
	part := image.NewRGBA(image.Rect(-3, 5, 9, 9)).SubImage(image.Rect(2, 6, 4, 7))
	m, err := FromStandard(part, DecodeOptions{Background: &RGB{1, 2, 3}})
	if err != nil || !slices.Equal(m.Bytes, []uint8{1, 2, 3, 1, 2, 3}) {
		t.Error(m, err)
	}
	cmyk := drawn(image.NewCMYK(image.Rect(0, 0, 2, 1)), color.CMYK{0, 255, 255, 0}, color.CMYK{0, 0, 0, 255})
	if m, err = FromStandard(cmyk, DecodeOptions{}); err != nil || !slices.Equal(m.Bytes, []uint8{255, 0, 0, 0, 0, 0}) {
		t.Error(m, err)
	}
	outside := image.NewPaletted(image.Rect(0, 0, 1, 1), palette.Plan9[:2])
	outside.Pix[0] = 200
	if m, err = FromStandard(outside, DecodeOptions{}); err != nil || !slices.Equal(m.Bytes, []uint8{0, 0, 0}) {
		t.Error(m, err)
	}
	if _, err = FromStandard(image.NewGray(image.Rectangle{}), DecodeOptions{}); err == nil {
		t.Error("an image without pixels was taken")
	}
	for _, channels := range []int{1, 3} {
		want, _ := New(2, 2, channels), 0
		copy(want.Bytes, []uint8{1, 20, 255, 0, 7, 9})
		if got, err := FromStandard(want.Standard(), DecodeOptions{}); err != nil || got.Channels != channels || !slices.Equal(got.Bytes, want.Bytes) {
			t.Errorf("%+v, %v, expected %+v", got, err, want)
		}
	}
}

func TestRGB(t *testing.T) {
	var c RGB
	if err := c.UnmarshalText([]byte("#01a0Ff")); err != nil || c != (RGB{1, 160, 255}) || c.String() != "#01a0ff" {
		t.Error(c, err)
	}
	for _, text := range []string{"", "white", "#12345", "#12345g", "#1234567"} {
		if err := c.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "expected #rrggbb") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzDecode reads any file: what is accepted is a sound image within the limits.
func FuzzDecode(f *testing.F) {
	f.Add(pngBytes(f, drawn(image.NewNRGBA(image.Rect(0, 0, 2, 1)), color.White, color.Transparent)))
	f.Add(jpegBytes(f, image.NewGray(image.Rect(0, 0, 8, 8))))
	f.Add(withEXIF(jpegBytes(f, image.NewRGBA(image.Rect(0, 0, 9, 3))), 6, binary.BigEndian, "MM\x00*"))
	f.Add(gifBytes(f, &gif.GIF{Image: []*image.Paletted{image.NewPaletted(image.Rect(0, 0, 2, 2), palette.Plan9)}, Delay: []int{0}}))
	f.Add(pngHeader(1<<30, 1<<30, 8, 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(bytes.NewReader(data), "x", DecodeOptions{Limits: Limits{MaxPixels: 1 << 16, MaxFile: 1 << 16}})
		if err != nil {
			var file *FileError
			if !errors.As(err, &file) {
				t.Errorf("%T: %v", err, err)
			}
			return
		}
		if m.Check() != nil || m.Height*m.Width > 1<<16 {
			t.Errorf("%d by %d: %v", m.Height, m.Width, m.Check())
		}
	})
}

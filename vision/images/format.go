package images

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
)

// format is how one kind of file is read.
type format struct {
	name   string
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// formats lists what is read, by the first bytes. The registry of package image is not asked:
// what else a program has registered there must not change what a data set may hold.
func formats() []format {
	return []format{
		{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
		{"JPEG", "\xff\xd8", jpeg.DecodeConfig, jpeg.Decode},
		{"GIF", "GIF8", gif.DecodeConfig, gif.Decode},
	}
}

// magicLength is how many bytes tell the format.
const magicLength = 16

// formatOf tells the format by the first bytes of a file.
func formatOf(start []byte) (format, bool) {
	for _, f := range formats() {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return f, true
		}
	}
	return format{}, false
}

// unknownFormat says what a file that is no image seems to be.
func unknownFormat(name string, start []byte) error {
	e := &FileError{File: name, Reason: "it is neither PNG, JPEG nor GIF", Hint: "convert it to PNG", Err: ErrFormat}
	text := strings.ToLower(string(start))
	switch {
	case len(start) == 0:
		e.Reason, e.Hint, e.Err = "the file is empty", "get it again, or leave it out", ErrDamaged
	case strings.HasPrefix(text, "riff") && strings.Contains(text, "webp"):
		e.Reason = "it is a WebP image, which is not read"
	case strings.HasPrefix(text, "bm"):
		e.Reason = "it seems to be a BMP image, which is not read"
	case strings.HasPrefix(text, "ii*\x00"), strings.HasPrefix(text, "mm\x00*"):
		e.Reason = "it is a TIFF image, which is not read"
	case strings.HasPrefix(text, "version https"):
		e.Reason, e.Hint = "it is the placeholder of a file kept by Git LFS", "fetch the files themselves: git lfs pull"
	case strings.HasPrefix(strings.TrimSpace(text), "<"):
		e.Reason, e.Hint = "it is a web page or an SVG drawing", "get the file again, or convert it to PNG"
	}
	return e
}

// IsName tells by the end of a file's name whether it is an image that is read: .png, .jpg,
// .jpeg or .gif in small or capital letters.
func IsName(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return false
	}
	switch strings.ToLower(name[dot:]) {
	case ".png", ".jpg", ".jpeg", ".gif":
		return true
	}
	return false
}

package images

import "fmt"

// What Limits mean where they are 0.
const (
	DefaultMaxPixels = 1 << 26 // 67 million: 8,192 by 8,192
	DefaultMaxFile   = 1 << 26 // 64 MiB
	DefaultMaxMemory = 1 << 28 // 256 MiB
)

// Limits say how large an image file may be. What is larger is refused by its header, before
// memory is taken for it: a [*FileError] that wraps [ErrTooLarge] and names the limit. The zero
// value accepts photographs of any camera.
type Limits struct {
	MaxPixels int64 `yaml:"maxPixels"` // height times width; 0 means DefaultMaxPixels
	MaxFile   int64 `yaml:"maxFile"`   // bytes of the file; 0 means DefaultMaxFile
	MaxMemory int64 `yaml:"maxMemory"` // bytes that its pixels take when decoded; 0 means DefaultMaxMemory
}

// Check says which limit makes no sense: an *OptionError.
func (l Limits) Check() error {
	for _, limit := range []struct {
		name  string
		value int64
	}{{"MaxPixels", l.MaxPixels}, {"MaxFile", l.MaxFile}, {"MaxMemory", l.MaxMemory}} {
		if limit.value < 0 {
			return &OptionError{limit.name, fmt.Sprintf("%d, expected a positive number, or 0 for the default", limit.value)}
		}
	}
	return nil
}

// WithDefaults is l with every 0 replaced by what it means.
func (l Limits) WithDefaults() Limits {
	for _, limit := range []struct {
		value    *int64
		standard int64
	}{{&l.MaxPixels, DefaultMaxPixels}, {&l.MaxFile, DefaultMaxFile}, {&l.MaxMemory, DefaultMaxMemory}} {
		if *limit.value == 0 {
			*limit.value = limit.standard
		}
	}
	return l
}

// beyond is the error of an image that goes beyond a limit.
func beyond(file, limit, format string, args ...any) error {
	return &FileError{File: file, Reason: fmt.Sprintf(format, args...), Hint: "make the picture smaller, or allow more with " + limit, Limit: limit, Err: ErrTooLarge}
}

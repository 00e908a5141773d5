package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/internal/bytesize"
	"github.com/graft-ml/graft/vision/images"
)

// imageLimit is a limit of image files as a user sets it.
type imageLimit struct {
	field   string // of images.Limits
	setting string // of a recipe
	flag    cli.Flag
	of      func(*images.Limits) *int64
}

func imageLimits() []imageLimit {
	return []imageLimit{
		{"MaxPixels", "maxPixels", &cli.Int64Flag{Name: "max-pixels", DefaultText: "as in training", Usage: "refuse images of more than `N` pixels"},
			func(l *images.Limits) *int64 { return &l.MaxPixels }},
		{"MaxFile", "maxFile", &cli.StringFlag{Name: "max-file", DefaultText: "as in training", Usage: "refuse image files of more than `SIZE`, such as 100MB"},
			func(l *images.Limits) *int64 { return &l.MaxFile }},
		{"MaxMemory", "maxMemory", &cli.StringFlag{Name: "max-decoded", DefaultText: "as in training", Usage: "refuse images that take more than `SIZE` when decoded"},
			func(l *images.Limits) *int64 { return &l.MaxMemory }},
	}
}

// limitFlags are those of commands that read images with a model.
func limitFlags() []cli.Flag {
	var list []cli.Flag
	for _, l := range imageLimits() {
		list = append(list, l.flag)
	}
	return list
}

// isLimit tells whether a flag is one of them.
func isLimit(name string) bool {
	return slices.ContainsFunc(limitFlags(), func(f cli.Flag) bool { return f.Names()[0] == name })
}

// noLimits refuses them where there are no images.
func noLimits(c *cli.Context) error {
	for _, f := range limitFlags() {
		if name := f.Names()[0]; c.IsSet(name) {
			return misuse("%s: --%s is about images, and none are read: leave it out", commandPath(c), name)
		}
	}
	return nil
}

// allow sets the limits that the command line names.
func allow(c *cli.Context, limits *images.Limits) error {
	for _, l := range imageLimits() {
		name := l.flag.Names()[0]
		if !c.IsSet(name) {
			continue
		}
		value, err := c.Int64(name), error(nil)
		if _, amount := l.flag.(*cli.StringFlag); amount {
			if value, err = bytesize.Parse(c.String(name)); err != nil {
				return misuse("--%s: %v", name, err)
			}
		}
		if value < 1 {
			return misuse("--%s %d: want at least 1", name, value)
		}
		*l.of(limits) = value
	}
	return nil
}

// limitText is the text of an error, in which a limit of images is called as users set it.
func limitText(err error) string {
	text := err.Error()
	var file *images.FileError
	if !errors.As(err, &file) {
		return text
	}
	for _, l := range imageLimits() {
		if l.field == file.Limit {
			set := fmt.Sprintf("--%s of predict and explain, or data.images.limits.%s of a recipe", l.flag.Names()[0], l.setting)
			return strings.Replace(text, file.Hint, strings.Replace(file.Hint, l.field, set, 1), 1)
		}
	}
	return text
}

package main

import (
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/motion"
	clipfiles "github.com/graft-ml/graft/motion/open"
	"github.com/graft-ml/graft/motion/reconstruction"
	"github.com/graft-ml/graft/motion/render"
)

const renderManual = `Draws a clip as a stick figure: as an animated GIF that plays at the speed of the
clip, or, where the file ends in .png, as a strip of some of its frames. Left
limbs are blue, right ones orange.

--beside draws a second clip next to the first, such as what a model made of
it, --over draws it over the first, which is gray then. Both must have as many
frames; where they differ in rate the first is brought to that of the second.
Each is moved as a whole, so that the figure begins in the middle with its
lowest place on the ground, as clips are that a run has decoded; --in-place
leaves them where they are.

Examples:

   graft motion render walk.bvh walk.gif
   graft motion render --beside again.bvh walk.bvh both.gif
   graft motion render --frames 8 --view 90 walk.bvh strip.png`

func (p *program) motionRenderCommand() *cli.Command {
	return &cli.Command{
		Name: "render", Usage: "draw a clip, or two, as stick figures", ArgsUsage: "CLIP FILE.gif|FILE.png", Description: renderManual,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "beside", Usage: "draw a second `CLIP` beside the first"},
			&cli.StringFlag{Name: "over", Usage: "draw a second `CLIP` over the first"},
			&cli.BoolFlag{Name: "in-place", Usage: "with --beside or --over: leave clips where they are"},
			&cli.IntFlag{Name: "size", Value: 360, Usage: "height of the picture in `PIXELS`"},
			&cli.IntFlag{Name: "width", DefaultText: "what is needed", Usage: "width of a figure's picture in `PIXELS`"},
			&cli.Float64Flag{Name: "fps", DefaultText: "25, or the clip's if lower", Usage: "`N` frames a second of a GIF, at most 50"},
			&cli.Float64Flag{Name: "view", Value: render.DefaultAzimuth, Usage: "`DEGREES` that the camera stands off the front, towards the figure's left"},
			&cli.Float64Flag{Name: "elevation", Value: render.DefaultElevation, Usage: "`DEGREES` that it stands above the ground, at most 89"},
			&cli.BoolFlag{Name: "follow", Usage: "the camera follows the hips, for figures that travel far"},
			&cli.StringFlag{Name: "title", Usage: "`TEXT` above the picture"},
			&cli.IntFlag{Name: "frames", Value: stripFrames, Usage: "`N` frames of a strip"},
			&cli.IntFlag{Name: "from", Usage: "draw from frame `N` on, counted from 0"},
			&cli.IntFlag{Name: "to", DefaultText: "the end", Usage: "draw up to frame `N`, without it"},
		},
		Action: p.motionRender,
	}
}

func (p *program) motionRender(c *cli.Context) error {
	args, err := arguments(c, 2, 2)
	if err != nil {
		return err
	}
	ending := strings.ToLower(filepath.Ext(args[1]))
	switch {
	case ending != ".gif" && ending != ".png":
		return misuse("%s: the picture is to be %q: want a file that ends in .gif, which moves, or in .png, a strip of frames", commandPath(c), args[1])
	case c.IsSet("beside") && c.IsSet("over"):
		return misuse("%s: --beside and --over: a second clip is drawn in one way at a time", commandPath(c))
	case c.Int("frames") < 1:
		return misuse("%s: --frames is %d: want the number of frames of a strip", commandPath(c), c.Int("frames"))
	}
	scene, err := sceneOf(c, args[0])
	if err == nil {
		err = writeFile(args[1], func(out io.Writer) error {
			if ending == ".png" {
				return scene.WriteStrip(out, c.Int("frames"))
			}
			return scene.WriteGIF(out)
		})
	}
	if size := (*render.SizeError)(nil); errors.As(err, &size) {
		return misuse("%s: %s", commandPath(c), message(err))
	}
	return err
}

// sceneOf is what is to be drawn.
func sceneOf(c *cli.Context, path string) (*render.Scene, error) {
	first, err := clipfiles.Clip(path, clipfiles.Options{})
	if err != nil {
		return nil, err
	}
	o := render.Options{Height: c.Int("size"), Width: c.Int("width"), FPS: c.Float64("fps"), Follow: c.Bool("follow"), Title: c.String("title"),
		Azimuth: turned(c.Float64("view")), Elevation: level(c.Float64("elevation"))}
	other := c.String("beside") + c.String("over")
	if other == "" {
		if first, err = part(c, first); err != nil {
			return nil, err
		}
		return render.One(first, o)
	}
	second, err := clipfiles.Clip(other, clipfiles.Options{})
	if err != nil {
		return nil, err
	}
	if first, second, err = alike(c, first, second); err != nil {
		return nil, err
	}
	if first, err = part(c, first); err != nil {
		return nil, err
	}
	if second, err = part(c, second); err != nil {
		return nil, err
	}
	if c.IsSet("over") {
		return render.Overlay(first, second, o)
	}
	first.Name, second.Name = stemOf(path), stemOf(other)
	return render.SideBySide(first, second, o)
}

// turned has an angle of 0 mean the front, which options of pictures write as a full turn.
func turned(degrees float64) float64 {
	if degrees == 0 {
		return 360
	}
	return degrees
}

// level has an angle of 0 mean that the camera is level with the ground.
func level(degrees float64) float64 {
	if degrees == 0 {
		return -1
	}
	return degrees
}

// part is the frames that are to be drawn.
func part(c *cli.Context, clip *motion.Clip) (*motion.Clip, error) {
	from, to := c.Int("from"), clip.Frames()
	if c.IsSet("to") {
		to = c.Int("to")
	}
	if clip.Frames() == 0 {
		return clip, nil // which is refused by its name
	}
	if from < 0 || to > clip.Frames() || from >= to {
		return nil, misuse("%s: --from %d --to %d: the clip %q has frames 0 to %d", commandPath(c), from, to, clip.Name, clip.Frames()-1)
	}
	return clip.Cut(from, to), nil
}

// alike brings two clips to one rate, one unit and one place. A unit or a rate that one of them
// does not know is the other's.
func alike(c *cli.Context, first, second *motion.Clip) (a, b *motion.Clip, err error) {
	x, y := *first, *second
	a, b = &x, &y
	if a.Unit == 0 || b.Unit == 0 {
		a.Unit = max(a.Unit, b.Unit)
		b.Unit = a.Unit
	}
	switch {
	case a.FPS == 0 || b.FPS == 0:
		a.FPS = max(a.FPS, b.FPS)
		b.FPS = a.FPS
	case a.FPS != b.FPS:
		if a, err = a.Resample(b.FPS); err != nil {
			return nil, nil, err
		}
	}
	if c.Bool("in-place") {
		return a, b, nil
	}
	if a, err = reconstruction.Grounded().Apply(a); err != nil {
		return nil, nil, err
	}
	b, err = reconstruction.Grounded().Apply(b)
	return a, b, err
}

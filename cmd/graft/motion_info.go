package main

import (
	"fmt"
	"math"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/motion"
	clipfiles "github.com/graft-ml/graft/motion/open"
	"github.com/graft-ml/graft/report"
)

const motionInfoManual = `Describes clips: frames, rate, joints, height of the body, unit of length where
the file tells it, and which way the axes point. --joints lists the joints of
one clip, each with the joint that it hangs on.

Height is the lengths of the bones from head to foot, in the file's unit.

Examples:

   graft motion info walk.bvh run.bvh
   graft motion info --joints walk.bvh`

func (p *program) motionInfoCommand() *cli.Command {
	return &cli.Command{
		Name: "info", Usage: "describe clips", ArgsUsage: "CLIP...", Description: motionInfoManual,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "joints", Usage: "list the joints of a clip"}, formatFlag()},
		Action: p.motionInfo,
	}
}

func (p *program) motionInfo(c *cli.Context) error {
	most := math.MaxInt
	if c.Bool("joints") {
		most = 1
	}
	args, format, err := argumentsAndFormat(c, 1, most)
	if err != nil {
		return err
	}
	t := clipTable(true)
	for _, path := range args {
		clip, err := clipfiles.Clip(path, clipfiles.Options{})
		if err != nil {
			return err
		}
		if c.Bool("joints") {
			t = jointTable(clip)
			break
		}
		addClip(&t, path, clip)
	}
	return t.Write(p.out, format)
}

// clipTable is a table of clips.
func clipTable(height bool) report.Table {
	t := report.Table{Columns: []report.Column{
		{Key: "file"}, {Key: "frames", Right: true}, {Key: "fps", Heading: "frames a second", Right: true}, {Key: "seconds", Right: true},
		{Key: "joints", Right: true}, {Key: "unit", Heading: "unit, m", Right: true}, {Key: "axes"},
	}}
	if height {
		t.Columns = append(t.Columns, report.Column{Key: "height", Right: true})
	}
	return t
}

// addClip adds a row. What nobody knows is empty.
func addClip(t *report.Table, file string, c *motion.Clip) {
	row := []any{file, c.Frames(), known(c.FPS), known(c.Seconds()), c.Joints(), known(c.Unit), c.Axes.String()}
	if len(t.Columns) > len(row) {
		height := 0.0
		if c.Frames() > 0 {
			if h, err := c.Height(c.Skeleton.Landmarks()); err == nil {
				height = h
			}
		}
		row = append(row, known(height))
	}
	t.Rows = append(t.Rows, row)
}

// known is a number that 0 stands for not knowing.
func known(v float64) any {
	if v == 0 {
		return nil
	}
	return report.Cell{Text: fmt.Sprintf("%.4g", v), Value: v}
}

// oneDecimal is a number with one.
func oneDecimal(v float64) string { return fmt.Sprintf("%.1f", v) }

// jointTable lists the joints of a clip.
func jointTable(c *motion.Clip) report.Table {
	t := report.Table{Columns: []report.Column{{Key: "joint", Right: true}, {Key: "name"}, {Key: "parent"}, {Key: "bone", Heading: "length of the bone", Right: true}}}
	lengths := c.BoneLengths()
	for j, name := range c.Skeleton.Joints {
		var parent, bone any
		if up := c.Skeleton.Parents[j]; up >= 0 {
			parent, bone = c.Skeleton.Joints[up], known(lengths[j])
		}
		t.Add(j, name, parent, bone)
	}
	return t
}

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
)

const motionManual = `Clips of movement: where the joints of a figure are in every frame. They are
read from BVH, CSV, NumPy and safetensors files (.bvh, .csv, .npy, .safetensors;
all but the last also .gz) and written as such. Of an array of NumPy, [frames,
joints, 3], 22 joints are taken for those of HumanML3D, 24 for an SMPL body.

A run that learned from clips ("graft train --motion DIR", or --config
motion-4dmot) makes a clip into tokens, codes out of its codebook, and tokens
into a clip:

   graft motion encode -o walk.tokens.safetensors RUN walk.bvh
   graft motion decode -o again.bvh RUN walk.tokens.safetensors
   graft motion render --beside again.bvh walk.bvh walk.gif`

func (p *program) motionCommand() *cli.Command {
	return &cli.Command{
		Name: "motion", Usage: "make movement into tokens and back, draw and describe it", Description: motionManual,
		Subcommands: []*cli.Command{p.motionEncodeCommand(), p.motionDecodeCommand(), p.motionRenderCommand(), p.motionInfoCommand()},
	}
}

// outFlag is the flag of commands that write one file. It has no value but what it is given.
func outFlag(def, usage string) cli.Flag {
	return &cli.StringFlag{Name: "out", Aliases: []string{"o"}, DefaultText: def, Usage: usage}
}

// outOr gives the file to write: that of --out, or one named after the input, in the working
// folder.
func outOr(c *cli.Context, in, ending string) string {
	if out := c.String("out"); out != "" {
		return out
	}
	return stemOf(in) + ending
}

// tokensEnding is what files of tokens are called by default.
const tokensEnding = ".tokens.safetensors"

// stemOf is the name of a file without folder and endings.
func stemOf(file string) string {
	name := filepath.Base(file)
	if whole, isTokens := strings.CutSuffix(name, tokensEnding); isTokens {
		return whole
	}
	name = strings.TrimSuffix(name, ".gz")
	return strings.TrimSuffix(name, filepath.Ext(name))
}

// writeFile hands a writer on to a file that is there in full at the end or not at all.
func writeFile(path string, write func(out io.Writer) error) error {
	file, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w; choose a folder that exists and that you may write to", path, err)
	}
	defer file.Cleanup() // removes what an error left, does nothing after success
	out := bufio.NewWriter(file)
	if err := write(out); err != nil {
		return err
	}
	if err := errors.Join(out.Flush(), file.CloseAtomicallyReplace()); err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	return nil
}

// openMotionRun reads the model of a run that learned from clips.
func openMotionRun(c *cli.Context, dir string) (*recipes.Trained, error) {
	trained, err := open(c, dir)
	if err != nil {
		return nil, err
	}
	if trained.Motion == nil {
		return nil, misuse("%s: the run %s learned from %s (%s), not from clips of movement: name the run of a motion tokenizer, or train one with graft train --motion DIR",
			commandPath(c), dir, trained.Recipe.Data.Title(), trained.Recipe.Data.Items())
	}
	return trained, nil
}

// noMotionPredictions tells what to do with a run that learned from clips.
func noMotionPredictions(dir string) error {
	return misuse("graft predict: the run %s learned to make movement into tokens, and predicts nothing: encode a clip with %s", dir,
		strings.Join(quoted([]string{"graft", "motion", "encode", dir, "CLIP"}), " "))
}

// millimetres are a distance in a clip's unit as people and programs read it, and the unit.
func millimetres(c *motion.Clip, distance float64) (report.Cell, string) {
	unit := "units"
	if c.Unit > 0 {
		distance, unit = 1000*c.Unit*distance, "mm"
	}
	return report.Cell{Text: fmt.Sprintf("%.1f", distance), Value: distance}, unit
}

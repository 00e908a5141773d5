package main

import (
	"io"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/tokenizer"
	"github.com/graft-ml/graft/report"
)

const encodeManual = `Makes a clip into tokens by the model of a run, and keeps them in a safetensors
file: the tensor codes [steps, joints], and what it takes to make a clip of
them again.

The clip is prepared as those that the run learned from were: joints are found
by their names, rate and place are brought to theirs. What is printed is how
many tokens there are, how many different codes they are, and how far the
joints of the decoded clip are from where they were in the mean (mpjpe).

A clip of any length will do. It does not train: a clip of another skeleton
than the run's is refused.

Examples:

   graft motion encode runs/bandai walk.bvh
   graft motion encode -o tokens.safetensors runs/dances clip4.safetensors`

func (p *program) motionEncodeCommand() *cli.Command {
	return &cli.Command{
		Name: "encode", Usage: "make a clip into tokens", ArgsUsage: "RUN CLIP", Description: encodeManual,
		Flags:  []cli.Flag{outFlag("CLIP"+tokensEnding+" here", "write tokens to `FILE`"), checkpointFlag(), formatFlag()},
		Action: p.motionEncode,
	}
}

func (p *program) motionEncode(c *cli.Context) error {
	args, format, err := argumentsAndFormat(c, 2, 2)
	if err != nil {
		return err
	}
	trained, err := openMotionRun(c, args[0])
	if err != nil {
		return err
	}
	clip, err := trained.ReadClip(args[1])
	if err != nil {
		return err
	}
	m, err := trained.Tokenizer()
	if err != nil {
		return err
	}
	tokens, err := m.Encode(clip)
	if err != nil {
		return err
	}
	again, err := m.Decode(tokens)
	if err != nil {
		return err
	}
	out := outOr(c, args[1], tokensEnding)
	if err := writeFile(out, func(w io.Writer) error { return tokenizer.WriteTokens(w, tokens) }); err != nil {
		return err
	}
	use := tokens.Use()
	distance, unit := millimetres(clip, motion.MPJPE(clip, again))
	t := report.Table{Columns: []report.Column{
		{Key: "file"}, {Key: "frames", Right: true}, {Key: "steps", Right: true}, {Key: "tokens", Right: true},
		{Key: "codes", Heading: "different codes", Right: true}, {Key: "perplexity", Right: true}, {Key: "mpjpe", Heading: "mpjpe " + unit, Right: true},
	}}
	t.Add(out, tokens.Frames, tokens.Steps(), len(tokens.Codes), use.Codes, report.Cell{Text: oneDecimal(use.Perplexity), Value: use.Perplexity}, distance)
	return t.Write(p.out, format)
}

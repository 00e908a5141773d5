package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/motion"
	clipfiles "github.com/graft-ml/graft/motion/open"
	"github.com/graft-ml/graft/motion/tokenizer"
	"github.com/graft-ml/graft/safetensors"
)

const decodeManual = `Makes a clip of tokens again, by the model of the run that made them. The ending
of the file says what is written: .bvh, .csv, .npy or .safetensors, all but the
last also with .gz behind.

Places of joints do not tell how bones are turned about themselves: a BVH file
gets position channels on every joint, and no rotations. It does not keep the
unit of length; CSV and safetensors do, and an array of NumPy has places only.

Examples:

   graft motion decode -o again.bvh runs/bandai walk.tokens.safetensors
   graft motion decode -o again.csv runs/dances clip4.tokens.safetensors`

func (p *program) motionDecodeCommand() *cli.Command {
	return &cli.Command{
		Name: "decode", Usage: "make a clip of tokens", ArgsUsage: "RUN TOKENS", Description: decodeManual,
		Flags:  []cli.Flag{outFlag("the name of TOKENS and .bvh, here", "write the clip to `FILE`"), checkpointFlag(), formatFlag()},
		Action: p.motionDecode,
	}
}

func (p *program) motionDecode(c *cli.Context) error {
	args, format, err := argumentsAndFormat(c, 2, 2)
	if err != nil {
		return err
	}
	out := outOr(c, args[1], ".bvh")
	if !clipfiles.Readable(out) {
		return misuse("%s: --out is %q: the ending says what is written: want .bvh, .csv, .npy or .safetensors", commandPath(c), out)
	}
	trained, err := openMotionRun(c, args[0])
	if err != nil {
		return err
	}
	tokens, err := readTokens(args[1])
	if err != nil {
		return err
	}
	m, err := trained.Tokenizer()
	if err != nil {
		return err
	}
	clip, err := m.Decode(tokens)
	if err != nil {
		return &motion.FileError{File: args[1], Reason: message(err), Err: err}
	}
	if err := clipfiles.Save(out, clip); err != nil {
		return err
	}
	t := clipTable(false)
	addClip(&t, out, clip)
	return t.Write(p.out, format)
}

// readTokens reads a file of tokens. The error names it.
func readTokens(path string) (t *tokenizer.Tokens, err error) {
	f, err := safetensors.Open(path, safetensors.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return tokenizer.ReadTokens(path, f)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/train"
)

// The exit codes, as the manual lists them.
const (
	exitFailed      = 1
	exitWrongUse    = 2
	exitInterrupted = 130
)

const manual = `Graft trains transformers for graphs, tables, images, motion and sequences:
networks in which every node, cell or patch attends to every other, told by
an encoding where it is. Everything runs on the CPU; no other program or
library is needed.

A first run, on a data set that is built in (under a minute):

   graft train

Then on molecules, with the recipe of the GRIT paper cut to 30 epochs:

   graft train --config zinc-grit-30 --data data/zinc12k

Or on files of your own: molecules with a column of SMILES and one to predict,

   graft train --csv molecules.csv --smiles-column smiles --target-column y

on the rows of any table, on images in folders by class, or on movement:

   graft train --table people.csv --target-column income
   graft train --images photos
   graft train --motion dances

Every run gets a folder with its configuration, log, checkpoints and
learning curves, from which it can be evaluated, used or continued:

   graft eval RUN
   graft predict RUN graphs.jsonl
   graft train --resume RUN

Options stand before arguments: graft eval --split val RUN.

Exit codes: 0 all went well; 1 it failed; 2 wrong use: a mistake in the
command line or in a configuration; 130 interrupted.

Environment: GRAFT_DATA is the folder of data sets where --data is not
given; GRAFT_SIMD=avx512|avx2|none forces a kernel level.`

// program is what the subcommands share: the streams of the process.
type program struct {
	args   []string
	in     io.Reader
	out    io.Writer // for results
	errOut io.Writer // for progress and errors
}

// run is the whole command: it gives the exit code.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	p := &program{args: args, in: in, out: out, errOut: errOut}
	ctx, stop := p.catchInterrupts()
	defer stop()
	err := p.app().RunContext(ctx, args)
	if err == nil {
		return 0
	}
	text := message(err)
	var saved *interrupted
	if exitCode(err) == exitInterrupted && !errors.As(err, &saved) {
		text = "interrupted"
	}
	if !strings.HasPrefix(text, "graft ") && !strings.HasPrefix(text, "graft:") {
		text = "graft: " + text
	}
	fmt.Fprintln(errOut, text)
	return exitCode(err)
}

// wrongUse is a mistake in the command line.
type wrongUse struct{ text string }

func (e *wrongUse) Error() string { return e.text }

func misuse(format string, args ...any) error { return &wrongUse{fmt.Sprintf(format, args...)} }

func exitCode(err error) int {
	var use *wrongUse
	var parse *recipes.ParseError
	var setting *recipes.SettingError
	var unknown *datasets.UnknownError
	var option *files.OptionError
	var tableOption *tables.OptionError
	switch {
	case errors.Is(err, train.ErrInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &use), errors.As(err, &parse), errors.As(err, &setting), errors.As(err, &unknown), errors.As(err, &option), errors.As(err, &tableOption):
		return exitWrongUse
	}
	return exitFailed
}

// message leaves out the package in front of an error: users do not know packages.
func message(err error) string {
	text := limitText(err)
	for {
		first, rest, found := strings.Cut(text, ": ")
		switch first {
		case "recipes", "train", "datasets", "graphs", "grit", "report", "safetensors", "checkpoint", "speed", "studies", "expressivity", "benchmark", "scaling", "lengths", "sequences", "encodings", "files", "smiles", "depict",
			"tables", "decoder", "tokenize", "tableqa", "records", "classify", "images", "imagesets", "motion", "bvh", "clips", "tokenizer", "reconstruction", "render", "vision", "cswin", "polyphase":
			if found {
				text = rest
				continue
			}
		}
		return text
	}
}

func (p *program) app() *cli.App {
	app := &cli.App{
		Name: "graft", HelpName: "graft", Usage: "transformers for graphs, tables, images, motion and sequences",
		UsageText: "graft COMMAND [options] [arguments]", Description: manual,
		Reader: p.in, Writer: p.out, ErrWriter: p.errOut,
		HideVersion: true, EnableBashCompletion: true, DisableSliceFlagSeparator: true,
		Commands: []*cli.Command{
			p.trainCommand(), p.evalCommand(), p.predictCommand(), p.askCommand(), p.explainCommand(), p.motionCommand(), p.configsCommand(), p.datasetsCommand(),
			p.benchCommand(), p.versionCommand(), p.completionCommand(),
		},
		ExitErrHandler: func(*cli.Context, error) {}, // run reports errors and sets the code
	}
	app.OnUsageError = p.badFlag
	app.Flags = []cli.Flag{&cli.BoolFlag{Name: "version", Usage: "what graft version prints"}}
	app.Action = func(c *cli.Context) error {
		if c.Bool("version") {
			return p.printVersion(report.Text)
		}
		return group(c)
	}
	guard(app.Commands, p)
	return app
}

// guard gives every command the same treatment of mistakes.
func guard(commands []*cli.Command, p *program) {
	for _, c := range commands {
		c.OnUsageError = p.badFlag
		c.HideHelpCommand = true
		if len(c.Subcommands) > 0 {
			c.Action = group
			guard(c.Subcommands, p)
			continue
		}
		action := c.Action
		c.Action = func(c *cli.Context) error {
			if err := p.checkOrder(c); err != nil {
				return err
			}
			return action(c)
		}
	}
}

// formatFlag is the flag of all commands that print tables.
func formatFlag() cli.Flag {
	return &cli.StringFlag{Name: "format", Value: report.Text.String(),
		Usage: "how to print tables: " + strings.Join(report.FormatNames(), ", ") + "; json is one object a line"}
}

func formatOf(c *cli.Context) (report.Format, error) {
	f, err := report.ParseFormat(c.String("format"))
	if err != nil {
		return f, misuse("--format: %s", message(err))
	}
	return f, nil
}

// argumentsAndFormat gives what most commands that print a table begin with: their
// arguments, least to most of them, and the form of the table.
func argumentsAndFormat(c *cli.Context, least, most int) ([]string, report.Format, error) {
	args, err := arguments(c, least, most)
	if err != nil {
		return nil, 0, err
	}
	format, err := formatOf(c)
	return args, format, err
}

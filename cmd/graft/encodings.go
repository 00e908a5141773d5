package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/studies"
)

const encodingsManual = `Trains one small decoder for each encoding on short examples of a task and
asks it longer ones: the study of "The Impact of Positional Encoding on
Length Generalization in Transformers" (Kazemnejad and others 2023). Nothing
but the encoding differs: the other parameters at the start, the examples
and their order, the questions are the same. It prints a row for each
encoding, with the share of right answers by length.

Tasks: copy, reverse, sort and the others of the paper, and locate, on a
square grid: which number is so many rows and columns from the star?
--list names all tasks and encodings, and the sizes of the tasks.

The sizes are small, so that an encoding takes a minute or two on two
processors; the answers are those of small models. --full is the study as
published, 12 layers of 768 and 40,000 steps, which takes days for each
encoding. Settings given beside it, or without it, replace single ones.

With --out the results, and the model that is being trained, are kept in a
folder: the same command goes on there after an interruption, and encodings
and seeds may be added.

The paper's "rotary" is rope-quarter, which turns a quarter of the channels;
rope turns all of them. An encoding may have settings behind colons, and how
it sees the grid of locate behind an @, where that is not the first way that
--list has for it: rope:partial=0.5, sinusoidal@plane, mrope@clip.

Examples:

   graft bench encodings --task copy
   graft bench encodings --task reverse --sizes 2-8/9-16 --encodings none,alibi,rope --seeds 3
   graft bench encodings --task locate --plot locate.png --out runs/locate
   graft bench encodings --task addition --scratchpad minimal --format json`

func (p *program) encodingsCommand() *cli.Command {
	return &cli.Command{
		Name: "encodings", Usage: "train on short sequences, test on longer ones, an encoding a row", Description: encodingsManual,
		Flags: trialFlags(trialDefaults{models: "encoding", plot: "accuracy by length"},
			&cli.BoolFlag{Name: "list", Usage: "say which tasks and encodings there are, and train nothing"},
			&cli.StringFlag{Name: "task", Value: "copy", Usage: "`TASK` to learn"},
			&cli.StringFlag{Name: "sizes", Usage: "lengths to train and to test on, `A-B/C-D`; A-B alone is tested up to twice B"},
			&cli.StringFlag{Name: "encodings", Usage: "`NAMES` with commas between them"},
			&cli.IntFlag{Name: "batch", Usage: "`N` examples a step"},
			&cli.IntFlag{Name: "symbols", Usage: "`N` different symbols that copy, reverse, sort_single and locate draw from"},
			&cli.StringFlag{Name: "scratchpad", Usage: "`PARTS` of the working to be written before the answer: none, minimal, full, or as in i0_c1_o1_v0_r0"},
			&cli.IntFlag{Name: "tests", Usage: "`N` questions of each length"},
			&cli.BoolFlag{Name: "full", Usage: "the published study: large, long and slow"},
		),
		Action: p.benchEncodings, BashComplete: p.completeEncodings,
	}
}

func (p *program) benchEncodings(c *cli.Context) error {
	_, format, err := argumentsAndFormat(c, 0, 0)
	if err != nil {
		return err
	}
	if c.Bool("list") {
		return p.listStudies(format)
	}
	s, err := studyOf(c)
	if err == nil {
		err = checkPlot(c)
	}
	if err != nil {
		return err
	}
	return runTrials(p, c, format, trials[studies.Cell, studies.Progress]{
		run: func(ctx context.Context, onProgress func(studies.Progress), onCell func(studies.Cell) error) ([]studies.Cell, error) {
			s.OnProgress, s.OnCell = onProgress, onCell
			return s.Run(ctx)
		},
		progress: progressLine, line: cellLine,
		records: func(cells []studies.Cell) report.Table { return scoresTable(s.Task, cells) },
		tables:  func(cells []studies.Cell) []report.Table { return []report.Table{lengthsTable(s, cells)} },
		plot:    func(path string, cells []studies.Cell) error { return plotStudy(path, s, cells) },
	})
}

// studyOf makes the study of the options.
func studyOf(c *cli.Context) (studies.Lengths, error) {
	preset := studies.Small
	if c.Bool("full") {
		preset = studies.Published
	}
	s, err := preset(c.String("task"))
	if err != nil {
		return s, unknownName(err)
	}
	err = positive(c, []wholeFlag{
		{"steps", &s.Steps}, {"batch", &s.BatchSize}, {"tests", &s.Tests}, {"symbols", &s.Options.Symbols},
		{"layers", &s.Model.Layers}, {"width", &s.Model.Width}, {"heads", &s.Model.Heads},
	})
	if err == nil {
		s.Seeds, err = seedsOf(c, s.Seeds)
	}
	if err == nil {
		s.LR, err = rateOf(c, s.LR)
	}
	if err != nil {
		return s, err
	}
	if c.IsSet("layers") || c.IsSet("width") || c.IsSet("heads") {
		sizes := sequences.Config{Layers: s.Model.Layers, Width: s.Model.Width, Heads: s.Model.Heads}
		if s.Model = studies.Decoder(sizes); c.Bool("full") {
			s.Model = sequences.T5Decoder(sizes)
		}
	}
	if c.IsSet("sizes") {
		if s.Options.Train, s.Options.Test, err = parseSizes(c.String("sizes")); err != nil {
			return s, err
		}
	}
	if c.IsSet("scratchpad") {
		if s.Options.Scratchpad, err = lengths.ParseScratchpad(c.String("scratchpad")); err != nil {
			return s, misuse("graft bench encodings: --scratchpad: %s", message(err))
		}
	}
	if c.IsSet("encodings") {
		s.Subjects = nil
		for name := range strings.SplitSeq(c.String("encodings"), ",") {
			subject, err := studies.SubjectByName(strings.TrimSpace(name))
			if err != nil {
				return s, unknownName(err)
			}
			s.Subjects = append(s.Subjects, subject)
		}
	}
	s.Dir = c.String("out")
	if err := s.Check(); err != nil {
		return s, misuse("graft bench encodings: %s", message(err))
	}
	return s, nil
}

// parseSizes reads "2-10/11-20", or "2-10", which leaves the second range to the task.
func parseSizes(text string) (train, test lengths.Range, err error) {
	first, second, both := strings.Cut(text, "/")
	parse := func(text string) (r lengths.Range) {
		low, high, ok := strings.Cut(text, "-")
		var errs [2]error
		r.Min, errs[0] = strconv.Atoi(strings.TrimSpace(low))
		r.Max, errs[1] = strconv.Atoi(strings.TrimSpace(high))
		if !ok || errors.Join(errs[:]...) != nil {
			err = misuse("graft bench encodings: --sizes %q: want lengths as in 2-10/11-20, or 2-10", text)
		}
		return r
	}
	if train = parse(first); both && err == nil {
		test = parse(second)
	}
	return train, test, err
}

// unknownName is a mistake in the name of a task or an encoding.
func unknownName(err error) error {
	return misuse("graft bench encodings: %s (graft bench encodings --list has them all)", message(err))
}

// listStudies prints what can be studied.
func (p *program) listStudies(format report.Format) error {
	t := report.Table{Columns: []report.Column{{Key: "kind"}, {Key: "name"}, {Key: "about", Wrap: 60}}}
	for _, name := range studies.TaskNames() {
		s, err := studies.Small(name)
		if err != nil {
			return err
		}
		task, err := lengths.ByName(name, s.Options)
		if err != nil {
			return err
		}
		t.Add("task", name, fmt.Sprintf("%s (train %v, test %v)", task.About(), task.Lengths(lengths.Train), task.Lengths(lengths.Test)))
	}
	for _, k := range encodings.List() {
		readings := studies.Readings(k.Encoding)
		var names []string
		for _, r := range readings {
			names = append(names, "@"+r.String())
		}
		if len(readings) > 0 {
			t.Add("encoding", k.Name, fmt.Sprintf("%s (%s)", k.About, strings.Join(names, ", ")))
		}
	}
	return t.Write(p.out, format)
}

// completeEncodings completes tasks behind --task, encodings behind --encodings, and options.
func (p *program) completeEncodings(c *cli.Context) {
	switch p.wordBefore() {
	case "--task", "-task":
		fmt.Fprintln(c.App.Writer, strings.Join(studies.TaskNames(), "\n"))
	case "--encodings", "-encodings":
		fmt.Fprintln(c.App.Writer, strings.Join(encodings.Names(), "\n"))
	default:
		p.completeFlags(c)
	}
}

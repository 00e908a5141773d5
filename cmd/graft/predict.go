package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/renameio/v2"
	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

const predictManual = `Predicts for graphs of your own with the model of a run folder. FILE holds
JSON Lines, one graph a line; without FILE, or with -, standard input is
read. Graphs are read and answered a batch at a time, so the input may be
of any length.

   {"i": "ring", "x": [0,0,0,5], "e": [[0,1,1],[1,2,1],[2,0,1],[2,3,2]]}

"x" holds one type id a node (or a list of real features a node), "e" the
edges between nodes counted from 0, each with its type; an edge is listed
once and means both directions, unless "directed" is true. "i" is a name
that the answer repeats. Where neither nodes nor edges have types, "n", the
number of nodes, takes the place of "x".

A prediction is a line with the name "i" and, by the kind of model,

   {"i": "ring", "y": -0.83}                              a number (or a list)
   {"i": "ring", "class": 3, "scores": [-1.2, ...]}       a class of the graph
   {"i": "ring", "classes": [0, ...], "scores": [[...]]}  a class of each node

Scores are what the last layer gives, before any softmax.

It does not need targets ("y"), and does not look at them if they are there.

Examples:

   graft predict runs/zinc molecules.jsonl > predictions.jsonl
   zcat test.jsonl.gz | graft predict -o predictions.jsonl runs/zinc -`

func (p *program) predictCommand() *cli.Command {
	return &cli.Command{
		Name: "predict", Usage: "predict for graphs in a file", Description: predictManual, ArgsUsage: "RUN [FILE|-]",
		Flags: []cli.Flag{
			checkpointFlag(),
			&cli.StringFlag{Name: "o", Usage: "write to `FILE`, all of it or nothing, instead of standard output"},
		},
		Action: p.predict,
	}
}

func (p *program) predict(c *cli.Context) (err error) {
	args, err := arguments(c, 1, 2)
	if err != nil {
		return err
	}
	trained, err := open(c, args[0])
	if err != nil {
		return err
	}
	in, name := p.in, "standard input"
	if len(args) == 2 && args[1] != "-" {
		f, err := os.Open(args[1])
		if err != nil {
			return fmt.Errorf("cannot read graphs: %w", err)
		}
		defer f.Close() // only read from: closing cannot lose anything
		in, name = f, args[1]
	}
	if !c.IsSet("o") {
		out := bufio.NewWriter(p.out)
		return errors.Join(predictAll(c.Context, trained, in, name, out, out.Flush), out.Flush())
	}
	file, err := renameio.NewPendingFile(c.String("o"), renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("cannot write predictions: %w", err)
	}
	defer file.Cleanup() // removes what an error left, does nothing after success
	out := bufio.NewWriter(file)
	if err := predictAll(c.Context, trained, in, name, out, func() error { return nil }); err != nil {
		return err
	}
	if err := errors.Join(out.Flush(), file.CloseAtomicallyReplace()); err != nil {
		return fmt.Errorf("cannot write predictions: %w", err)
	}
	return nil
}

// predictAll answers the graphs of in, a batch at a time; flush is called after
// each batch.
func predictAll(ctx context.Context, trained *recipes.Trained, in io.Reader, name string, out io.Writer, flush func() error) error {
	answer, err := newAnswers(trained.Recipe, out)
	if err != nil {
		return err
	}
	r := graphs.NewReader(in)
	r.Name = name
	var ended error // io.EOF, or what is wrong with a line; graphs before it are answered first
	for ended == nil {
		var batch datasets.Slice
		var lines []int
		for len(batch) < trained.Recipe.Train.EvalBatchSize && ended == nil {
			g, err := r.Read()
			if ended = err; err == nil {
				batch, lines = append(batch, g), append(lines, r.Line())
			}
		}
		if len(batch) == 0 {
			break
		}
		data, err := trained.Recipe.Model.Data(batch)
		if err != nil {
			return err
		}
		err = train.Predict(ctx, trained.Model, data, len(batch), func(_ int, _ nn.Batch, pred *tensor.Tensor) error {
			return answer.write(batch, pred)
		})
		if err != nil {
			return place(err, trained.Recipe.Model, batch, lines, name)
		}
		if err := flush(); err != nil {
			return err
		}
	}
	if ended == io.EOF {
		return nil
	}
	return ended
}

// place says which line holds the graph that a batch could not be made with.
func place(err error, m recipes.Model, batch datasets.Slice, lines []int, name string) error {
	for k := range batch {
		data, bad := m.Data(batch[k : k+1])
		if bad == nil {
			_, bad = data.Prepare([]int{0})
		}
		if bad != nil {
			return fmt.Errorf("%s:%d: %s", name, lines[k], message(bad))
		}
	}
	return err
}

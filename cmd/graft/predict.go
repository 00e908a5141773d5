package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/tensor"
)

const predictManual = `Predicts for graphs of your own with the model of a run folder. FILE holds
graphs in the form that the model was trained on; without FILE, or with -,
standard input is read. Graphs are read and answered a batch at a time, so
the input may be of any length.

Trained on a table of molecules (or on a set of molecules, with a FILE that
ends in .csv or .tsv): the rows of FILE come back as they are, with the
column predicted_TARGET behind them and, for classes, their probabilities:

   name,smiles,predicted_logS
   ethanol,CCO,0.93

Trained on tables of edges, GraphML or graph6: a row a graph with its id,
a row a node with the ids of both, or a row an edge in each direction. --nodes names the table of nodes.

Trained on the rows of a table: the rows of FILE come back in the same way, with
predicted_TARGET and the probabilities of all classes. FILE must have every
column that the model reads, in any order, and none that it has not seen.

Trained on JSON Lines, or on a data set that is built in: JSON Lines.

   {"i": "ring", "x": [0,0,0,5], "e": [[0,1,1],[1,2,1],[2,0,1],[2,3,2]]}

"x" holds one type id a node (or a list of real features a node), "e" the
edges between nodes counted from 0, each with its type; an edge is listed
once and means both directions, unless "directed" is true. "i" is a name
that the answer repeats. Where neither nodes nor edges have types, "n", the
number of nodes, takes the place of "x". The answer is a line with the name
"i" and, by the kind of model,

   {"i": "ring", "y": -0.83}                              a number (or a list)
   {"i": "ring", "class": 3, "scores": [-1.2, ...]}       a class of the graph
   {"i": "ring", "classes": [0, ...], "scores": [[...]]}  a class of each node
   {"i": "ring", "edges": [[0,1], [1,0], ...], "classes": [0, 0, ...],
    "scores": [[...]]}                                    a class of each edge

Scores are what the last layer gives, before any softmax.

Trained on images: any number of image files (PNG, JPEG, GIF), each brought to
the size and the colours of the training images: gray becomes colour for a
model of colour, colour gray for one of gray. --format text prints the likeliest
class and the one behind it, csv and json the probabilities of all. A file that
is larger than in training was allowed is refused by its header, before memory is
taken for it, unless --max-pixels, --max-file or --max-decoded allow more.

A row, graph or image that cannot be used, or is predicted to take more than
--max-memory, ends it, with the line or the file told. With
--skip-bad it is reported on standard error, left out, and counted.

It does not need targets, and does not look at them if they are there.

Examples:

   graft predict --out predictions.csv --skip-bad runs/molecules molecules.csv
   graft predict runs/zinc molecules.jsonl > predictions.jsonl
   graft predict runs/people more.csv > predicted.csv
   graft predict --format csv runs/fashion photos/*.png > classes.csv
   zcat test.jsonl.gz | graft predict -o predictions.jsonl runs/zinc -`

func (p *program) predictCommand() *cli.Command {
	return &cli.Command{
		Name: "predict", Usage: "predict for graphs, the rows of a table, or images, in files", Description: predictManual, ArgsUsage: "RUN [FILE|-], or RUN IMAGE...",
		Flags: append([]cli.Flag{
			checkpointFlag(),
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write to `FILE`, all of it or nothing, instead of standard output (or -)"},
			&cli.BoolFlag{Name: "skip-bad", Usage: "leave out what cannot be used, rather than to stop"},
			&cli.StringFlag{Name: "smiles-column", DefaultText: "as in training", Usage: "column of molecules: `NAME`"},
			memoryFlag(),
			&cli.StringFlag{Name: "nodes", Usage: "table of nodes beside one of edges: `FILE`"},
			formatFlag(),
		}, limitFlags()...),
		Action: p.predict,
	}
}

func (p *program) predict(c *cli.Context) (err error) {
	args, err := arguments(c, 1, math.MaxInt)
	if err != nil {
		return err
	}
	limit, err := memoryLimit(c)
	if err != nil {
		return err
	}
	trained, err := open(c, args[0])
	if err != nil {
		return err
	}
	if readsImages(trained) {
		return p.predictImages(c, trained, args[1:], limit)
	}
	if args, err = arguments(c, 1, 2); err != nil {
		return err
	}
	if c.IsSet("format") {
		return misuse("graft predict: --format is about images: the answers to other files have the form of the files")
	}
	if err := noLimits(c); err != nil {
		return err
	}
	j := &predictions{p: p, ctx: c.Context, trained: trained, limit: limit, skipBad: c.Bool("skip-bad"), smiles: c.String("smiles-column"), nodes: c.String("nodes")}
	switch trained.Recipe.Data.Kind {
	case recipes.TableSet:
		return noPredictions(args[0])
	case recipes.MotionSet, recipes.MotionFiles:
		return noMotionPredictions(args[0])
	case recipes.TableFile:
		j.predict = j.predictRows
	default:
		j.predict = j.predictGraphs
		footprint, err := trained.Recipe.Model.Footprint()
		if err != nil {
			return err
		}
		j.need = footprint.Evaluation(1)
	}
	keepGarbageLow()
	file := "-"
	if len(args) == 2 {
		file = args[1]
	}
	if err := j.choose(file, c); err != nil {
		return err
	}
	in, err := j.open(file)
	if err != nil {
		return err
	}
	defer in.Close() // only read from: closing cannot lose anything
	return p.writeTo(c.String("out"), func(out *bufio.Writer, flush func() error) error {
		j.out, j.flush = out, flush
		if err := j.answer(j, in); err != nil {
			return err
		}
		j.summary()
		return nil
	})
}

// writeTo hands a writer on: to standard output, flushed as is wanted, or to a file that
// is there in full at the end or not at all.
func (p *program) writeTo(path string, write func(out *bufio.Writer, flush func() error) error) error {
	if path == "" || path == "-" {
		out := bufio.NewWriter(p.out)
		return errors.Join(write(out, out.Flush), out.Flush())
	}
	file, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("cannot write predictions: %w", err)
	}
	defer file.Cleanup() // removes what an error left, does nothing after success
	out := bufio.NewWriter(file)
	if err := write(out, func() error { return nil }); err != nil {
		return err
	}
	if err := errors.Join(out.Flush(), file.CloseAtomicallyReplace()); err != nil {
		return fmt.Errorf("cannot write predictions: %w", err)
	}
	return nil
}

// predictions is the work of predict.
type predictions struct {
	p       *program
	ctx     context.Context
	trained *recipes.Trained
	need    recipes.Need                                                    // of batches
	predict func(batch []input, each func(pred *tensor.Tensor) error) error // one batch
	limit   int64                                                           // bytes of memory
	skipBad bool
	smiles  string // --smiles-column
	nodes   string // --nodes
	name    string // of the input, for messages
	answer  func(j *predictions, in io.Reader) error
	out     io.Writer
	flush   func() error

	used, skipped int
}

// choose decides in which form graphs come.
func (j *predictions) choose(file string, c *cli.Context) error {
	j.name = file
	if file == "-" {
		j.name = "standard input"
	}
	kind := j.trained.Recipe.Data.Kind
	table := strings.TrimSuffix(strings.ToLower(file), ".gz")
	switch {
	case kind == recipes.TableFile:
		j.answer = (*predictions).answerRows
	case kind == recipes.CSVFile, kind == recipes.NamedSet && (strings.HasSuffix(table, ".csv") || strings.HasSuffix(table, ".tsv")):
		j.answer = (*predictions).answerTable
	case kind == recipes.GraphTables && file == "-":
		return misuse("graft predict: a table of edges is read from a file, not from standard input")
	case kind == recipes.GraphTables, kind == recipes.GraphMLFile, kind == recipes.Graph6File:
		j.answer = (*predictions).answerGraphs
	default:
		j.answer = (*predictions).answerLines
	}
	if c.IsSet("nodes") && kind != recipes.GraphTables {
		return misuse("graft predict: --nodes: the model was not trained on tables of edges and nodes, but on %v", j.trained.Recipe.Data.Title())
	}
	return nil
}

// open opens the input.
func (j *predictions) open(file string) (io.ReadCloser, error) {
	switch kind := j.trained.Recipe.Data.Kind; {
	case file == "-":
		return io.NopCloser(j.p.in), nil
	case kind == recipes.NamedSet:
		if strings.HasSuffix(file, ".gz") {
			return files.Open(file)
		}
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("cannot read graphs: %w", err)
		}
		return f, nil
	case kind == recipes.GraphTables, kind == recipes.TableFile:
		return nothing{}, nil // files are opened by their reader
	}
	return files.Open(file)
}

// nothing is the input of what is opened by its reader.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }
func (nothing) Close() error             { return nil }

// bad deals with something that cannot be used: it is reported and counted where that
// is wanted, else it ends the work.
func (j *predictions) bad(err error) error {
	if !j.skipBad {
		return err
	}
	j.skipped++
	fmt.Fprintf(j.p.errOut, "graft: left out: %s\n", message(err))
	return nil
}

// summary counts what was left out.
func (j *predictions) summary() {
	if j.skipped > 0 {
		fmt.Fprintf(j.p.errOut, "graft: %d of %d left out\n", j.skipped, j.skipped+j.used)
	}
}

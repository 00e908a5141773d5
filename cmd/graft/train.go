package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/recipes"
)

const trainManual = `Trains a model by a recipe and keeps everything about it in a run folder:
config.yaml (all settings), log.jsonl (a line an epoch), last.safetensors
and best.safetensors (checkpoints), curves.png (learning curves).

Without options it trains csl-grit: a small GRIT learns to tell ten kinds
of graph apart that message passing cannot, in under a minute.

A recipe is a preset ("graft configs list") or a YAML file. A file may
start from a preset and list what differs:

   base: zinc-grit
   train: {epochs: 100}
   schedule: {warmup: 5}

--set changes a single setting, by the path that "graft configs show" has.

Ctrl-C ends the step at hand, saves, and says how to go on; a resumed run
ends with the same bits as one that was never interrupted. A second Ctrl-C
quits at once and loses the steps since the last checkpoint.

"outliers" in the line of an epoch counts steps whose loss or gradient lay
more than six standard deviations from the 128 steps before; some are
normal. A step without a finite loss or gradient ends the run, with the
operation at fault named (train.onNaN says what else may happen).

The memory that a run will take is predicted before it begins, from the
largest graphs of each split. If it is more than --max-memory the run is
refused, with the figure, the graph and what would help. Where the system
does not say what is free (on others than Linux) only --max-memory limits it.

A model of all pairs of nodes, as GRIT is, learns the nodes of a large graph
from their neighbourhoods: --set data.neighbours.hops=2 cuts the graph into
one small graph a node with a class (cora-grit is an example).

It does not download data and does not use a GPU. The test split is looked
at once, at the end, with the weights of the best validation epoch.

Files of your own:

   graft train --csv molecules.csv --smiles-column smiles --target-column y
   graft train --graphs edges.csv --nodes nodes.csv --task node-classification
   graft train --graphs edges.csv --target-column kind --task edge-classification
   graft train --graphml nets.graphml --target-column kind --task classification

A table of molecules (.csv, with commas, semicolons or tabs, or .csv.gz) has
a SMILES string a row. A table of edges has the columns source and target,
and may have weight, features and a class to be predicted; one of nodes has id,
and may have graph (several graphs in a file), features, and what is to be
predicted. Further
tables, kinds and columns are settings below data.files. Rows are split 80,
10 and 10 % at random (data.seed), by scaffold, or by a column.

The rows of a table are classified: each is read as a small table of its own.

   graft train --table people.csv --target-column income

A column of the table is a number (which becomes the token of one of 32 bins,
quantiles of the training rows), a category (a token a word) or a text (byte
pair encoding): --numeric, --categorical and --text decide otherwise. A number
to predict wants --target-bins N. The file is read row by row, never as a
whole; data.table.maxRows and data.train limit what is learned from. Further
settings are below data.table.

Images are classified. They lie in a folder for each class, or a table names them:

   graft train --images photos
   graft train --images photos.csv --path-column file --target-column kind
   graft train --config images-cswin --images photos
   graft train --config fashion-cswin --data DIR

All are brought to one size (--image-size). Settings are below data.images: of
the size, of what changes training images at random, of mixing them, of classes.

Clips of movement become tokens of a learned codebook, and clips again:

   graft train --motion clips
   graft train --motion clips --test-clips 'walk*' --fps 30
   graft train --config motion-4dmot --data DIR

They lie in a folder, or in a zip archive of one: BVH, CSV, NumPy or safetensors
files, all of one skeleton. Those to test on are drawn (data.seed), or named by
--test-clips. Settings are below data.motion: of what is moved to the origin, of
windows.

A column of graphs is numeric if all its values in the training split are
numbers, else categorical; --categorical and --numeric decide otherwise.
Numbers and targets are standardised by the training split, errors are told in original units.
What was read off the training split is kept with the run (schema.json), so
that predict reads other files alike. The model is files-grit, a small one, to
be made larger by --set model.width=96 and the like. Options about files are
short forms of --set; "graft configs show RUN/config.yaml" shows them in full.

Examples:

   graft train
   graft train --config zinc-grit --data data/zinc12k --set optim.lr=5e-4 --seed 2
   graft train --table people.csv --target-column income --epochs 5
   graft train --csv esol.csv --target-column logS --split scaffold --epochs 50
   graft train --resume runs/zinc-grit-20260131-120000`

// defaultRecipe is what train does when it is told nothing.
const defaultRecipe = "csl-grit"

func (p *program) trainCommand() *cli.Command {
	return &cli.Command{
		Name: "train", Usage: "train a model, or go on training", Description: trainManual,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "config", Value: defaultRecipe, Usage: "recipe: a `PRESET`, or a YAML file; of files, files-grit, table, images-vit or clips-4dmot by default"},
			&cli.StringFlag{Name: "data", Usage: "`DIR` with the data set's files (default: the recipe's data.dir, else $GRAFT_DATA)"},
			&cli.StringSliceFlag{Name: "set", Usage: "change a setting: `PATH=VALUE`; may be repeated"},
			&cli.IntFlag{Name: "epochs", DefaultText: "the recipe's", Usage: "`N` passes over the training data (train.epochs); the warm-up is scaled along"},
			&cli.Uint64Flag{Name: "seed", DefaultText: "the recipe's", Usage: "`S` fixes weights, dropout and order (train.seed)"},
			&cli.IntFlag{Name: "fold", DefaultText: "the recipe's", Usage: "`F`, the cross-validation fold to hold out (data.fold)"},
			&cli.StringFlag{Name: "out", Usage: "run folder to make: `DIR` (default: runs/NAME-DATE-TIME)"},
			&cli.StringFlag{Name: "resume", Usage: "go on with the run in the folder `RUN`"},
			memoryFlag(),
			&cli.BoolFlag{Name: "quiet", Usage: "print the result only"},
			formatFlag(),
		}, fileOptions()...),
		Action:       p.train,
		BashComplete: p.completeTrain,
	}
}

func (p *program) train(c *cli.Context) error {
	if _, err := arguments(c, 0, 0); err != nil {
		return err
	}
	format, err := formatOf(c)
	if err != nil {
		return err
	}
	limit, err := memoryLimit(c)
	if err != nil {
		return err
	}
	j := &job{p: p, limit: limit, data: c.String("data"), dir: c.String("resume"), quiet: c.Bool("quiet"), format: format}
	if c.IsSet("resume") {
		for _, name := range append([]string{"config", "set", "epochs", "seed", "fold", "out"}, fileOptionNames()...) {
			if c.IsSet(name) {
				return misuse("graft train: --%s cannot be used with --resume: a run goes on as it was begun", name)
			}
		}
		j.recipe, j.config, err = recipes.OpenConfig(j.dir)
		if err == nil {
			j.schema, err = recipes.OpenSchema(j.dir)
		}
	} else {
		j.recipe, err = recipeOf(c)
		j.dir = c.String("out")
		if err == nil && j.dir == "" {
			j.dir = newRunDir(j.recipe.Name)
		}
	}
	if err != nil {
		return err
	}
	return j.run(c.Context)
}

// recipeOf gives the recipe that the options ask for.
func recipeOf(c *cli.Context) (recipes.Recipe, error) {
	r, err := startRecipe(c)
	if err != nil {
		return r, err
	}
	if c.IsSet("data") {
		r.Data.Dir = c.String("data")
	}
	if err := setFiles(c, &r); err != nil {
		return r, err
	}
	if c.IsSet("epochs") {
		r.SetEpochs(c.Int("epochs"))
	}
	for _, change := range c.StringSlice("set") {
		path, value, found := strings.Cut(change, "=")
		if !found {
			return r, misuse("graft train: --set %s: want PATH=VALUE, such as optim.lr=5e-4", change)
		}
		if err := r.Set(path, value); err != nil {
			return r, misuse("graft train: --set %s", message(err))
		}
	}
	if c.IsSet("seed") {
		r.Train.Seed = c.Uint64("seed")
	}
	if c.IsSet("fold") {
		if err := set(&r, "fold", "data.fold", strconv.Itoa(c.Int("fold"))); err != nil {
			return r, err
		}
	}
	return r, r.Validate()
}

// loadRecipe gives the preset of a name, or the recipe in a file.
func loadRecipe(name string) (recipes.Recipe, error) {
	r, unknown := recipes.Lookup(name)
	if unknown == nil {
		return r, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) && filepath.Ext(name) == "" && !strings.ContainsAny(name, `/\`) {
		return r, misuse("%s, or the path of a YAML file", message(unknown))
	}
	if err != nil {
		return r, misuse("%v", err)
	}
	defer f.Close() // only read from: closing cannot lose anything
	return recipes.Parse(f, name)
}

// newRunDir names a folder for a run that does not exist yet.
func newRunDir(name string) string {
	dir := filepath.Join("runs", name+time.Now().Format("-20060102-150405"))
	free := dir
	for n := 2; ; n++ {
		if _, err := os.Lstat(free); err != nil {
			return free
		}
		free = dir + "-" + strconv.Itoa(n)
	}
}

package benchmark

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/train"
)

// Grid is what a table is to be made of: every model on every data set with every seed,
// and on every fold where the data set has folds.
type Grid struct {
	// Datasets and Models are names; [DatasetNames] and [ModelNames] list them.
	Datasets, Models []string
	// Seeds are those of first weights, dropout and order; nil means 1. The graphs of a
	// generated data set are the same for all.
	Seeds []uint64
	// Folds is how many of a data set's folds are held out in turn, from the first; 0 means
	// all of them.
	Folds int
	// Epochs is the number of epochs of every training, with the warm-up scaled along; 0
	// means that of each recipe.
	Epochs int
	// Settings are further settings of every recipe, such as {"data.train", "1000"}, in their
	// order. What the grid itself decides cannot be among them.
	Settings []recipes.Setting

	// Data is the folder of data files; "" means $GRAFT_DATA.
	Data string
	// Dir is the folder that keeps what is done. It has no default.
	Dir string
	// Redo trains cells anew that Dir has with other settings, and removes what was there.
	// Otherwise they are refused.
	Redo bool
	// MaxMemory is how many bytes a cell may take. One of which more is predicted, see
	// recipes.Plan.Memory, ends the work with a *recipes.MemoryError; 0 is no limit.
	MaxMemory int64

	// Hooks, where it is not nil, gives the hooks of a cell that is about to be trained.
	Hooks func(Cell) train.Hooks
	// OnResult, where it is not nil, is called with every result as soon as it is there,
	// those that Dir had first. An error ends the work.
	OnResult func(Cell, Result) error
}

// Cell is one training of a grid.
type Cell struct {
	Dataset, Model string
	Seed           uint64
	Fold           int // that is held out
	Folds          int // that the data set has; 0 where it is not folded
	// Recipe is all that is asked for.
	Recipe recipes.Recipe
	// Dir is the run folder.
	Dir string
	// Number is the place, from 1, among the Of cells that are still to be trained; both are
	// 0 for one that is done.
	Number, Of int
}

// String names the cell: "csl, grit, seed 1, fold 2 of 0 to 4".
func (c Cell) String() string {
	text := fmt.Sprintf("%s, %s, seed %d", c.Dataset, c.Model, c.Seed)
	if c.Folds > 0 {
		text += fmt.Sprintf(", fold %d of 0 to %d", c.Fold, c.Folds-1)
	}
	return text
}

// Cells lists the trainings in the order they are done: data set by data set, and within
// it all models with the first seed before any with the second, so that a table of what is
// there compares all of them early. It looks at no file.
//
// The error is an [*UnknownError], a *recipes.SettingError, or says what a grid cannot be.
func (g Grid) Cells() ([]Cell, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	var cells []Cell
	for _, dataset := range g.Datasets {
		folds, of, err := g.folds(dataset)
		if err != nil {
			return nil, err
		}
		for _, seed := range g.seeds() {
			for _, model := range g.Models {
				for fold := range folds {
					c := Cell{Dataset: dataset, Model: model, Seed: seed, Fold: fold, Folds: of}
					if c.Recipe, err = g.recipe(c); err != nil {
						return nil, err
					}
					c.Dir = filepath.Join(g.Dir, c.place())
					cells = append(cells, c)
				}
			}
		}
	}
	return cells, nil
}

func (g Grid) seeds() []uint64 {
	if g.Seeds == nil {
		return []uint64{1}
	}
	return g.Seeds
}

// folds gives the number of folds to hold out in turn, 1 where there are none, and how
// many the data set has.
func (g Grid) folds(dataset string) (n, of int, err error) {
	info, err := datasets.Describe(dataset)
	if err != nil {
		return 0, 0, &UnknownError{What: "data set", Name: dataset, Known: DatasetNames()}
	}
	switch {
	case info.Folds == 0:
		return 1, 0, nil
	case g.Folds > info.Folds:
		return 0, 0, fmt.Errorf("benchmark: %d folds: %s has %d", g.Folds, dataset, info.Folds)
	case g.Folds == 0:
		return info.Folds, info.Folds, nil
	}
	return g.Folds, info.Folds, nil
}

// place is the run folder of the cell below the grid's.
func (c Cell) place() string {
	name := "seed-" + strconv.FormatUint(c.Seed, 10)
	if c.Folds > 0 {
		name += "-fold-" + strconv.Itoa(c.Fold)
	}
	return filepath.Join(c.Dataset, place(c.Model), name)
}

// decided are settings that the grid decides, and what by.
var decided = map[string]string{
	"name": "data sets and models", "base": "data sets and models", "data.kind": "data sets", "data.name": "data sets",
	"data.dir": "the folder of data files", "data.fold": "the number of folds", "train.seed": "the seeds", "model.kind": "models",
}

// recipe is that of a cell.
func (g Grid) recipe(c Cell) (recipes.Recipe, error) {
	r, err := Recipe(c.Dataset, c.Model)
	if err != nil {
		return r, err
	}
	if g.Epochs > 0 {
		r.SetEpochs(g.Epochs)
	}
	for _, s := range g.Settings {
		if by, ok := decided[s.Path]; ok {
			return r, &recipes.SettingError{Path: s.Path, Reason: by + " of the grid decide it"}
		}
		if err := r.Set(s.Path, s.Value); err != nil {
			return r, placed(c.Model+" on "+c.Dataset, err)
		}
	}
	r.Train.Seed, r.Data.Fold, r.Data.Dir = c.Seed, c.Fold, g.Data
	if err := r.Validate(); err != nil {
		return r, placed(c.Model+" on "+c.Dataset, err)
	}
	return r, nil
}

// check reports what no grid can be.
func (g Grid) check() error {
	switch {
	case len(g.Datasets) == 0 || len(g.Models) == 0 || g.Seeds != nil && len(g.Seeds) == 0:
		return errors.New("benchmark: no data sets, no models or no seeds: there is nothing to train")
	case g.Folds < 0:
		return fmt.Errorf("benchmark: %d folds: want at least 1, or 0 for all", g.Folds)
	case g.Epochs < 0:
		return fmt.Errorf("benchmark: %d epochs: want at least 1, or 0 for those of the recipes", g.Epochs)
	case g.Dir == "":
		return errors.New("benchmark: no folder to keep results in")
	}
	for i, seed := range g.Seeds {
		if slices.Contains(g.Seeds[:i], seed) {
			return fmt.Errorf("benchmark: the seed %d is there twice", seed)
		}
	}
	for _, list := range [][]string{g.Datasets, g.Models} {
		for i, name := range list {
			if slices.Contains(list[:i], name) {
				return fmt.Errorf("benchmark: %s is there twice", name)
			}
		}
	}
	return nil
}

// Run trains what Dir does not have yet, one cell after another, each on all processors,
// and gives the results of all cells in the order of [Grid.Cells]. A cell that was begun
// goes on, and ends with the same bits as one that never was cut short.
//
// When ctx ends, the step at hand is finished, the cell saved, and an error with
// train.ErrInterrupted inside returned, with the results that are there. Before anything
// is trained, a cell that Dir has with other settings is refused with a [*ConflictError],
// unless Redo is set, and a data set whose files are missing with the error of package
// datasets.
func (g Grid) Run(ctx context.Context) ([]Result, error) {
	cells, err := g.Cells()
	if err != nil {
		return nil, err
	}
	states, err := g.survey(cells)
	if err != nil {
		return nil, err
	}
	if err := g.tryData(ctx, states); err != nil {
		return nil, err
	}
	open := 0
	for _, s := range states {
		if s.result != nil {
			if err := g.report(s.cell, *s.result); err != nil {
				return finished(states), err
			}
		} else {
			open++
		}
	}
	n := 0
	for _, s := range states {
		if s.result != nil {
			continue
		}
		n++
		s.cell.Number, s.cell.Of = n, open
		if s.result, err = g.train(ctx, s); err != nil {
			return finished(states), placed(s.cell.String(), err)
		}
		if err := g.report(s.cell, *s.result); err != nil {
			return finished(states), err
		}
	}
	return finished(states), nil
}

func (g Grid) report(c Cell, r Result) error {
	if g.OnResult == nil {
		return nil
	}
	return g.OnResult(c, r)
}

// tryData loads every data set that something is still to be learned from, but for the
// first, which is loaded at once anyway: a missing file is to be told of now, and not in
// the middle of the night.
func (g Grid) tryData(ctx context.Context, states []*state) error {
	seen := map[string]bool{}
	for _, s := range states {
		if s.result != nil || seen[s.cell.Dataset] {
			continue
		}
		first := len(seen) == 0
		seen[s.cell.Dataset] = true
		if first {
			continue
		}
		if _, err := s.cell.Recipe.Plan(ctx, g.Data); err != nil {
			return placed(s.cell.String(), err)
		}
	}
	return nil
}

// finished gives the results that are there.
func finished(states []*state) []Result {
	var results []Result
	for _, s := range states {
		if s.result != nil {
			results = append(results, *s.result)
		}
	}
	return results
}

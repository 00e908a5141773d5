package benchmark

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/train"
)

// state is a cell and what its folder has of it.
type state struct {
	cell   Cell
	result *Result // nil for one that is still to be trained
	config []byte  // of a run that was begun; nil for none
	schema []byte  // that it had read off its data; nil if it had none
	begun  bool
	redo   bool // what is there is of other settings, and to be removed
}

// survey looks at the folders of all cells before anything is trained.
func (g Grid) survey(cells []Cell) ([]*state, error) {
	var states []*state
	var conflict *ConflictError
	for _, c := range cells {
		s, err := look(c)
		var other *ConflictError
		switch {
		case errors.As(err, &other) && g.Redo:
			s = &state{cell: c, redo: true}
		case other != nil && conflict == nil:
			conflict = other
		case other != nil:
			conflict.More++
		case err != nil:
			return nil, err
		}
		states = append(states, s)
	}
	if conflict != nil {
		return nil, conflict
	}
	return states, nil
}

// look reads what the folder of a cell has.
func look(c Cell) (*state, error) {
	s := &state{cell: c}
	config := filepath.Join(c.Dir, train.ConfigName)
	if _, err := os.Lstat(config); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(filepath.Join(c.Dir, ResultName)); err == nil {
			return nil, fmt.Errorf("benchmark: %s has no %s beside its %s: put the file back, or remove the folder", c.Dir, train.ConfigName, ResultName)
		}
		entries, err := os.ReadDir(c.Dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("benchmark: %w", err)
		}
		s.begun = len(entries) > 0 // killed before it wrote its configuration
		return s, nil
	}
	had, text, err := recipes.OpenConfig(c.Dir)
	if err != nil {
		return nil, err
	}
	if changes := different(had, c.Recipe); len(changes) > 0 {
		return nil, &ConflictError{Dir: c.Dir, Changes: changes}
	}
	s.config, s.begun = text, true
	if s.schema, err = recipes.OpenSchema(c.Dir); err != nil {
		return nil, err
	}
	r, err := readResult(c.Dir, had, text)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil
	case err != nil:
		return nil, err
	case r.cell().place() != c.place():
		return nil, fmt.Errorf("benchmark: %s is the result of %v: it belongs to another folder", filepath.Join(c.Dir, ResultName), r.cell())
	}
	s.result = r
	return s, nil
}

// beside are settings that change no number of a result.
var beside = []string{"name", "about", "base", "data.dir", "train.checkpointSeconds", "train.onNaN"}

// different lists the settings in which two recipes differ, but for those that change no
// number.
func different(had, wanted recipes.Recipe) []recipes.Change {
	return slices.DeleteFunc(recipes.Compare(had, wanted), func(c recipes.Change) bool { return slices.Contains(beside, c.Path) })
}

// train does the rest of a cell and keeps its result.
func (g Grid) train(ctx context.Context, s *state) (*Result, error) {
	plan, err := s.cell.Recipe.Replan(ctx, g.Data, s.schema)
	if err != nil {
		return nil, err
	}
	if err := g.checkMemory(ctx, plan); err != nil {
		return nil, err
	}
	if s.redo {
		if err := removeRun(s.cell.Dir); err != nil {
			return nil, err
		}
	}
	options := plan.Options
	options.Dir = s.cell.Dir
	if g.Hooks != nil {
		options.Hooks = g.Hooks(s.cell)
	}
	var trained *train.Result
	if s.begun {
		if s.config != nil {
			options.Config = s.config // the same but for what changes no number
		}
		trained, err = train.Resume(ctx, plan.Task, options, s.cell.Dir)
	} else {
		trained, err = train.Fit(ctx, plan.Task, options)
	}
	if err != nil {
		return nil, err
	}
	r := &Result{
		Version: resultVersion, Dataset: s.cell.Dataset, Model: s.cell.Model, Seed: s.cell.Seed, Fold: s.cell.Fold, Folds: s.cell.Folds,
		Metric: plan.Task.Metric.Name(), HigherIsBetter: plan.Task.Metric.HigherIsBetter(), Parameters: nn.Collect(plan.Task.Model).Count(),
		TrainGraphs: count(plan.Task.Train), ValGraphs: count(plan.Task.Val), TestGraphs: count(plan.Task.Test),
		Result: *trained, Config: digest(options.Config), Kernels: simd.Active().String(), Recipe: plan.Recipe, Dir: s.cell.Dir,
	}
	return r, r.write()
}

// checkMemory refuses a cell that is predicted to take too much memory.
func (g Grid) checkMemory(ctx context.Context, plan *recipes.Plan) error {
	if g.MaxMemory == 0 {
		return nil
	}
	memory, err := plan.Memory(ctx)
	if err != nil {
		return err
	}
	return memory.Check(g.MaxMemory)
}

func count(d train.Data) int {
	if d == nil {
		return 0
	}
	return d.Len()
}

// digest is what a result remembers of its configuration.
func digest(config []byte) string {
	sum := sha256.Sum256(config)
	return hex.EncodeToString(sum[:])
}

// runFiles are what training and those who watch it write into a run folder.
var runFiles = []string{
	train.ConfigName, train.SchemaName, train.LogName, train.LastName, train.BestName, train.CrashDir, ResultName, "last-1.safetensors", "lock", "curves.png",
}

// removeRun empties a run folder, unless it has something that is not of a run.
func removeRun(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("benchmark: %w", err)
	}
	for _, e := range entries {
		if name := e.Name(); !slices.Contains(runFiles, name) && !(strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp")) {
			return fmt.Errorf("benchmark: %s is not to be trained anew: it holds %s, which training did not make; move that away, or choose another folder", dir, name)
		}
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("benchmark: %w", err)
		}
	}
	return nil
}

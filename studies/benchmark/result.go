package benchmark

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	pathpkg "path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/train"
	"github.com/graft-ml/graft/train/checkpoint"
)

// ResultName is the file in a run folder that keeps the result of a finished cell. It is
// written in one piece at the very end, so that a cell without it is not finished.
const ResultName = "result.json"

const (
	resultVersion = 1
	resultLargest = 1 << 20 // bytes; a result has about one thousand
)

// Result is what came out of a cell: the scores of the best epoch, chosen by the metric on
// the validation split, on all splits.
type Result struct {
	Version int    `json:"version"` // of the file
	Dataset string `json:"dataset"`
	Model   string `json:"model"`
	Seed    uint64 `json:"seed"`
	Fold    int    `json:"fold"`
	Folds   int    `json:"folds"` // that the data set has; 0 where it is not folded

	Metric         string `json:"metric"`
	HigherIsBetter bool   `json:"higherIsBetter"`
	Parameters     int    `json:"parameters"`
	TrainGraphs    int    `json:"trainGraphs"`
	ValGraphs      int    `json:"valGraphs"`
	TestGraphs     int    `json:"testGraphs"`
	train.Result          // scores, epochs, steps and seconds

	Config  string `json:"config"`  // SHA-256 of config.yaml, in hexadecimal digits
	Kernels string `json:"kernels"` // level of the kernels at the end

	Recipe recipes.Recipe `json:"-"` // of config.yaml
	Dir    string         `json:"-"` // run folder
}

// Score is the metric on the test split.
func (r Result) Score() float64 { return r.Test.Value(r.Metric) }

// write keeps the result in its folder.
func (r *Result) write() error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("benchmark: %w", err)
	}
	err = checkpoint.WriteFile(filepath.Join(r.Dir, ResultName), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
	if err != nil {
		return fmt.Errorf("benchmark: %w", err)
	}
	return nil
}

// readResult reads the result of a run folder whose configuration is known. The error is
// fs.ErrNotExist where there is none.
func readResult(dir string, recipe recipes.Recipe, config []byte) (*Result, error) {
	path := filepath.Join(dir, ResultName)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	defer f.Close() // only read from: closing cannot lose anything
	text, err := io.ReadAll(io.LimitReader(f, resultLargest+1))
	if err != nil {
		return nil, fmt.Errorf("benchmark: %w", err)
	}
	r, err := parseResult(text)
	if err == nil && r.Config != digest(config) {
		err = fmt.Errorf("it belongs to another configuration than %s beside it", train.ConfigName)
	}
	if err == nil && (recipe.Train.Seed != r.Seed || recipe.Data.Name != r.Dataset || recipe.Data.Fold != r.Fold) {
		err = fmt.Errorf("it is of %s, seed %d, fold %d; %s has %s, seed %d, fold %d", r.Dataset, r.Seed, r.Fold, train.ConfigName, recipe.Data.Name, recipe.Train.Seed, recipe.Data.Fold)
	}
	if err != nil {
		return nil, fmt.Errorf("benchmark: %s: %w; remove it, and the cell is measured again from its checkpoint", path, err)
	}
	r.Recipe, r.Dir = recipe, dir
	return r, nil
}

// parseResult reads what write has written, and refuses what no cell can come to.
func parseResult(text []byte) (*Result, error) {
	if len(text) > resultLargest {
		return nil, fmt.Errorf("more than %d bytes: this is no result", resultLargest)
	}
	var r Result
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("not a result: %w", err)
	}
	if rest, _ := io.ReadAll(dec.Buffered()); len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("not a result: something follows it")
	}
	return &r, r.check()
}

// check reports what no result can be.
func (r *Result) check() error {
	switch {
	case r.Version != resultVersion:
		return fmt.Errorf("version %d of a result: this program reads version %d", r.Version, resultVersion)
	case r.Dataset == "" || r.Model == "":
		return errors.New("a result without data set or model")
	case r.Fold < 0 || r.Folds < 0 || r.Fold > max(r.Folds-1, 0):
		return fmt.Errorf("fold %d of %d", r.Fold, r.Folds)
	case r.Metric == "" || !r.Test.Has(r.Metric):
		return fmt.Errorf("the test scores have no metric %q", r.Metric)
	case r.Parameters < 0 || r.Epochs < 0 || r.Steps < 0 || r.BestEpoch < 0 || r.BestEpoch > r.Epochs || !(r.Seconds >= 0):
		return fmt.Errorf("%d parameters, best epoch %d of %d, %d steps, %v seconds", r.Parameters, r.BestEpoch, r.Epochs, r.Steps, r.Seconds)
	case r.TrainGraphs < 0 || r.ValGraphs < 0 || r.TestGraphs < 0:
		return fmt.Errorf("%d, %d and %d graphs", r.TrainGraphs, r.ValGraphs, r.TestGraphs)
	}
	return nil
}

// Read gives the results that a folder of [Grid.Dir] has, in the order of their data sets,
// models, seeds and folds, and the run folders of cells that were begun and are not
// finished. It trains nothing. A folder that has no cells is an error.
func Read(dir string) (results []Result, unfinished []string, err error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, nil, fmt.Errorf("benchmark: %s is no folder of results: name one that trainings were kept in", dir)
	}
	found, err := fs.Glob(os.DirFS(dir), "*/*/seed-*/"+train.ConfigName)
	if err != nil {
		return nil, nil, fmt.Errorf("benchmark: %w", err)
	}
	for _, path := range found {
		run := filepath.Join(dir, filepath.FromSlash(pathpkg.Dir(path)))
		recipe, config, err := recipes.OpenConfig(run)
		if err != nil {
			return nil, nil, err
		}
		r, err := readResult(run, recipe, config)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			unfinished = append(unfinished, run)
			continue
		case err != nil:
			return nil, nil, err
		}
		if home := filepath.Join(dir, r.cell().place()); home != run {
			return nil, nil, fmt.Errorf("benchmark: %s is the result of %v: it belongs to %s", filepath.Join(run, ResultName), r.cell(), home)
		}
		results = append(results, *r)
	}
	if len(found) == 0 {
		return nil, nil, fmt.Errorf("benchmark: %s has no results: it holds no DATASET/MODEL/seed-N with a %s", dir, train.ConfigName)
	}
	slices.SortStableFunc(results, order())
	return results, unfinished, nil
}

// order compares results by data set, model as [Models] lists them and others after these,
// seed and fold.
func order() func(a, b Result) int {
	rank := map[string]int{}
	for i, m := range Models() {
		rank[m.Name] = i - len(Models())
	}
	return func(a, b Result) int {
		return cmp.Or(strings.Compare(a.Dataset, b.Dataset), cmp.Compare(rank[a.Model], rank[b.Model]), strings.Compare(a.Model, b.Model),
			cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Fold, b.Fold))
	}
}

// cell is the cell that the result is of.
func (r *Result) cell() Cell {
	return Cell{Dataset: r.Dataset, Model: r.Model, Seed: r.Seed, Fold: r.Fold, Folds: r.Folds}
}

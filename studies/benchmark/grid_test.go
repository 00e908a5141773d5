package benchmark

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/train"
)

// small makes the cells of a grid ones of a fraction of a second.
var small = []recipes.Setting{
	{Path: "data.train", Value: "20"}, {Path: "data.val", Value: "10"}, {Path: "data.test", Value: "10"},
	{Path: "model.layers", Value: "1"}, {Path: "model.width", Value: "8"}, {Path: "model.heads", Value: "2"}, {Path: "model.steps", Value: "4"},
}

func smallGrid(dir string) Grid {
	return Grid{Datasets: []string{"csl"}, Models: []string{"grit"}, Seeds: []uint64{1, 2}, Folds: 2, Epochs: 2, Settings: small, Dir: dir}
}

// timeless leaves out of results what differs between trainings of the same cell.
func timeless(results []Result, base string) []Result {
	list := slices.Clone(results)
	for i := range list {
		list[i].Seconds, list[i].Recipe = 0, recipes.Recipe{}
		list[i].Dir = strings.TrimPrefix(list[i].Dir, base)
	}
	return list
}

func same(t *testing.T, got, want []Result) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d results, want %d", len(got), len(want))
	}
	for i := range got {
		a, b := got[i], want[i]
		if a.Test.String() != b.Test.String() || !slices.Equal(a.Test, b.Test) || !slices.Equal(a.Val, b.Val) || !slices.Equal(a.Train, b.Train) ||
			a.BestEpoch != b.BestEpoch || a.Steps != b.Steps || a.Dir != b.Dir || a.Seed != b.Seed || a.Fold != b.Fold || a.Parameters != b.Parameters {
			t.Errorf("result %d:\n got %+v\nwant %+v", i, a, b)
		}
	}
}

func TestGridRuns(t *testing.T) {
	dir := t.TempDir()
	g := smallGrid(dir)
	var told []string
	g.OnResult = func(c Cell, r Result) error {
		told = append(told, c.String())
		if r.Dataset != c.Dataset || r.Seed != c.Seed || r.Fold != c.Fold || r.Score() != r.Test.Value("accuracy") {
			t.Errorf("%v: %+v", c, r)
		}
		return nil
	}
	begun := 0
	g.Hooks = func(c Cell) train.Hooks {
		if begun++; c.Number != begun || c.Of != 4 {
			t.Errorf("%v is number %d of %d, want %d of 4", c, c.Number, c.Of, begun)
		}
		return train.Hooks{}
	}
	first, err := g.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"csl, grit, seed 1, fold 0 of 0 to 4", "csl, grit, seed 1, fold 1 of 0 to 4", "csl, grit, seed 2, fold 0 of 0 to 4", "csl, grit, seed 2, fold 1 of 0 to 4"}
	if !slices.Equal(told, want) || begun != 4 {
		t.Errorf("told of %q, begun %d", told, begun)
	}
	for _, r := range first {
		if r.TrainGraphs != 20 || r.ValGraphs != 10 || r.TestGraphs != 10 || r.Epochs != 2 || r.Steps != 4 || r.Parameters == 0 || r.Folds != 5 || !(r.Seconds > 0) || r.Kernels == "" {
			t.Errorf("%+v", r)
		}
	}
	if slices.Equal(first[0].Train, first[2].Train) || first[1].Recipe.Data.Fold != 1 { // graphs of a class are alike in all folds
		t.Errorf("seeds or folds make no difference: %+v", first)
	}

	// What is done is not done again, and the folder alone gives the same.
	again, err := g.Run(context.Background())
	if err != nil || begun != 4 || len(told) != 8 {
		t.Fatalf("%v, begun %d, told %d", err, begun, len(told))
	}
	same(t, timeless(again, ""), timeless(first, ""))
	read, unfinished, err := Read(dir)
	if err != nil || len(unfinished) != 0 {
		t.Fatalf("%v, unfinished %q", err, unfinished)
	}
	same(t, timeless(read, ""), timeless(first, ""))
	if rows := Rows(read); len(rows) != 1 || rows[0].Test.Over != OverSeeds || !slices.Equal(rows[0].Folds, []int{0, 1}) || rows[0].OfFolds != 5 || rows[0].Recipe.Train.Epochs != 2 {
		t.Errorf("%+v", rows)
	}

	// A further seed is trained alone.
	g.Seeds, begun = []uint64{2, 3}, 0
	g.Hooks = func(train Cell) (h train.Hooks) { begun++; return h }
	if more, err := g.Run(context.Background()); err != nil || begun != 2 || len(more) != 4 {
		t.Errorf("%v, begun %d, %d results", err, begun, len(more))
	}
}

// TestInterrupted ends a grid in the middle of a cell, more than once, and lets it go on.
func TestInterrupted(t *testing.T) {
	whole, cut := t.TempDir(), t.TempDir()
	g := smallGrid(whole)
	g.Seeds = nil
	want, err := g.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	g.Dir = cut
	var got []Result
	for tries := 0; ; tries++ {
		ctx, cancel := context.WithCancel(context.Background())
		steps := 0
		g.Hooks = func(Cell) train.Hooks {
			return train.Hooks{OnStep: func(train.StepInfo) error {
				if steps++; steps == 3 {
					cancel()
				}
				return nil
			}}
		}
		got, err = g.Run(ctx)
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, train.ErrInterrupted) || !strings.HasPrefix(err.Error(), "benchmark: csl, grit, seed ") {
			t.Fatal(err)
		}
		if tries == 0 {
			if _, unfinished, err := Read(cut); err != nil || !slices.Equal(unfinished, []string{filepath.Join(cut, "csl", "grit", "seed-1-fold-0")}) {
				t.Errorf("unfinished are %q, %v", unfinished, err)
			}
		}
		if tries > 20 {
			t.Fatal("it does not come to an end")
		}
	}
	same(t, timeless(got, cut), timeless(want, whole))

	// A run that was finished but for its result is measured again, to the same bits.
	path := filepath.Join(cut, "csl", "grit", "seed-1-fold-1", ResultName)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	g.Hooks = nil
	if got, err = g.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	same(t, timeless(got, cut), timeless(want, whole))
}

func TestConflict(t *testing.T) {
	dir := t.TempDir()
	g := smallGrid(dir)
	g.Seeds, g.Folds = nil, 1
	if _, err := g.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	cell := filepath.Join(dir, "csl", "grit", "seed-1-fold-0")
	other := g
	other.Epochs, other.Folds = 3, 2
	other.Settings = append(slices.Clone(small), recipes.Setting{Path: "optim.lr", Value: "0.01"})
	var conflict *ConflictError
	_, err := other.Run(context.Background())
	want := "benchmark: " + cell + " was trained with other settings: optim.lr is 0.005 there, 0.01 asked for, train.epochs is 2 there, 3 asked for; choose another folder, or have them done again"
	if !errors.As(err, &conflict) || err.Error() != want || conflict.Dir != cell {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "csl", "grit", "seed-1-fold-1")); err == nil {
		t.Error("another cell was trained before the refusal")
	}

	// What changes no number is no conflict; the run keeps its configuration.
	data := g
	data.Data = t.TempDir()
	if _, err := data.Run(context.Background()); err != nil {
		t.Errorf("another folder of data: %v", err)
	}

	// A file of somebody's keeps a cell from being trained anew.
	other.Redo = true
	if err := os.WriteFile(filepath.Join(cell, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "it holds thesis.txt, which training did not make") {
		t.Errorf("a folder with a file of somebody's: %v", err)
	}
	if err := os.Remove(filepath.Join(cell, "thesis.txt")); err != nil {
		t.Fatal(err)
	}
	results, err := other.Run(context.Background())
	if err != nil || len(results) != 2 || results[0].Epochs != 3 || results[0].Recipe.Optim.LR != 0.01 {
		t.Errorf("trained anew: %+v, %v", results, err)
	}
}

// TestMoreConflicts counts what is refused.
func TestMoreConflicts(t *testing.T) {
	e := &ConflictError{Dir: "d", Changes: []recipes.Change{{Path: "a", From: "1", To: ""}, {Path: "b", From: "", To: "2"}, {Path: "c"}, {Path: "d"}, {Path: "e"}, {Path: "f"}}, More: 1}
	if want := "benchmark: d was trained with other settings: a is 1 there, nothing asked for, b is nothing there, 2 asked for, c is nothing there, nothing asked for, d is nothing there, nothing asked for, and 2 more, and so was one other cell; choose another folder, or have them done again"; e.Error() != want {
		t.Errorf("got  %s\nwant %s", e, want)
	}
	if e.More = 3; !strings.Contains(e.Error(), "and so were 3 other cells") {
		t.Error(e)
	}
}

// TestKilledEarly lets a cell go on whose process ended before it had a configuration.
func TestKilledEarly(t *testing.T) {
	g := smallGrid(t.TempDir())
	g.Seeds, g.Folds = nil, 1
	cell := filepath.Join(g.Dir, "csl", "grit", "seed-1-fold-0")
	if err := os.MkdirAll(cell, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cell, "lock"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if results, err := g.Run(context.Background()); err != nil || len(results) != 1 {
		t.Errorf("%+v, %v", results, err)
	}
}

func TestRefusedGrids(t *testing.T) {
	ok := Grid{Datasets: []string{"csl"}, Models: []string{"grit"}, Dir: "never"}
	for _, test := range []struct {
		change func(*Grid)
		want   string
	}{
		{func(g *Grid) { g.Datasets = nil }, "benchmark: no data sets, no models or no seeds"},
		{func(g *Grid) { g.Models = nil }, "benchmark: no data sets, no models or no seeds"},
		{func(g *Grid) { g.Seeds = []uint64{} }, "benchmark: no data sets, no models or no seeds"},
		{func(g *Grid) { g.Seeds = []uint64{3, 3} }, "benchmark: the seed 3 is there twice"},
		{func(g *Grid) { g.Models = []string{"grit", "grit"} }, "benchmark: grit is there twice"},
		{func(g *Grid) { g.Datasets = []string{"csl", "csl"} }, "benchmark: csl is there twice"},
		{func(g *Grid) { g.Dir = "" }, "benchmark: no folder to keep results in"},
		{func(g *Grid) { g.Folds = -1 }, "benchmark: -1 folds: want at least 1"},
		{func(g *Grid) { g.Folds = 6 }, "benchmark: 6 folds: csl has 5"},
		{func(g *Grid) { g.Epochs = -1 }, "benchmark: -1 epochs: want at least 1"},
		{func(g *Grid) { g.Datasets = []string{"cls"} }, `benchmark: unknown data set "cls"; did you mean "csl"?`},
		{func(g *Grid) { g.Models = []string{"gird"} }, `benchmark: unknown model for csl "gird"; did you mean "grit"? (known: grit`},
		{func(g *Grid) { g.Datasets = []string{"brec"} }, "benchmark: grit on brec: data.name: brec has nothing to predict"},
		{func(g *Grid) { g.Settings = []recipes.Setting{{Path: "train.seed", Value: "1"}} }, "recipes: train.seed: the seeds of the grid decide it"},
		{func(g *Grid) { g.Settings = []recipes.Setting{{Path: "model.layer", Value: "1"}} }, `benchmark: grit on csl: model.layer: unknown setting; did you mean "model.layers"?`},
		{func(g *Grid) { g.Settings = []recipes.Setting{{Path: "model.heads", Value: "5"}} }, "benchmark: grit on csl: model: heads 5 do not divide width"},
	} {
		g := ok
		test.change(&g)
		if _, err := g.Run(context.Background()); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
	if _, err := os.Stat("never"); err == nil {
		t.Error("a refused grid made its folder")
	}
}

// TestMissingData is told of before the first cell is trained.
func TestMissingData(t *testing.T) {
	g := smallGrid(t.TempDir())
	g.Datasets, g.Data = []string{"csl", "zinc"}, t.TempDir()
	var missing *datasets.MissingError
	if _, err := g.Run(context.Background()); !errors.As(err, &missing) {
		t.Errorf("got %v, want a *datasets.MissingError", err)
	}
	if entries, err := os.ReadDir(g.Dir); err != nil || len(entries) != 0 {
		t.Errorf("something was trained before: %v, %v", entries, err)
	}
}

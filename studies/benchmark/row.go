package benchmark

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/recipes"
)

// Over says what a spread is taken over.
type Over int

// A spread is over the seeds, each of which counts once, as the mean over its folds where
// there are folds; with a single seed, over its folds; and with a single number there is
// none.
const (
	OverNothing Over = iota
	OverSeeds
	OverFolds
)

// String says it in a word: "", "seeds" or "folds".
func (o Over) String() string { return [...]string{"", "seeds", "folds"}[o] }

// Mean is the mean of a score and its sample standard deviation, 0 where there is none.
type Mean struct {
	Value, Spread float64
	Over          Over
}

// Row is what the results of a model on a data set come to, all of the same settings: a
// line of a table.
type Row struct {
	Dataset, Model string
	Metric         string
	HigherIsBetter bool
	// Test and Val are the metric on the two splits. Val.Value is NaN without validation graphs.
	Test, Val Mean
	// Seeds are those that have all of the folds.
	Seeds []uint64
	// Folds are those held out, and OfFolds how many the data set has; none and 0 where it has none.
	Folds   []int
	OfFolds int
	// Parameters are those that are trained.
	Parameters int
	Epochs     int
	// Seconds is the mean time of a training, TotalSeconds that of all.
	Seconds, TotalSeconds float64
	// Protocol is the rule that cut the data set.
	Protocol datasets.Protocol
	// Best tells that no comparable row has a better test score, and that there is such a row.
	Best bool
	// Notes say what keeps a row from being compared with others: parts of the data, settings
	// that differ from the preset, seeds that lack folds.
	Notes []string
	// Recipe is that of the first result.
	Recipe recipes.Recipe
}

// Rows puts the results of seeds and folds together, in the order in which data sets and
// models come first. Results of a model whose settings differ in more than seed and fold
// are rows of their own. In each set of rows that were measured on the same graphs, by the
// same metric and folds, those of the best mean are marked.
func Rows(results []Result) []Row {
	var keys []string
	groups := map[string][]Result{}
	for _, r := range results {
		k := settingsOf(r)
		if groups[k] == nil {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], r)
	}
	var rows []Row
	for _, k := range keys {
		rows = append(rows, rowOf(groups[k]))
	}
	// Data sets in the order in which they come first, with their rows together.
	order := map[string]int{}
	for _, r := range rows {
		if _, ok := order[r.Dataset]; !ok {
			order[r.Dataset] = len(order)
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return order[a.Dataset] - order[b.Dataset] })
	markBest(rows)
	return rows
}

// settingsOf is the same for results that a row may put together.
func settingsOf(r Result) string {
	c := r.Recipe
	c.Train.Seed, c.Data.Fold, c.Train.EvalBatchSize = 0, 0, 0
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", r.Dataset, r.Model)
	for _, s := range c.Settings() {
		if !slices.Contains(beside, s.Path) {
			fmt.Fprintf(&b, "%s: %q\n", s.Path, s.Value)
		}
	}
	return b.String()
}

// rowOf puts the results of one model together.
func rowOf(results []Result) Row {
	first := results[0]
	r := Row{
		Dataset: first.Dataset, Model: first.Model, Metric: first.Metric, HigherIsBetter: first.HigherIsBetter,
		Parameters: first.Parameters, Epochs: first.Epochs, OfFolds: first.Folds, Recipe: first.Recipe, Protocol: protocolOf(first.Recipe),
	}
	bySeed := map[uint64][]Result{}
	var seeds []uint64
	for _, x := range results {
		if bySeed[x.Seed] == nil {
			seeds = append(seeds, x.Seed)
		}
		bySeed[x.Seed] = append(bySeed[x.Seed], x)
		r.TotalSeconds += x.Seconds
	}
	r.Seconds = r.TotalSeconds / float64(len(results))
	var full []int // the folds of the seed that has most of them
	for _, seed := range seeds {
		if have := foldsOf(bySeed[seed]); len(have) > len(full) {
			full = have
		}
	}
	if r.OfFolds > 0 {
		r.Folds = full
	}
	var whole [][]Result
	for _, seed := range seeds {
		if have := foldsOf(bySeed[seed]); !slices.Equal(have, full) {
			r.Notes = append(r.Notes, fmt.Sprintf("seed %d has %d of %d folds and is left out", seed, len(have), len(full)))
			continue
		}
		r.Seeds = append(r.Seeds, seed)
		whole = append(whole, bySeed[seed])
	}
	r.Test = mean(whole, Result.Score)
	r.Val = mean(whole, func(x Result) float64 { return x.Val.Value(x.Metric) })
	r.Notes = append(r.Notes, notesOf(first)...)
	return r
}

// foldsOf lists the folds of results in order.
func foldsOf(results []Result) []int {
	var folds []int
	for _, r := range results {
		folds = append(folds, r.Fold)
	}
	slices.Sort(folds)
	return folds
}

// mean is that over seeds of the means over folds.
func mean(bySeed [][]Result, score func(Result) float64) Mean {
	var seeds, folds []float64
	for _, results := range bySeed {
		folds = folds[:0]
		for _, r := range results {
			folds = append(folds, score(r))
		}
		seeds = append(seeds, stat.Mean(folds, nil))
	}
	m := Mean{Value: stat.Mean(seeds, nil)}
	switch {
	case len(seeds) > 1:
		m.Spread, m.Over = stat.StdDev(seeds, nil), OverSeeds
	case len(folds) > 1:
		m.Spread, m.Over = stat.StdDev(folds, nil), OverFolds
	}
	return m
}

// protocolOf is the rule that cut the data set of a recipe, in full.
func protocolOf(r recipes.Recipe) datasets.Protocol {
	if r.Data.Protocol != datasets.DefaultProtocol {
		return r.Data.Protocol
	}
	info, err := datasets.Describe(r.Data.Name)
	if err != nil {
		return datasets.DefaultProtocol
	}
	return info.SplitProtocols()[0]
}

// notesOf says what of a result's recipe is not as the data set and [Recipe] have it.
func notesOf(r Result) []string {
	var notes, changes []string
	if parts := partsOf(r.Recipe.Data); len(parts) > 0 {
		notes = append(notes, strings.Join(parts, ", "))
	}
	usual, err := Recipe(r.Dataset, r.Model)
	if err != nil {
		return notes // of a model that had another name then
	}
	for _, c := range different(usual, r.Recipe) {
		switch c.Path {
		case "train.epochs", "train.seed", "schedule.warmup", "data.fold", "data.train", "data.val", "data.test":
		default:
			changes = append(changes, fmt.Sprintf("%s %s rather than %s", c.Path, orNothing(c.To), orNothing(c.From)))
		}
	}
	if len(changes) > 0 {
		notes = append(notes, strings.Join(changes, ", "))
	}
	return notes
}

// partsOf says which splits are cut off.
func partsOf(d recipes.Data) []string {
	info, err := datasets.Describe(d.Name)
	if err != nil {
		return nil
	}
	var parts []string
	for _, s := range []struct {
		name   string
		n, all int
	}{{"training", d.Train, info.Train}, {"validation", d.Val, info.Val}, {"test", d.Test, info.Test}} {
		if s.n > 0 && s.n < s.all {
			parts = append(parts, fmt.Sprintf("%d of %d %s graphs", s.n, s.all, s.name))
		}
	}
	return parts
}

// markBest marks the best row of those that can be compared, where there are several.
func markBest(rows []Row) {
	groups := map[string][]int{}
	for i, r := range rows {
		if !math.IsNaN(r.Test.Value) {
			groups[r.graphs()] = append(groups[r.graphs()], i)
		}
	}
	for _, group := range groups {
		if len(group) < 2 {
			continue
		}
		best := rows[group[0]].Test.Value
		for _, i := range group {
			if v := rows[i].Test.Value; v != best && (v > best) == rows[i].HigherIsBetter {
				best = v
			}
		}
		for _, i := range group {
			rows[i].Best = rows[i].Test.Value == best
		}
	}
}

// graphs is the same for rows that were measured on the same graphs in the same way.
func (r Row) graphs() string {
	d := r.Recipe.Data
	return fmt.Sprint(r.Dataset, r.Metric, r.Folds, r.Protocol, d.Seed, d.Train, d.Val, d.Test)
}

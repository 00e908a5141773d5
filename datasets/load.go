package datasets

import (
	"context"
	"fmt"
	"slices"
)

// Options say which data to load. The zero value is the standard data set: seed
// 0, fold 0, nothing cut off.
type Options struct {
	// Dir is the folder of data files; "" means $GRAFT_DATA. Generated sets need
	// none.
	Dir string
	// Seed draws the graphs of a generated set. Sets from files have none.
	Seed uint64
	// Fold chooses the split of a set that has several, from 0.
	Fold int
	// Limit keeps only the first graphs of each split.
	Limit Limit
}

// Limit is a number of graphs per split; 0 means all.
type Limit struct{ Train, Val, Test int }

// entry is a data set that Load knows.
type entry struct {
	info Info
	load func(ctx context.Context, o Options) (*Set, error)
}

// known lists the data sets in order of name.
func known() []entry {
	return []entry{
		{clusterInfo, loadCluster},
		{cslInfo, loadCSL},
		{patternInfo, loadPattern},
		{zincInfo, loadZINC},
	}
}

// Names lists the data sets that [Load] knows, in alphabetical order.
func Names() []string {
	var names []string
	for _, e := range known() {
		names = append(names, e.info.Name)
	}
	return names
}

// Describe gives the table about a data set without loading it. The error is an
// *UnknownError.
func Describe(name string) (Info, error) {
	e, err := find(name)
	return e.info, err
}

// Load gives a data set by name. Generated sets come at once and make each graph
// when it is asked for, or are small; sets from files are read and checked as a
// whole, and ctx can end that early. See the package comment for the errors.
func Load(ctx context.Context, name string, o Options) (*Set, error) {
	e, err := find(name)
	if err != nil {
		return nil, err
	}
	for _, n := range []int{o.Limit.Train, o.Limit.Val, o.Limit.Test} {
		if n < 0 {
			return nil, fmt.Errorf("datasets: %s: a limit of %d graphs; give a positive number, or 0 for all", name, n)
		}
	}
	if last := max(e.info.Folds, 1) - 1; o.Fold < 0 || o.Fold > last {
		if last == 0 {
			return nil, fmt.Errorf("datasets: %s: fold %d: this set has one split only; leave the fold at 0", name, o.Fold)
		}
		return nil, fmt.Errorf("datasets: %s: fold %d is out of range; choose one of 0..%d", name, o.Fold, last)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	set, err := e.load(ctx, o)
	if err != nil {
		return nil, err
	}
	set.Name, set.Info = e.info.Name, e.info
	return set.limited(o.Limit), nil
}

func find(name string) (entry, error) {
	for _, e := range known() {
		if e.info.Name == name {
			// The caller may do with the table what he likes.
			e.info.NodeTypes, e.info.EdgeTypes = slices.Clone(e.info.NodeTypes), slices.Clone(e.info.EdgeTypes)
			return e, nil
		}
	}
	return entry{}, &UnknownError{What: "data set", Name: name, Known: Names()}
}

package tableqa

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/datasets"
)

// Options say which data to load. The zero value is the standard data set: first protocol,
// fold 0, seed 0, nothing cut off.
type Options struct {
	// Dir is the folder of data files, a folder above it, or a zip file of it; "" means
	// $GRAFT_DATA, and then the cache of package datasets. Generated sets need none.
	Dir string
	// Protocol is the rule that cuts the set into splits; the default is the first that its
	// Info names.
	Protocol Protocol
	// Fold chooses the published split of a set that has several, from 0.
	Fold int
	// Seed draws the questions of a generated set.
	Seed uint64
	// Proxy is what tables a generated set has.
	Proxy ProxyOptions
	// Limit keeps only the first questions of each split. A generated set has as many as
	// the limit says, or as its Info does where that is 0.
	Limit datasets.Limit
}

// entry is a data set that Load knows.
type entry struct {
	info Info
	load func(ctx context.Context, o Options) (*Set, error)
}

// known lists the data sets in order of name.
func known() []entry {
	return []entry{
		{countingInfo, loadCounting},
		{fetaqaInfo, loadFeTaQA},
		{hitabInfo, loadHiTab},
		{locatingInfo, loadLocating},
		{tabfactInfo, loadTabFact},
		{wikitablesInfo, loadWikiTables},
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

// List gives the tables about all data sets, in alphabetical order of their names.
func List() []Info {
	var all []Info
	for _, e := range known() {
		all = append(all, e.info.clone())
	}
	return all
}

// Describe gives the table about a data set without loading it. The error is a
// *datasets.UnknownError.
func Describe(name string) (Info, error) {
	e, err := find(name)
	return e.info.clone(), err
}

func find(name string) (entry, error) {
	i, err := datasets.Number("data set of tables", name, Names())
	if err != nil {
		return entry{}, err
	}
	return known()[i], nil
}

// Load gives a data set by name. Sets from files are read and checked as a whole, and ctx
// can end that early; generated ones come at once and make each question when it is asked
// for. See the package comment for the errors.
func Load(ctx context.Context, name string, o Options) (*Set, error) {
	e, err := find(name)
	if err != nil {
		return nil, err
	}
	if err := o.Limit.Check("questions"); err != nil {
		return nil, fmt.Errorf("tableqa: %s: %w", name, err)
	}
	if o.Protocol, err = e.info.protocol(o.Protocol); err != nil {
		return nil, err
	}
	folds := 1
	if o.Protocol == PublishedSplit {
		folds = max(e.info.Folds, 1)
	}
	if o.Fold < 0 || o.Fold >= folds {
		return nil, fmt.Errorf("tableqa: %s: fold %d is out of range; choose one of 0..%d", name, o.Fold, folds-1)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	set, err := e.load(ctx, o)
	if err != nil {
		return nil, err
	}
	set.Info, set.Protocol = e.info.clone(), o.Protocol
	// Folds and protocols differ in the sizes of their splits.
	set.Info.Train, set.Info.Val, set.Info.Test = set.Train.Len(), set.Val.Len(), set.Test.Len()
	return set.limited(o.Limit), nil
}

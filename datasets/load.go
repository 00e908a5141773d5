package datasets

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Options say which data to load. The zero value is the standard data set: seed
// 0, fold 0, nothing cut off.
type Options struct {
	// Dir is the folder of data files; "" means $GRAFT_DATA, and then the [Cache].
	// Generated sets need none.
	Dir string
	// Seed draws the graphs of a generated set, and splits that are random.
	Seed uint64
	// Fold chooses the split of a set that has several, from 0.
	Fold int
	// Protocol is the rule that cuts the set into splits; the default is the first
	// that its Info names.
	Protocol Protocol
	// Molecule, if not nil, makes a graph of a SMILES string. Sets of molecules are
	// then read from their tables, as they are published or as NAME.csv.gz, rather
	// than from stored graphs.
	Molecule MoleculeReader
	// Scaffold, if not nil, gives the number of a molecule's scaffold. ScaffoldSplit
	// is then computed from the table where the file of the split is missing.
	Scaffold ScaffoldReader
	// Limit keeps only the first graphs of each split.
	Limit Limit
}

// Limit is a number of graphs per split; 0 means all.
type Limit struct{ Train, Val, Test int }

// Check refuses negative numbers of items, which are the set's, in the plural.
func (l Limit) Check(items string) error {
	for _, n := range []int{l.Train, l.Val, l.Test} {
		if n < 0 {
			return fmt.Errorf("a limit of %d %s; give a positive number, or 0 for all", n, items)
		}
	}
	return nil
}

// entry is a data set that Load knows.
type entry struct {
	info Info
	load func(ctx context.Context, o Options) (*Set, error)
}

// known lists the data sets in order of name.
func known() []entry {
	all := []entry{
		{brecInfo, loadBREC},
		{bridgesInfo, loadBridges},
		{clusterInfo, loadCluster},
		{cslInfo, loadCSL},
		{cslPublishedInfo, loadCSLPublished},
		{graph8cInfo, loadGraph8c},
		{karateInfo, loadKarate},
		{patternInfo, loadPattern},
		{sr25Info, loadSR25},
		{zincInfo, loadZINC},
	}
	all = slices.Concat(all, moleculeNet(), peptides(), tuCollection(), expSets(), planetoid())
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.info.Name, b.info.Name) })
	return all
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
	if err := o.Limit.Check("graphs"); err != nil {
		return nil, fmt.Errorf("datasets: %s: %w", name, err)
	}
	if last := max(e.info.Folds, 1) - 1; o.Fold < 0 || o.Fold > last {
		if last == 0 {
			return nil, fmt.Errorf("datasets: %s: fold %d: this set has one split only; leave the fold at 0", name, o.Fold)
		}
		return nil, fmt.Errorf("datasets: %s: fold %d is out of range; choose one of 0..%d", name, o.Fold, last)
	}
	if o.Protocol, err = e.info.protocol(o.Protocol); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	set, err := e.load(ctx, o)
	if err != nil {
		return nil, err
	}
	set.Name, set.Info = e.info.Name, e.info
	// Folds and protocols differ a little in the sizes of their splits.
	set.Info.Train, set.Info.Val, set.Info.Test = set.Train.Len(), set.Val.Len(), set.Test.Len()
	return set.limited(o.Limit), nil
}

// protocol resolves the default and refuses a protocol that the set lacks.
func (i Info) protocol(p Protocol) (Protocol, error) {
	known := i.SplitProtocols()
	if p == DefaultProtocol {
		return known[0], nil
	}
	names := make([]string, len(known))
	for k, have := range known {
		if have == p {
			return p, nil
		}
		names[k] = have.String()
	}
	return p, fmt.Errorf("datasets: %s: it has no split protocol %q; choose one of %s", i.Name, p, list(names))
}

func find(name string) (entry, error) {
	for _, e := range known() {
		if e.info.Name == name {
			// The caller may do with the table what he likes.
			e.info.NodeTypes, e.info.EdgeTypes = slices.Clone(e.info.NodeTypes), slices.Clone(e.info.EdgeTypes)
			e.info.Protocols = slices.Clone(e.info.Protocols)
			return e, nil
		}
	}
	return entry{}, &UnknownError{What: "data set", Name: name, Known: Names()}
}

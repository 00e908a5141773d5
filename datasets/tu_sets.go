package datasets

import (
	"context"
	"fmt"
)

// tuSet is a set of the TU collection that has a name here.
//
//	set           graphs   nodes   edges  classes  node types  node features  edge types
//	mutag            188   17.93   39.59  2        7           -              4
//	proteins       1,113   39.06  145.63  2        3           1              -
//	enzymes          600   32.63  124.27  6        3           18             -
//	nci1           4,110   29.87   64.60  2        37          -              -
//	imdb-binary    1,000   19.77  193.06  2        136         -              -
//
// Nodes and edges are means, edges directed and without repetitions. Node types
// are labels, those of imdb-binary, which has none, degrees. The metric is
// accuracy over ten folds. The collection states no licence and asks to cite
// Morris et al., TUDataset, 2020.
type tuSet struct {
	info Info
	file string // name in the collection
	o    TUOptions
}

func tuCollection() []entry {
	var all []entry
	for _, s := range []tuSet{
		{file: "MUTAG", info: Info{
			Name: "mutag", Title: "MUTAG: which nitroaromatic molecules are mutagenic",
			MeanNodes: 17.93, MeanEdges: 39.59, NodeTypes: []int{7}, EdgeTypes: []int{4}, Classes: 2,
			Train: 150, Val: 19, Test: 19, Protocols: []Protocol{StratifiedFolds, GINFolds}}},
		{file: "PROTEINS", info: Info{
			Name: "proteins", Title: "PROTEINS: which proteins are enzymes",
			MeanNodes: 39.06, MeanEdges: 145.63, NodeTypes: []int{3}, NodeFeatures: 1, Classes: 2,
			Train: 900, Val: 101, Test: 112, Protocols: []Protocol{ErricaFolds, DwivediFolds, GINFolds, StratifiedFolds}}},
		{file: "ENZYMES", info: Info{
			Name: "enzymes", Title: "ENZYMES: which of six kinds an enzyme is",
			MeanNodes: 32.63, MeanEdges: 124.27, NodeTypes: []int{3}, NodeFeatures: 18, Classes: 6,
			Train: 486, Val: 54, Test: 60, Protocols: []Protocol{ErricaFolds, DwivediFolds, GINFolds, StratifiedFolds}}},
		{file: "NCI1", info: Info{
			Name: "nci1", Title: "NCI1: which molecules hold up lung cancer cells",
			MeanNodes: 29.87, MeanEdges: 64.60, NodeTypes: []int{37}, Classes: 2,
			Train: 3329, Val: 370, Test: 411, Protocols: []Protocol{ErricaFolds, GINFolds, StratifiedFolds}}},
		{file: "IMDB-BINARY", o: TUOptions{MergeEdges: true, DegreeTypes: true}, info: Info{
			Name: "imdb-binary", Title: "IMDB-BINARY: action film or romance, by who plays with whom",
			MeanNodes: 19.77, MeanEdges: 193.06, NodeTypes: []int{136}, Classes: 2,
			Train: 810, Val: 90, Test: 100, Protocols: []Protocol{ErricaFolds, GINFolds, StratifiedFolds},
			Notes: "Nodes have no labels; their type is their degree. The files list every edge twice; it is kept once."}},
	} {
		i := &s.info
		i.Task, i.Targets, i.Folds, i.Fetched = GraphClassification, 1, tuFolds, true
		i.Metric, i.SplitRule = "accuracy, mean over folds (higher is better)", "ten folds; protocols differ in the validation graphs"
		i.Licence = "none stated by the TU collection; cite Morris et al., TUDataset, 2020"
		i.Origin = fmt.Sprintf("%s.zip of the TU collection (chrsmrrs.github.io/datasets), as it is or unpacked to a folder %[1]s, in a folder tu, "+
			"beside the fold lists that a protocol wants", s.file)
		all = append(all, entry{s.info, s.load})
	}
	return all
}

const tuHome = "tu"

func (s tuSet) load(ctx context.Context, o Options) (*Set, error) {
	path, err := dataFile(o.Dir, s.info, tuHome, s.file+".zip", s.file)
	if err != nil {
		return nil, err
	}
	t, err := ReadTU(ctx, path, s.o)
	if err != nil {
		return nil, err
	}
	if err := s.assert(path, t); err != nil {
		return nil, err
	}
	folds, err := s.folds(o, t)
	if err != nil {
		return nil, err
	}
	return cut(t, folds), nil
}

// assert compares a set with what is known of it.
func (s tuSet) assert(path string, t *TU) error {
	if got, want := t.Len(), s.info.Graphs(); got != want {
		return notPublished(path, 0, "%d graphs, expected %d", got, want)
	}
	if got, want := len(t.Classes), s.info.Classes; got != want {
		return notPublished(path, 0, "%d classes, expected %d", got, want)
	}
	got := t.info()
	if fmt.Sprint(got.NodeTypes, got.EdgeTypes) != fmt.Sprint(s.info.NodeTypes, s.info.EdgeTypes) || got.NodeFeatures != s.info.NodeFeatures {
		return notPublished(path, 0, "node types %v, edge types %v and %d node features, expected %v, %v and %d",
			got.NodeTypes, got.EdgeTypes, got.NodeFeatures, s.info.NodeTypes, s.info.EdgeTypes, s.info.NodeFeatures)
	}
	return nil
}

// folds reads or draws the split of a fold.
func (s tuSet) folds(o Options, t *TU) (*split3, error) {
	if o.Protocol == StratifiedFolds {
		return stratified(t.classOf, tuFolds, o.Fold, o.Seed), nil
	}
	file := map[Protocol]string{
		ErricaFolds:  s.file + ".folds_errica.json.gz",
		DwivediFolds: s.file + ".folds_dwivedi.json.gz",
		GINFolds:     "folds10_seed0.json.gz",
	}[o.Protocol]
	path, err := dataFile(o.Dir, s.info, tuHome, file)
	if err != nil {
		return nil, unfetched(err, `take the split protocol "stratified", which needs no file`)
	}
	all, err := s.readFolds(path, o.Protocol, t.Len())
	if err != nil {
		return nil, err
	}
	if len(all) != tuFolds {
		return nil, notPublished(path, 0, "%d folds, expected %d", len(all), tuFolds)
	}
	fold := &all[o.Fold]
	if reason := fold.check(t.Len(), true, nil); reason != "" {
		return nil, notPublished(path, 0, "fold %d: %s", o.Fold, reason)
	}
	return fold, nil
}

// readFolds reads a list of folds in the form of a protocol.
func (s tuSet) readFolds(path string, p Protocol, n int) ([]split3, error) {
	var all []split3
	switch p {
	case ErricaFolds:
		err := readJSON(path, &all)
		return all, err
	case DwivediFolds:
		return readFoldLists(path)
	}
	var tested map[string][][]int32
	if err := readJSON(path, &tested); err != nil {
		return nil, err
	}
	for _, test := range tested[s.file] {
		in := make([]bool, n)
		for _, i := range test {
			if i >= 0 && int(i) < n {
				in[i] = true
			}
		}
		f := split3{Test: test}
		for i, tested := range in {
			if !tested {
				f.Train = append(f.Train, int32(i))
			}
		}
		all = append(all, f)
	}
	return all, nil
}

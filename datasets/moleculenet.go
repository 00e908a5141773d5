package datasets

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/graphs"
)

// moleculeSet is a data set of MoleculeNet (Wu et al., Chemical Science 2018).
//
//	set            graphs  atoms  bonds  task                       metric   scaffold split     licence of the data
//	esol            1,128  13.29  13.68  log solubility (1 number)  RMSE        902/113/113     Delaney 2004, none stated
//	freesolv          642   8.72   8.39  hydration energy           RMSE         513/64/65      Creative Commons, non-commercial
//	lipophilicity   4,200  27.04  29.50  log D at pH 7.4            RMSE       3360/420/420     ChEMBL, CC BY-SA 3.0
//	bbbp            2,039  24.07  25.95  enters the brain (2)       ROC-AUC    1631/204/204     none stated
//	bace            1,513  34.09  36.86  inhibits BACE-1 (2)        ROC-AUC    1210/151/152     none stated
//	hiv            41,127  25.51  27.47  stops HIV (2)              ROC-AUC  32901/4113/4113    none stated (NCI, public)
//
// Atoms and bonds are means; a bond is two edges. Nodes have the nine atom
// features, edges the three bond features of the Open Graph Benchmark.
type moleculeSet struct {
	info   Info
	rows   int     // of the table, those of no molecule included
	bad    []int32 // rows whose SMILES string is of no valid molecule
	table  string  // name of the table as it is published
	smiles string  // its columns
	target string
}

// molecules makes the parts of an Info that these sets share.
func (m moleculeSet) entry() entry {
	i := &m.info
	i.NodeTypes, i.EdgeTypes, i.Targets = ogbAtoms, ogbBonds, 1
	i.Protocols = append([]Protocol{ScaffoldSplit, RandomSplit}, i.Protocols...)
	i.SplitRule, i.Fetched = "by Bemis-Murcko scaffold, 80/10/10 %; or at random", true
	if i.Task == GraphRegression {
		i.Metric = "root of the mean squared error (lower is better)"
	} else {
		i.Metric, i.Classes = "area under the ROC curve (higher is better)", 2
	}
	name := i.Name
	i.Origin = "the set of MoleculeNet as its table, " + m.table + ", or as JSON Lines with vocabulary and split, " + name + ".graphs.jsonl.gz, " + name +
		".vocab.json and " + name + ".scaffold_split.json.gz, in a folder moleculenet"
	return entry{m.info, m.load}
}

func moleculeNet() []entry {
	sets := []moleculeSet{
		{
			info: Info{Name: "esol", Title: "ESOL: solubility of small molecules in water", Task: GraphRegression,
				Train: 902, Val: 113, Test: 113, MeanNodes: 13.29, MeanEdges: 27.35,
				Licence: "none stated (Delaney, J. Chem. Inf. Comput. Sci. 2004)",
				Notes:   "Targets are log10 of mol per litre. Molecules of one atom, without edges, occur."},
			rows: 1128, table: "delaney-processed.csv",
			smiles: "smiles", target: "measured log solubility in mols per litre",
		}, {
			info: Info{Name: "freesolv", Title: "FreeSolv: energy of hydration of small molecules", Task: GraphRegression,
				Train: 513, Val: 64, Test: 65, MeanNodes: 8.72, MeanEdges: 16.78,
				Licence: "Creative Commons, non-commercial (Mobley and Guthrie 2014)",
				Notes:   "Targets are kcal per mol, measured. Molecules of one atom, without edges, occur."},
			rows: 642, table: "SAMPL.csv", smiles: "smiles", target: "expt",
		}, {
			info: Info{Name: "lipophilicity", Title: "Lipophilicity: distribution between octanol and water", Task: GraphRegression,
				Train: 3360, Val: 420, Test: 420, MeanNodes: 27.04, MeanEdges: 59.00,
				Licence: "CC BY-SA 3.0 (ChEMBL)",
				Notes:   "Targets are log D at pH 7.4."},
			rows: 4200, table: "Lipophilicity.csv", smiles: "smiles", target: "exp",
		}, {
			info: Info{Name: "bbbp", Title: "BBBP: which molecules pass the blood-brain barrier", Task: GraphClassification,
				Train: 1631, Val: 204, Test: 204, MeanNodes: 24.06, MeanEdges: 51.91,
				Licence: "none stated (Martins et al., J. Chem. Inf. Model. 2012)",
				Notes:   "1,567 of the 2,050 rows are positive; eleven rows are of no valid molecule (a neutral nitrogen with four bonds) and are left out."},
			rows: 2050, bad: []int32{59, 61, 391, 614, 642, 645, 646, 647, 648, 649, 685},
			table: "BBBP.csv", smiles: "smiles", target: "p_np",
		}, {
			info: Info{Name: "bace", Title: "BACE: inhibitors of human beta-secretase 1", Task: GraphClassification,
				Train: 1210, Val: 151, Test: 152, MeanNodes: 34.09, MeanEdges: 73.72,
				Licence: "none stated (Subramanian et al., J. Chem. Inf. Model. 2016)",
				Notes:   "691 molecules are positive."},
			rows: 1513, table: "bace.csv", smiles: "mol", target: "Class",
		}, {
			info: Info{Name: "hiv", Title: "HIV: molecules that hold up the virus", Task: GraphClassification,
				Train: 32901, Val: 4113, Test: 4113, MeanNodes: 25.51, MeanEdges: 54.94,
				Protocols: []Protocol{OGBSplit},
				Licence:   "none stated (AIDS antiviral screen of the National Cancer Institute)",
				Notes:     "1,443 molecules are positive. The split protocol ogb is that of ogbg-molhiv, from hiv.ogb_split.json.gz."},
			rows: 41127, table: "HIV.csv", smiles: "smiles", target: "HIV_active",
		},
	}
	all := make([]entry, len(sets))
	for k, m := range sets {
		all[k] = m.entry()
	}
	return all
}

const moleculeFolder = "moleculenet"

func (m moleculeSet) load(ctx context.Context, o Options) (*Set, error) {
	var source Source
	var rows []int32
	var err error
	if o.Molecule != nil {
		source, rows, err = m.fromTable(ctx, o)
	} else {
		source, rows, err = m.fromGraphs(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	s, err := m.split(ctx, o, rows)
	if err != nil {
		return nil, err
	}
	return cut(source, s), nil
}

// invalid tells whether a row of the table is of no molecule.
func (m moleculeSet) invalid(row int32) bool { return slices.Contains(m.bad, row) }

// fromGraphs reads the stored graphs; rows gives the row of the table of each.
func (m moleculeSet) fromGraphs(ctx context.Context, o Options) (Source, []int32, error) {
	path, err := dataFile(o.Dir, m.info, moleculeFolder, m.info.Name+".graphs.jsonl.gz")
	if err != nil {
		return nil, nil, withTable(err, o.Dir, moleculeFolder, m.tables()...)
	}
	p, err := readMolecules(ctx, path, strings.TrimSuffix(path, ".graphs.jsonl.gz")+".vocab.json", m.checkTarget)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]int32, 0, m.info.Graphs())
	for row := range int32(m.rows) {
		if !m.invalid(row) {
			rows = append(rows, row)
		}
	}
	if err := p.expectIDs(path, rows); err != nil {
		return nil, nil, err
	}
	return p, rows, nil
}

// checkTarget tells what is wrong with a target.
func (m moleculeSet) checkTarget(y []float32) string {
	switch {
	case len(y) != 1 || math.IsNaN(float64(y[0])):
		return "the molecule has no single target"
	case m.info.Classes == 2 && y[0] != 0 && y[0] != 1:
		return "the target is " + strconv.FormatFloat(float64(y[0]), 'g', -1, 32) + ", expected 0 or 1"
	}
	return ""
}

// readMolecules reads a file of stored molecules and its vocabulary.
func readMolecules(ctx context.Context, path, vocabularyPath string, check func(target []float32) string) (*packed, error) {
	v, err := readVocabulary(vocabularyPath)
	if err != nil {
		return nil, err
	}
	p := &packed{nodes: v.Atoms, bonds: v.Bonds}
	err = eachGraph(ctx, path, func(r *graphs.Reader) {
		r.NodeVocabulary, r.EdgeVocabulary = []int{len(v.Atoms)}, []int{len(v.Bonds)}
	}, func(g *graphs.Graph, line int) error {
		reason := check(g.Target)
		if reason == "" {
			reason = packable(g)
		}
		id, err := strconv.ParseUint(g.ID, 10, 31)
		if err != nil && reason == "" {
			reason = "the id is not the number of a row"
		}
		if reason != "" {
			return notPublished(path, line, "%s", reason)
		}
		p.add(g, id)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// split reads, computes or draws the split; rows is the row of each graph.
func (m moleculeSet) split(ctx context.Context, o Options, rows []int32) (*split3, error) {
	if o.Protocol == RandomSplit {
		return randomSplit(firstNumbers(len(rows)), o.Seed), nil
	}
	file := m.info.Name + ".scaffold_split.json.gz"
	if o.Protocol == OGBSplit {
		file = m.info.Name + ".ogb_split.json.gz"
	}
	path, err := dataFile(o.Dir, m.info, moleculeFolder, file)
	if err != nil && o.Protocol == ScaffoldSplit && o.Scaffold != nil {
		return m.scaffoldSplit(ctx, o)
	}
	if err != nil {
		hint := `take the split protocol "random", which needs no file`
		if o.Protocol == ScaffoldSplit {
			hint += ", or set Options.Scaffold, which computes it"
		}
		return nil, unfetched(err, hint)
	}
	s, err := readSplit(path, m.rows, m.invalid)
	if err != nil {
		return nil, err
	}
	graph := make([]int32, m.rows) // of each row
	for i, row := range rows {
		graph[row] = int32(i)
	}
	for _, part := range [][]int32{s.Train, s.Val, s.Test} {
		for k, row := range part {
			part[k] = graph[row]
		}
	}
	return s, nil
}

package datasets

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// peptideSet is a data set of peptides of the Long Range Graph Benchmark (Dwivedi et
// al., NeurIPS 2022, arXiv 2206.08164). The peptides of both are the same.
//
//	set              graphs  nodes   edges   task        metric                          split                    licence
//	peptides-func    15,535  150.94  307.30  10 labels   average precision, their mean   10,873/2,331/2,331       CC BY-NC 4.0
//	peptides-struct  15,535  150.94  307.30  11 numbers  MAE, their mean                 10,873/2,331/2,331       CC BY-NC 4.0
//
// Nodes and edges are means, edges directed. Nodes have the nine atom features,
// edges the three bond features of the Open Graph Benchmark.
type peptideSet struct {
	info    Info
	stem    string   // of the files of stored graphs
	table   string   // as it is published
	columns []string // of the targets
	// targets reads the columns; check tells what is wrong with what was read.
	targets func(cells []string) ([]float32, string)
	check   func([]float32) string
	scaled  bool // every target has mean 0 and standard deviation 1 over all peptides
}

const (
	peptideFolder = "lrgb"
	peptideLabels = 10
	// peptideSplit is the one split of both sets.
	peptideSplit = "peptides_func.split.json.gz"
)

// peptideProperties are the columns of peptides-struct, in the order of the
// benchmark's code (peptides_structural.py).
var peptideProperties = []string{
	"Inertia_mass_a", "Inertia_mass_b", "Inertia_mass_c", "Inertia_valence_a", "Inertia_valence_b", "Inertia_valence_c",
	"length_a", "length_b", "length_c", "Spherocity", "Plane_best_fit",
}

func peptides() []entry {
	var all []entry
	for _, p := range []peptideSet{functionOfPeptides(), structureOfPeptides()} {
		all = append(all, entry{p.info, p.load})
	}
	return all
}

// functionOfPeptides is peptides-func.
func functionOfPeptides() peptideSet {
	p := peptideSet{stem: "peptides_func", table: "peptide_multi_class_dataset.csv.gz", columns: []string{"labels"}, targets: parseLabels, check: checkLabels}
	p.info = Info{
		Name: "peptides-func", Title: "Peptides-func: what peptides do, ten answers at once", Task: GraphMultiLabel, Classes: 2, Targets: peptideLabels,
		Metric: "average precision, mean over labels (higher is better)",
		Notes: "The labels are antifungal, cell-cell communication, anticancer, drug delivery vehicle, antimicrobial, antiviral, antihypertensive, " +
			"antibacterial, antiparasitic, toxic.",
	}
	return p.described()
}

// structureOfPeptides is peptides-struct.
func structureOfPeptides() peptideSet {
	p := peptideSet{stem: "peptides_struct", table: "peptide_structure_normalized_dataset.csv.gz",
		columns: peptideProperties, targets: parseProperties, check: checkProperties, scaled: true}
	p.info = Info{
		Name: "peptides-struct", Title: "Peptides-struct: the shape of peptides, eleven numbers at once", Task: GraphRegression, Targets: len(peptideProperties),
		Metric: "mean absolute error, mean over targets (lower is better)",
		Notes: "The targets are the principal moments of inertia of the mass (3) and of the hydrogens (3), the lengths along the three axes, the spherocity " +
			"and the distance from the plane of best fit, each with mean 0 and standard deviation 1 over all peptides. The peptides are those of peptides-func.",
	}
	return p.described()
}

// described fills in what both sets share.
func (p peptideSet) described() peptideSet {
	i := &p.info
	i.Train, i.Val, i.Test, i.MeanNodes, i.MeanEdges = 10_873, 2_331, 2_331, 150.94, 307.30
	i.NodeTypes, i.EdgeTypes = ogbAtoms, ogbBonds
	i.SplitRule, i.Fetched = "as published: at random, stratified by labels, 70/15/15 %", true
	i.Licence = "CC BY-NC 4.0 (SATPdb)"
	i.Origin = "the set of the Long Range Graph Benchmark (Dwivedi et al., NeurIPS 2022) as its table, " + p.table + ", or as JSON Lines with vocabulary, " +
		p.stem + ".graphs.jsonl.gz and " + p.stem + ".vocab.json, and the split " + peptideSplit + ", in a folder lrgb"
	i.Notes += " The largest peptides have more than 400 atoms: attention over all pairs needs memory accordingly."
	return p
}

func (p peptideSet) load(ctx context.Context, o Options) (*Set, error) {
	read := p.fromGraphs
	if o.Molecule != nil {
		read = p.fromTable
	}
	source, err := read(ctx, o)
	if err != nil {
		return nil, err
	}
	path, err := dataFile(o.Dir, p.info, peptideFolder, peptideSplit)
	if err != nil {
		return nil, err
	}
	s, err := readSplit(path, p.info.Graphs(), nil)
	if err != nil {
		return nil, err
	}
	return cut(source, s), nil
}

// tables are the names of the table, as it is published and unpacked.
func (p peptideSet) tables() []string { return []string{p.table, strings.TrimSuffix(p.table, ".gz")} }

func (p peptideSet) fromGraphs(ctx context.Context, o Options) (Source, error) {
	path, err := dataFile(o.Dir, p.info, peptideFolder, p.stem+".graphs.jsonl.gz")
	if err != nil {
		return nil, withTable(err, o.Dir, peptideFolder, p.tables()...)
	}
	source, err := readMolecules(ctx, path, strings.TrimSuffix(path, ".graphs.jsonl.gz")+".vocab.json", p.check)
	if err != nil {
		return nil, err
	}
	return source, source.expectIDs(path, firstNumbers(p.info.Graphs()))
}

func (p peptideSet) fromTable(ctx context.Context, o Options) (Source, error) {
	path, err := dataFile(o.Dir, p.info, peptideFolder, p.tables()...)
	if err != nil {
		return nil, err
	}
	s := &smilesSource{read: o.Molecule, columns: p.info.Targets}
	err = readTable(ctx, path, append([]string{"smiles"}, p.columns...), func(line int, values []string) error {
		targets, reason := p.targets(values[1:])
		if reason == "" {
			reason = p.check(targets)
		}
		if reason != "" {
			return notPublished(path, line, "%s", reason)
		}
		row := moleculeRow{path: path, line: line, smiles: strings.TrimSpace(values[0])}
		g, err := o.Molecule(row.smiles)
		if err == nil {
			err = g.Validate()
		}
		if err != nil {
			return row.bad("smiles", err)
		}
		s.rows = append(s.rows, int32(len(s.smiles)))
		s.smiles, s.targets = append(s.smiles, strings.Clone(row.smiles)), append(s.targets, targets...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if s.Len() != p.info.Graphs() {
		return nil, notPublished(path, 0, "%d rows, expected %d", s.Len(), p.info.Graphs())
	}
	if p.scaled {
		if reason := notScaled(s.targets, p.columns); reason != "" {
			return nil, notPublished(path, 0, "%s", reason)
		}
	}
	return s, nil
}

// parseLabels reads a list such as "[0, 1]", the one cell of peptides-func.
func parseLabels(cells []string) ([]float32, string) {
	text := cells[0]
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !ok || !closed {
		return nil, fmt.Sprintf("the labels %q are no list in brackets", clip([]byte(text)))
	}
	var labels []float32
	for part := range strings.SplitSeq(inner, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 32)
		if err != nil {
			return nil, fmt.Sprintf("the label %q is not a number", clip([]byte(part)))
		}
		labels = append(labels, float32(v))
	}
	return labels, ""
}

func checkLabels(labels []float32) string {
	if len(labels) != peptideLabels {
		return fmt.Sprintf("the peptide has %d labels, expected %d", len(labels), peptideLabels)
	}
	for k, y := range labels {
		if y != 0 && y != 1 {
			return fmt.Sprintf("label %d is %v, expected 0 or 1", k, y)
		}
	}
	return ""
}

// parseProperties reads the cells of peptides-struct.
func parseProperties(cells []string) ([]float32, string) {
	properties := make([]float32, len(cells))
	for k, cell := range cells {
		v, err := strconv.ParseFloat(strings.TrimSpace(cell), 32)
		if err != nil {
			return nil, fmt.Sprintf("%s: %q is not a number", peptideProperties[k], clip([]byte(cell)))
		}
		properties[k] = float32(v)
	}
	return properties, ""
}

func checkProperties(properties []float32) string {
	if len(properties) != len(peptideProperties) {
		return fmt.Sprintf("the peptide has %d properties, expected %d", len(properties), len(peptideProperties))
	}
	k := slices.IndexFunc(properties, func(y float32) bool { return math.IsNaN(float64(y)) || math.IsInf(float64(y), 0) })
	if k >= 0 {
		return fmt.Sprintf("%s is %v, expected a finite number", peptideProperties[k], properties[k])
	}
	return ""
}

// notScaled tells which column has not mean 0 and standard deviation 1: there is
// also a table of the same name but for the word normalized, in other units.
func notScaled(values []float32, columns []string) string {
	const tolerance = 1e-3
	n, rows := len(columns), float64(len(values)/len(columns))
	for k, name := range columns {
		var sum, squares float64
		for i := k; i < len(values); i += n {
			sum += float64(values[i])
		}
		mean := sum / rows
		for i := k; i < len(values); i += n {
			squares += (float64(values[i]) - mean) * (float64(values[i]) - mean)
		}
		if std := math.Sqrt(squares / max(rows-1, 1)); math.Abs(mean) > tolerance || math.Abs(std-1) > tolerance {
			return fmt.Sprintf("%s has mean %.4g and standard deviation %.4g, expected 0 and 1", name, mean, std)
		}
	}
	return ""
}

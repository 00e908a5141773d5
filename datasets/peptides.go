package datasets

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// peptidesInfo is the table of Peptides-func.
//
//	graphs  nodes   edges   task       metric                          split                    licence
//	15,535  150.94  307.30  10 labels  average precision, mean of all  10,873/2,331/2,331       CC BY-NC 4.0
//
// Nodes and edges are means, edges directed. Nodes have the nine atom features,
// edges the three bond features of the Open Graph Benchmark.
var peptidesInfo = Info{
	Name: "peptides-func", Title: "Peptides-func: what peptides do, ten answers at once", Task: GraphMultiLabel,
	Train: 10_873, Val: 2_331, Test: 2_331,
	MeanNodes: 150.94, MeanEdges: 307.30,
	NodeTypes: ogbAtoms, EdgeTypes: ogbBonds, Classes: 2, Targets: peptideLabels,
	Metric:    "average precision, mean over labels (higher is better)",
	SplitRule: "as published: at random, stratified by labels, 70/15/15 %", Fetched: true,
	Licence: "CC BY-NC 4.0 (SATPdb)",
	Origin: "the set of the Long Range Graph Benchmark (Dwivedi et al., NeurIPS 2022) as JSON Lines with vocabulary and split: " +
		"peptides_func.graphs.jsonl.gz, peptides_func.vocab.json, peptides_func.split.json.gz in a folder lrgb",
	Notes: "The labels are antifungal, cell-cell communication, anticancer, drug delivery vehicle, antimicrobial, antiviral, antihypertensive, " +
		"antibacterial, antiparasitic, toxic. The largest peptides have more than 400 atoms: attention over all pairs needs memory accordingly.",
}

const (
	peptideLabels = 10
	peptideFolder = "lrgb"
	peptideName   = "peptides_func"
)

func loadPeptides(ctx context.Context, o Options) (*Set, error) {
	var source Source
	var err error
	if o.Molecule != nil {
		source, err = peptidesFromTable(ctx, o)
	} else {
		source, err = peptidesFromGraphs(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	path, err := dataFile(o.Dir, peptidesInfo, peptideFolder, peptideName+".split.json.gz")
	if err != nil {
		return nil, err
	}
	s, err := readSplit(path, peptidesInfo.Graphs(), nil)
	if err != nil {
		return nil, err
	}
	return cut(source, s), nil
}

func peptidesFromGraphs(ctx context.Context, o Options) (Source, error) {
	path, err := dataFile(o.Dir, peptidesInfo, peptideFolder, peptideName+".graphs.jsonl.gz")
	if err != nil {
		return nil, err
	}
	p, err := readMolecules(ctx, path, strings.TrimSuffix(path, ".graphs.jsonl.gz")+".vocab.json", checkPeptide)
	if err != nil {
		return nil, err
	}
	return p, p.expectIDs(path, firstNumbers(peptidesInfo.Graphs()))
}

func checkPeptide(labels []float32) string {
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

func peptidesFromTable(ctx context.Context, o Options) (Source, error) {
	path, err := dataFile(o.Dir, peptidesInfo, peptideFolder, "peptide_multi_class_dataset.csv.gz", "peptide_multi_class_dataset.csv")
	if err != nil {
		return nil, err
	}
	s := &smilesSource{read: o.Molecule, columns: peptideLabels}
	err = readTable(ctx, path, []string{"smiles", "labels"}, func(line int, values []string) error {
		labels, reason := parseLabels(values[1])
		if reason == "" {
			reason = checkPeptide(labels)
		}
		if reason != "" {
			return notPublished(path, line, "%s", reason)
		}
		g, err := o.Molecule(values[0])
		if err == nil {
			err = g.Validate()
		}
		if err != nil {
			return &FileError{Path: path, Line: line, Reason: fmt.Sprintf("column %q: %v", "smiles", err), Err: err}
		}
		s.rows = append(s.rows, int32(len(s.smiles)))
		s.smiles, s.targets = append(s.smiles, strings.Clone(values[0])), append(s.targets, labels...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if s.Len() != peptidesInfo.Graphs() {
		return nil, notPublished(path, 0, "%d rows, expected %d", s.Len(), peptidesInfo.Graphs())
	}
	return s, nil
}

// parseLabels reads a list such as "[0, 1]".
func parseLabels(text string) ([]float32, string) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !ok || !closed {
		return nil, fmt.Sprintf("the labels %q are no list in brackets", clip([]byte(text)))
	}
	var labels []float32
	for _, part := range strings.Split(inner, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 32)
		if err != nil {
			return nil, fmt.Sprintf("the label %q is not a number", clip([]byte(part)))
		}
		labels = append(labels, float32(v))
	}
	return labels, ""
}

package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/depict"
	"github.com/graft-ml/graft/graphs/smiles"
	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/vision/images"
)

const showManual = `Prints one graph of a data set in figures, and draws it with --plot. Of a set of
images it prints the class of one, which --plot writes enlarged; of a set of
clips of movement one, of which --plot draws some frames; of a set of
questions about tables a question with its answer and its table.

Molecules (zinc, the MoleculeNet sets, the Peptides, any SMILES) are drawn as
chemists do, other graphs with nodes as circles, in colours by class or type.

Aromatic bonds have no order in the files of MoleculeNet: there a circle stands
for them. --circles draws circles elsewhere too, in place of alternating double
bonds.

At most 1,000 nodes can be drawn; up to 200 are legible.

Examples:

   graft datasets show --index 3 --plot g.png csl
   graft datasets show --index 0 --split test --data data --plot m.png zinc
   graft datasets show --index 7 --plot shirt.png fashion-mnist
   graft datasets show --index 0 wikitables
   graft datasets show --smiles 'CC(=O)Oc1ccccc1C(=O)O' --plot aspirin.png`

func (p *program) datasetsShowCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "print and draw one graph, molecule, image, clip or question", ArgsUsage: "NAME", Description: showManual,
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "index", Usage: "`NUMBER` of the graph, image, clip or question in its split, from 0"},
			&cli.StringFlag{Name: "split", Value: datasets.Train.String(), Usage: "`SPLIT` of it: train, val or test"},
			&cli.StringFlag{Name: "smiles", Usage: "draw this molecule rather than a graph of a data set: `TEXT`"},
			dataFlag(),
			protocolFlag(),
			&cli.StringFlag{Name: "plot", Usage: "draw it into `FILE.png`"},
			&cli.BoolFlag{Name: "circles", Usage: "draw aromatic rings with a circle"},
			formatFlag(),
		},
		Action:       p.datasetsShow,
		BashComplete: p.completeNames(p.setNames),
	}
}

// shown is what is printed and drawn.
type shown struct {
	title     string
	rows      []property
	graph     *graphs.Graph     // nil for a molecule in SMILES
	structure *depict.Structure // nil for what is no molecule
	options   depict.GraphOptions
	picture   *images.Image // of a set of images
	clip      *motion.Clip
	table     *tables.Table // that a question is about
}

func (p *program) datasetsShow(c *cli.Context) error {
	least, most := 1, 1
	if c.IsSet("smiles") {
		least, most = 0, 0
	}
	args, format, err := argumentsAndFormat(c, least, most)
	if err != nil {
		return err
	}
	if err := checkPicture(c); err != nil {
		return err
	}
	var s *shown
	if c.IsSet("smiles") {
		s, err = showSMILES(c)
	} else {
		s, err = p.showItem(c, args[0])
	}
	if err != nil {
		return err
	}
	if path := c.String("plot"); path != "" {
		if err := s.draw(path, c.Bool("circles")); err != nil {
			return err
		}
	}
	return s.print(p, format)
}

func showSMILES(c *cli.Context) (*shown, error) {
	for _, other := range []string{"index", "split", "data", "protocol"} {
		if c.IsSet(other) {
			return nil, misuse("graft datasets show: --smiles is a molecule of its own, --%s is about a data set: choose one", other)
		}
	}
	m, err := smiles.Parse(c.String("smiles"))
	if err != nil {
		return nil, misuse("--smiles: %s", message(err))
	}
	s := &shown{title: clipped(c.String("smiles"), 80), structure: depict.FromSMILES(m)}
	s.rows = append([]property{{"smiles", "SMILES", c.String("smiles")}}, moleculeRows(s.structure)...)
	return s, nil
}

// showItem shows what --index asks for, of any kind of set.
func (p *program) showItem(c *cli.Context, name string) (*shown, error) {
	show, items := showGraph, "graph"
	if _, err := datasets.Describe(name); err != nil {
		s, err := p.otherSet(name)
		if err != nil {
			return nil, err
		}
		show, items = func(c *cli.Context, _ string, split datasets.Split) (*shown, error) { return s.show(c, split) }, "of the "+s.items
		if c.IsSet("circles") {
			return nil, misuse("graft datasets show: --circles is about molecules, and %s is a set of %s: leave it out", name, s.items)
		}
	}
	if !c.IsSet("index") {
		return nil, misuse("graft datasets show: which %s? Say --index NUMBER, from 0", items)
	}
	split, err := datasets.ParseSplit(c.String("split"))
	if err != nil {
		return nil, misuse("--split: %s", message(err))
	}
	status := report.NewStatus(p.errOut)
	defer status.Clear()
	status.Show("reading " + name)
	return show(c, name, split)
}

func showGraph(c *cli.Context, name string, split datasets.Split) (*shown, error) {
	set, err := namedSet(c, name)
	if err != nil {
		return nil, err
	}
	index, err := chosenItem(c, name, "graphs", split, [3]int{set.Train.Len(), set.Val.Len(), set.Test.Len()})
	if err != nil {
		return nil, err
	}
	g, err := set.Split(split).Graph(index)
	if err != nil {
		return nil, err
	}
	s := &shown{title: fmt.Sprintf("%s, %s graph %d", name, split, index), graph: g, options: typeNames(name)}
	s.rows = []property{{"dataset", "data set", name}, {"split", "split", split.String()}, {"index", "index", index}, {"id", "id", g.ID},
		{"nodes", "nodes", g.Nodes}, {"edges", "directed edges", len(g.Edges)}}
	if s.structure, err = structure(set.Info, g); err != nil {
		return nil, err
	}
	if s.structure != nil {
		s.rows = append(s.rows, moleculeRows(s.structure)...)
	}
	if len(g.Target) > 0 {
		s.rows = append(s.rows, property{"target", "target", targetText(g.Target)})
	}
	return s, nil
}

// structure makes a molecule of a graph whose set is one of molecules.
func structure(info datasets.Info, g *graphs.Graph) (*depict.Structure, error) {
	switch {
	case info.Name == "zinc":
		return depict.FromZINC(g)
	case len(info.NodeTypes) == 9 && len(info.EdgeTypes) == 3: // the features of the Open Graph Benchmark
		return depict.FromOGB(g)
	}
	return nil, nil
}

// otherSplits names those that have something.
func otherSplits(lengths [3]int) string {
	var names []string
	for split, n := range lengths {
		if n > 0 {
			names = append(names, datasets.Split(split).String())
		}
	}
	return "take --split " + strings.Join(names, " or ")
}

func moleculeRows(s *depict.Structure) []property {
	return []property{{"formula", "formula", s.Formula()}, {"atoms", "atoms but hydrogen", len(s.Atoms)}, {"bonds", "bonds", len(s.Bonds)}}
}

func targetText(target []float32) string {
	parts := make([]string, len(target))
	for k, y := range target {
		parts[k] = report.Number(float64(y))
	}
	return strings.Join(parts, ", ")
}

// typeNames are the names of types and classes, of sets that have such.
func typeNames(name string) depict.GraphOptions {
	switch name {
	case "mutag":
		return depict.GraphOptions{NodeTitle: "atom", NodeNames: []string{"C", "N", "O", "F", "I", "Cl", "Br"},
			EdgeNames: []string{"aromatic", "single", "double", "triple"}}
	case "exp", "cexp":
		return depict.GraphOptions{NodeTitle: "node", NodeNames: []string{"literal", "disjunction"}}
	case "karate":
		return depict.GraphOptions{NodeTitle: "stays with", NodeNames: []string{"Mr. Hi", "the officer"}}
	case "pattern":
		return depict.GraphOptions{NodeTitle: "class", NodeNames: []string{"other", "pattern"}}
	case "cluster":
		return depict.GraphOptions{NodeTitle: "community"}
	}
	return depict.GraphOptions{}
}

// draw writes the picture.
func (s *shown) draw(path string, circles bool) error {
	if s.picture != nil {
		return writeEnlarged(path, s.picture)
	}
	if s.clip != nil {
		return writeClipStrip(path, s.clip)
	}
	var notes []string
	var facts []string
	for _, r := range s.rows {
		switch r.key {
		case "formula":
			facts = append(facts, fmt.Sprint(r.value))
		case "nodes", "atoms", "bonds":
			if r.key != "nodes" || s.structure == nil {
				facts = append(facts, fmt.Sprintf("%v %s", r.value, r.key))
			}
		case "edges":
			if s.structure == nil {
				facts = append(facts, fmt.Sprintf("%v directed edges", r.value))
			}
		case "target":
			facts = append(facts, "target "+clipped(fmt.Sprint(r.value), 60))
		}
	}
	notes = append(notes, strings.Join(facts, "   "))
	var d *depict.Drawing
	var err error
	if s.structure != nil {
		d, err = depict.Molecule(s.structure, depict.MoleculeOptions{Title: s.title, Notes: notes, Circles: circles})
	} else {
		o := s.options
		o.Title, o.Notes = s.title, notes
		d, err = depict.Graph(s.graph, o)
	}
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := d.WritePNG(&b); err != nil {
		return err
	}
	return report.WritePicture(path, b.Bytes())
}

func (s *shown) print(p *program, format report.Format) error {
	if format.ForPeople() {
		t := report.Table{Columns: []report.Column{{Key: "property"}, {Key: "value", Heading: s.title, Wrap: 72}}}
		for _, r := range s.rows {
			if fmt.Sprint(r.value) != "" {
				t.Add(r.heading, r.value)
			}
		}
		if err := t.Write(p.out, format); err != nil || s.table == nil {
			return err
		}
		fmt.Fprintln(p.out)
		return tables.WriteMarkdown(p.out, s.table)
	}
	t := report.Table{Rows: [][]any{nil}}
	for _, r := range s.rows {
		value := r.value
		if r.key == "target" && format == report.JSON {
			value = s.targets()
		}
		t.Columns, t.Rows[0] = append(t.Columns, report.Column{Key: r.key}), append(t.Rows[0], value)
	}
	if s.table != nil && format == report.JSON {
		t.Columns = append(t.Columns, report.Column{Key: "header"}, report.Column{Key: "cells"})
		t.Rows[0] = append(t.Rows[0], s.table.Header, s.table.Rows)
	}
	return t.Write(p.out, format)
}

// targets are those of the graph as JSON has them: null for one that is missing.
func (s *shown) targets() []any {
	list := make([]any, len(s.graph.Target))
	for k, y := range s.graph.Target {
		if y == y {
			v, _ := strconv.ParseFloat(strconv.FormatFloat(float64(y), 'g', -1, 32), 64)
			list[k] = v
		}
	}
	return list
}

// clipped cuts text that is too long for a line.
func clipped(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

package datasets

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/graft-ml/graft/graphs"
)

// planetoidSet is a graph of papers, one of whose classes each node is to be
// given, from few labels (Yang et al., Planetoid, ICML 2016).
//
//	set       nodes  edges   features  classes  labels train/val/test  metric    licence
//	cora      2,708  10,556  1,433     7        140/500/1,000          accuracy  MIT (repository)
//	citeseer  3,327   9,104  3,703     6        120/500/1,000          accuracy  MIT (repository)
//
// Edges are directed, two a citation. Every split is the same graph with the
// labels of its own nodes only; see [graphs.NoLabel].
type planetoidSet struct {
	info       Info
	words      int    // features
	labelled   [3]int // nodes of each split
	unlabelled int    // nodes without class
}

func planetoid() []entry {
	var all []entry
	for _, s := range []planetoidSet{
		{words: 1433, labelled: [3]int{140, 500, 1000}, info: Info{
			Name: "cora", Title: "Cora: the subject of machine learning papers, by words and citations",
			MeanNodes: 2708, MeanEdges: 10_556, NodeFeatures: 1433, Classes: 7}},
		{words: 3703, labelled: [3]int{120, 500, 1000}, unlabelled: 15, info: Info{
			Name: "citeseer", Title: "CiteSeer: the subject of computer science papers, by words and citations",
			MeanNodes: 3327, MeanEdges: 9_104, NodeFeatures: 3703, Classes: 6,
			Notes: " 48 nodes have no edges; 15 of them have no class either."}},
	} {
		i := &s.info
		i.Task, i.Train, i.Val, i.Test, i.Repeated, i.Fetched = NodeClassification, 1, 1, 1, true, true
		i.NodeTypes = []int{1}
		i.Metric = "accuracy over the nodes of a split (higher is better)"
		i.SplitRule = fmt.Sprintf("as published: 20 nodes of each class to train on, %d; the next %d to validate; %d to test",
			s.labelled[0], s.labelled[1], s.labelled[2])
		i.Licence = "MIT (the repository of the files)"
		i.Origin = fmt.Sprintf("%s.nodes.tsv.gz and %[1]s.edges.tsv.gz (the files of github.com/kimiyoung/planetoid as text) in a folder nodes", i.Name)
		i.Notes = "One graph: each split has it with the labels of its own nodes. Features are words, each row divided by its sum, as is the custom." + i.Notes +
			" Full attention over the graph has millions of pairs."
		all = append(all, entry{s.info, s.load})
	}
	return all
}

const nodesFolder = "nodes"

func (s planetoidSet) load(ctx context.Context, o Options) (*Set, error) {
	nodes, err := dataFile(o.Dir, s.info, nodesFolder, s.info.Name+".nodes.tsv.gz", s.info.Name+".nodes.tsv")
	if err != nil {
		return nil, err
	}
	edges, err := dataFile(o.Dir, s.info, nodesFolder, s.info.Name+".edges.tsv.gz", s.info.Name+".edges.tsv")
	if err != nil {
		return nil, err
	}
	r := &planetoidReader{words: s.words, classes: s.info.Classes, maxNodes: int(s.info.MeanNodes)}
	for _, file := range []struct {
		path string
		read func(*lines) error
	}{{nodes, r.readNodes}, {edges, r.readEdges}} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		in, err := openData(file.path)
		if err != nil {
			return nil, err
		}
		err = file.read(newLines(file.path, in))
		in.Close() // only read from: closing cannot lose anything
		if err != nil {
			return nil, err
		}
	}
	return s.set(nodes, edges, r)
}

// set checks the counts and makes a graph for each split.
func (s planetoidSet) set(nodes, edges string, r *planetoidReader) (*Set, error) {
	if got := len(r.labels); float64(got) != s.info.MeanNodes {
		return nil, notPublished(nodes, 0, "%d nodes, expected %v", got, s.info.MeanNodes)
	}
	if got := len(r.g.Edges); float64(got) != s.info.MeanEdges {
		return nil, notPublished(edges, 0, "%d edges, expected %v", got/2, s.info.MeanEdges/2)
	}
	unlabelled := 0
	for _, label := range r.labels {
		if label == graphs.NoLabel {
			unlabelled++
		}
	}
	if unlabelled != s.unlabelled {
		return nil, notPublished(nodes, 0, "%d nodes without class, expected %d", unlabelled, s.unlabelled)
	}
	var sources [3]Slice
	for split := Train; split <= Test; split++ {
		g := r.g
		g.ID = s.info.Name
		count := 0
		g.NodeLabels, count = r.labelsOf(split)
		if want := s.labelled[split]; count != want {
			return nil, notPublished(nodes, 0, "%d nodes of split %v, expected %d", count, split, want)
		}
		sources[split] = Slice{&g}
	}
	return &Set{Train: sources[Train], Val: sources[Val], Test: sources[Test]}, nil
}

// planetoidReader reads a graph of nodes with words.
type planetoidReader struct {
	words, classes int
	maxNodes       int // 0 for no limit but memory

	g      graphs.Graph // without labels
	labels []int32
	splits []Split // noSplit for nodes of none
}

const noSplit Split = -1

// labelsOf gives the labels of one split and their number.
func (r *planetoidReader) labelsOf(split Split) (labels []int32, count int) {
	labels = make([]int32, len(r.labels))
	for i, label := range r.labels {
		labels[i] = graphs.NoLabel
		if r.splits[i] == split {
			labels[i] = label
			count++
		}
	}
	return labels, count
}

// readNodes reads lines of node, class (-1 for none), split and the numbers of the
// words that occur.
func (r *planetoidReader) readNodes(l *lines) error {
	var parts [][]byte
	for {
		line, err := l.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		columns := bytes.Split(line, []byte("\t"))
		if len(columns) != 4 {
			return l.fail("separate them by tabs", "%d values, expected node, class, split and words", len(columns))
		}
		i := int64(len(r.labels))
		if r.maxNodes > 0 && i >= int64(r.maxNodes) {
			return l.fail("this is not the published data: get the file again", "a node too many, expected %d", r.maxNodes)
		}
		if _, err := l.whole(columns[0], "node", i, i); err != nil {
			return err
		}
		label, err := l.whole(columns[1], "class", graphs.NoLabel, int64(r.classes)-1)
		if err != nil {
			return err
		}
		split := noSplit
		if name := string(columns[2]); name != "-" {
			if split, err = ParseSplit(name); err != nil {
				return l.fail("", "the split is %q, expected train, val, test or -", clip(columns[2]))
			}
		}
		if label == graphs.NoLabel && split != noSplit {
			return l.fail("", "a node of split %v has no class", split)
		}
		r.labels, r.splits = append(r.labels, int32(label)), append(r.splits, split)
		parts = fields(parts, columns[3])
		if err := r.addWords(l, parts); err != nil {
			return err
		}
	}
	if len(r.labels) == 0 {
		return &FileError{Path: l.path, Reason: "the file is empty", Hint: "get it again"}
	}
	r.g.Nodes = len(r.labels)
	r.g.NodeTypes = make([]int32, r.g.Nodes)
	return nil
}

// addWords appends a row of features that sums to 1, or is 0 if there are none.
func (r *planetoidReader) addWords(l *lines, parts [][]byte) error {
	at := len(r.g.NodeFeatures)
	r.g.NodeFeatures = append(r.g.NodeFeatures, make([]float32, r.words)...)
	row := r.g.NodeFeatures[at:]
	for _, text := range parts {
		w, err := l.whole(text, "word", 0, int64(r.words)-1)
		if err != nil {
			return err
		}
		if row[w] != 0 {
			return l.fail("", "the word %d comes twice", w)
		}
		row[w] = 1 / float32(len(parts))
	}
	return nil
}

// readEdges reads lines of two nodes u < v, each edge once.
func (r *planetoidReader) readEdges(l *lines) error {
	first := map[[2]int32]int{} // line of each edge
	for {
		line, err := l.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		columns := strings.Split(string(line), "\t")
		if len(columns) != 2 {
			return l.fail("separate them by tabs", "%d values, expected two nodes", len(columns))
		}
		var ends [2]int32
		for k, text := range columns {
			v, err := l.whole([]byte(text), "node", 0, min(int64(r.g.Nodes), math.MaxInt32)-1)
			if err != nil {
				return err
			}
			ends[k] = int32(v)
		}
		u, v := ends[0], ends[1]
		switch {
		case u == v:
			return l.fail("remove it", "the edge %d, %d leads from a node to itself", u, v)
		case u > v:
			return l.fail("list each edge once, the smaller node first", "the edge %d, %d names the larger node first", u, v)
		case first[ends] > 0:
			return l.fail("remove it", "the edge %d, %d repeats line %d", u, v, first[ends])
		}
		first[ends] = l.n
		r.g.AddBond(int(u), int(v))
	}
}

package fetch

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/datasets/unpickle"
)

// planetoidOutput makes text of a set of Planetoid.
type planetoidOutput struct {
	name         string
	nodes, edges string // SHA-256 of the text
}

// planetoidVal is how many nodes behind those of training are for validation.
const planetoidVal = 500

// mostNodes is more than any set of Planetoid has.
const mostNodes = 1_000_000

// convert writes NAME.nodes.tsv.gz, lines of node, label, split and the columns of its
// features that are 1, and NAME.edges.tsv.gz, lines of two neighbours, once each.
//
// The rows of tx and ty belong to the nodes in test.index, in that order; all other nodes
// stand in allx and ally in theirs. A node of neither has no features and the label -1.
func (o planetoidOutput) convert(c *converter) error {
	p := &planetoidSet{c: c, prefix: "planetoid/ind." + o.name + "."}
	if err := p.read(); err != nil {
		return err
	}
	nodes, err := c.create(o.name + ".nodes.tsv.gz")
	if err != nil {
		return err
	}
	for i, n := range p.nodes {
		text := make([]string, len(n.features))
		for k, f := range n.features {
			text[k] = strconv.Itoa(f)
		}
		if _, err := fmt.Fprintf(nodes, "%d\t%d\t%s\t%s\n", i, n.label, n.split, strings.Join(text, " ")); err != nil {
			return diskError(c.w.path(nodes.name), err)
		}
	}
	if err := nodes.finish(o.nodes); err != nil {
		return err
	}
	edges, err := c.create(o.name + ".edges.tsv.gz")
	if err != nil {
		return err
	}
	for _, e := range p.edges {
		if _, err := fmt.Fprintf(edges, "%d\t%d\n", e[0], e[1]); err != nil {
			return diskError(c.w.path(edges.name), err)
		}
	}
	return edges.finish(o.edges)
}

// planetoidSet is a set as it is read.
type planetoidSet struct {
	c      *converter
	prefix string // of the names of its files
	nodes  []planetoidNode
	edges  [][2]int
}

type planetoidNode struct {
	label    int
	split    string
	features []int
}

func (p *planetoidSet) read() error {
	tests, err := p.index()
	if err != nil {
		return err
	}
	train, _, err := p.rows("x", "y", "train")
	if err != nil {
		return err
	}
	others, columns, err := p.rows("allx", "ally", "-")
	if err != nil {
		return err
	}
	test, testColumns, err := p.rows("tx", "ty", "test")
	if err != nil {
		return err
	}
	if len(test) != len(tests) || testColumns != columns || len(train) > len(others) || len(tests) == 0 {
		return p.bad("test.index", "%d numbers for %d test rows of %d columns, beside %d others of %d columns, %d of them for training", len(tests), len(test), testColumns, len(others), columns, len(train))
	}
	count := max(len(others), slices.Max(tests)+1)
	p.nodes = append(p.nodes, others...)
	for len(p.nodes) < count {
		p.nodes = append(p.nodes, planetoidNode{label: -1, split: "-"})
	}
	seen := map[int]bool{}
	for k, i := range tests {
		if i < len(others) || seen[i] {
			return p.bad("test.index", "node %d is there already", i)
		}
		seen[i], p.nodes[i] = true, test[k]
	}
	for i := range p.nodes[:len(others)] {
		switch {
		case i < len(train):
			if p.nodes[i].label != train[i].label || !slices.Equal(p.nodes[i].features, train[i].features) {
				return p.bad("x", "row %d is another than in allx", i)
			}
			p.nodes[i].split = "train"
		case i < len(train)+planetoidVal:
			p.nodes[i].split = "val"
		}
	}
	return p.neighbours()
}

func (p *planetoidSet) bad(part string, format string, args ...any) error {
	return p.c.bad(p.prefix+part, nil, format, args...)
}

// index reads the numbers of the test nodes.
func (p *planetoidSet) index() ([]int, error) {
	text, err := p.c.read(p.prefix + "test.index")
	if err != nil {
		return nil, err
	}
	var numbers []int
	for k, word := range strings.Fields(string(text)) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 0 || n >= mostNodes {
			return nil, p.bad("test.index", "line %d: %.20q is no number of a node", k+1, word)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// pickle reads one of the pickles.
func (p *planetoidSet) pickle(part string) (any, error) {
	value, err := unpickle.Decode(p.c.ctx, func() (io.ReadCloser, error) { return p.c.open(p.prefix + part) }, unpickle.Limits{Bytes: 64 << 20, String: 64 << 20})
	var wrong *unpickle.Error
	if errors.As(err, &wrong) {
		return nil, p.c.bad(p.prefix+part, err, "%v", err)
	}
	return value, err
}

// rows reads a matrix of features and the labels that belong to its rows.
func (p *planetoidSet) rows(features, labels, split string) ([]planetoidNode, int, error) {
	value, err := p.pickle(features)
	if err != nil {
		return nil, 0, err
	}
	x, ok := value.(*unpickle.Sparse)
	if !ok {
		return nil, 0, p.bad(features, "it is no sparse matrix")
	}
	if value, err = p.pickle(labels); err != nil {
		return nil, 0, err
	}
	y, ok := value.(*unpickle.Array)
	if !ok || len(y.Shape) != 2 || y.Shape[0] != x.Rows {
		return nil, 0, p.bad(labels, "it is no matrix with a row of labels for each of the %d rows of features", x.Rows)
	}
	classes := y.Shape[1]
	nodes := make([]planetoidNode, x.Rows)
	for i := range nodes {
		n := &nodes[i]
		n.label, n.split = -1, split
		for k := range classes {
			if v := y.Float(i*classes + k); v != 0 {
				if v != 1 || n.label >= 0 {
					return nil, 0, p.bad(labels, "row %d does not have a 1 for one class and 0 for the others", i)
				}
				n.label = k
			}
		}
		for k := x.Offsets.Int(i); k < x.Offsets.Int(i+1); k++ {
			switch x.Data.Float(int(k)) {
			case 0:
			case 1:
				n.features = append(n.features, int(x.Indices.Int(int(k))))
			default:
				return nil, 0, p.bad(features, "row %d has the value %v, expected 0 and 1", i, x.Data.Float(int(k)))
			}
		}
		slices.Sort(n.features)
		if len(slices.Compact(slices.Clone(n.features))) != len(n.features) {
			return nil, 0, p.bad(features, "row %d has a column twice", i)
		}
	}
	return nodes, x.Cols, nil
}

// neighbours reads who cites whom: a dict of lists.
func (p *planetoidSet) neighbours() error {
	value, err := p.pickle("graph")
	if err != nil {
		return err
	}
	graph, ok := value.(unpickle.Dict)
	if !ok {
		return p.bad("graph", "it is no dict")
	}
	for _, e := range graph {
		from, isInt := e.Key.(int)
		list, isList := e.Value.(unpickle.List)
		if !isInt || !isList || from < 0 || from >= len(p.nodes) {
			return p.bad("graph", "%v: it does not list the neighbours of one of %d nodes", e.Key, len(p.nodes))
		}
		for _, v := range list {
			to, isInt := v.(int)
			if !isInt || to < 0 || to >= len(p.nodes) {
				return p.bad("graph", "node %d: its neighbour %v is none of %d nodes", from, v, len(p.nodes))
			}
			if from != to {
				p.edges = append(p.edges, [2]int{min(from, to), max(from, to)})
			}
		}
	}
	slices.SortFunc(p.edges, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	p.edges = slices.Compact(p.edges)
	return nil
}

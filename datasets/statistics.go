package datasets

import (
	"context"
	"fmt"
	"math"

	"github.com/graft-ml/graft/graphs"
)

// Statistics is what one pass over a data set counts.
type Statistics struct {
	Name string `json:"name"`
	// Splits are those of the training, validation and test graphs, by [Split].
	Splits [3]SplitStatistics `json:"splits"`
	// All is that of every graph, counted once where splits repeat the same ones.
	All SplitStatistics `json:"all"`
}

// SplitStatistics is what there is to count of some graphs. Edges are directed:
// an undirected one counts twice.
type SplitStatistics struct {
	Graphs    int     `json:"graphs"`
	Nodes     int     `json:"nodes"` // of all graphs
	Edges     int     `json:"edges"` // of all graphs
	MeanNodes float64 `json:"mean_nodes"`
	MeanEdges float64 `json:"mean_edges"`
	MinNodes  int     `json:"min_nodes"`
	MaxNodes  int     `json:"max_nodes"`
	MinEdges  int     `json:"min_edges"`
	MaxEdges  int     `json:"max_edges"`
	SelfLoops int     `json:"self_loops"`
	Isolated  int     `json:"isolated"` // nodes without edges to or from another

	NodeTypes    []int `json:"node_types,omitempty"` // one more than the largest id of each column
	EdgeTypes    []int `json:"edge_types,omitempty"`
	NodeFeatures int   `json:"node_features"` // columns of real features
	EdgeFeatures int   `json:"edge_features"`

	Targets    []Summary `json:"targets,omitempty"`     // one for each target of a graph
	NodeLabels *Summary  `json:"node_labels,omitempty"` // nil where nodes have none
	EdgeLabels *Summary  `json:"edge_labels,omitempty"` // nil where edges have none
	Sizes      Histogram `json:"sizes"`                 // nodes a graph
}

// Summary describes the values of one target, or the classes of nodes.
type Summary struct {
	Given   int     `json:"given"`   // values that are there
	Missing int     `json:"missing"` // values that are not
	Mean    float64 `json:"mean"`
	Std     float64 `json:"std"` // of the population: divided by Given
	Min     float64 `json:"min"`
	Max     float64 `json:"max"`
	// Classes counts each class; nil where a value is no whole number from 0.
	Classes []int     `json:"classes,omitempty"`
	Values  Histogram `json:"values"`
}

// Measure counts the graphs of a set in one pass, in memory that does not grow
// with their number. The error is that of a source, with split and graph, or that
// of ctx.
func Measure(ctx context.Context, set *Set) (*Statistics, error) {
	s := &Statistics{Name: set.Name}
	all := newCounter()
	counted := false // a split whose graphs the others repeat
	for split := Train; split <= Test; split++ {
		source, one := set.Split(split), newCounter()
		repeats := set.Info.Repeated && counted
		for i := range source.Len() {
			if i%64 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			g, err := source.Graph(i)
			if err != nil {
				return nil, fmt.Errorf("datasets: %s: %v graph %d: %w", set.Name, split, i, err)
			}
			one.add(g)
			one.addLabels(g)
			if !repeats {
				all.add(g)
			}
			all.addLabels(g)
		}
		counted = counted || source.Len() > 0
		s.Splits[split] = one.statistics()
	}
	if set.Info.Repeated && all.labelled {
		// A node without label in one split has it in another, or in none.
		all.labels.missing = max(0, all.Nodes-all.labels.given)
	}
	s.All = all.statistics()
	return s, nil
}

// counter adds up graphs.
type counter struct {
	SplitStatistics
	sizes    *bins
	targets  []*summary
	labels   *summary
	labelled bool
	edges    *summary // labels
	touched  []bool
}

func newCounter() *counter { return &counter{sizes: newBins(0), labels: newSummary(0)} }

func (c *counter) add(g *graphs.Graph) {
	if c.Graphs == 0 {
		c.MinNodes, c.MinEdges = g.Nodes, len(g.Edges)
	}
	c.Graphs++
	c.Nodes += g.Nodes
	c.Edges += len(g.Edges)
	c.MinNodes, c.MaxNodes = min(c.MinNodes, g.Nodes), max(c.MaxNodes, g.Nodes)
	c.MinEdges, c.MaxEdges = min(c.MinEdges, len(g.Edges)), max(c.MaxEdges, len(g.Edges))
	c.sizes.add(float64(g.Nodes))
	c.NodeTypes = widen(c.NodeTypes, g.NodeTypes, g.NodeTypeColumns())
	c.EdgeTypes = widen(c.EdgeTypes, g.EdgeTypes, g.EdgeTypeColumns())
	c.NodeFeatures = max(c.NodeFeatures, g.NodeFeatureColumns())
	c.EdgeFeatures = max(c.EdgeFeatures, g.EdgeFeatureColumns())
	if cap(c.touched) < g.Nodes {
		c.touched = make([]bool, g.Nodes)
	}
	touched := c.touched[:g.Nodes]
	clear(touched)
	for _, e := range g.Edges {
		if e.From == e.To {
			c.SelfLoops++
			continue
		}
		touched[e.From], touched[e.To] = true, true
	}
	for _, t := range touched {
		if !t {
			c.Isolated++
		}
	}
	for len(c.targets) < len(g.Target) {
		c.targets = append(c.targets, newSummary(-20))
	}
	for k, y := range g.Target {
		c.targets[k].add(float64(y))
	}
}

// addLabels counts the classes of nodes and of edges.
func (c *counter) addLabels(g *graphs.Graph) {
	c.labelled = c.labelled || len(g.NodeLabels) > 0
	countLabels(c.labels, g.NodeLabels)
	if c.edges == nil && len(g.EdgeLabels) > 0 {
		c.edges = newSummary(0)
	}
	countLabels(c.edges, g.EdgeLabels)
}

func countLabels(s *summary, labels []int32) {
	for _, label := range labels {
		if label == graphs.NoLabel {
			s.missing++
			continue
		}
		s.add(float64(label))
	}
}

func (c *counter) statistics() SplitStatistics {
	s := c.SplitStatistics
	if s.Graphs > 0 {
		s.MeanNodes, s.MeanEdges = float64(s.Nodes)/float64(s.Graphs), float64(s.Edges)/float64(s.Graphs)
	}
	s.Sizes = c.sizes.histogram()
	for _, t := range c.targets {
		s.Targets = append(s.Targets, t.summary())
	}
	if c.labelled {
		labels := c.labels.summary()
		s.NodeLabels = &labels
	}
	if c.edges != nil {
		labels := c.edges.summary()
		s.EdgeLabels = &labels
	}
	return s
}

// mostClasses bounds the table of class counts: what has more is no class.
const mostClasses = 1 << 12

// summary adds up one target; mean and variance as in Welford 1962.
type summary struct {
	given, missing int
	mean, squares  float64
	min, max       float64
	classes        []int
	continuous     bool
	values         *bins
}

// newSummary makes bins of 2^power at the finest.
func newSummary(power int) *summary {
	return &summary{values: newBins(power), min: math.Inf(1), max: math.Inf(-1)}
}

func (s *summary) add(v float64) {
	if math.IsNaN(v) {
		s.missing++
		return
	}
	s.given++
	d := v - s.mean
	s.mean += d / float64(s.given)
	s.squares += d * (v - s.mean)
	s.min, s.max = min(s.min, v), max(s.max, v)
	s.values.add(v)
	if s.continuous = s.continuous || v != math.Floor(v) || v < 0 || v >= mostClasses; s.continuous {
		s.classes = nil
		return
	}
	for len(s.classes) <= int(v) {
		s.classes = append(s.classes, 0)
	}
	s.classes[int(v)]++
}

func (s *summary) summary() Summary {
	out := Summary{Given: s.given, Missing: s.missing, Classes: s.classes, Values: s.values.histogram()}
	if s.given > 0 {
		out.Mean, out.Std, out.Min, out.Max = s.mean, math.Sqrt(s.squares/float64(s.given)), s.min, s.max
	}
	return out
}

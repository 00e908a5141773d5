package datasets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/graphs"
)

// Task is what is to be predicted.
type Task int

// The tasks.
const (
	GraphRegression     Task = iota // numbers of a graph
	GraphClassification             // the class of a graph
	NodeClassification              // the class of each node
	GraphMultiLabel                 // several yes-or-no questions about a graph
	EdgeClassification              // the class of each edge
	Distinction                     // no targets: which graphs a model tells apart
)

var taskNames = [...]string{"graph regression", "graph classification", "node classification", "graph multi-label classification", "edge classification", "distinction"}

// String names the task.
func (t Task) String() string {
	if t < GraphRegression || t > Distinction {
		return fmt.Sprintf("Task(%d)", int(t))
	}
	return taskNames[t]
}

// Classes tells whether a class is to be predicted, of a graph, a node or an edge.
func (t Task) Classes() bool {
	return t == GraphClassification || t == NodeClassification || t == EdgeClassification
}

// MarshalText gives the name, for JSON.
func (t Task) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Info is the table about a data set.
type Info struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Task  Task   `json:"task"`

	Train int `json:"train"` // graphs of each split
	Val   int `json:"val"`
	Test  int `json:"test"`

	MeanNodes float64 `json:"mean_nodes"` // of a graph
	MeanEdges float64 `json:"mean_edges"` // of a graph, directed

	NodeTypes    []int `json:"node_types"`    // vocabulary size of each column of type ids
	NodeFeatures int   `json:"node_features"` // columns of real features
	EdgeTypes    []int `json:"edge_types"`    // vocabulary size of each column of type ids
	EdgeFeatures int   `json:"edge_features"` // columns of real features
	Classes      int   `json:"classes"`       // of a graph, a node or an edge, 2 for each of several labels; 0 for regression
	Targets      int   `json:"targets"`       // values to predict per graph; 0 if nodes or edges are classified

	Metric    string     `json:"metric"`
	SplitRule string     `json:"split_rule"`
	Protocols []Protocol `json:"protocols,omitempty"` // that Options.Protocol may name, the default first
	Folds     int        `json:"folds"`               // 0 where there is one split
	Repeated  bool       `json:"repeated,omitempty"`  // every split is the same graphs, of which other nodes may have labels
	Generated bool       `json:"generated"`           // needs no files
	Fetched   bool       `json:"fetched"`             // graft datasets get brings its files, as package fetch knows them
	Licence   string     `json:"licence"`
	Origin    string     `json:"origin"`
	Notes     string     `json:"notes"`
}

// Graphs is the number of different graphs: that of all splits together, unless
// every split repeats the same ones.
func (i Info) Graphs() int {
	if i.Repeated {
		return max(i.Train, i.Val, i.Test)
	}
	return i.Train + i.Val + i.Test
}

// SplitProtocols lists what Options.Protocol may name of the set, the default first:
// Protocols, or PublishedSplit alone where there are none.
func (i Info) SplitProtocols() []Protocol {
	if len(i.Protocols) == 0 {
		return []Protocol{PublishedSplit}
	}
	return slices.Clone(i.Protocols)
}

// measure fills in what can be counted.
func (i *Info) measure(all []*graphs.Graph) {
	if len(all) == 0 {
		return
	}
	nodes, edges := 0, 0
	label := int32(-1)
	for _, g := range all {
		nodes += g.Nodes
		edges += len(g.Edges)
		i.NodeTypes = widen(i.NodeTypes, g.NodeTypes, g.NodeTypeColumns())
		i.EdgeTypes = widen(i.EdgeTypes, g.EdgeTypes, g.EdgeTypeColumns())
		i.EdgeFeatures = max(i.EdgeFeatures, g.EdgeFeatureColumns())
		for _, c := range g.NodeLabels {
			label = max(label, c)
		}
	}
	i.MeanNodes, i.MeanEdges = float64(nodes)/float64(len(all)), float64(edges)/float64(len(all))
	i.NodeFeatures, i.Targets = all[0].NodeFeatureColumns(), len(all[0].Target)
	if label >= 0 {
		i.Classes, i.Task = int(label)+1, NodeClassification
	}
}

// widen raises each column's vocabulary to hold the ids.
func widen(sizes []int, ids []int32, cols int) []int {
	if len(sizes) < cols {
		sizes = append(sizes, make([]int, cols-len(sizes))...)
	}
	for k, id := range ids {
		sizes[k%cols] = max(sizes[k%cols], int(id)+1)
	}
	return sizes
}

// list joins names for a message.
func list(names []string) string { return strings.Join(names, ", ") }

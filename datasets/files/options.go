package files

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/smiles"
)

// Options describe files of graphs. The zero value of every field is the default
// named in its comment. Lists are text with commas between the names, a name with a
// comma in quotes, as in a line of CSV: see [List].
type Options struct {
	// Path is the file: the table of molecules (CSV), of edges (Graphs), or the file
	// of the other kinds. One called *.gz is unpacked on the way.
	Path string `yaml:"path"`
	// Nodes is the table of nodes (Graphs); empty: nodes are those that edges name.
	Nodes string `yaml:"nodes"`
	// GraphTable is a table with a row a graph, for targets and splits that the files
	// themselves do not have; its column GraphColumn holds the ids of graphs.
	GraphTable string `yaml:"graphTable"`

	// Task is what is to be predicted.
	Task Task `yaml:"task"`
	// TargetColumn lists the columns to predict; empty: the first of target, label
	// and y that there is; in JSON Lines all of "y", or "l" of nodes.
	TargetColumn string `yaml:"targetColumn"`
	// SplitColumn says train, val or test of each row; empty: graphs are drawn.
	SplitColumn string `yaml:"splitColumn"`

	// Delimiter separates cells.
	Delimiter Delimiter `yaml:"delimiter"`
	// SMILESColumn holds the molecules of a CSV; default smiles.
	SMILESColumn string `yaml:"smilesColumn"`
	// Features names those of molecules, see smiles.FeaturiserNamed; default atoms.
	Features string `yaml:"features"`
	// IDColumn holds ids, which must differ: of molecules, where empty means that rows
	// have none, and of nodes, where the default is id.
	IDColumn string `yaml:"idColumn"`
	// GraphColumn says in tables of nodes and edges which graph a row belongs to;
	// default graph. Without the column there is one graph.
	GraphColumn string `yaml:"graphColumn"`
	// SourceColumn and SinkColumn hold the ends of edges; default source and target.
	SourceColumn string `yaml:"sourceColumn"`
	SinkColumn   string `yaml:"sinkColumn"`
	// WeightColumn holds the weights of edges, positive numbers; default weight.
	// Without the column all weights are 1.
	WeightColumn string `yaml:"weightColumn"`
	// Directed takes each row of a table of edges as one edge from source to sink
	// rather than as an edge in both directions.
	Directed bool `yaml:"directed"`

	// Categorical, Numeric and Ignore list columns of nodes and edges.
	Categorical string `yaml:"categorical"`
	Numeric     string `yaml:"numeric"`
	Ignore      string `yaml:"ignore"`
	// Impute says what to do about missing features.
	Impute Impute `yaml:"impute"`
	// Unknown says what to do about categories that the training split does not have.
	Unknown Unknown `yaml:"unknown"`
	// SelfLoops says what to do about edges from a node to itself; graph6 has none.
	SelfLoops SelfLoops `yaml:"selfLoops"`
	// MultiEdges says what to do about several edges between two nodes; JSON Lines and
	// graph6 have none.
	MultiEdges MultiEdges `yaml:"multiEdges"`

	// SkipBad leaves molecules out that cannot be used, rather than to stop at one.
	SkipBad bool `yaml:"skipBad"`
	// MaxRow is the most bytes of a row; default 1,048,576.
	MaxRow int `yaml:"maxRow"`
	// MaxNodes is the most nodes of a graph; default 1,000. Attention looks at all
	// pairs of nodes, so memory grows with the square: training the small model that
	// recipes start from takes about 3 GB for one graph of that size.
	MaxNodes int `yaml:"maxNodes"`
}

// Defaults of names and limits.
const (
	DefaultMaxRow   = 1 << 20
	DefaultMaxNodes = 1000
)

// WithDefaults returns o with every zero that stands for a default of the kind
// replaced by it.
func (o Options) WithDefaults(k Kind) Options {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	if k == CSV {
		set(&o.SMILESColumn, "smiles")
		set(&o.Features, "atoms")
	}
	if k == Graphs {
		set(&o.IDColumn, "id")
		set(&o.SourceColumn, "source")
		set(&o.SinkColumn, "target")
	}
	if k == Graphs || k == GraphML {
		set(&o.WeightColumn, "weight")
	}
	if k != CSV {
		set(&o.GraphColumn, "graph")
	}
	if o.MaxRow == 0 {
		o.MaxRow = DefaultMaxRow
	}
	if o.MaxNodes == 0 {
		o.MaxNodes = DefaultMaxNodes
	}
	return o
}

// Request is what to load.
type Request struct {
	Kind Kind
	// Dir is the folder that paths start from; empty: where the program runs.
	Dir     string
	Options Options
	// Protocol draws splits where no column says them: RandomSplit, the default, or
	// ScaffoldSplit for molecules.
	Protocol datasets.Protocol
	// Seed is that of random splits.
	Seed uint64
	// Limit keeps only the first graphs of each split.
	Limit datasets.Limit
}

// limited cuts splits to their first graphs.
func (q *Request) limited(parts [3][]int) [3][]int {
	for s, most := range []int{q.Limit.Train, q.Limit.Val, q.Limit.Test} {
		if most > 0 {
			parts[s] = parts[s][:min(most, len(parts[s]))]
		}
	}
	return parts
}

// path is where a file of the options lies.
func (q *Request) path(name string) string {
	if q.Dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(q.Dir, name)
}

// Validate reports the first option that makes no sense, as an *OptionError. It does
// not look at files.
func (q Request) Validate() error {
	o := q.Options.WithDefaults(q.Kind)
	switch {
	case q.Kind < CSV || q.Kind > JSONLines:
		return option("kind", "%v: want one of %s", q.Kind, strings.Join(kindNames, ", "))
	case o.Path == "":
		return option("path", "no file: name the %s", pathMeaning[q.Kind])
	case o.Nodes != "" && q.Kind != Graphs:
		return option("nodes", "a table of nodes belongs to one of edges, not to %v", q.Kind)
	case o.GraphTable != "" && q.Kind == CSV:
		return option("graphTable", "a table of molecules has its targets itself")
	case o.GraphTable != "" && o.Task.labels():
		return option("graphTable", "a table of graphs has no labels of nodes or edges")
	case o.Task < Regression || o.Task > EdgeClassification:
		return option("task", "%v: want one of %s", o.Task, strings.Join(taskNames, ", "))
	case o.Task.labels() && (q.Kind == CSV || q.Kind == Graph6):
		return option("task", "%v: %v has no labels of nodes or edges", o.Task, q.Kind)
	case !o.Task.labels() && q.Kind == Graph6 && o.GraphTable == "":
		return option("graphTable", "graph6 has no targets: name a table that has them")
	case q.Kind == Graphs && o.Nodes == "" && o.GraphTable == "" && o.Task != EdgeClassification:
		return option("nodes", "a table of edges has no targets but of edges: name a table of nodes, or of graphs, that has them")
	case o.SkipBad && q.Kind != CSV:
		return option("skipBad", "only rows of molecules can be left out, not parts of %v", q.Kind)
	case o.Directed && q.Kind != Graphs:
		return option("directed", "%v says itself which edges are directed, if any are", q.Kind)
	case o.MaxRow < 0:
		return option("maxRow", "%d: want a number of bytes, or 0 for %d", o.MaxRow, DefaultMaxRow)
	case o.MaxNodes < 0:
		return option("maxNodes", "%d: want a number of nodes, or 0 for %d", o.MaxNodes, DefaultMaxNodes)
	case q.Protocol != datasets.DefaultProtocol && q.Protocol != datasets.RandomSplit && q.Protocol != datasets.ScaffoldSplit:
		return option("protocol", "%v: files are split by random, scaffold (molecules only), or a column", q.Protocol)
	case q.Protocol == datasets.ScaffoldSplit && q.Kind != CSV:
		return option("protocol", "scaffold: only molecules have scaffolds, %v are split by random or a column", q.Kind)
	case q.Protocol != datasets.DefaultProtocol && o.SplitColumn != "":
		return option("protocol", "%v: the column %q says already which rows belong to which split", q.Protocol, clip(o.SplitColumn))
	}
	for _, list := range []struct{ name, text string }{
		{"targetColumn", o.TargetColumn}, {"categorical", o.Categorical}, {"numeric", o.Numeric}, {"ignore", o.Ignore},
	} {
		if _, err := List(list.text); err != nil {
			return option(list.name, "%s", bare(err))
		}
	}
	if targets := o.targets(); len(targets) > 1 && o.Task.labels() {
		return option("targetColumn", "%d columns: nodes and edges have one label each", len(targets))
	}
	if q.Kind == CSV {
		if _, err := smiles.FeaturiserNamed(o.Features); err != nil {
			return option("features", "%s", bare(err))
		}
	}
	return nil
}

var pathMeaning = []string{"table of molecules", "table of edges", "GraphML file", "graph6 file", "file of JSON Lines"}

// targets lists the target columns of options that are valid.
func (o *Options) targets() []string {
	list, _ := List(o.TargetColumn) // Validate has seen it
	return list
}

// Targets is the number of target columns that the options name, 0 where they leave
// that to the file.
func (o Options) Targets() int { return len(o.targets()) }

// List reads a list of names from the text of an option; the empty text is no names.
// The error says that a name is empty or comes twice, or that quotes do not match.
func List(text string) ([]string, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	r := csv.NewReader(strings.NewReader(text))
	r.TrimLeadingSpace = true
	names, err := r.Read()
	if err != nil || r.InputOffset() < int64(len(text)) {
		return nil, fmt.Errorf("files: %q is no list: want names with commas between them, one with a comma in quotes", clip(text))
	}
	seen := map[string]bool{}
	for i, name := range names {
		name = strings.TrimSpace(name)
		switch names[i] = name; {
		case name == "":
			return nil, fmt.Errorf("files: %q holds an empty name", clip(text))
		case seen[name]:
			return nil, fmt.Errorf("files: %q holds %q twice", clip(text), clip(name))
		}
		seen[name] = true
	}
	return names, nil
}

// Join makes a list of names for an option, which [List] reads back.
func Join(names []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.Write(names); err != nil {
		panic("files: Join: " + err.Error()) // writing to memory
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

package features

import (
	"encoding"
	"errors"
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// Config says what a model reads of graphs and what it predicts. The configuration of a kind of model has these settings
// among its own, flat and under the names in parentheses, and makes a Config of them.
type Config struct {
	Nodes      Nodes
	Edges      Edges
	Prediction Prediction
}

// Nodes says what a model reads of nodes.
type Nodes struct {
	// Encoder turns input features into the model's (nodeEncoder); default TypeNodes.
	Encoder NodeEncoder
	// Types is the vocabulary of TypeNodes (nodeTypes); default 1, for graphs whose nodes are all alike.
	Types int
	// Features is the number of input features of LinearNodes and ColumnNodes (nodeFeatures); 0 is none.
	Features int
	// Columns are the vocabularies of ColumnNodes, one for each column of types (nodeColumns).
	Columns Sizes
}

// Edges says what a model reads of edges. One that reads nothing of them but where they are has DummyEdges and makes no
// encoder.
type Edges struct {
	// Encoder turns input features into the model's (edgeEncoder); default TypeEdges.
	Encoder EdgeEncoder
	// Types is the vocabulary of TypeEdges (edgeTypes); default 1.
	Types int
	// Features is the number of input features of LinearEdges, default 1, and of ColumnEdges, for which 0 is none
	// (edgeFeatures).
	Features int
	// Columns are the vocabularies of ColumnEdges, one for each column of types (edgeColumns).
	Columns Sizes
}

// Prediction says what a model predicts.
type Prediction struct {
	// Head turns node features into predictions (head); default SANHead.
	Head Head
	// Layers is the number of layers of GraphHead, NodeHead and EdgeHead (headLayers); default 1. SANHead has three.
	Layers int
	// Pooling joins the nodes of a graph (pooling); default the sum. NodeHead and EdgeHead do not pool.
	Pooling tensor.Pooling
	// Outputs is the number of predictions a graph, a node or an edge (outputs); default 1.
	Outputs int
}

// WithDefaults returns c with every zero that stands for a default replaced by it.
func (c Config) WithDefaults() Config {
	return Config{c.Nodes.withDefaults(), c.Edges.withDefaults(), c.Prediction.withDefaults()}
}

func (n Nodes) withDefaults() Nodes {
	n.Types = orOne(n.Types)
	return n
}

func (e Edges) withDefaults() Edges {
	e.Types = orOne(e.Types)
	if e.Encoder != ColumnEdges {
		e.Features = orOne(e.Features)
	}
	return e
}

func (p Prediction) withDefaults() Prediction {
	p.Layers, p.Outputs = orOne(p.Layers), orOne(p.Outputs)
	return p
}

func orOne(n int) int {
	if n == 0 {
		return 1
	}
	return n
}

// PerNode tells whether something is predicted of every node rather than of the graph.
func (p Prediction) PerNode() bool { return p.Head == NodeHead }

// PerEdge tells whether something is predicted of every edge.
func (p Prediction) PerEdge() bool { return p.Head == EdgeHead }

// Validate reports the first setting that no model can be built with whose head reads features of the given width. Zeros
// stand for their defaults. The error says which setting, by its name in configuration files, and has no prefix: the
// package of the model puts its own before it.
func (c Config) Validate(width int) error {
	c = c.WithDefaults()
	for _, f := range []struct {
		name  string
		value int
	}{
		{"nodeTypes", c.Nodes.Types}, {"nodeFeatures", c.Nodes.Features}, {"edgeTypes", c.Edges.Types},
		{"edgeFeatures", c.Edges.Features}, {"headLayers", c.Prediction.Layers}, {"outputs", c.Prediction.Outputs},
	} {
		if f.value < 0 {
			return fmt.Errorf("%s is %d: want a positive number, or 0 for the default", f.name, f.value)
		}
	}
	if err := c.validateKinds(); err != nil {
		return err
	}
	if err := validateColumns("node", c.Nodes.Columns, c.Nodes.Features, c.Nodes.Encoder == ColumnNodes); err != nil {
		return err
	}
	if err := validateColumns("edge", c.Edges.Columns, c.Edges.Features, c.Edges.Encoder == ColumnEdges); err != nil {
		return err
	}
	switch {
	case c.Nodes.Encoder == LinearNodes && c.Nodes.Features == 0:
		return errors.New("nodeFeatures is 0: the linear node encoder wants the number of input features")
	case c.Prediction.Head == SANHead && width < 4:
		return fmt.Errorf("width %d is too small for the san head, which halves it twice: want at least 4", width)
	}
	return nil
}

// validateKinds reports the first enumeration with a value that has no name.
func (c Config) validateKinds() error {
	for _, k := range []struct {
		name  string
		value encoding.TextMarshaler
	}{{"nodeEncoder", c.Nodes.Encoder}, {"edgeEncoder", c.Edges.Encoder}, {"head", c.Prediction.Head}} {
		if _, err := k.value.MarshalText(); err != nil {
			return fmt.Errorf("%s is %v: want one of the values that have a name", k.name, k.value)
		}
	}
	if p := c.Prediction.Pooling; p < tensor.PoolSum || p > tensor.PoolMax {
		return fmt.Errorf("pooling is %d: want tensor.PoolSum, PoolMean or PoolMax", int(p))
	}
	return nil
}

// validateColumns reports what is wrong with an encoder of columns, of nodes or of edges.
func validateColumns(of string, columns Sizes, numbers int, used bool) error {
	if _, err := columns.List(); err != nil {
		return fmt.Errorf("%sColumns: %w", of, err)
	}
	if used && columns == "" && numbers == 0 {
		return fmt.Errorf("%sColumns is empty and %sFeatures is 0: the encoder of columns wants at least one of them", of, of)
	}
	return nil
}

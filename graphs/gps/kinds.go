package gps

import "github.com/graft-ml/graft/internal/nearest"

// Local is the message passing of a layer.
type Local int

// The kinds of message passing. What they compute for a node is told at their types, [GINE] and so on.
const (
	LocalGINE     Local = iota // sums of rectified nodes and edges
	LocalGIN                   // sums of nodes
	LocalGCN                   // sums of nodes weighed by degrees
	LocalGatedGCN              // means of nodes weighed by learned gates, which are new features of edges
	LocalPNA                   // several means and extremes at once
	LocalGAT                   // means of nodes weighed by a softmax
	NoLocal                    // none
)

// Global is the attention of a layer.
type Global int

// The kinds of attention among the nodes of a graph.
const (
	Transformer Global = iota // every node to every node
	Performer                 // the same by random features, in time and memory in proportion to the nodes
	BigBird                   // to nodes that are near in the order of their numbers, to random ones and to the first ones
	NoAttention               // none
)

// Norm is what follows a residual connection.
type Norm int

// The norms.
const (
	BatchNorm      Norm = iota // each feature over the nodes of the batch
	GraphLayerNorm             // all features of all nodes of a graph together, see [GraphNorm]
	NoNorm                     // none
)

var (
	localNames  = []string{"gine", "gin", "gcn", "gatedgcn", "pna", "gat", "none"}
	globalNames = []string{"transformer", "performer", "bigbird", "none"}
	normNames   = []string{"batch", "layer", "none"}
)

// String returns the name used in configuration files.
func (l Local) String() string { return nearest.Name("Local", int(l), localNames) }

// MarshalText returns the name.
func (l Local) MarshalText() ([]byte, error) { return nearest.Text("Local", int(l), localNames) }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (l *Local) UnmarshalText(text []byte) error {
	i, err := nearest.Index("kind of message passing", string(text), localNames)
	if err == nil {
		*l = Local(i)
	}
	return err
}

// String returns the name used in configuration files.
func (g Global) String() string { return nearest.Name("Global", int(g), globalNames) }

// MarshalText returns the name.
func (g Global) MarshalText() ([]byte, error) { return nearest.Text("Global", int(g), globalNames) }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (g *Global) UnmarshalText(text []byte) error {
	i, err := nearest.Index("kind of attention", string(text), globalNames)
	if err == nil {
		*g = Global(i)
	}
	return err
}

// String returns the name used in configuration files.
func (n Norm) String() string { return nearest.Name("Norm", int(n), normNames) }

// MarshalText returns the name.
func (n Norm) MarshalText() ([]byte, error) { return nearest.Text("Norm", int(n), normNames) }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (n *Norm) UnmarshalText(text []byte) error {
	i, err := nearest.Index("norm", string(text), normNames)
	if err == nil {
		*n = Norm(i)
	}
	return err
}

// readsEdges tells whether the messages carry features of edges.
func (l Local) readsEdges() bool { return l == LocalGINE || l == LocalGatedGCN || l == LocalPNA }

// gateable tells whether messages can be weighed by [joined.StableGate].
func (l Local) gateable() bool { return l == LocalGINE || l == LocalGatedGCN }

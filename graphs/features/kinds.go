package features

import "github.com/graft-ml/graft/internal/nearest"

// NodeEncoder is how input features of nodes become the model's.
type NodeEncoder int

// The node encoders: those of GraphGym and its followers, an embedding of the node's type, a linear layer on its numbers,
// the sum of the nine embeddings of an OGB atom; and the sum of an embedding for each column of types and a linear layer
// on the numbers, for data with features of its own.
const (
	TypeNodes NodeEncoder = iota
	LinearNodes
	AtomNodes
	ColumnNodes
)

// EdgeEncoder is how input features of edges become the model's.
type EdgeEncoder int

// The edge encoders: an embedding of the edge's type, a linear layer on its numbers, one learned vector for every
// edge, the sum of the three embeddings of an OGB bond; and, as for nodes, the sum of an embedding for each column of
// types and a linear layer on the numbers.
const (
	TypeEdges EdgeEncoder = iota
	LinearEdges
	DummyEdges
	BondEdges
	ColumnEdges
)

// Head is how node features become predictions.
type Head int

// The heads: pooling and a three-layer network that halves its width (SAN; official name san_graph), pooling and
// GraphGym's MLP (graph), GraphGym's MLP on every node (inductive_node), and on every edge (inductive_edge, decoded by
// concat): on the features of the node it leaves, of the node it enters, and of the edge itself where the model has such.
const (
	SANHead Head = iota
	GraphHead
	NodeHead
	EdgeHead
)

var (
	nodeEncoderNames = []string{"type", "linear", "atom", "columns"}
	edgeEncoderNames = []string{"type", "linear", "dummy", "bond", "columns"}
	headNames        = []string{"san", "graph", "node", "edge"}
)

// String returns the name used in configuration files.
func (e NodeEncoder) String() string { return nearest.Name("NodeEncoder", int(e), nodeEncoderNames) }

// MarshalText returns the name.
func (e NodeEncoder) MarshalText() ([]byte, error) {
	return nearest.Text("NodeEncoder", int(e), nodeEncoderNames)
}

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (e *NodeEncoder) UnmarshalText(text []byte) error {
	i, err := nearest.Index("node encoder", string(text), nodeEncoderNames)
	if err == nil {
		*e = NodeEncoder(i)
	}
	return err
}

// String returns the name used in configuration files.
func (e EdgeEncoder) String() string { return nearest.Name("EdgeEncoder", int(e), edgeEncoderNames) }

// MarshalText returns the name.
func (e EdgeEncoder) MarshalText() ([]byte, error) {
	return nearest.Text("EdgeEncoder", int(e), edgeEncoderNames)
}

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (e *EdgeEncoder) UnmarshalText(text []byte) error {
	i, err := nearest.Index("edge encoder", string(text), edgeEncoderNames)
	if err == nil {
		*e = EdgeEncoder(i)
	}
	return err
}

// String returns the name used in configuration files.
func (h Head) String() string { return nearest.Name("Head", int(h), headNames) }

// MarshalText returns the name.
func (h Head) MarshalText() ([]byte, error) { return nearest.Text("Head", int(h), headNames) }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (h *Head) UnmarshalText(text []byte) error {
	i, err := nearest.Index("head", string(text), headNames)
	if err == nil {
		*h = Head(i)
	}
	return err
}

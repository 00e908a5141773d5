package grit

import "github.com/graft-ml/graft/graphs/features"

// What GRIT reads and predicts it shares with other models of graphs; these are the names of package features.
type (
	// NodeEncoder is how input features of nodes become the model's.
	NodeEncoder = features.NodeEncoder
	// EdgeEncoder is how input features of edges become pair features.
	EdgeEncoder = features.EdgeEncoder
	// Head is how node features become predictions.
	Head = features.Head
	// Sizes are the vocabulary sizes of several columns of type ids, as text: "119,8,7".
	Sizes = features.Sizes
	// Encoder turns the input features of nodes, or of edges, into Width features.
	Encoder = features.Encoder
)

// The node encoders: those of the official code, an embedding of the node's type, a linear layer on its numbers, the sum
// of the nine embeddings of an OGB atom; and the sum of an embedding for each column of types and a linear layer on the
// numbers, for data with features of its own.
const (
	TypeNodes   = features.TypeNodes
	LinearNodes = features.LinearNodes
	AtomNodes   = features.AtomNodes
	ColumnNodes = features.ColumnNodes
)

// The edge encoders: an embedding of the edge's type, a linear layer on its numbers, one learned vector for every
// edge, the sum of the three embeddings of an OGB bond; and, as for nodes, the sum of an embedding for each column of
// types and a linear layer on the numbers.
const (
	TypeEdges   = features.TypeEdges
	LinearEdges = features.LinearEdges
	DummyEdges  = features.DummyEdges
	BondEdges   = features.BondEdges
	ColumnEdges = features.ColumnEdges
)

// The heads: pooling and a three-layer network that halves its width (SAN; official name san_graph), pooling and
// GraphGym's MLP (graph), GraphGym's MLP on every node (inductive_node), and on every edge, which the official code has
// not: on the features of both nodes and of their pair.
const (
	SANHead   = features.SANHead
	GraphHead = features.GraphHead
	NodeHead  = features.NodeHead
	EdgeHead  = features.EdgeHead
)

// NewSizes returns the text of a list of sizes.
func NewSizes(sizes []int) Sizes { return features.NewSizes(sizes) }

package grit

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/internal/nearest"
)

// NodeEncoder is how input features of nodes become the model's.
type NodeEncoder int

// The node encoders of grit.md, section 3: an embedding of the node's type, a linear layer on its numbers, the sum of the
// nine embeddings of an OGB atom.
const (
	TypeNodes NodeEncoder = iota
	LinearNodes
	AtomNodes
)

// EdgeEncoder is how input features of edges become pair features.
type EdgeEncoder int

// The edge encoders: an embedding of the edge's type, a linear layer on its numbers, one learned vector for every
// edge, the sum of the three embeddings of an OGB bond.
const (
	TypeEdges EdgeEncoder = iota
	LinearEdges
	DummyEdges
	BondEdges
)

// Head is how node features become predictions.
type Head int

// The heads: pooling and a three-layer network that halves its width (SAN; official name san_graph), pooling and
// GraphGym's MLP (graph), GraphGym's MLP on every node (inductive_node).
const (
	SANHead Head = iota
	GraphHead
	NodeHead
)

var (
	nodeEncoderNames = []string{"type", "linear", "atom"}
	edgeEncoderNames = []string{"type", "linear", "dummy", "bond"}
	headNames        = []string{"san", "graph", "node"}
)

// String returns the name used in configuration files.
func (e NodeEncoder) String() string { return nodeEncoderNames[e] }

// MarshalText returns the name.
func (e NodeEncoder) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText accepts a name.
func (e *NodeEncoder) UnmarshalText(text []byte) error {
	i, err := kind("node encoder", string(text), nodeEncoderNames)
	*e = NodeEncoder(i)
	return err
}

// String returns the name used in configuration files.
func (e EdgeEncoder) String() string { return edgeEncoderNames[e] }

// MarshalText returns the name.
func (e EdgeEncoder) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText accepts a name.
func (e *EdgeEncoder) UnmarshalText(text []byte) error {
	i, err := kind("edge encoder", string(text), edgeEncoderNames)
	*e = EdgeEncoder(i)
	return err
}

// String returns the name used in configuration files.
func (h Head) String() string { return headNames[h] }

// MarshalText returns the name.
func (h Head) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText accepts a name.
func (h *Head) UnmarshalText(text []byte) error {
	i, err := kind("head", string(text), headNames)
	*h = Head(i)
	return err
}

func kind(what, name string, names []string) (int, error) {
	if i := slices.Index(names, name); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("grit: unknown %s %q: did you mean %q? (known: %q)", what, name, nearest.To(name, names), names)
}

package grit

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// The vocabularies of OGB's atom and bond features (ogb 1.3.6; older versions have 4 chiralities instead of 5).
var (
	atomVocabularies = []int{119, 5, 12, 12, 10, 6, 6, 2, 2}
	bondVocabularies = []int{5, 6, 2}
)

// nodeVocabularies returns the size of each embedding of the node encoder; none for LinearNodes.
func (c Config) nodeVocabularies() []int {
	switch c.NodeEncoder {
	case AtomNodes:
		return atomVocabularies
	case ColumnNodes:
		return c.NodeColumns.list()
	case TypeNodes:
		return []int{c.NodeTypes}
	}
	return nil
}

// edgeVocabularies returns the size of each embedding of the edge encoder; none for LinearEdges.
func (c Config) edgeVocabularies() []int {
	switch c.EdgeEncoder {
	case BondEdges:
		return bondVocabularies
	case ColumnEdges:
		return c.EdgeColumns.list()
	case TypeEdges:
		return []int{c.EdgeTypes}
	case DummyEdges:
		return []int{1}
	}
	return nil
}

// Encoder turns the input features of nodes, or of edges, into Width features: the sum of an embedding a column of
// types, and of a linear layer on numbers; of those, what there is.
type Encoder struct {
	Tables []*nn.Embedding
	Linear *nn.Linear
}

func newNodeEncoder(c Config, in *nn.Init) *Encoder {
	if c.NodeEncoder == LinearNodes {
		return &Encoder{Linear: nn.NewLinear(c.NodeFeatures, c.Width, in)}
	}
	e := newTables(c.nodeVocabularies(), c, in, c.NodeEncoder != TypeNodes)
	if c.NodeEncoder == ColumnNodes && c.NodeFeatures > 0 {
		e.Linear = nn.NewLinear(c.NodeFeatures, c.Width, in)
	}
	return e
}

func newEdgeEncoder(c Config, in *nn.Init) *Encoder {
	if c.EdgeEncoder == LinearEdges {
		return &Encoder{Linear: nn.NewLinear(c.EdgeFeatures, c.Width, in)}
	}
	e := newTables(c.edgeVocabularies(), c, in, c.EdgeEncoder == BondEdges || c.EdgeEncoder == ColumnEdges)
	if c.EdgeEncoder == ColumnEdges && c.EdgeFeatures > 0 {
		e.Linear = nn.NewLinear(c.EdgeFeatures, c.Width, in)
	}
	return e
}

// newTables makes embeddings of N(0, 1), or Xavier-uniform ones as OGB's encoders have them, of which several are summed.
func newTables(vocabularies []int, c Config, in *nn.Init, xavier bool) *Encoder {
	e := &Encoder{}
	for _, size := range vocabularies {
		t := nn.NewEmbedding(size, c.Width, in)
		if xavier {
			in.XavierUniform(t.Table, c.Width, size)
		} else {
			in.Normal(t.Table, 1)
		}
		e.Tables = append(e.Tables, t)
	}
	return e
}

// Params declares the parameters.
func (e *Encoder) Params(c *nn.Params) {
	for k, t := range e.Tables {
		c.Sub(indexed("table", k), t)
	}
	sub(c, "linear", e.Linear)
}

// Apply returns [rows, width] features from ids, a slice a table, or from numbers [rows, features].
func (e *Encoder) Apply(tp *tensor.Tape, ids [][]int32, features *tensor.Tensor) *tensor.Var {
	var sum *tensor.Var
	add := func(x *tensor.Var) {
		if sum == nil {
			sum = x
			return
		}
		sum = tp.Add(sum, x)
	}
	for k, t := range e.Tables {
		add(t.Apply(tp, ids[k]))
	}
	if e.Linear != nil {
		add(e.Linear.Apply(tp, tp.Const(features)))
	}
	return sum
}

package features

import (
	"strconv"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// The vocabularies of OGB's atom and bond features (ogb 1.3.6; older versions have 4 chiralities instead of 5).
var (
	atomVocabularies = []int{119, 5, 12, 12, 10, 6, 6, 2, 2}
	bondVocabularies = []int{5, 6, 2}
)

// Vocabularies returns the size of each embedding of the encoder; none for LinearNodes. It panics on columns that
// [Config.Validate] refuses.
func (n Nodes) Vocabularies() []int {
	switch n.Encoder {
	case AtomNodes:
		return atomVocabularies
	case ColumnNodes:
		return n.Columns.list()
	case TypeNodes:
		return []int{n.withDefaults().Types}
	}
	return nil
}

// Vocabularies returns the size of each embedding of the encoder; none for LinearEdges. It panics on columns that
// [Config.Validate] refuses.
func (e Edges) Vocabularies() []int {
	switch e.Encoder {
	case BondEdges:
		return bondVocabularies
	case ColumnEdges:
		return e.Columns.list()
	case TypeEdges:
		return []int{e.withDefaults().Types}
	case DummyEdges:
		return []int{1}
	}
	return nil
}

// Numbers returns how many input features the encoder's linear layer reads; 0 where it has none.
func (n Nodes) Numbers() int {
	if n.Encoder == LinearNodes || n.Encoder == ColumnNodes {
		return n.Features
	}
	return 0
}

// Numbers returns how many input features the encoder's linear layer reads; 0 where it has none.
func (e Edges) Numbers() int {
	if e.Encoder == LinearEdges || e.Encoder == ColumnEdges {
		return e.withDefaults().Features
	}
	return 0
}

// Encoder turns the input features of nodes, or of edges, into features of a model's width: the sum of an embedding a
// column of types, and of a linear layer on numbers; of those, what there is.
type Encoder struct {
	Tables []*nn.Embedding
	Linear *nn.Linear
}

// NewEncoder returns an encoder of nodes that gives features of the given width.
func (n Nodes) NewEncoder(width int, in *nn.Init) *Encoder {
	return newEncoder(n.Vocabularies(), n.Numbers(), width, in, n.Encoder != TypeNodes)
}

// NewEncoder returns an encoder of edges that gives features of the given width.
func (e Edges) NewEncoder(width int, in *nn.Init) *Encoder {
	return newEncoder(e.Vocabularies(), e.Numbers(), width, in, e.Encoder == BondEdges || e.Encoder == ColumnEdges)
}

// newEncoder makes embeddings of N(0, 1), or Xavier-uniform ones as OGB's encoders have them, of which several are
// summed; and a linear layer where there are numbers.
func newEncoder(vocabularies []int, numbers, width int, in *nn.Init, xavier bool) *Encoder {
	e := &Encoder{}
	for _, size := range vocabularies {
		t := nn.NewEmbedding(size, width, in)
		if xavier {
			in.XavierUniform(t.Table, width, size)
		} else {
			in.Normal(t.Table, 1)
		}
		e.Tables = append(e.Tables, t)
	}
	if numbers > 0 {
		e.Linear = nn.NewLinear(numbers, width, in)
	}
	return e
}

// Params declares the embeddings as table.0, table.1, ... and the layer as linear.
func (e *Encoder) Params(c *nn.Params) {
	for k, t := range e.Tables {
		c.Sub("table."+strconv.Itoa(k), t)
	}
	if e.Linear != nil {
		c.Sub("linear", e.Linear)
	}
}

// Apply returns [rows, width] features from ids, a slice a table, and from numbers [rows, features]; what the encoder has
// no part for is not looked at.
func (e *Encoder) Apply(tp *tensor.Tape, ids [][]int32, numbers *tensor.Tensor) *tensor.Var {
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
		add(e.Linear.Apply(tp, tp.Const(numbers)))
	}
	return sum
}

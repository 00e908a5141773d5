package grit

import (
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ nn.Batch = (*Batch)(nil)

// Batch is what a GRIT model reads: graphs laid end to end, and the random-walk encoding of their nodes and pairs.
// Make one with [NewBatch] or through [Data].
type Batch struct {
	graphs.Batch
	// Walk is the encoding of nodes, R[i,i] [nodes, steps]; PairWalk that of pairs, R[i,j] [pairs, steps].
	Walk, PairWalk *tensor.Tensor

	pairs        attention.Pairs
	nodeFeatures *tensor.Tensor
	edgeFeatures *tensor.Tensor
	targets      *tensor.Tensor
	nodeTypes    [][]int32 // a slice of ids for each column of the encoder
	edgeTypes    [][]int32
	scratch      encodings.Scratch
	pool         *sync.Pool
}

// NewBatch prepares graphs for a model with configuration c. Its targets are those of the head: labels of nodes for
// NodeHead where the graphs have them, else targets of graphs.
func NewBatch(c Config, gs []*graphs.Graph) (*Batch, error) {
	b := new(Batch)
	return b, b.fill(c.WithDefaults(), gs)
}

// Items returns the number of graphs.
func (b *Batch) Items() int { return b.Len() }

// Targets returns what is to be predicted: [graphs, targets], or the class of every node [nodes]. NaN is a target or a
// label that is not given.
func (b *Batch) Targets() *tensor.Tensor { return b.targets }

// Release gives the memory of a batch that [Data.Prepare] made back to it. The batch must not be used any more.
func (b *Batch) Release() {
	if p := b.pool; p != nil {
		b.pool = nil // a second Release would give it to two users
		p.Put(b)
	}
}

// Dump returns what the batch holds, for the file that a training loop writes when a step goes wrong: sizes and edges of
// the graphs (node rows from and to, and weights), types and features, and the encodings.
func (b *Batch) Dump() []nn.Named {
	sizes, edges := tensor.New(b.Len()), tensor.New(b.Edges(), 3)
	row := 0
	for g, graph := range b.Graphs {
		sizes.Data()[g] = float32(graph.Nodes)
		for k, e := range graph.Edges {
			edges.Set(float32(b.Offsets[g]+e.From), row, 0)
			edges.Set(float32(b.Offsets[g]+e.To), row, 1)
			edges.Set(graph.Weight(k), row, 2)
			row++
		}
	}
	out := []nn.Named{{Path: "sizes", Tensor: sizes}, {Path: "edges", Tensor: edges},
		{Path: "walk", Tensor: b.Walk}, {Path: "pair_walk", Tensor: b.PairWalk}}
	for _, types := range []struct {
		name    string
		ids     []int32
		columns int
	}{{"node_types", b.NodeTypes, b.NodeTypeColumns}, {"edge_types", b.EdgeTypes, b.EdgeTypeColumns}} {
		if types.columns == 0 {
			continue
		}
		t := tensor.New(len(types.ids)/types.columns, types.columns)
		for i, id := range types.ids {
			t.Data()[i] = float32(id)
		}
		out = append(out, nn.Named{Path: types.name, Tensor: t})
	}
	if b.nodeFeatures != nil {
		out = append(out, nn.Named{Path: "node_features", Tensor: b.nodeFeatures})
	}
	if b.edgeFeatures != nil {
		out = append(out, nn.Named{Path: "edge_features", Tensor: b.edgeFeatures})
	}
	return out
}

// fill replaces the contents of b, which must not be in use.
func (b *Batch) fill(c Config, gs []*graphs.Graph) error {
	if err := b.Fill(gs); err != nil {
		return err
	}
	if err := b.encodeInputs(c); err != nil {
		return err
	}
	b.pairs.Full(b.Offsets)
	r := c.encoding()
	b.Walk = resize(b.Walk, b.Nodes(), r.Channels())
	b.PairWalk = resize(b.PairWalk, b.Pairs(), r.Channels())
	r.EncodeInto(&b.Batch, b.Walk, b.PairWalk, &b.scratch)
	b.fillTargets(c)
	return nil
}

// resize returns a [rows, cols] tensor, in the memory of t where that suffices.
func resize(t *tensor.Tensor, rows, cols int) *tensor.Tensor {
	if t == nil || cap(t.Data()) < rows*cols {
		return tensor.FromSlice(make([]float32, rows*cols, (rows*cols*9+7)/8), rows, cols)
	}
	return tensor.FromSlice(t.Data()[:rows*cols], rows, cols)
}

func (b *Batch) fillTargets(c Config) {
	if c.Head == NodeHead && len(b.NodeLabels) > 0 {
		b.targets = resize(b.targets, b.Nodes(), 1)
		for i, l := range b.NodeLabels {
			b.targets.Data()[i] = float32(l)
			if l == graphs.NoLabel {
				b.targets.Data()[i] = float32(math.NaN())
			}
		}
		return
	}
	b.targets = resize(b.targets, b.Len(), b.TargetColumns)
	copy(b.targets.Data(), b.Batch.Targets)
}

// encodeInputs checks that the graphs have the features that the encoders of c read, and lays them out.
func (b *Batch) encodeInputs(c Config) error {
	if vocabularies := c.nodeVocabularies(); len(vocabularies) > 0 {
		var err error
		if b.nodeTypes, err = b.types("node type", b.nodeTypes, b.NodeTypes, b.NodeTypeColumns, b.Nodes(), vocabularies); err != nil {
			return err
		}
	}
	b.nodeFeatures, b.edgeFeatures = nil, nil
	if c.NodeEncoder == LinearNodes || c.NodeEncoder == ColumnNodes && c.NodeFeatures > 0 {
		if b.NodeFeatureColumns != c.NodeFeatures {
			return b.mismatch("node feature columns", b.NodeFeatureColumns, c.NodeFeatures)
		}
		b.nodeFeatures = tensor.FromSlice(b.NodeFeatures, b.Nodes(), c.NodeFeatures)
	}
	if c.EdgeEncoder == LinearEdges || c.EdgeEncoder == ColumnEdges && c.EdgeFeatures > 0 {
		if b.Edges() > 0 && b.EdgeFeatureColumns != c.EdgeFeatures {
			return b.mismatch("edge feature columns", b.EdgeFeatureColumns, c.EdgeFeatures)
		}
		b.edgeFeatures = tensor.FromSlice(b.EdgeFeatures, b.Edges(), c.EdgeFeatures)
	}
	if c.EdgeEncoder == DummyEdges {
		b.edgeTypes = ids(b.edgeTypes, 1, b.Edges())
		clear(b.edgeTypes[0])
		return nil
	}
	var err error
	if vocabularies := c.edgeVocabularies(); len(vocabularies) > 0 {
		b.edgeTypes, err = b.types("edge type", b.edgeTypes, b.EdgeTypes, b.EdgeTypeColumns, b.Edges(), vocabularies)
	}
	return err
}

// mismatch says that graphs have another number of columns than the model reads. All graphs of a batch are alike; those
// without edges, which have no columns of edges, are not named for them.
func (b *Batch) mismatch(field string, got, want int) error {
	item := 0
	for strings.HasPrefix(field, "edge") && len(b.Graphs[item].Edges) == 0 {
		item++
	}
	id := b.Graphs[item].ID
	return &graphs.ItemError{Item: item, Graph: id, Err: &graphs.InvalidError{Graph: id, Field: field, Record: -1,
		Reason: fmt.Sprintf("%d, the model reads %d", got, want), Hint: "set the model's configuration to what the data has"}}
}

// types cuts the type ids of rows nodes or edges into one slice a column, and checks them against the vocabularies.
// Graphs without types count as type 0 where the vocabulary is that one type.
func (b *Batch) types(what string, into [][]int32, from []int32, columns, rows int, vocabularies []int) ([][]int32, error) {
	into = ids(into, len(vocabularies), rows)
	if columns == 0 && (rows == 0 || len(vocabularies) == 1 && vocabularies[0] == 1) {
		for _, column := range into {
			clear(column)
		}
		return into, nil
	}
	if columns != len(vocabularies) {
		return into, b.mismatch(what+" columns", columns, len(vocabularies))
	}
	if err := b.checkTypes(vocabularies, what); err != nil {
		return into, err
	}
	for k, column := range into {
		for r := range column {
			column[r] = from[r*columns+k]
		}
	}
	return into, nil
}

// checkTypes reports the first graph with an id beyond its vocabulary.
func (b *Batch) checkTypes(vocabularies []int, what string) error {
	for item, g := range b.Graphs {
		var err error
		if what == "node type" {
			err = g.CheckTypes(vocabularies, nil)
		} else {
			err = g.CheckTypes(nil, vocabularies)
		}
		if err != nil {
			return &graphs.ItemError{Item: item, Graph: g.ID, Err: err}
		}
	}
	return nil
}

// ids returns columns slices of rows ids each, in the memory of into where that suffices.
func ids(into [][]int32, columns, rows int) [][]int32 {
	for len(into) < columns {
		into = append(into, nil)
	}
	into = into[:columns]
	for k := range into {
		if cap(into[k]) < rows {
			into[k] = make([]int32, rows, (rows*9+7)/8)
		}
		into[k] = into[k][:rows]
	}
	return into
}

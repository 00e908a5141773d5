package features

import (
	"math"
	"sync"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Batch is graphs laid end to end with what encoders read of them and with what is to be predicted. A kind of model has a
// batch of its own that embeds this one and adds what else it reads; see [Filler].
type Batch struct {
	graphs.Batch

	nodeNumbers, edgeNumbers *tensor.Tensor
	nodeTypes, edgeTypes     [][]int32 // a slice of ids for each column of the encoder
	targets                  *tensor.Tensor
	edgeFrom, edgeTo         []int32 // [edges] node rows, for EdgeHead

	pool  *sync.Pool
	owner Filler // what goes back to the pool
}

// own gives the part of a model's batch that all of them have.
func (b *Batch) own() *Batch { return b }

// Fill replaces the contents by graphs, for a model with configuration c, and reuses the memory. The batch must not be in
// use. The error is that of graphs.Batch.Fill, or a *graphs.ItemError that names the first graph without the features
// that the encoders of c read.
//
// Targets are those of the head: labels of nodes for NodeHead, and of edges for EdgeHead, where the graphs have them, else
// targets of graphs.
func (b *Batch) Fill(c Config, gs []*graphs.Graph) error {
	c = c.WithDefaults()
	if err := b.Batch.Fill(gs); err != nil {
		return err
	}
	if err := b.fillNodes(c.Nodes); err != nil {
		return err
	}
	if err := b.fillEdges(c.Edges); err != nil {
		return err
	}
	b.fillTargets(c.Prediction)
	return nil
}

// Items returns the number of graphs.
func (b *Batch) Items() int { return b.Len() }

// Targets returns what is to be predicted: [graphs, targets], or the class of every node [nodes, 1] or edge [edges, 1]. NaN
// is a target or a label that is not given.
func (b *Batch) Targets() *tensor.Tensor { return b.targets }

// NodeRows returns the rows from, to-1 of the nodes of graph g.
func (b *Batch) NodeRows(g int) (from, to int) { return b.Offsets[g], b.Offsets[g+1] }

// EncodeNodes returns what encoder e makes of the nodes, [nodes, width]. The batch must not change while the pass lasts.
func (b *Batch) EncodeNodes(tp *tensor.Tape, e *Encoder) *tensor.Var {
	return e.Apply(tp, b.nodeTypes, b.nodeNumbers)
}

// EncodeEdges returns what encoder e makes of the edges, [edges, width]. The batch must not change while the pass lasts.
func (b *Batch) EncodeEdges(tp *tensor.Tape, e *Encoder) *tensor.Var {
	return e.Apply(tp, b.edgeTypes, b.edgeNumbers)
}

// Release gives the memory of a batch that [Data.Prepare] made back to it. The batch must not be used any more.
func (b *Batch) Release() {
	if p := b.pool; p != nil {
		b.pool = nil // a second Release would give it to two users
		p.Put(b.owner)
	}
}

// Dump returns what the batch holds, for the file that a training loop writes when a step goes wrong: sizes and edges of
// the graphs (node rows from and to, and weights), types and features. A model's batch adds what else it has.
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
	out := []nn.Named{{Path: "sizes", Tensor: sizes}, {Path: "edges", Tensor: edges}}
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
	if b.nodeNumbers != nil {
		out = append(out, nn.Named{Path: "node_features", Tensor: b.nodeNumbers})
	}
	if b.edgeNumbers != nil {
		out = append(out, nn.Named{Path: "edge_features", Tensor: b.edgeNumbers})
	}
	return out
}

func (b *Batch) fillTargets(p Prediction) {
	if p.PerEdge() {
		b.fillEnds()
	}
	switch {
	case p.PerNode() && len(b.NodeLabels) > 0:
		b.fillLabels(b.NodeLabels)
	case p.PerEdge() && (len(b.EdgeLabels) > 0 || b.Edges() == 0):
		b.fillLabels(b.EdgeLabels)
	default:
		b.targets = Resize(b.targets, b.Len(), b.TargetColumns)
		copy(b.targets.Data(), b.Batch.Targets)
	}
}

// fillLabels makes targets of the classes of nodes, or of edges.
func (b *Batch) fillLabels(labels []int32) {
	b.targets = Resize(b.targets, len(labels), 1)
	for i, l := range labels {
		b.targets.Data()[i] = float32(l)
		if l == graphs.NoLabel {
			b.targets.Data()[i] = float32(math.NaN())
		}
	}
}

// fillEnds lists the node rows that edges leave and enter.
func (b *Batch) fillEnds() {
	b.edgeFrom, b.edgeTo = b.edgeFrom[:0], b.edgeTo[:0]
	for g, graph := range b.Graphs {
		for _, e := range graph.Edges {
			b.edgeFrom = append(b.edgeFrom, int32(b.Offsets[g]+e.From))
			b.edgeTo = append(b.edgeTo, int32(b.Offsets[g]+e.To))
		}
	}
}

// Resize returns a [rows, cols] tensor, in the memory of t where that suffices; t may be nil. Its contents are whatever
// was there: batches of about one size so need no new memory.
func Resize(t *tensor.Tensor, rows, cols int) *tensor.Tensor {
	if t == nil || cap(t.Data()) < rows*cols {
		return tensor.FromSlice(make([]float32, rows*cols, (rows*cols*9+7)/8), rows, cols)
	}
	return tensor.FromSlice(t.Data()[:rows*cols], rows, cols)
}

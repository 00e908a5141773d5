package grit

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ features.Filler = (*Batch)(nil)

// Batch is what a GRIT model reads: graphs laid end to end with their features and targets, and the random-walk encoding
// of their nodes and pairs. Make one with [NewBatch] or through [Data].
type Batch struct {
	features.Batch
	// Walk is the encoding of nodes, R[i,i] [nodes, steps]; PairWalk that of pairs, R[i,j] [pairs, steps].
	Walk, PairWalk *tensor.Tensor

	config    Config
	pairs     attention.Pairs
	edgePairs []int32 // [edges] pair rows
	scratch   encodings.Scratch
}

// NewBatch prepares graphs for a model with configuration c. Its targets are those of the head: labels of nodes for
// NodeHead, of edges for EdgeHead, where the graphs have them, else targets of graphs.
func NewBatch(c Config, gs []*graphs.Graph) (*Batch, error) {
	b := &Batch{config: c}
	return b, b.Fill(gs)
}

// Fill replaces the contents by graphs, for the configuration that the batch was made with, and reuses the memory. The
// batch must not be in use.
func (b *Batch) Fill(gs []*graphs.Graph) error {
	c := b.config.WithDefaults()
	if err := b.Batch.Fill(c.Features(), gs); err != nil {
		return err
	}
	var err error
	if b.edgePairs, err = b.EdgePairs(); err != nil {
		return err
	}
	b.pairs.Full(b.Offsets)
	r := c.encoding()
	b.Walk = features.Resize(b.Walk, b.Nodes(), r.Channels())
	b.PairWalk = features.Resize(b.PairWalk, b.Pairs(), r.Channels())
	r.EncodeInto(&b.Batch.Batch, b.Walk, b.PairWalk, &b.scratch)
	return nil
}

// Dump returns what the batch holds, for the file that a training loop writes when a step goes wrong: the graphs with
// their types and features, and the encodings.
func (b *Batch) Dump() []nn.Named {
	return append(b.Batch.Dump(), nn.Named{Path: "walk", Tensor: b.Walk}, nn.Named{Path: "pair_walk", Tensor: b.PairWalk})
}

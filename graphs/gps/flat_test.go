package gps

import (
	"github.com/graft-ml/graft/tensor"
)

// flatBiases returns the biases of a layer that the loss does not depend on, whatever the data, by the structure of the
// layer: their gradients are zero but for rounding.
//
//   - A bias that all rows of a batch norm get alike is taken away with the mean: that of the last linear layer of each
//     part, which a residual stands beside; of GAT and of GCN; A of GatedGCN. So in training only.
//   - A bias of the keys adds the same to all scores of a query, and a softmax takes it away.
//
// Not so B of GatedGCN where a node has no edges that come to it, and C, D and E, which gates see.
func flatBiases(b *Block, train bool) (list []*tensor.Tensor) {
	if a := b.Attention; a != nil && a.Key.Bias != nil {
		list = append(list, a.Key.Bias)
	}
	if b.config.Norm != BatchNorm || !train {
		return list
	}
	switch l := b.Local.(type) {
	case *GINE:
		list = append(list, l.Out.Bias)
	case *GIN:
		list = append(list, l.Out.Bias)
	case *GCN:
		list = append(list, l.Linear.Bias)
	case *GatedGCN:
		list = append(list, l.Self.Bias)
	case *PNA:
		list = append(list, l.Self.Bias)
	case *GAT:
		list = append(list, l.Bias)
	}
	if b.Attention != nil {
		list = append(list, b.Attention.Output.Bias)
	}
	if b.FeedForward != nil {
		list = append(list, b.FeedForward.Out.Bias)
	}
	return list
}

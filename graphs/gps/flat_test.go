package gps

import (
	"github.com/graft-ml/graft/tensor"
)

// flatBiases returns the biases of a layer that the loss does not depend on, whatever the data, by the structure of the
// layer: their gradients are zero but for rounding.
//
//   - A bias that all rows of a batch norm get alike is taken away with the mean, in training: that of the last linear
//     layer of each part, where no dropout lies between them; A of GatedGCN.
//   - A bias of the values, too, where the weights of the attention sum to one: without dropout of weights.
//   - A bias of the keys adds the same to all scores of a query, and a softmax takes it away.
//
// Not so B of GatedGCN where there is a node that no edge comes to, and C, D and E, which gates see.
func flatBiases(b *Block, train bool) (list []*tensor.Tensor) {
	c := b.config
	if a := b.Attention; a != nil && a.Key.Bias != nil {
		list = append(list, a.Key.Bias)
	}
	if l, ok := b.Local.(*GatedGCN); ok && l.NodeNorm != nil && train {
		list = append(list, l.Self.Bias)
	}
	if c.Norm != BatchNorm || !train {
		return list
	}
	if c.Dropout == 0 || c.NoFeedForward {
		switch l := b.Local.(type) {
		case *GINE:
			list = append(list, l.Out.Bias)
		case *GIN:
			list = append(list, l.Out.Bias)
		case *GCN:
			list = append(list, l.Linear.Bias)
		case *PNA:
			list = append(list, l.Self.Bias)
		case *GAT:
			list = append(list, l.Bias)
		}
	}
	if c.Dropout > 0 {
		return list
	}
	if a := b.Attention; a != nil && !(c.Attention == Performer && c.AttentionDropout > 0) {
		list = append(list, a.Output.Bias)
		if a.Value.Bias != nil && c.AttentionDropout == 0 {
			list = append(list, a.Value.Bias)
		}
	}
	if b.FeedForward != nil {
		list = append(list, b.FeedForward.Out.Bias)
	}
	return list
}

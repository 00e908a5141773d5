package gps

import (
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// The positions of the published configurations: random walks, normalised over the batch, and eigenvectors of D - A read
// by a DeepSet of two layers.
const (
	rwse20    = "rwse:steps=20:width=28"
	rwse16    = "rwse:steps=16:width=20"
	lappe8    = "lappe:width=8:frequencies=8"
	lappe16   = "lappe:width=16:frequencies=16"
	lappe1610 = "lappe:width=16:frequencies=10"
)

// ZINC is the model of the paper for the 12,000-molecule subset of ZINC: 423,717 parameters, published test MAE
// 0.070 ± 0.004 after 2,000 epochs (official configs/GPS/zinc-GPS+RWSE.yaml).
func ZINC() Config {
	return Config{Layers: 10, Width: 64, Heads: 4, Local: LocalGINE, Positions: rwse20, NodeTypes: 28, EdgeTypes: 4,
		AttentionDropout: 0.5, Head: features.SANHead, Pooling: tensor.PoolSum, Outputs: 1}
}

// MNIST is the model for superpixels of MNIST digits: 115,394 parameters in the official code, 104 of which its last
// layer does not use and has not here (see [GatedGCN]).
func MNIST() Config {
	return Config{Layers: 3, Width: 52, Heads: 4, Local: LocalGatedGCN, Positions: lappe8, NodeEncoder: features.LinearNodes,
		NodeFeatures: 3, EdgeEncoder: features.LinearEdges, AttentionDropout: 0.5, Head: features.GraphHead, HeadLayers: 3,
		Pooling: tensor.PoolMean, Outputs: 10}
}

// CIFAR10 is the model for superpixels of CIFAR-10 pictures: 112,726 parameters, 104 of which are not used.
func CIFAR10() Config {
	c := MNIST()
	c.NodeFeatures, c.HeadLayers = 5, 2
	return c
}

// PATTERN is the model for the PATTERN node task: 337,201 parameters, 128 of which are not used; published accuracy
// 86.685 ± 0.059.
func PATTERN() Config {
	return Config{Layers: 6, Width: 64, Heads: 4, Local: LocalGatedGCN, Positions: lappe16, NodeEncoder: features.LinearNodes,
		NodeFeatures: 3, EdgeEncoder: features.DummyEdges, AttentionDropout: 0.5, Head: features.NodeHead, HeadLayers: 3, Outputs: 1}
}

// CLUSTER is the model for the CLUSTER node task: 502,054 parameters, 96 of which are not used; published accuracy
// 78.016 ± 0.180.
func CLUSTER() Config {
	return Config{Layers: 16, Width: 48, Heads: 8, Local: LocalGatedGCN, Positions: lappe1610, NodeEncoder: features.LinearNodes,
		NodeFeatures: 7, EdgeEncoder: features.DummyEdges, Dropout: 0.1, AttentionDropout: 0.5, Head: features.NodeHead,
		HeadLayers: 3, Outputs: 6}
}

// PeptidesFunc is the model for the functions of peptides: 504,442 parameters, 192 of which are not used; published
// average precision 0.6535 ± 0.0041.
func PeptidesFunc() Config {
	return Config{Layers: 4, Width: 96, Heads: 4, Local: LocalGatedGCN, Positions: lappe1610, NodeEncoder: features.AtomNodes,
		EdgeEncoder: features.BondEdges, AttentionDropout: 0.5, Head: features.GraphHead, HeadLayers: 1, Pooling: tensor.PoolMean,
		Outputs: 10}
}

// PeptidesStruct is the model for the shapes of peptides: 504,539 parameters, 192 of which are not used; published MAE
// 0.2500 ± 0.0005.
func PeptidesStruct() Config {
	c := PeptidesFunc()
	c.Outputs = 11
	return c
}

// MalNetTiny is the model for call graphs of programs with up to 5,000 nodes: 527,701 parameters, 128 of which are not
// used; published accuracy 93.36 ± 0.6. Nodes have the five numbers of their local degree profile.
func MalNetTiny() Config {
	return Config{Layers: 5, Width: 64, Heads: 4, Local: LocalGatedGCN, Attention: Performer, Positions: lappe1610,
		NodeEncoder: features.LinearNodes, NodeFeatures: 5, EdgeEncoder: features.DummyEdges, AttentionDropout: 0.5,
		Head: features.GraphHead, HeadLayers: 3, Pooling: tensor.PoolMax, Outputs: 5}
}

// PCQM4Mv2Small is the small model for quantum-chemical gaps: 6,152,285 parameters, 608 of which are not used; published
// validation MAE 0.0937.
func PCQM4Mv2Small() Config {
	return Config{Layers: 5, Width: 304, Heads: 4, Local: LocalGatedGCN, Positions: rwse16, NodeEncoder: features.AtomNodes,
		EdgeEncoder: features.BondEdges, AttentionDropout: 0.5, Head: features.SANHead, Pooling: tensor.PoolMean, Outputs: 1}
}

// PCQM4Mv2Medium is the medium model: 19,415,005 parameters, 768 of which are not used; published validation MAE 0.0858.
func PCQM4Mv2Medium() Config {
	c := PCQM4Mv2Small()
	c.Layers, c.Width, c.Heads, c.Dropout, c.AttentionDropout = 10, 384, 16, 0.1, 0.1
	return c
}

// PCQM4Mv2Deep is the deep model: 13,807,581 parameters, 512 of which are not used; published validation MAE 0.0852.
func PCQM4Mv2Deep() Config {
	c := PCQM4Mv2Small()
	c.Layers, c.Width, c.Heads, c.Dropout, c.AttentionDropout, c.Activation = 16, 256, 8, 0.1, 0.1, nn.GELU
	return c
}

package grit

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// ZINC is the model of the paper for the 12,000-molecule subset of ZINC: 473,473 parameters, published test MAE
// 0.059 ± 0.002 after 2,000 epochs (official configs/GRIT/zinc-GRIT-RRWP.yaml).
func ZINC() Config {
	return Config{Layers: 10, Width: 64, Heads: 8, Steps: 21, NodeTypes: 21, EdgeTypes: 4, AttentionDropout: 0.2,
		Head: SANHead, Pooling: tensor.PoolSum, Outputs: 1}
}

// ZINCFull is the model for all 250,000 molecules of ZINC: 473,921 parameters.
func ZINCFull() Config {
	c := ZINC()
	c.NodeTypes = 28
	return c
}

// MNIST is the model for superpixels of MNIST digits: 102,138 parameters.
func MNIST() Config {
	return Config{Layers: 3, Width: 52, Heads: 4, Steps: 18, NodeEncoder: LinearNodes, NodeFeatures: 3,
		EdgeEncoder: LinearEdges, AttentionDropout: 0.5, Head: GraphHead, HeadLayers: 3, Pooling: tensor.PoolMean, Outputs: 10}
}

// CIFAR10 is the model for superpixels of CIFAR-10 pictures: 99,486 parameters.
func CIFAR10() Config {
	c := MNIST()
	c.NodeFeatures, c.HeadLayers = 5, 2
	return c
}

// PATTERN is the model for the PATTERN node task: 477,953 parameters, published accuracy 87.196 ± 0.076.
func PATTERN() Config {
	return Config{Layers: 10, Width: 64, Heads: 8, Steps: 21, NodeEncoder: LinearNodes, NodeFeatures: 3,
		EdgeEncoder: DummyEdges, AttentionDropout: 0.2, Head: NodeHead, HeadLayers: 3, Outputs: 1}
}

// CLUSTER is the model for the CLUSTER node task: 431,670 parameters, published accuracy 80.026 ± 0.277.
func CLUSTER() Config {
	return Config{Layers: 16, Width: 48, Heads: 8, Steps: 32, NodeEncoder: LinearNodes, NodeFeatures: 7,
		EdgeEncoder: DummyEdges, Dropout: 0.01, AttentionDropout: 0.5, Head: NodeHead, HeadLayers: 3, Outputs: 6}
}

// PeptidesFunc is the model for the functions of peptides: 443,434 parameters.
func PeptidesFunc() Config {
	return Config{Layers: 4, Width: 96, Heads: 4, Steps: 17, NodeEncoder: AtomNodes, EdgeEncoder: BondEdges,
		AttentionDropout: 0.5, Head: GraphHead, HeadLayers: 1, Pooling: tensor.PoolMean, Outputs: 10}
}

// PeptidesStruct is the model for the shapes of peptides as the official file has it: 449,579 parameters.
func PeptidesStruct() Config {
	return Config{Layers: 4, Width: 96, Heads: 8, Steps: 24, NodeEncoder: AtomNodes, EdgeEncoder: BondEdges,
		Dropout: 0.05, AttentionDropout: 0.2, Head: GraphHead, HeadLayers: 2, Pooling: tensor.PoolMean, Outputs: 11}
}

// PCQM4Mv2 is the large model for quantum-chemical gaps.
func PCQM4Mv2() Config {
	return Config{Layers: 16, Width: 256, Heads: 8, Steps: 16, NodeEncoder: AtomNodes, EdgeEncoder: BondEdges,
		Dropout: 0.1, AttentionDropout: 0.1, Activation: nn.GELU, Head: SANHead, Pooling: tensor.PoolMean, Outputs: 1}
}

// CSL is a small model for the ten classes of circular skip-link graphs, which no 1-WL network can tell apart. The
// paper has no such configuration; this one is sized to train in seconds on two cores. All nodes of such a graph look
// alike, so a batch has no more different rows than graphs: too few for statistics of the batch, hence layer norms.
func CSL() Config {
	return Config{Layers: 2, Width: 32, Heads: 4, Steps: 16, NodeTypes: 1, EdgeTypes: 1, LayerNorm: true, NoBatchNorm: true,
		Head: GraphHead, HeadLayers: 1, Pooling: tensor.PoolMean, Outputs: 10}
}

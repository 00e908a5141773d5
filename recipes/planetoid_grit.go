package recipes

import "github.com/graft-ml/graft/grit"

// CoraGRIT learns the subjects of the papers of Cora from the 140 labels of the public
// split, each from the papers within two citations. Published test accuracies there: a
// network of the words alone 55.1, GCN 81.5, GAT 83.0. The GRIT paper has no such
// experiment.
func CoraGRIT() Recipe {
	return neighbourhoods("cora", "The subjects of 2,708 papers from 140 labels, by words and citations nearby; under a minute on two cores", 1433, 7)
}

// CiteSeerGRIT is [CoraGRIT] for CiteSeer, with 120 labels. Published test accuracies
// there: a network of the words alone 46.5, GCN 70.3, GAT 72.5.
func CiteSeerGRIT() Recipe {
	return neighbourhoods("citeseer", "The subjects of 3,327 papers from 120 labels, by words and citations nearby; under a minute on two cores", 3703, 6)
}

// neighbourhoods begins a preset for a graph of papers that is cut. With so few labels the
// model learns them by heart unless it is kept from it: one layer; distances in place of
// walks, which tell of a node itself as well; no way past the attention; strong decay.
func neighbourhoods(set, about string, words, classes int) Recipe {
	r := preset(set+"-grit", about)
	r.Data.Name = set
	r.Data.Neighbours = Neighbours{Hops: 2, MostNodes: 32}
	r.Model.GRIT = grit.Config{Layers: 1, Width: 64, Heads: 4, Steps: 4, ShortestPaths: true, NodeEncoder: grit.LinearNodes, NodeFeatures: words,
		EdgeEncoder: grit.DummyEdges, Dropout: 0.6, AttentionDropout: 0.5, NoEdgeEnhance: true, NoDegreeScaler: true, NoResidual: true,
		Head: grit.NodeHead, Outputs: classes}.WithDefaults()
	r.Loss, r.Metric = "cross-entropy", "accuracy"
	r.Optim.LR, r.Optim.WeightDecay = 4e-3, 1
	r.Schedule.Warmup = 2
	r.Train.Epochs, r.Train.BatchSize = 25, 16
	return r
}

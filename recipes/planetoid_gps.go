package recipes

import (
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/graphs/gps"
)

// CoraGPS learns the subjects of the papers of Cora from the 140 labels of the public
// split, on the whole graph at once. Published test accuracies there: GCN 81.5, GAT 83.0.
// The GraphGPS paper has no such experiment; with so few labels what helps is dropout and
// decay, while attention to all papers adds little.
func CoraGPS() Recipe {
	return papers("cora", "The subjects of 2,708 papers from 140 labels, by words and citations; a minute or two", 1433, 7)
}

// CiteSeerGPS is [CoraGPS] for CiteSeer, with 120 labels. Published test accuracies there:
// GCN 70.3, GAT 72.5.
func CiteSeerGPS() Recipe {
	return papers("citeseer", "The subjects of 3,327 papers from 120 labels, by words and citations; minutes", 3703, 6)
}

// papers begins a preset for a graph of papers: a step is an epoch.
func papers(set, about string, words, classes int) Recipe {
	r := gpsPreset(set+"-gps", about, set, gps.Config{Layers: 2, Width: 64, Heads: 2, Local: gps.LocalGCN, Attention: gps.Performer,
		NodeEncoder: features.LinearNodes, NodeFeatures: words, EdgeEncoder: features.DummyEdges,
		Dropout: 0.7, AttentionDropout: 0.5, Norm: gps.NoNorm, Head: features.NodeHead, HeadLayers: 1, Outputs: classes})
	r.Loss, r.Metric = "cross-entropy", "accuracy"
	r.Optim.LR, r.Optim.WeightDecay = 1e-2, 1
	r.Schedule = Schedule{Kind: Cosine, Warmup: 5}
	r.Train.Epochs, r.Train.BatchSize, r.Train.EvalBatchSize = 60, 1, 1
	return r
}

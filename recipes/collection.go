package recipes

import (
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/tensor"
)

// classes begins a preset that tells graphs of a set apart by their structure.
func classes(set, about string, c grit.Config, epochs int) Recipe {
	r := preset(set+"-grit", about)
	r.Data.Name = set
	r.Model.GRIT = c.WithDefaults()
	r.Loss, r.Metric = "cross-entropy", "accuracy"
	r.Train.Epochs, r.Schedule.Warmup = epochs, min(5, epochs/6)
	return r
}

// MUTAGGRIT learns one of ten folds of MUTAG, data.fold; the accuracy of the set is the
// mean over all of them. Published: GIN 0.894, of the best epoch by the test folds.
func MUTAGGRIT() Recipe {
	return classes("mutag", "Which of 188 molecules are mutagenic, one of ten folds (data.fold); seconds on two cores",
		grit.Config{Layers: 3, Width: 32, Heads: 4, Steps: 12, NodeTypes: 7, EdgeTypes: 4, AttentionDropout: 0.2, Head: grit.GraphHead,
			HeadLayers: 2, Pooling: tensor.PoolMean, Outputs: 2}, 60)
}

// PROTEINSGRIT learns one of ten folds of PROTEINS, data.fold; the accuracy of the set is
// the mean over all of them. Published for these folds: GIN 0.733, and 0.758 without
// looking at edges at all (Errica et al., ICLR 2020).
func PROTEINSGRIT() Recipe {
	r := classes("proteins", "Which of 1,113 proteins are enzymes, one of ten folds (data.fold); a minute or two on two cores",
		grit.Config{Layers: 2, Width: 32, Heads: 4, Steps: 12, NodeTypes: 3, EdgeEncoder: grit.DummyEdges, AttentionDropout: 0.2,
			Head: grit.GraphHead, HeadLayers: 2, Pooling: tensor.PoolMean, Outputs: 2}, 6)
	r.Train.BatchSize = 16
	return r
}

// EXPGRIT learns one of ten folds of EXP, data.fold, whose pairs of graphs the 1-WL test
// does not tell apart: what is bounded by it stays at 0.5.
func EXPGRIT() Recipe {
	return classes("exp", "Which of 1,200 formulas can be satisfied, where 1-WL message passing stays at one half; one of ten folds",
		grit.Config{Layers: 3, Width: 32, Heads: 4, Steps: 16, NodeTypes: 2, EdgeEncoder: grit.DummyEdges, Head: grit.GraphHead,
			HeadLayers: 2, Pooling: tensor.PoolMean, Outputs: 2}, 6)
}

// SR25GRIT tries to tell the 15 strongly regular graphs of SR25 apart, and cannot: walks
// between two nodes of such a graph depend on nothing but whether they are adjacent, so
// that the accuracy stays at 1 in 15.
func SR25GRIT() Recipe {
	r := classes("sr25", "Fifteen strongly regular graphs that random walks cannot tell apart: stays at 1 in 15, as it must",
		grit.Config{Layers: 2, Width: 32, Heads: 4, Steps: 16, EdgeEncoder: grit.DummyEdges, LayerNorm: true, NoBatchNorm: true,
			Head: grit.GraphHead, Pooling: tensor.PoolMean, Outputs: 15}, 100)
	r.Train.BatchSize = 15
	return r
}

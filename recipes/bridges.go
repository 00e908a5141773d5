package recipes

import (
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/grit"
)

// BridgesGRIT finds the edges that hold random graphs together, a data set of our own: it
// shows a model that predicts for edges. Six of ten edges are none.
func BridgesGRIT() Recipe {
	r := preset("bridges-grit", "Which edges of 1,000 random graphs are bridges, a label an edge; under a minute on two cores")
	r.Data.Name = "bridges"
	r.Model.GRIT = grit.Config{Layers: 3, Width: 32, Heads: 4, Steps: 16, EdgeEncoder: grit.DummyEdges,
		Head: grit.EdgeHead, HeadLayers: 2, Outputs: 2}.WithDefaults()
	edges(&r)
	return r
}

// BridgesGPS is [BridgesGRIT] with a GraphGPS model, whose gated message passing has
// features of edges.
func BridgesGPS() Recipe {
	r := gpsPreset("bridges-gps", "Which edges of 1,000 random graphs are bridges, by gated message passing; under a minute on two cores", "bridges",
		gps.Config{Layers: 3, Width: 48, Heads: 4, Local: gps.LocalGatedGCN, Positions: "rwse:steps=16", EdgeEncoder: features.DummyEdges,
			Head: features.EdgeHead, HeadLayers: 2, Outputs: 2})
	edges(&r)
	return r
}

// edges fills in what both have.
func edges(r *Recipe) {
	r.Loss, r.Metric = "cross-entropy", "accuracy"
	r.Schedule.Warmup = 1
	r.Train.Epochs, r.Train.BatchSize = 6, 16
}

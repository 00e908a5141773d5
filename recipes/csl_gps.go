package recipes

import (
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/tensor"
)

// CSLGPS teaches a small GraphGPS the ten circular skip-link graphs. Its message passing
// sees all of them alike; the walks that are joined to the nodes tell them apart. As all
// nodes of such a graph look alike, a batch has few different rows: too few for
// statistics of the batch, hence norms of graphs. The paper has no such experiment.
func CSLGPS() Recipe {
	r := gpsPreset("csl-gps", "Tell ten graphs apart that look the same to message passing, by walks; ends within a minute", "csl",
		gps.Config{Layers: 2, Width: 32, Heads: 4, Positions: "rwse:steps=16:width=16:no-norm", Norm: gps.GraphLayerNorm,
			Head: features.GraphHead, Pooling: tensor.PoolMean, Outputs: 10})
	r.Loss, r.Metric = "cross-entropy", "accuracy"
	r.Optim.LR = 5e-3
	r.Schedule.Warmup = 2
	r.Train.Epochs, r.Train.BatchSize = 60, 10
	return r
}

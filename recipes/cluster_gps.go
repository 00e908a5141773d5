package recipes

import "github.com/graft-ml/graft/graphs/gps"

// CLUSTERGPS is the row CLUSTER of the GraphGPS paper's table of configurations, official
// file cluster-GPS.yaml: published accuracy 78.016 ± 0.180.
func CLUSTERGPS() Recipe {
	r := gpsPreset("cluster-gps", "Tell six communities of random graphs apart, a label a node, as in the GraphGPS paper", "cluster", gps.CLUSTER())
	r.Loss, r.Metric = "weighted-cross-entropy", "accuracy-SBM"
	r.Optim.LR = 5e-4
	r.Train.BatchSize, r.Train.EvalBatchSize = 16, 16
	return r
}

// CLUSTERGPSSmall is [CLUSTERGPS] cut down to a model of four layers of width 32, a tenth
// of the graphs and eight epochs.
func CLUSTERGPSSmall() Recipe {
	r := CLUSTERGPS()
	r.Name, r.Base = "cluster-gps-small", "cluster-gps-small"
	r.About = "Tell six communities apart, learned from 1,000 graphs by a small GraphGPS; minutes on two cores"
	r.smaller(4, 32, "lappe:width=8:frequencies=8")
	r.Data.Train, r.Data.Val, r.Data.Test = 1000, 500, 500
	r.Optim.LR = 1e-3
	r.SetEpochs(8)
	return r
}

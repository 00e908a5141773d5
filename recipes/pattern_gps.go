package recipes

import "github.com/graft-ml/graft/graphs/gps"

// PATTERNGPS is the row PATTERN of the GraphGPS paper's table of configurations, official
// file pattern-GPS.yaml: published accuracy 86.685 ± 0.059.
func PATTERNGPS() Recipe {
	r := gpsPreset("pattern-gps", "Find the planted pattern in random graphs, a label a node, as in the GraphGPS paper", "pattern", gps.PATTERN())
	r.Loss, r.Metric = "weighted-cross-entropy", "accuracy-SBM"
	r.Optim.LR = 5e-4
	return r
}

// PATTERNGPSSmall is [PATTERNGPS] cut down to a model of three layers of width 32, a tenth
// of the graphs and eight epochs.
func PATTERNGPSSmall() Recipe {
	r := PATTERNGPS()
	r.Name, r.Base = "pattern-gps-small", "pattern-gps-small"
	r.About = "Find the planted pattern, learned from 1,000 graphs by a small GraphGPS; minutes on two cores"
	r.smaller(3, 32, "lappe:width=8:frequencies=8")
	r.Data.Train, r.Data.Val, r.Data.Test = 1000, 500, 500
	r.Optim.LR = 1e-3
	r.SetEpochs(8)
	return r
}

// smaller cuts a GraphGPS model down.
func (r *Recipe) smaller(layers, width int, positions string) {
	c := &r.Model.GPS
	c.Layers, c.Width, c.Heads, c.AttentionDropout, c.Positions = layers, width, 4, 0.2, positions
}

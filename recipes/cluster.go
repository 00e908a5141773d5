package recipes

import "github.com/graft-ml/graft/grit"

// CLUSTERGRIT is the row CLUSTER of the paper's table of configurations,
// official file cluster-GRIT-RRWP.yaml: published accuracy 80.026 ± 0.277.
func CLUSTERGRIT() Recipe {
	r := preset("cluster-grit", "Tell six communities of random graphs apart, a label a node, as in the GRIT paper")
	r.Data.Name = "cluster"
	r.Model.GRIT = grit.CLUSTER().WithDefaults()
	r.Loss, r.Metric = "weighted-cross-entropy", "accuracy-SBM"
	r.Train.BatchSize = 16
	return r
}

package recipes

import "github.com/graft-ml/graft/grit"

// PATTERNGRIT is the row PATTERN of the paper's table of configurations,
// official file pattern-GRIT-RRWP.yaml: published accuracy 87.196 ± 0.076.
func PATTERNGRIT() Recipe {
	r := preset("pattern-grit", "Find the planted pattern in random graphs, a label a node, as in the GRIT paper")
	r.Data.Name = "pattern"
	r.Model.GRIT = grit.PATTERN().WithDefaults()
	r.Loss, r.Metric = "weighted-cross-entropy", "accuracy-SBM"
	r.Optim.LR = 5e-4
	return r
}

package recipes

import "github.com/graft-ml/graft/grit"

// ZINCGRIT is the row ZINC of the paper's table of configurations,
// official file zinc-GRIT-RRWP.yaml: published test MAE 0.059 ± 0.002.
func ZINCGRIT() Recipe {
	r := preset("zinc-grit", "Penalised logP of 12,000 ZINC molecules, as in the GRIT paper (2,000 epochs)")
	r.Data.Name = "zinc"
	r.Model.GRIT = grit.ZINC().WithDefaults()
	r.Loss, r.Metric = "l1", "mae"
	r.Schedule.Warmup = 50
	r.Train.Epochs = 2000
	return r
}

// ZINCGRIT30 is [ZINCGRIT] cut down to 30 epochs, with the warm-up scaled along.
func ZINCGRIT30() Recipe {
	r := ZINCGRIT()
	r.Name, r.Base = "zinc-grit-30", "zinc-grit-30"
	r.About = "zinc-grit in 30 epochs, for a first result in hours rather than days"
	r.SetEpochs(30)
	return r
}

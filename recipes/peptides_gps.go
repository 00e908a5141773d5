package recipes

import "github.com/graft-ml/graft/graphs/gps"

// PeptidesFuncGPS is the row Peptides-func of the GraphGPS paper's table of
// configurations, official file peptides-func-GPS.yaml: published average precision
// 0.6535 ± 0.0041.
func PeptidesFuncGPS() Recipe {
	r := gpsPreset("peptides-func-gps", "What 15,535 peptides do, as in the GraphGPS paper (200 epochs)", "peptides-func", gps.PeptidesFunc())
	r.Loss, r.Metric = "binary-cross-entropy", "ap"
	r.Optim.LR, r.Optim.WeightDecay = 3e-4, 0
	r.Schedule.Warmup = 10
	r.Train.Epochs, r.Train.BatchSize, r.Train.EvalBatchSize = 200, 128, 128
	return r
}

// PeptidesFuncGPSSmall is [PeptidesFuncGPS] cut down to a model of two layers of width 32,
// 1,500 of the peptides and eight epochs.
func PeptidesFuncGPSSmall() Recipe {
	r := PeptidesFuncGPS()
	r.Name, r.Base = "peptides-func-gps-small", "peptides-func-gps-small"
	r.About = "What peptides do, learned from 1,500 of them by a small GraphGPS; minutes on two cores"
	r.smaller(2, 32, "lappe:width=8:frequencies=8")
	r.Data.Train, r.Data.Val = 1500, 500
	r.Optim.LR = 1e-3
	r.Train.BatchSize, r.Train.EvalBatchSize = 16, 16
	r.SetEpochs(8)
	return r
}

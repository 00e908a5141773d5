package recipes

import "github.com/graft-ml/graft/grit"

// PeptidesFuncGRIT is the row Peptides-func of the paper's table of configurations,
// official file peptides-func-GRIT-RRWP.yaml: published average precision 0.699. Peptides
// have 151 atoms in the mean: an epoch takes a good while on two cores.
func PeptidesFuncGRIT() Recipe {
	r := preset("peptides-func-grit", "What 15,535 peptides do, as in the GRIT paper (200 epochs)")
	r.Data.Name = "peptides-func"
	r.Model.GRIT = grit.PeptidesFunc().WithDefaults()
	r.Loss, r.Metric = "binary-cross-entropy", "ap"
	r.Optim.LR, r.Optim.WeightDecay = 3e-4, 0
	r.Schedule.Warmup = 10
	r.Train.Epochs, r.Train.BatchSize, r.Train.EvalBatchSize = 200, 16, 16
	return r
}

// PeptidesFuncGRITSmall is [PeptidesFuncGRIT] cut down to a model of two layers of width
// 32, 1,500 of the peptides and six epochs.
func PeptidesFuncGRITSmall() Recipe {
	r := PeptidesFuncGRIT()
	r.Name, r.Base = "peptides-func-grit-small", "peptides-func-grit-small"
	r.About = "What peptides do, learned from 1,500 of them by a small model; minutes on two cores"
	c := &r.Model.GRIT
	c.Layers, c.Width, c.Heads, c.AttentionDropout = 2, 32, 4, 0.2
	r.Data.Train, r.Data.Val = 1500, 500
	r.Optim.LR = 1e-3
	r.SetEpochs(6)
	return r
}

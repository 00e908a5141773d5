package recipes

import "github.com/graft-ml/graft/grit"

// small is the model that the presets for small sets of molecules share: four layers of
// width 64, that of files-grit, on the atom and bond features of the Open Graph
// Benchmark. The GRIT paper has no such experiments.
func small() grit.Config {
	return grit.Config{Layers: 4, Width: 64, Heads: 8, Steps: 16, NodeEncoder: grit.AtomNodes, EdgeEncoder: grit.BondEdges,
		AttentionDropout: 0.2}.WithDefaults()
}

// regression begins a preset for a MoleculeNet set with a number to predict.
func regression(set, about string, epochs int) Recipe {
	r := preset(set+"-grit", about)
	r.Data.Name, r.Data.Standardise = set, true
	r.Model.GRIT = small()
	r.Loss, r.Metric = "mse", "rmse"
	r.Train.Epochs = epochs
	return r
}

// activity begins a preset for a MoleculeNet set with a yes or no to predict.
func activity(set, about string, epochs int) Recipe {
	r := preset(set+"-grit", about)
	r.Data.Name = set
	r.Model.GRIT = small()
	r.Loss, r.Metric = "binary-cross-entropy", "rocauc"
	r.Train.Epochs = epochs
	return r
}

// ESOLGRIT learns the solubility of 902 molecules and is tested on 113 of other
// scaffolds; published there: D-MPNN 1.05, AttentiveFP 0.877 (RMSE).
func ESOLGRIT() Recipe {
	return regression("esol", "Solubility in water of 1,128 molecules, split by scaffold; minutes on two cores", 100)
}

// FreeSolvGRIT learns the energy of hydration of 513 molecules and is tested on 65 of
// other scaffolds; published there: D-MPNN 2.08, AttentiveFP 2.07 (RMSE).
func FreeSolvGRIT() Recipe {
	return regression("freesolv", "Energy of hydration of 642 molecules, split by scaffold; minutes on two cores", 100)
}

// LipophilicityGRIT learns log D of 3,360 molecules and is tested on 420 of other
// scaffolds; published there: D-MPNN 0.683, AttentiveFP 0.721 (RMSE).
func LipophilicityGRIT() Recipe {
	return regression("lipophilicity", "Octanol-water distribution of 4,200 molecules, split by scaffold; minutes on two cores", 25)
}

// BBBPGRIT learns which of 1,631 molecules enter the brain and is tested on 204 of other
// scaffolds; published there: D-MPNN 0.710, AttentiveFP 0.643 (ROC-AUC).
func BBBPGRIT() Recipe {
	return activity("bbbp", "Which of 2,039 molecules pass the blood-brain barrier, split by scaffold; minutes on two cores", 20)
}

// BACEGRIT learns which of 1,210 molecules inhibit beta-secretase and is tested on 152 of
// other scaffolds; published there: D-MPNN 0.809, AttentiveFP 0.784 (ROC-AUC).
func BACEGRIT() Recipe {
	return activity("bace", "Which of 1,513 molecules inhibit beta-secretase 1, split by scaffold; minutes on two cores", 30)
}

package benchmark

import "github.com/graft-ml/graft/datasets"

// The sources of the figures. Where a paper repeats figures of others, as tables of
// comparison do, the source is the table, not the first paper.
const (
	fromGNNs   = "leaderboard of benchmarking-gnns (arXiv 2003.00982)"
	fromPaper  = "Dwivedi et al., arXiv 2003.00982"
	fromGRIT   = "table of Ma et al., GRIT, ICML 2023"
	fromLRGB   = "results of github.com/vijaydwivedi75/lrgb, 2023"
	fromFang   = "table of Fang et al., Nature Mach. Intell. 2022"
	fromErrica = "Errica et al., ICLR 2020"
	fromXu     = "Xu et al., GIN, ICLR 2019"
)

// table is what one source says of one data set.
type table struct {
	dataset    string
	protocol   datasets.Protocol
	metric     string
	percent    bool // values are in percent
	parameters int
	note       string
	source     string
	figures    []figure
}

type figure struct {
	title         string
	models        []string
	value, spread float64
}

// of names the models of this package that a figure is of.
func of(names ...string) []string { return names }

// collected are the figures that Published knows.
var collected = []table{
	{dataset: "zinc", protocol: datasets.PublishedSplit, metric: "mae", parameters: 500_000, note: "16 layers, 4 seeds", source: fromGNNs, figures: []figure{
		{"GCN", of("gcn"), 0.367, 0.011}, {"GIN", of("gin"), 0.526, 0.051}, {"GAT", of("gat"), 0.384, 0.007},
		{"GatedGCN with bonds", of("gatedgcn"), 0.282, 0.015}, {"PNA", of("pna"), 0.142, 0.010},
	}},
	{dataset: "zinc", protocol: datasets.PublishedSplit, metric: "mae", parameters: 100_000, note: "4 layers, 4 seeds", source: fromPaper, figures: []figure{
		{"MLP", nil, 0.706, 0}, {"GCN, 4 layers", of("gcn"), 0.459, 0}, {"GIN, 4 layers", of("gin"), 0.387, 0}, {"GraphSage, 4 layers", nil, 0.468, 0},
		{"GAT, 4 layers", of("gat"), 0.475, 0}, {"GatedGCN with bonds, 4 layers", of("gatedgcn"), 0.375, 0},
	}},
	{dataset: "zinc", protocol: datasets.PublishedSplit, metric: "mae", parameters: 500_000, note: "GPS and GRIT 2,000 epochs", source: fromGRIT, figures: []figure{
		{"GRIT", of("grit"), 0.059, 0.002}, {"GPS", of("gps"), 0.070, 0.004}, {"CIN", nil, 0.079, 0.006}, {"GIN-AK+", nil, 0.080, 0.001},
		{"Graphormer-GD", nil, 0.081, 0.009}, {"CRaW1", nil, 0.085, 0.004}, {"Graphormer-URPE", nil, 0.086, 0.007}, {"K-Subgraph SAT", nil, 0.094, 0.008},
		{"EGT", nil, 0.108, 0.009}, {"Graphormer", of("graphormer"), 0.122, 0.006}, {"SAN", nil, 0.139, 0.006},
	}},
	{dataset: "pattern", protocol: datasets.PublishedSplit, metric: "accuracy-SBM", percent: true, parameters: 500_000, note: "16 layers, 4 seeds", source: fromGNNs, figures: []figure{
		{"GCN", of("gcn"), 71.892, 0.334}, {"GIN", of("gin"), 85.387, 0.136}, {"GAT", of("gat"), 78.271, 0.186}, {"GatedGCN", of("gatedgcn"), 85.568, 0.088},
	}},
	{dataset: "pattern", protocol: datasets.PublishedSplit, metric: "accuracy-SBM", percent: true, parameters: 500_000, note: "GPS and GRIT 100 epochs", source: fromGRIT, figures: []figure{
		{"GRIT", of("grit"), 87.196, 0.076}, {"GIN-AK+", nil, 86.850, 0.057}, {"K-Subgraph SAT", nil, 86.848, 0.037}, {"EGT", nil, 86.82, 0.020},
		{"GPS", of("gps"), 86.685, 0.059}, {"SAN", nil, 86.581, 0.037},
	}},
	{dataset: "cluster", protocol: datasets.PublishedSplit, metric: "accuracy-SBM", percent: true, parameters: 500_000, note: "16 layers, 4 seeds", source: fromGNNs, figures: []figure{
		{"GCN", of("gcn"), 68.498, 0.976}, {"GIN", of("gin"), 64.716, 1.553}, {"GAT", of("gat"), 70.587, 0.447}, {"GatedGCN", of("gatedgcn"), 73.840, 0.326},
	}},
	{dataset: "cluster", protocol: datasets.PublishedSplit, metric: "accuracy-SBM", percent: true, parameters: 500_000, note: "GPS and GRIT 100 epochs", source: fromGRIT, figures: []figure{
		{"GRIT", of("grit"), 80.026, 0.277}, {"EGT", nil, 79.232, 0.348}, {"GPS", of("gps"), 78.016, 0.180}, {"K-Subgraph SAT", nil, 77.856, 0.104},
		{"SAN", nil, 76.691, 0.65},
	}},
	{dataset: "csl", protocol: datasets.PublishedSplit, metric: "accuracy", percent: true, note: "5 folds; no positional encoding", source: fromPaper, figures: []figure{
		{"any network within the 1-WL test", of("gin", "gine", "gcn", "gatedgcn", "pna", "gat"), 10, 0},
	}},
	{dataset: "csl", protocol: datasets.PublishedSplit, metric: "accuracy", percent: true, note: "5 folds", source: "Murphy et al., ICML 2019", figures: []figure{
		{"RP-GIN", nil, 37.6, 0},
	}},
	{dataset: "exp", protocol: datasets.PublishedSplit, metric: "accuracy", percent: true, note: "10 folds", source: "Abboud et al., IJCAI 2021", figures: []figure{
		{"any network within the 1-WL test", of("gin", "gine", "gcn", "gatedgcn", "pna", "gat"), 50, 0}, {"PPGN", nil, 100, 0},
	}},
	{dataset: "peptides-func", protocol: datasets.PublishedSplit, metric: "ap", parameters: 500_000, note: "4 seeds", source: fromLRGB, figures: []figure{
		{"GRIT", of("grit"), 0.6988, 0.0082}, {"GPS", of("gps"), 0.6535, 0.0041}, {"SAN+RWSE", nil, 0.6439, 0.0075}, {"SAN+LapPE", nil, 0.6384, 0.0121},
		{"Transformer+LapPE", of("transformer+lappe"), 0.6326, 0.0126}, {"GatedGCN+RWSE", of("gatedgcn+rwse"), 0.6069, 0.0035}, {"GCN", of("gcn"), 0.5930, 0.0023},
		{"GatedGCN", of("gatedgcn"), 0.5864, 0.0077}, {"GINE", of("gine"), 0.5498, 0.0079},
	}},
	{dataset: "peptides-func", protocol: datasets.PublishedSplit, metric: "ap", parameters: 500_000, note: "tuned anew", source: "Tönshoff et al., arXiv 2309.00367", figures: []figure{
		{"GCN, tuned anew", nil, 0.686, 0},
	}},
	{dataset: "peptides-struct", protocol: datasets.PublishedSplit, metric: "mae", parameters: 500_000, note: "4 seeds", source: fromLRGB, figures: []figure{
		{"GRIT", of("grit"), 0.2460, 0.0012}, {"GPS", of("gps"), 0.2500, 0.0005}, {"Transformer+LapPE", of("transformer+lappe"), 0.2529, 0.0016},
		{"SAN+RWSE", nil, 0.2545, 0.0012}, {"SAN+LapPE", nil, 0.2683, 0.0043}, {"GatedGCN+RWSE", of("gatedgcn+rwse"), 0.3357, 0.0006},
		{"GatedGCN", of("gatedgcn"), 0.3420, 0.0013}, {"GCN", of("gcn"), 0.3496, 0.0013}, {"GINE", of("gine"), 0.3547, 0.0045},
	}},
	{dataset: "esol", protocol: datasets.ScaffoldSplit, metric: "rmse", source: fromFang, figures: []figure{{"D-MPNN", nil, 1.05, 0}, {"AttentiveFP", nil, 0.877, 0}}},
	{dataset: "freesolv", protocol: datasets.ScaffoldSplit, metric: "rmse", source: fromFang, figures: []figure{{"D-MPNN", nil, 2.08, 0}, {"AttentiveFP", nil, 2.07, 0}}},
	{dataset: "lipophilicity", protocol: datasets.ScaffoldSplit, metric: "rmse", source: fromFang, figures: []figure{{"D-MPNN", nil, 0.683, 0}, {"AttentiveFP", nil, 0.721, 0}}},
	{dataset: "bbbp", protocol: datasets.ScaffoldSplit, metric: "rocauc", percent: true, source: fromFang, figures: []figure{{"D-MPNN", nil, 71.0, 0}, {"AttentiveFP", nil, 64.3, 0}}},
	{dataset: "bace", protocol: datasets.ScaffoldSplit, metric: "rocauc", percent: true, source: fromFang, figures: []figure{{"D-MPNN", nil, 80.9, 0}, {"AttentiveFP", nil, 78.4, 0}}},
	{dataset: "hiv", protocol: datasets.OGBSplit, metric: "rocauc", percent: true, source: "Hu et al., OGB, NeurIPS 2020", figures: []figure{
		{"GIN", of("gin"), 75.6, 0}, {"GIN with a virtual node", nil, 77.1, 0}, {"GCN", of("gcn"), 76.1, 0},
	}},
	{dataset: "hiv", protocol: datasets.OGBSplit, metric: "rocauc", percent: true, source: "Rampášek et al., GraphGPS, NeurIPS 2022", figures: []figure{{"GPS", of("gps"), 78.8, 1.0}}},

	{dataset: "proteins", protocol: datasets.ErricaFolds, metric: "accuracy", percent: true, note: "10 folds", source: fromErrica, figures: []figure{{"GIN", of("gin"), 73.3, 0}, {"without edges", nil, 75.8, 0}}},
	{dataset: "nci1", protocol: datasets.ErricaFolds, metric: "accuracy", percent: true, note: "10 folds", source: fromErrica, figures: []figure{{"GIN", of("gin"), 80.0, 0}, {"without edges", nil, 69.8, 0}}},
	{dataset: "enzymes", protocol: datasets.ErricaFolds, metric: "accuracy", percent: true, note: "10 folds", source: fromErrica, figures: []figure{{"GIN", of("gin"), 59.6, 0}, {"without edges", nil, 65.2, 0}}},
	{dataset: "imdb-binary", protocol: datasets.ErricaFolds, metric: "accuracy", percent: true, note: "10 folds", source: fromErrica, figures: []figure{{"GIN", of("gin"), 71.2, 0}, {"without edges", nil, 70.8, 0}}},
	{dataset: "mutag", protocol: datasets.GINFolds, metric: "accuracy", percent: true, note: ofTheFolds, source: fromXu, figures: []figure{{"GIN-0", of("gin"), 89.4, 0}}},
	{dataset: "proteins", protocol: datasets.GINFolds, metric: "accuracy", percent: true, note: ofTheFolds, source: fromXu, figures: []figure{{"GIN-0", of("gin"), 76.2, 0}}},
	{dataset: "nci1", protocol: datasets.GINFolds, metric: "accuracy", percent: true, note: ofTheFolds, source: fromXu, figures: []figure{{"GIN-0", of("gin"), 82.7, 0}}},
	{dataset: "imdb-binary", protocol: datasets.GINFolds, metric: "accuracy", percent: true, note: ofTheFolds, source: fromXu, figures: []figure{{"GIN-0", of("gin"), 75.1, 0}}},
	{dataset: "enzymes", protocol: datasets.DwivediFolds, metric: "accuracy", percent: true, note: "10 folds", source: fromPaper, figures: []figure{{"GCN", of("gcn"), 65.8, 0}}},
	{dataset: "proteins", protocol: datasets.DwivediFolds, metric: "accuracy", percent: true, note: "10 folds", source: fromPaper, figures: []figure{{"GCN", of("gcn"), 76.1, 0}}},

	{dataset: "cora", protocol: datasets.PublishedSplit, metric: "accuracy", percent: true, source: "Kipf and Welling, ICLR 2017", figures: []figure{{"GCN", of("gcn"), 81.5, 0}, {"MLP", nil, 55.1, 0}}},
	{dataset: "cora", protocol: datasets.PublishedSplit, metric: "accuracy", percent: true, source: "Veličković et al., ICLR 2018", figures: []figure{{"GAT", of("gat"), 83.0, 0}}},
	{dataset: "citeseer", protocol: datasets.PublishedSplit, metric: "accuracy", percent: true, source: "Kipf and Welling, ICLR 2017", figures: []figure{{"GCN", of("gcn"), 70.3, 0}, {"MLP", nil, 46.5, 0}}},
	{dataset: "citeseer", protocol: datasets.PublishedSplit, metric: "accuracy", percent: true, source: "Veličković et al., ICLR 2018", figures: []figure{{"GAT", of("gat"), 72.5, 0}}},
}

// ofTheFolds is what makes figures of that protocol flattering.
const ofTheFolds = "10 folds, at the epoch that is best on the tested folds"

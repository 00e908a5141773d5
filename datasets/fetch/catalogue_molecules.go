package fetch

// deepchem is where the tables of MoleculeNet lie (Wu et al., "MoleculeNet: a benchmark
// for molecular machine learning", 2018).
const deepchem = "https://deepchemdata.s3-us-west-1.amazonaws.com/datasets/"

// molecules are the tables of MoleculeNet as their publishers have them, under the names
// that package datasets gives the sets.
func molecules() []Item {
	const (
		long  = "Size and SHA-256 are those of the table that results were checked with."
		short = "Only its MD5 is published, by TorchDrug (torchdrug/datasets); the size is limited."
	)
	table := func(name, title, official, verified string, f File) Item {
		f.Name, f.URLs = name+".csv", []string{deepchem + official}
		return Item{Name: name, Title: title, Folder: "moleculenet", Files: []File{f}, Verified: verified}
	}
	return []Item{
		table("bace", "BACE: inhibitors of human beta-secretase 1", "bace.csv", short,
			File{MD5: "ba7f8fa3fdf463a811fa7edea8c982c2", MaxSize: 64 << 20}),
		table("bbbp", "BBBP: passing the blood-brain barrier", "BBBP.csv", short,
			File{MD5: "66286cb9e6b148bd75d80c870df580fb", MaxSize: 16 << 20}),
		table("esol", "ESOL: solubility in water", "delaney-processed.csv", long,
			File{Size: 96_699, SHA256: "8c06a76f0c6487d29ab0f903e6a7a7139f189ab3c1178f159c8be8964602f189"}),
		table("freesolv", "FreeSolv: free energy of hydration", "SAMPL.csv", long,
			File{Size: 32_060, SHA256: "ab5895d914ee87cb563bd7b9611e869527bba45bec6b014d34dc495a0f9dcb72"}),
		table("hiv", "HIV: inhibiting its replication", "HIV.csv", short,
			File{MD5: "9ad10c88f82f1dac7eb5c52b668c30a7", MaxSize: 64 << 20}),
		table("lipophilicity", "Lipophilicity: octanol/water distribution", "Lipophilicity.csv", long,
			File{Size: 282_606, SHA256: "aed41590cb30609d51d8e08ad3ff06495a76e80e211358801f596b10da69bacd"}),
	}
}

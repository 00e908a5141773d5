package fetch

// peptides are the two tasks of the Long Range Graph Benchmark on peptides (Dwivedi et
// al., 2022): tables, and the split made of a pickle.
func peptides() []Item {
	split := File{Name: "splits_random_stratified_peptide.pickle", URLs: []string{"https://www.dropbox.com/s/j4zcnx2eipuo0xz/splits_random_stratified_peptide.pickle?dl=1"},
		MaxSize: 16 << 20, MD5: "5a0114bdadc80b94fc7ae974f13ef061"}
	o := peptidesOutput{source: split.Name, name: "peptides_func.split.json.gz", sizes: [3]int{10_873, 2_331, 2_331}}
	return []Item{
		{Name: "peptides-func", Title: "Peptides-func: ten functions of peptides", Folder: "lrgb",
			Files: []File{{Name: "peptide_multi_class_dataset.csv.gz", URLs: []string{"https://www.dropbox.com/s/ol2v01usvaxbsr8/peptide_multi_class_dataset.csv.gz?dl=1"},
				Size: 769_970, SHA256: "e314f7dfb1ac46ef83fe5f5aa4fe502ad4527da633b64e6b997cb0c452511de3", MD5: "701eb743e899f4d793f0e13c8fa5a1b4"}, split},
			Verified: "The MD5 of both files are those of the benchmark's code; the table also has the size and SHA-256 of the one that results were checked with.",
			convert:  conversion{"peptides 1", o.convert}},
		{Name: "peptides-struct", Title: "Peptides-struct: eleven properties of the shape of peptides", Folder: "lrgb",
			Files: []File{{Name: "peptide_structure_normalized_dataset.csv.gz", URLs: []string{"https://www.dropbox.com/s/0d4aalmq4b4e2nh/peptide_structure_normalized_dataset.csv.gz?dl=1"},
				MaxSize: 64 << 20, MD5: "c240c1c15466b5c907c63e180fa8aa89"}, split},
			Verified: "The MD5 of both files are those of the benchmark's code; no size or SHA-256 is published.",
			convert:  conversion{"peptides 1", o.convert}},
	}
}

// zincServer is where the lists of the 12,000 molecules lie.
const zincServer = "https://raw.githubusercontent.com/graphdeeplearning/benchmarking-gnns/master/data/molecules/"

// zinc is ZINC-12k (Dwivedi et al., "Benchmarking graph neural networks", arXiv
// 2003.00982): an archive of pickles of all 249,456 molecules and the numbers of those
// that make the subset, and train.jsonl.gz, val.jsonl.gz and test.jsonl.gz made of them.
func zinc() []Item {
	i := Item{Name: "zinc", Title: "ZINC-12k: penalised logP of drug-like molecules", Folder: "zinc12k",
		Files: []File{{Name: "molecules.zip", URLs: []string{"https://www.dropbox.com/s/feo9qle74kg48gy/molecules.zip?dl=1"}, MaxSize: 2 << 30}},
		Verified: "No hashes of archive and lists are published. The numbers in the lists have the SHA-256 of the known ones, and so has the text of val and test made of the archive; " +
			"of train, the counts of molecules, atoms and bonds are compared.",
		convert: conversion{"zinc 1", convertZINC}}
	for _, s := range zincSplits {
		i.Files = append(i.Files, File{Name: s.name + ".index", URLs: []string{zincServer + s.name + ".index"}, MaxSize: 1 << 20})
	}
	return []Item{i}
}

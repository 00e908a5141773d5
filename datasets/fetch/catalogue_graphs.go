package fetch

// tuServer is where the TU collection lies (Morris et al., "TUDataset: a collection of
// benchmark datasets for learning with graphs", 2020).
const tuServer = "https://www.chrsmrrs.com/graphkerneldatasets/"

// tu are sets of the TU collection: NAME.zip, and its text files unpacked beside it.
func tu() []Item {
	const pinned = "The archive has the SHA-256 that the Julia package GraphDatasets pins."
	set := func(name, title, official, verified string, f File, parts ...string) Item {
		f.Name, f.URLs, f.Unpack = official+".zip", []string{tuServer + official + ".zip"}, Zip
		if f.MaxSize = 64 << 20; f.Size > 0 {
			f.MaxSize = 0
		}
		f.Limits = Limits{Bytes: 256 << 20, Members: 100}
		hashes := f.Members
		f.Members = nil
		for k, part := range parts {
			m := Member{Name: official + "/" + official + "_" + part + ".txt"}
			if k < len(hashes) {
				m.SHA256 = hashes[k].SHA256
			}
			f.Members = append(f.Members, m)
		}
		return Item{Name: name, Title: title, Folder: "tu", Files: []File{f}, Verified: verified}
	}
	return []Item{
		set("enzymes", "ENZYMES: protein structures in six classes of enzymes", "ENZYMES", pinned,
			File{SHA256: "13d832eb6ffa084192daf6e5750250028a18437ee692c38d29a10cd60e18aaf4"},
			"A", "graph_indicator", "graph_labels", "node_attributes", "node_labels"),
		set("imdb-binary", "IMDB-BINARY: collaborations of actors in two genres", "IMDB-BINARY", pinned,
			File{SHA256: "b291ec8b26d85c70faa2ba0a2433e1f407ed2ef5d0fc072d36b9a95e49a1bb27"},
			"A", "graph_indicator", "graph_labels"),
		set("mutag", "MUTAG: mutagenic molecules", "MUTAG", pinned,
			File{Size: 24_550, SHA256: "c419bdc853c367d2d83da4973c45100954ae15e10f5ae2cddde6ca431f8207f6"},
			"A", "edge_labels", "graph_indicator", "graph_labels", "node_labels"),
		set("nci1", "NCI1: activity against lung cancer cells", "NCI1", pinned,
			File{SHA256: "10e1458f3bd9224f14e6d7627e74dcfd13e48d376d73935e7bd2900590ef1d82"},
			"A", "graph_indicator", "graph_labels", "node_labels"),
		set("proteins", "PROTEINS: protein structures, enzymes or not", "PROTEINS",
			"No hash of the archive is published; each text file in it has the SHA-256 of the one that results were checked with.",
			File{Members: []Member{
				{SHA256: "4c4b33e272fc95cac6d27ed6d5d12b9a852c8610e91fff59f8f0dbdd5a20df67"},
				{SHA256: "8d4ff1e852a5c28561e9bffb44cf9490bc552b13a3b6156dd12dc7f44e9afc4a"},
				{SHA256: "c0ef9810c440775252872318d0c8adc385588e14bc4c47a2c34aa96ee3c7cdcd"},
				{SHA256: "54eef829abb37e458a5fbf3a3c581e48e5810e220463c2cd951856b9ceb08f07"},
				{SHA256: "f758e8ad3d6e3c026b50833d75f6f90735b94eb3345e4243707f495ca8afea8d"},
			}},
			"A", "graph_indicator", "graph_labels", "node_attributes", "node_labels"),
	}
}

// planetoidServer is where Cora and CiteSeer lie as they are split (Yang, Cohen,
// Salakhutdinov, "Revisiting semi-supervised learning with graph embeddings", 2016).
const planetoidServer = "https://github.com/kimiyoung/planetoid/raw/master/data/"

// planetoidParts are the files of a set: the rows of training, test and all other nodes
// and their labels, the lists of neighbours, and where the test rows belong.
var planetoidParts = [...]string{"x", "tx", "allx", "y", "ty", "ally", "graph", "test.index"}

// planetoid are Cora and CiteSeer: pickles, and NAME.nodes.tsv.gz and NAME.edges.tsv.gz
// made of them.
func planetoid() []Item {
	set := func(name, title string, o planetoidOutput) Item {
		i := Item{Name: name, Title: title, Folder: "nodes",
			Verified: "No hashes of the pickles are published; the text made of them has the SHA-256 of the one that results were checked with.",
			convert:  conversion{"planetoid 1", o.convert}}
		for _, part := range planetoidParts {
			i.Files = append(i.Files, File{Name: "planetoid/ind." + name + "." + part, URLs: []string{planetoidServer + "ind." + name + "." + part}, MaxSize: 64 << 20})
		}
		return i
	}
	return []Item{
		set("citeseer", "CiteSeer: papers that cite each other", planetoidOutput{name: "citeseer",
			nodes: "d85fb2a78296d87dbee6ae28f0936aec6323e27a4757e089823b5d4f9d4b0e1b",
			edges: "951d931305f1a92110e32d75dd878ab1065bda59de0dbaade06abd3beed8b17f"}),
		set("cora", "Cora: papers that cite each other", planetoidOutput{name: "cora",
			nodes: "a627d8bcd7788535563331f5a71f8c0c361f45e5c69d1b352086ec1c675cc415",
			edges: "a6cafe6abd12b83df937f643562bbc019baa15938937937b63dd59e419e7030c"}),
	}
}

// Package datasets gives graph data sets by name: generated ones, which need no
// files, and the benchmarks of the field from files in a folder.
//
//	kind                          names
//	generated                     csl, pattern, cluster
//	molecules, regression         zinc, esol, freesolv, lipophilicity; peptides-struct (eleven numbers)
//	molecules, classes            bbbp, bace, hiv, mutag, nci1; peptides-func (ten labels)
//	proteins, social graphs       proteins, enzymes, imdb-binary
//	one graph, classes of nodes   cora, citeseer, karate
//	telling graphs apart          sr25, exp, cexp, csl-published, graph8c, brec
//
// [Describe] has the statistics and the licence of each.
//
// # Main types
//
//   - [Set] is a data set: three [Source] values, one per [Split], and an [Info].
//   - [Source] hands out graphs by number. [Slice] is one over graphs in memory;
//     the sources of pattern and cluster generate each graph when it is asked for,
//     because 14,000 graphs of 6,000 edges would fill gigabytes.
//   - [Info] is the table about a data set: sizes, features, classes, metric,
//     split, licence, source.
//   - [Protocol] is a rule by which a set is cut into splits, for sets that were
//     published with several; [Options] chooses one.
//   - [Statistics] is what [Measure] counts in one pass over a set, [Histogram]s of
//     sizes and labels included.
//   - [TU], read by [ReadTU], is any set in the text format of the TU collection;
//     [Graph6Reader] reads graphs in graph6 form; [BREC] gives pairs of graphs.
//
// [Names] lists what [Load] knows, [Describe] gives the Info without loading, and
// [New] makes a Set of the caller's own graphs.
//
// # Use
//
//	set, err := datasets.Load(ctx, "pattern", datasets.Options{Seed: 1})
//	if err != nil {
//		return err
//	}
//	for i := range set.Train.Len() {
//		g, err := set.Train.Graph(i)
//		if err != nil {
//			return err
//		}
//		fmt.Println(g.ID, g.Nodes)
//	}
//
// # Files
//
// A set's files are looked for in Options.Dir or else $GRAFT_DATA and the [Cache]:
// in the folder itself, in the set's own folder below it (moleculenet, tu, lrgb,
// expressivity, nodes, zinc12k), and in that below its folder graphs. Sets of many
// graphs stay packed in memory, about three bytes an edge, and each graph is made
// when it is asked for. Options.Molecule reads sets of molecules from their tables
// of SMILES strings instead of stored graphs, and Options.Scaffold computes the split
// by scaffold; LoadSet of package datasets/files sets both where they are needed.
//
// Where nodes are classified in one graph, every split is that graph with the
// labels of its own nodes and [graphs.NoLabel] for the others.
//
// # Randomness
//
// Every graph of a generated set has a random stream of its own, derived from the
// seed, the split and its number: graph i is the same whichever other graphs are
// generated, in whatever order and on however many goroutines.
//
// # Errors
//
// An unknown name is an [*UnknownError] with the nearest known one. Data that is
// not there is a [*MissingError] that lists the folders tried and names the command
// that fetches it, if one does (Info.Fetched); data that is damaged is a [*FileError]
// with file, line, reason and what to do. Files are not trusted: lines have a longest
// length, archives a largest size unpacked, and every number is checked before memory
// is taken by it.
//
// # Imports
//
// graphs, internal/bounded, internal/nearest and internal/splitmix.
package datasets

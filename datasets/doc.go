// Package datasets gives graph data sets by name: generated ones (csl, pattern,
// cluster), which need no files, and ZINC-12k from a folder.
//
// # Main types
//
//   - [Set] is a data set: three [Source] values, one per [Split], and an [Info].
//   - [Source] hands out graphs by number. [Slice] is one over graphs in memory;
//     the sources of pattern and cluster generate each graph when it is asked for,
//     because 14,000 graphs of 6,000 edges would fill gigabytes.
//   - [Info] is the table about a data set: sizes, features, classes, metric,
//     split, licence, source.
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
// # Randomness
//
// Every graph of a generated set has a random stream of its own, derived from the
// seed, the split and its number: graph i is the same whichever other graphs are
// generated, in whatever order and on however many goroutines.
//
// # Errors
//
// An unknown name is an [*UnknownError] with the nearest known one. Data that is
// not there is a [*MissingError] that lists the folders tried; data that is
// damaged is a [*FileError] with file, line, reason and what to do.
//
// # Imports
//
// graphs and internal/nearest.
package datasets

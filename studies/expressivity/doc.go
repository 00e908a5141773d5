// Package expressivity compares what tests and models can tell apart: of which pairs of graphs that are not isomorphic
// do they see the difference? It is what "graft bench expressivity" does.
//
// # Main types
//
//   - [Test] is a way to tell graphs apart, by name from [TestsByName]. [WL] and [Folklore] are the Weisfeiler-Leman tests,
//     [Returns], [Distances] and [Walks] the bounds of encodings, [Untrained] and [Protocol] ask GRIT itself.
//   - [Set] is graphs and the [Pair] values in question; [Load] gives the known ones by name.
//   - [Study] applies tests to sets: [Study.Run] gives a [Row] for each of both.
//
// # How they meet
//
//	set, err := expressivity.Load(ctx, "brec", datasets.Options{Dir: "data"})
//	if err != nil {
//		return err
//	}
//	tests, err := expressivity.TestsByName("rrwp", expressivity.Options{Steps: 16})
//	if err != nil {
//		return err
//	}
//	rows, err := expressivity.Study{Sets: []*expressivity.Set{set}, Tests: tests}.Run(ctx)
//	for _, r := range rows {
//		fmt.Println(r.Category, r.Apart, "of", r.Pairs)
//	}
//
// # What bounds what
//
// Whatever a test on the left tells apart, so does each one on its right:
//
//	wl  ->  rwse  ->  rrwp  ->  wl2
//	wl  ->  spd   ->  wl2
//
// Message passing stays within wl (Xu and others, 2019), and within rwse with that encoding. GRIT computes nothing that
// GD-WL with its random-walk probabilities does not, see [Walks], so it stays within rrwp; with enough layers and the
// right weights it comes as far (Ma and others, "Graph Inductive Biases in Transformers without Message Passing", ICML
// 2023, section 3; for GD-WL in general Zhang and others, 2023). For the last step: folklore 2-WL on pairs of nodes counts
// walks, since the walks from i to j of k+1 steps are summed over the middle node of those of k steps and of one. So its
// colour of (i, j) comes to know R[i,j] for every number of steps, and the colours of (i, j) for all j the multiset that
// GD-WL hashes. The same holds for distances. R knows the distances too where it has as many channels as the longest
// distance plus one; with fewer, spd may see what rrwp does not.
//
// Two things follow for rrwp. In a strongly regular graph A^2 is a sum of I, A and the matrix of ones, so every power of
// the walk matrix is, and R[i,j] depends only on whether i and j are the same, joined or neither, by numbers that the
// parameters fix. Graphs with the same parameters then have the same colours for any number of steps: GRIT answers the
// 15 graphs of SR25 alike and has 1 of 15 right, 6.67 %, as 3-WL has, which fails for the same reason. Likewise in
// distance-regular graphs R[i,j] depends only on the distance. And of CFI graphs over a base, which 3-WL tells apart
// where the treewidth of the base is at most 2, rrwp tells those whose twist shows in the counts of walks between two
// nodes: see fan and ladder in the set textbook.
//
// # Exactness
//
// The tests without models never tell a graph from a relabelling of itself. All they compute are whole numbers: random
// walks are counted with probabilities modulo the prime 2^61-1, which are exact, and multisets are hashed by sums of
// hashes, 64 bits wide. Only the other way round is there a chance of error, of about 2^-50 for a pair: that two graphs
// look alike by an accident of hashing. The tests with models compute in float32; each says how it tells a difference from
// rounding, and a Study counts the graphs of which it failed to.
//
// # The folder
//
// With Study.Dir the verdict on each pair is kept in verdicts.jsonl, that of a trained model as soon as it is there; it is
// not trained again, and the rows are the same as if the study had never been interrupted.
//
// # Errors
//
// An unknown test, set or category is answered with the nearest one; options that no test can have with the option.
// Data that is not there, or damaged, is an error of package datasets. [Study.Run] names the set and the graphs that a
// model could not read, and the line of a folder's file that is no verdict. The end of a context gives the context's
// error; a model that is being trained is then lost. Negative Steps in the fields of a test panic.
//
// # Imports
//
// datasets, encodings, graphs, grit, nn, optim, tensor, internal/nearest, internal/parallel, studies/internal/trial,
// internal/splitmix, and gonum/mat and gonum/stat for Hotelling's T^2.
package expressivity

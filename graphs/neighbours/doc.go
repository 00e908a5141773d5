// Package neighbours makes many small graphs of a few large ones: the neighbourhoods of nodes. A model whose attention goes
// over all pairs of a graph, as that of GRIT does, takes memory and time in the square of its nodes; a paper of Cora asks
// for what is near it, not for all 7.3 million pairs of the citation graph.
//
// # Main types
//
//   - [Options] say how far a neighbourhood reaches and how large it may become.
//   - [Source] is a graphs.Source whose items are neighbourhoods, each with the label of its centre alone.
//   - [Adjacency], which a Source keeps of each large graph, is who is next to whom.
//
// # How they meet
//
// Neighbourhoods are sampled as in GraphSAGE (Hamilton and others 2017, algorithm 2): from the centre outwards, of each
// node reached last a number of neighbours is drawn. The small graph is the one induced on what was reached: all edges
// among those nodes, with their weights, types and features. Unlike GraphSAGE, which draws anew each time, the
// neighbourhood of a node is a function of seed and node, for two reasons: train.Data wants batches that depend on nothing
// but the numbers of items, so that a resumed run ends with the same bits; and what is measured should not change from
// one measurement to the next.
//
// Node 0 of a neighbourhood is its centre, then come the nodes of each hop. The model is not told which one is the centre,
// and need not be: it predicts a class for every node, and that of the centre alone counts, for all others have
// graphs.NoLabel.
//
//	data, err := neighbours.Labelled(source, neighbours.Options{Hops: 2, MostNodes: 48})
//	if err != nil {
//		return err
//	}
//	g, err := data.Graph(0)        // around the first labelled node
//	graph, node := data.Centre(0)  // which node that is
//
// [Of] does the same for every node of a graph, labelled or not: for predictions.
//
// # Errors
//
// [Options.Validate] refuses settings by their names in configuration files. [Labelled] and [Of] refuse a graph that is
// not valid, or has no labels where they are wanted, with a *graphs.ItemError. Once made, a Source gives no errors; an item
// that is not there panics.
//
// # Imports
//
// graphs and internal/splitmix.
package neighbours

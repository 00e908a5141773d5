// Package messages passes messages along the edges of sparse graphs: fused sums over edges, forward and backward, on the
// tape of package tensor, in time and memory in proportion to nodes and edges. It knows rows of numbers and who is
// connected with whom, not what they stand for; what a layer does with a sum, its projections, norms and residuals, is
// for the models to say.
//
// # Main types
//
//   - [Edges] are the edges of a graph, or of a batch laid end to end, sorted for both passes.
//   - [Sum] and [Mean] add up rows of nodes (GIN, GCN with [Edges.GCNWeights]), [SumReLU] rectified sums of node and edge
//     (GINE).
//   - [Gated] is the gated mean of GatedGCN and hands its gates on as new edge features.
//   - [Softmax] weighs messages by a softmax over the edges that come to a node (GAT).
//   - [Aggregate] joins messages by several [Aggregator]s at once (PNA).
//   - [Sources] and [Targets] bring rows of nodes to the edges, for messages that a network computes.
//
// # How they meet
//
// An edge s->t carries a message from s to t. Node features are [nodes, d]; edge features are [edges, d], in the order in
// which the edges were given. A batch of graphs is one graph whose parts are not connected.
//
//	edges := messages.NewEdges(batch.Nodes(), from, to)      // or Fill, to use its memory again
//	h := messages.SumReLU(tp, edges, x, e, nil)              // GINE: [nodes, d]
//	y, z := messages.Gated(tp, edges, messages.GatedInput{   // GatedGCN: [nodes, d], [edges, d]
//		Target: target.Apply(tp, x), Source: source.Apply(tp, x),
//		Value: value.Apply(tp, x), Edge: edge.Apply(tp, e),
//	})
//	m := mlp.Apply(tp, tp.Concat(messages.Sources(tp, edges, x), e)) // [edges, d]
//	p := messages.Aggregate(tp, edges, m, messages.AggregateMean, messages.AggregateMax)
//
// # Promises
//
// Results and gradients have the same bits at any number of processors, and those of a graph have the same bits alone
// and in any batch (but for dropout, whose mask is drawn for the batch): a node takes its messages in the order of the
// edges, in one sum, or, where there are more than 4,096, in the sums of pieces of that many, which all processors share.
// A node that no edge comes to gets 0. NaN that comes in comes out. An input may be used as several inputs of an
// operation. In a steady state nothing is allocated.
//
// # Errors
//
// Shapes that do not fit, and edges between nodes that are not there, are programming errors and panic, with the operation,
// what came and what was expected: check what comes from files before. Names of aggregators that are none give an error.
//
// # Imports
//
// tensor, internal/nearest, internal/parallel and internal/simd.
package messages

// Package graphs holds graphs as a graph transformer wants them: nodes with
// categorical or real features, directed edges with types or real features,
// targets per graph, labels per node and per edge; and ragged batches of them.
//
// # Main types
//
//   - [Graph] is one graph, plain slices that a caller may fill by hand, from
//     gonum ([FromGonum]) or from a file ([Reader]).
//   - [Batch] lays several graphs end to end, nothing padded. Offsets say which
//     rows belong to which graph; the n*n ordered node pairs of each graph are
//     rows as well, query-major: row PairOffsets[g] + i*n + j is query i, key j.
//   - [Reader] and [Writer] are the JSON Lines form, one graph a line.
//
// # Use
//
//	ring := graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}, {2, 0}})
//	ring.NodeTypes = []int32{0, 0, 1}
//	ring.Target = []float32{1}
//	batch, err := graphs.NewBatch([]*graphs.Graph{ring})
//	if err != nil {
//		return err // says which graph, which field, which record
//	}
//	fmt.Println(batch.Nodes(), batch.Pairs()) // 3 9
//
// # Conventions
//
// An [Edge] is directed, From s To t; an undirected graph stores both
// directions ([Undirected], [Graph.AddBond]; [Directed] takes edges as they are). The edge s->t belongs to the pair
// (query t, key s), because attention at t reads from s. Row i of a walk matrix
// starts at i, so the degree of a node is the weight of the edges that leave it.
//
// A self loop is an ordinary edge: a walk may stay where it is, and the edge's
// features belong to the pair (i, i). Two edges with the same ends and the same
// direction are refused, because a degree would count both where the adjacency
// matrix can hold only one; whoever has parallel edges merges them into one
// weight first.
//
// # Errors
//
// Bad graphs come as [*InvalidError] (graph, field, record, reason, what to do),
// wrapped in [*ItemError] (which item of the batch) or [*ParseError] (which file
// and line). Wrong calls, such as a permutation of the wrong length, panic.
//
// # Imports
//
// The package may import gonum/graph and internal/nearest, and nothing else of
// this module.
package graphs

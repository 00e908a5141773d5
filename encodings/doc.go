// Package encodings turns the structure of an input into what attention must
// know of positions. It is computed on the fly, batch by batch, and never stored
// for a whole data set: pair features of n nodes are n*n rows.
//
// # Main types
//
//   - [RRWP] is the relative random-walk encoding of graphs: a feature vector for
//     every node and for every ordered pair of nodes of a graph.
//   - [Scratch] is working memory that successive calls share.
//
// An encoding is a plain struct of its settings. It meets a [graphs.Batch], whose
// row layout its results follow: node rows by Offsets, pair rows query-major by
// PairOffsets.
//
// # Use
//
//	batch, err := graphs.NewBatch(list)
//	if err != nil {
//		return err
//	}
//	walk := encodings.RRWP{Steps: 21}
//	node, pair := walk.Encode(batch) // [nodes, 21], [pairs, 21]
//
// A training loop keeps its tensors and scratch and calls [RRWP.EncodeInto];
// whoever cuts the graphs of a batch among goroutines calls [RRWP.EncodeGraph],
// a pure function of one graph, with one Scratch each.
//
// # Errors
//
// Batches are valid by construction, so nothing here returns an error. Wrong
// settings and slices of the wrong length are programming errors and panic.
//
// # Imports
//
// graphs, tensor and internal/simd.
package encodings

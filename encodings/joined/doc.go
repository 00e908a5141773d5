// Package joined holds the encodings of nodes that GraphGPS joins to their features: where a model has d channels, its
// node encoder makes d - p of them and the encoding the other p. (The encodings of package encodings are added to the
// tokens, or tell the attention what it must know.)
//
// # Main types
//
//   - [Encoding] is the setting of an encoding, a plain struct: [RWSE], [LapPE], [SignNet], [Degree], [DegreeProfile],
//     [HeatKernel], [Electrostatic], or several of them, [Combined]. [List] has all; [ByName] finds them by name, with
//     settings: lappe:width=16+rwse.
//   - [Features] is what is computed of a batch of graphs once, where batches are prepared: eigenvectors, probabilities of
//     walks. A [Cache] keeps what is expensive from one epoch to the next.
//   - [Encoder] is an encoding made for a model, with what it learns of these features in a pass.
//   - [StableLapPE] and [StableGate] keep positions apart, and weigh edges by their distances.
//
// # How they meet
//
//	encoding, err := joined.ByName("rwse")
//	encoder, err := encoding.New(init) // once a model, with encoding.Channels() of its width for it
//	err = encoding.Prepare(batch, items, cache, &features) // once a batch, in any goroutine
//	x = tp.Concat(nodes.Apply(tp, ...), encoder.Apply(tp, &features)) // once a pass
//
// What the official code (rampasek/GraphGPS, commit 2801570) computes with torch in its transforms Prepare computes; what
// it computes in its node encoders Apply does. Random signs are drawn from the stream of the pass.
//
// # Errors
//
// New refuses settings that do not fit; ByName names that are unknown. Prepare gives a *[graphs.ItemError] for a graph that
// is too large for the encoding, which says what would do. Prepare with settings that New refuses panics, and so does
// Apply with the features of another encoding.
//
// # Imports
//
// graphs, graphs/spectra, messages, attention, nn, tensor, internal packages, and gonum's mat.
package joined

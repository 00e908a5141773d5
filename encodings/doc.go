// Package encodings turns the structure of an input into what attention must know of positions: whatever it is, it is
// said in one way, so that comparing encodings is changing a name.
//
// # Main types
//
//   - [Layout] says where the tokens of a batch are: one after another ([Sequences]), on a grid ([OnGrid], or [OnGrids] where
//     items differ in size), at coordinates ([AtPoints]), at the nodes of graphs ([OfGraphs]), or in tables that can be
//     read in several orders ([InOrders]). Several continuations of one beginning may share an item as branches that do
//     not see one another ([Layout.WithBranches]).
//   - [Encoding] is the setting of an encoding, a plain struct such as [RoPE], [ALiBi], [ShortestPath] or [AxialRoPE].
//     [List] has all of them; [ByName] finds one by its name, with settings after colons: rope:partial=0.25.
//   - [Encoder] is an encoding made for a model, with what it learns.
//   - [Positions] is an encoder in one pass over a batch. It may add to the tokens, tell the attention of a layer what it
//     has to know, and add to the loss.
//   - [Attention] is one layer's attention on its way from the model through the encoding to the kernel of package
//     attention.
//   - [RRWP], the random-walk encoding of GRIT, stands for itself: it makes pair features, which another kernel reads and
//     updates.
//
// # How they meet
//
//	encoding, err := encodings.ByName("rope")
//	encoder, err := encoding.New(encodings.Dims{Width: 64, Heads: 4, Layers: 2}, init) // once a model
//	layout, err := encodings.Sequences(batch.Offsets)
//	positions, err := encoder.Begin(tp, layout) // once a pass; refuses layouts that it cannot serve
//	x = positions.Tokens(tp, x)
//	for i, layer := range layers {
//		a := encodings.Attention{Layer: i, Input: x}
//		a.Heads, a.Queries = 4, layout.Offsets
//		a.Query, a.Key, a.Value = layer.project(tp, x) // [tokens, 64] each
//		x = layer.out(tp, a.Run(tp, positions))
//	}
//	loss = tp.Add(loss, positions.Loss(tp)) // where there is one
//
// What an encoding can say is what [attention.Structure] holds: rotations, biases, relative keys, masks and places. What it
// says otherwise it does to queries, keys and values by operations of the tape, as SeqPE and RCMHA do, or by running the
// attention itself ([Router]), as 2D-TPE does.
//
// An encoding of one's own is a struct with the three methods of [Encoding], [Encoder] and [Positions] that it needs;
// [Silent] and [Bare] supply the others, and package encodingtest checks what it promises. One that weights of LLaMA's form
// were published with is a [LLaMAForm] besides.
//
// # Decoding
//
// A decoder that keeps keys and values in an [attention.Cache] lays out new tokens with [ContinuedSequences]: positions go
// on, and what an encoding has to remember, the phases of [CARoPE] or the last rows of [RCMHA], is kept in a [Memory]. An
// encoding that cannot go on refuses such a layout.
//
// # Errors
//
// Begin refuses a layout with an error that names both and says what would do, branches too where it is called through
// [Begin]; New refuses settings and sizes that do not
// fit; layouts refuse coordinates that are no numbers and orders that are none. Unknown names are an [UnknownError]. Slices
// and shapes that do not fit are programming errors and panic.
//
// # Imports
//
// graphs, graphs/spectra, attention, nn, tensor and internal packages.
package encodings

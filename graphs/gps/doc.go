// Package gps is GraphGPS, a graph transformer with message passing (Rampášek and others, "Recipe for a General, Powerful,
// Scalable Graph Transformer", NeurIPS 2022). In each layer the nodes take messages along the edges of their graph and
// attend to all its nodes, both from the same input; the two results are added and go through a feed-forward network.
// Encodings of where nodes are in their graph are joined to their features once. With one of the two parts left out, the
// same layers are the usual networks of message passing, and transformers with any encoding.
//
// # Main types
//
//   - [Config] describes a model. [ZINC], [PATTERN] and their neighbours return the published configurations;
//     [Baselines] make other models of one.
//   - [Model] is what [New] makes of a configuration and a seed: encoders, a list of [Block], a head. It is an nn.Model.
//   - [MessagePassing] is the local part of a Block: [GINE], [GIN], [GCN], [GatedGCN], [PNA] or [GAT]; [Attention] the
//     global one.
//   - [Data] makes batches of the graphs of a source. It is a train.Data. [Batch] is what a model reads; [NewBatch] makes
//     one directly.
//
// # How they meet
//
//	config := gps.Config{Layers: 4, Width: 32, Local: gps.LocalGINE, Positions: "rwse:width=8", NodeTypes: 21, EdgeTypes: 4}
//	model, err := gps.New(config, 1)
//	if err != nil {
//		return err
//	}
//	data, err := gps.NewData(config, graphs.Slice(molecules)) // []*graphs.Graph
//	if err != nil {
//		return err
//	}
//	task := train.Task{Model: model, Loss: nn.L1{}, Metric: train.MAE{}, Train: data}
//	result, err := train.Fit(ctx, task, train.Options{Epochs: 100, BatchSize: 32, LR: 1e-3})
//
// Predictions are [graphs, outputs], [nodes, outputs] where the head is features.NodeHead and [edges, outputs] where it is
// features.EdgeHead. Walks and eigenvectors are computed when a batch is prepared; Data keeps them for the next epoch. A
// batch from Data that is not needed any more goes back to it by Release, with its memory.
//
// # Words of the official code
//
//	official code (rampasek/GraphGPS)   here
//	gt.layer_type CustomGatedGCN+...    Config.Local and Config.Attention
//	posenc_RWSE, posenc_LapPE, ...      Config.Positions, encodings of package joined
//	posenc_EquivStableLapPE             Config.StableFrequencies
//	local_model, self_attn              Block.Local, Block.Attention
//	norm1_local, norm1_attn, norm2      Block.LocalNorm, Block.AttentionNorm, Block.Norm
//	ff_linear1, ff_linear2              Block.FeedForward
//	A, B, C, D, E of GatedGCN           GatedGCN.Self, Value, Edge, Target, Source
//
// # Large graphs
//
// Messages, Performer and BigBird hold nothing for pairs of nodes, and neither does Transformer without an encoding, whose
// time still grows with the square of the nodes. With Performer a graph of 100,000 nodes and 1,000,000 edges is trained on
// as a whole. Encodings that drive the attention hold a row for every pair.
//
// # Promises
//
// The same seed gives the same bits at any number of processors. In evaluation a graph has the same bits of predictions
// alone and in any batch, but for Config.PerformerPadded. Numbering the nodes anew changes nothing but the last digits,
// but for BigBird and for what encodings say of themselves. A graph may have one node, no edges, or several pieces;
// directions of edges count, their weights only in positions.
//
// # Errors
//
// A configuration that no model can have is refused by [Config.Validate], [New], [NewBatch] and [NewData], with the field,
// or the two that do not go together, and what to choose. A graph that a model cannot read is refused by [NewBatch] and
// Data.Prepare with a *graphs.ItemError that says which graph it is: a type beyond the vocabulary, missing features, too
// many nodes for an encoding. Names that are unknown are answered with the nearest. A batch of another package's model
// panics.
//
// # Imports
//
// graphs, graphs/features, encodings, encodings/joined, messages, attention, nn, tensor and internal packages.
package gps

// Package grit is GRIT, a graph transformer without message passing (Ma and others, "Graph Inductive Biases in
// Transformers without Message Passing", ICML 2023). Every node attends to every node of its graph. What it knows of the
// graph's edges comes as a vector of each ordered pair of nodes: the probabilities of walking at random from one to the
// other in 0, 1, 2, ... steps, plus the features of the edge between them, learned on from layer to layer.
//
// # Main types
//
//   - [Config] describes a model. Its zero value is the published default; [ZINC], [PATTERN], [CLUSTER] and their
//     neighbours return the published configurations, [CSL] a small one.
//   - [Model] is what [New] makes of a configuration and a seed: encoders, a list of [Block], a head. It is an
//     nn.Model.
//   - [Data] makes batches of the graphs of a [Source], such as [Graphs] in memory. It is a train.Data.
//   - [Batch] is graphs laid end to end with their encodings: what a model reads. [NewBatch] makes one directly.
//
// Encoders, heads and data are those of package graphs/features, which other models of graphs have too.
//
// # How they meet
//
//	config := grit.Config{Layers: 4, Width: 32, Heads: 4, NodeTypes: 21, EdgeTypes: 4}
//	model, err := grit.New(config, 1)
//	if err != nil {
//		return err
//	}
//	data, err := grit.NewData(config, grit.Graphs(molecules)) // []*graphs.Graph
//	if err != nil {
//		return err
//	}
//	task := train.Task{Model: model, Loss: nn.L1{}, Metric: train.MAE{}, Train: data}
//	result, err := train.Fit(ctx, task, train.Options{Epochs: 100, BatchSize: 32, LR: 1e-3})
//
// Without the training loop, a pass is tp.Begin, [Model.Forward] on a batch, a loss, tp.Backward (see package tensor).
// Predictions are [graphs, outputs], [nodes, outputs] where the head is [NodeHead] and [edges, outputs] where it is [EdgeHead]. Walk probabilities are computed
// for each batch when it is prepared, never stored for a data set; a batch from Data that is not needed any more goes
// back to it by [Batch.Release], with its memory.
//
// # Words of the paper
//
//	paper                          official code          here
//	x_i                            batch.x                node features x [nodes, width]
//	e_ij                           edge_attr              pair features e [pairs, width], row PairOffsets[g] + i*n + j
//	P_ij                           rrwp_val               Batch.PairWalk; P_ii is Batch.Walk
//	K                              ksteps                 Config.Steps
//	d, d', N_h                     dim_hidden, -, n_heads Config.Width, Width/Heads, Heads
//	W_Q, W_K, W_V                  Q, K, V                Attention.Query, Key, Value
//	W_Ew, W_Eb                     E                      Attention.Pair: all factors, then all terms
//	W_A, W_Ev                      Aw, VeRow              Attention.Score, Attention.Enhance
//	W_O, W_Eo                      O_h, O_e               Block.Output, Block.PairOutput
//	θ_1, θ_2 (degree scaler)       deg_coef               Block.Degree
//	FFN                            FFN_h_layer1, ..2      Block.In, Block.Out
//	BN                             batch_norm1_h, ..2_h   Block.Norm1, Block.Norm2, Block.PairNorm
//
// Pair (i, j) has the query i, which receives, and the key j. Its walks lead from i to j, whereas an edge s -> t belongs
// to the pair (t, s): so the published code has it, and with it all its figures. Where paper and code differ, the code
// is followed; package attention says what happens inside the attention.
//
// # Official weights
//
// [Model.LoadOfficial] reads the state dict of a model that was trained with the official code (LiamMa/GRIT, commit
// 6c988ea), from a safetensors file for instance; [Model.Official] is the table of names and orders that it goes by,
// and writes such a state dict as well ([OfficialTensor.Export]).
//
// # Promises
//
// The same seed gives the same bits at any number of processors. In evaluation a graph has the same bits of predictions
// alone and in any batch. Numbering the nodes anew changes nothing but the last digits. A graph may have one node, no
// edges, or several pieces; weights and directions of edges count.
//
// # Errors
//
// A configuration that no model can have is refused by [Config.Validate], [New] and [NewData], with the field and what to
// choose. A graph that a model cannot read is refused by [NewBatch] and [Data.Prepare] with a *graphs.ItemError that
// says which graph it is: a type beyond the vocabulary, missing features, an empty graph. Names of encoders and heads
// that are unknown are answered with the nearest. A batch of another package's model panics.
//
// # Imports
//
// graphs, graphs/features, encodings, attention, nn, tensor and internal/simd.
package grit

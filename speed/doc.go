// Package speed measures what a machine can do and what Graft reaches on it: the figures of "graft bench speed".
//
// # Main types
//
//   - [Entry] is a figure that can be measured: its name, its unit and what it says. [List] has them all.
//   - [Options] says which ones, and how often.
//   - [Figure] is one that was measured: the median of its samples, with the smallest and the largest.
//
// # How they meet
//
// [Run] measures in rounds. A round takes one sample of every figure that was asked for, so that a machine that slows
// down, or a neighbour that wakes up, meets all of them alike, and ratios of figures mean something on a machine that is
// not quite quiet. Figures of memory are then taken in processes of their own, which [Alone] runs.
//
//	o := speed.Options{Names: []string{"fma_peak", "gemm_*"}}
//	err := speed.Run(ctx, o, func(f speed.Figure) error {
//		_, err := fmt.Println(f.Name, f.Value, f.Unit, f.OfPeak)
//		return err
//	})
//
// # What is measured
//
// fma_peak is a loop of multiply-adds in registers, on all processors at once: no product can be faster, so products are
// told as a part of it too. Products and elementwise operations run through a tape of package tensor, on all processors,
// as models run them. gemm_MxNxK is a product of [M, K] and [K, N] matrices; tn has the first one transposed (the
// gradient of a weight), nt the second (a linear layer). GB/s count every number once that an operation must read or
// write; arrays of 18000 x 64 numbers stay in the outer caches, so these may beat stream_triad, whose arrays do not.
//
// The grit_zinc figures are those of the model of package grit for ZINC, 473,473 parameters, on the molecules that
// [datasets.Molecules] makes of seed 1: four batches of 32, in turn, with 731, 775, 707 and 749 nodes and 17405, 19365,
// 16345 and 18235 pairs. Encodings are computed before the clock starts. A training step is that of package train:
// forward pass with dropout, L1 loss, backward pass, norm of the gradient, clipping to norm 1, AdamW. The forward figure
// is an evaluation pass, loss included. A sample is the mean over the four batches.
//
// grit_zinc_train_fraction_of_peak is the part of the machine's peak that the matrix products of a training step make
// use of:
//
//	operations(forward and backward) / (grit_zinc_train_step * fma_peak)
//
// where a product of r rows with a weight matrix of n inputs and m outputs counts 2*r*n*m operations in the forward
// pass, as many for the gradient of the weight, and as many for that of its input, where that has one. With width d, K
// walk channels, N nodes, P pairs and G graphs, the forward products of a batch are
//
//	encoders     2*(N+P)*K*d             (no gradient of the input)
//	each layer   2*P*d*2d                pair features to factors and terms
//	             2*P*d*d                 output of pair features, but for the last layer, where nothing reads it
//	             2*N*d*(3d + d + 4d)     query, key, value; output; feed-forward
//	             2*N*d*d/heads           edge enhancement
//	head         2*G*(d*d/2 + d/2*d/4 + d/4)
//
// Everything else (sums over keys, scores, softmax, norms, activations, dropout, embeddings, AdamW) counts nothing, and
// neither does what is computed twice to save memory: only time counts then.
//
// gps_zinc_train_step and gps_zinc_forward are the same of GraphGPS, the model of its paper for ZINC with a softmax
// attention, on the same molecules.
//
// The tables figures are those of a decoder that reads tables, LLaMA's form with 4 layers of width 256 and 8 heads of 32,
// on 16 tables of 8 x 8 cells of a token: 272 tokens each as the extended grid of 2D-TPE, with 10 of text before and 10
// after. tables_rope_train and tables_two_order_train are tokens read in training steps a second, with one order (RoPE)
// and with two and a router (2D-TPE), whose entropy joins the loss. The steps are those of package train, with cross
// entropy over the tokens of short answers. tables_two_order_fwd and tables_two_order_both compare the attention part of
// one such layer, measured in turns: projections, rotations, kernels, the router and its mixture, output projection;
// time in two orders over that in one. What the orders share are the projections, and a second kernel and the router are
// to be paid: with d a head, D the width and n the tokens of a table, a token takes 8 D D operations of products for the
// projections, 2 n D for a causal kernel, and 16 d D for the router. So the ratio falls as a model grows wider, and rises
// with the length of the tables.
//
// The figures of images are those of random pixels, 224 by 224, without what decodes or changes images. cswin_t_forward
// and cswin_t_forward_4 are evaluation passes of CSWin-T over 1 and 4 images, 8.65 GFLOP each; vit_s_train is training
// steps of ViT-S/16 on 4 images, 27.5 GFLOP each: forward pass, cross entropy with smoothed labels, backward pass, norm of
// the gradient, clipping to norm 1, AdamW. Their parts of the peak count the products of [vision.Config.MultiplyAdds] and
// [cswin.Config.MultiplyAdds], two operations each: convolutions, linear layers and attention, forward and, where it is a
// step, for the gradients of parameters and tokens.
//
// grit_zinc_peak_rss and grit_zinc_forward_peak_rss are the most memory, in MB of 10^6 bytes, that the system gave to a
// process that only trains, or only evaluates, with batches prepared ahead as package train does it. The same training
// process gives allocs_per_step and gc_share.
//
// # Errors
//
// A name that is not known is an [UnknownError], which has the nearest known one. A process that fails is named with
// what it wrote to its standard error. An end of the context is returned as it is, after the sample at hand.
//
// # Imports
//
// grit, graphs/gps, sequences, tables, vision, vision/cswin, attention, encodings, datasets, graphs, optim, nn, tensor and internal packages.
package speed

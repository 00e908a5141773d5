// Package graft is the front door of Graft, a toolkit of graph transformers in
// plain Go. It holds no code: the rooms are its sub-packages, and the command
// graft (cmd/graft) trains, evaluates and predicts without a line of Go.
//
// # Main types
//
// Data flows through these rooms, each with a package comment of its own:
//
//   - graphs: a Graph, by hand, from gonum or from JSON Lines; ragged batches.
//   - datasets: benchmark data sets by name, generated or read from files.
//   - encodings and attention: what a transformer must know of positions, and the
//     kernels that use it.
//   - graphs/features: what stands around the layers of any model of graphs: encoders,
//     heads, and Data that makes batches.
//   - grit: the model GRIT: Config, New, and Data that prepares graphs for it.
//   - graphs/gps: GraphGPS and the models made of parts of its layers; messages: message
//     passing along edges; encodings/joined: positions that are joined to nodes.
//   - motion: recorded movement: clips, BVH files and forward kinematics, stick figures
//     (motion/render); datasets/clips lists folders of them.
//   - sequences: a decoder-only transformer that trains and generates.
//   - tables: a table from any file, laid out in the order of its rows and of its columns;
//     tables/decoder answers questions about one, tables/classify tells rows apart,
//     datasets/tableqa has the benchmark sets; tokenize makes tokens of text.
//   - tensor, nn, optim: float32 arrays with reverse-mode differentiation, layers
//     and losses, AdamW.
//   - train: the loop: a Task (model, loss, metric, data), Fit, Evaluate, Predict;
//     runs resume with the same bits (train/checkpoint, safetensors).
//   - recipes: whole experiments as one value: presets, YAML, Build, Open.
//   - report: tables, progress and learning curves.
//
// # Use
//
// See the example: a graph is made, a model trained on it, and asked.
//
// # Errors
//
// Bad input from outside (files, flags, data) comes back as an error that says
// what is wrong, where, and what to do. A wrong call, such as shapes that do not
// fit, is a programming error and panics with the operation, what came and what
// was expected.
//
// # Imports
//
// Imports run downwards only: cmd/graft, studies, recipes, report, train, grit and
// graphs/gps, sequences, datasets, encodings, graphs, attention and messages, nn and
// optim, tensor, internal/simd. A test holds the house to that.
package graft

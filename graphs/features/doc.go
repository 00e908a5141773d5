// Package features is what stands around the layers of a model of graphs, whatever the layers are: encoders that make
// features of what the graphs hold, heads that make predictions of features, and the batches and data that carry graphs,
// their features and their targets to a model.
//
// # Main types
//
//   - [Config] says what a model reads of [Nodes] and [Edges] and what it predicts ([Prediction]).
//   - [Encoder] and [Predictor] are the modules that are made of it.
//   - [Batch] is graphs laid end to end as encoders read them, with targets; a kind of model has a batch that embeds it.
//   - [Data] makes such batches of the graphs of a source. It is a train.Data.
//
// # How they meet
//
// A kind of model has a configuration of its own, in which these settings stand among others, and a batch of its own:
//
//	type Batch struct {
//		features.Batch
//		config Config
//		walks  *tensor.Tensor // what else the model reads
//	}
//
//	func (b *Batch) Fill(gs []*graphs.Graph) error {
//		if err := b.Batch.Fill(b.config.Features(), gs); err != nil {
//			return err
//		}
//		b.walks = features.Resize(b.walks, b.Nodes(), b.config.Steps)
//		...
//	}
//
//	data := features.NewData("mine", source, func() features.Filler { return &Batch{config: c} })
//
// The model makes its ends of the same configuration and has its layers between them:
//
//	node := c.Features().Nodes.NewEncoder(c.Width, init)
//	head := c.Features().Prediction.NewPredictor(c.Width, 0, nn.ReLU, init)
//	...
//	x := b.EncodeNodes(tp, node)            // [nodes, width]
//	pred := head.Predict(tp, x, nil, &b.Batch)  // [graphs, outputs]
//
// Package grit is an example.
//
// # Errors
//
// [Config.Validate] refuses settings by their names in configuration files, and names that are unknown are answered with
// the nearest; those errors have no prefix, for whoever reads the settings says where they stand. A graph that the model
// cannot read is refused by [Batch.Fill] with a *graphs.ItemError, and by [Data.Prepare] with the name of the model's
// package, the number of the graph and its ID: a type beyond the vocabulary, missing features, an empty graph.
//
// # Imports
//
// graphs, nn, tensor and internal/nearest.
package features

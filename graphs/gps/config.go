package gps

import (
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/encodings/joined"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Config describes a GraphGPS model, or one of the models that are made of parts of its layers. The zero value of every
// field is the default named in its comment; the names in parentheses are those of the official code (rampasek/GraphGPS,
// commit 2801570).
type Config struct {
	// Layers is the number of blocks (gt.layers); default 10.
	Layers int `yaml:"layers"`
	// Width is the number of features of a node and of an edge (gt.dim_hidden); default 64. Heads must divide it.
	Width int `yaml:"width"`
	// Heads is the number of heads of the attention, and of GAT (gt.n_heads); default 4.
	Heads int `yaml:"heads"`
	// Local is the message passing (gt.layer_type, before the plus sign); default GINE.
	Local Local `yaml:"local"`
	// Attention is that among all nodes of a graph (gt.layer_type, after the plus sign); default Transformer.
	Attention Global `yaml:"attention"`
	// Positions are encodings that are joined to the node features, as joined.ByName reads them: rwse:steps=20,
	// lappe:width=16+rwse; default none. Their channels are part of Width.
	Positions string `yaml:"positions"`
	// Encoding drives the softmax of Transformer, as encodings.ByName reads it: shortest-path; default none. One that
	// serves no graphs is refused.
	Encoding string `yaml:"encoding"`
	// StableFrequencies is the number of eigenvectors of joined.StableLapPE, whose distances weigh the messages of GINE and
	// GatedGCN (posenc_EquivStableLapPE); default 0, none.
	StableFrequencies int `yaml:"stableFrequencies"`

	// NodeEncoder turns input features of nodes into the features that Positions leave room for; default TypeNodes.
	NodeEncoder features.NodeEncoder `yaml:"nodeEncoder"`
	// NodeTypes is the vocabulary of TypeNodes; default 1, for graphs whose nodes are all alike.
	NodeTypes int `yaml:"nodeTypes"`
	// NodeFeatures is the number of input features of LinearNodes and ColumnNodes; 0 is none.
	NodeFeatures int `yaml:"nodeFeatures"`
	// NodeColumns are the vocabularies of ColumnNodes, one for each column of types.
	NodeColumns features.Sizes `yaml:"nodeColumns"`
	// EdgeEncoder turns input features of edges into Width features, for GINE, GatedGCN and PNA; the others know of edges
	// only where they are, and what edges have is not looked at. Default TypeEdges.
	EdgeEncoder features.EdgeEncoder `yaml:"edgeEncoder"`
	// EdgeTypes is the vocabulary of TypeEdges; default 1.
	EdgeTypes int `yaml:"edgeTypes"`
	// EdgeFeatures is the number of input features of LinearEdges, default 1, and of ColumnEdges, for which 0 is none.
	EdgeFeatures int `yaml:"edgeFeatures"`
	// EdgeColumns are the vocabularies of ColumnEdges, one for each column of types.
	EdgeColumns features.Sizes `yaml:"edgeColumns"`

	// Dropout is the probability of dropping what each part of a layer adds (gt.dropout); default 0, none.
	Dropout float64 `yaml:"dropout"`
	// AttentionDropout is the probability of dropping weights of Transformer, BigBird and GAT, and results of Performer
	// (gt.attn_dropout); default 0, none.
	AttentionDropout float64 `yaml:"attentionDropout"`
	// Activation is that of feed-forward, GINE, GIN, GatedGCN and SAN head (gnn.act); default ReLU.
	Activation nn.Activation `yaml:"activation"`
	// Norm follows each residual connection (gt.batch_norm, gt.layer_norm); default BatchNorm. GatedGCN has batch norms of
	// its own inside, but for NoNorm.
	Norm Norm `yaml:"norm"`
	// NormMomentum is the weight of a new batch in the running statistics of batch norms; default 0.1.
	NormMomentum float64 `yaml:"normMomentum"`
	// NoFeedForward makes a layer without attention one of a network of message passing alone, as in benchmarks: see
	// [Block].
	NoFeedForward bool `yaml:"noFeedForward"`

	// PerformerFeatures is the number of random features of Performer; default 266, which is 64 ln 64.
	PerformerFeatures int `yaml:"performerFeatures"`
	// PerformerPadded makes Performer count zero keys up to the size of the largest graph of the batch, as the official code
	// does. Predictions then depend on the batch.
	PerformerPadded bool `yaml:"performerPadded"`
	// Window is the number of nodes to either side, in the order of their numbers, that a node of BigBird attends to;
	// default 3, below 0 none.
	Window int `yaml:"window"`
	// RandomKeys is the number of random nodes that a node of BigBird attends to; default 3, below 0 none.
	RandomKeys int `yaml:"randomKeys"`
	// GlobalNodes is the number of nodes at the beginning of a graph that attend to all nodes of BigBird, and all to them;
	// default 3, below 0 none.
	GlobalNodes int `yaml:"globalNodes"`

	// Head turns node features into predictions (gnn.head); default SANHead.
	Head features.Head `yaml:"head"`
	// HeadLayers is the number of layers of GraphHead, NodeHead and EdgeHead (gnn.layers_post_mp); default 1. SANHead has three.
	HeadLayers int `yaml:"headLayers"`
	// Pooling joins the nodes of a graph (model.graph_pooling); default the sum. NodeHead and EdgeHead do not pool.
	Pooling tensor.Pooling `yaml:"pooling"`
	// Outputs is the number of predictions a graph, a node or an edge; default 1.
	Outputs int `yaml:"outputs"`
}

// Features returns the settings of what the model reads of graphs and what it predicts, which models of other kinds have
// too.
func (c Config) Features() features.Config {
	return features.Config{
		Nodes:      features.Nodes{Encoder: c.NodeEncoder, Types: c.NodeTypes, Features: c.NodeFeatures, Columns: c.NodeColumns},
		Edges:      features.Edges{Encoder: c.EdgeEncoder, Types: c.EdgeTypes, Features: c.EdgeFeatures, Columns: c.EdgeColumns},
		Prediction: features.Prediction{Head: c.Head, Layers: c.HeadLayers, Pooling: c.Pooling, Outputs: c.Outputs},
	}
}

// WithFeatures returns c with other settings of what the model reads of graphs and what it predicts.
func (c Config) WithFeatures(f features.Config) Config {
	c.NodeEncoder, c.NodeTypes, c.NodeFeatures, c.NodeColumns = f.Nodes.Encoder, f.Nodes.Types, f.Nodes.Features, f.Nodes.Columns
	c.EdgeEncoder, c.EdgeTypes, c.EdgeFeatures, c.EdgeColumns = f.Edges.Encoder, f.Edges.Types, f.Edges.Features, f.Edges.Columns
	c.Head, c.HeadLayers, c.Pooling, c.Outputs = f.Prediction.Head, f.Prediction.Layers, f.Prediction.Pooling, f.Prediction.Outputs
	return c
}

// WithDefaults returns c with every zero that stands for a default replaced by it. Settings of a kind of attention that
// c has not stay 0.
func (c Config) WithDefaults() Config {
	c = c.WithFeatures(c.Features().WithDefaults())
	fill(&c.Layers, 10)
	fill(&c.Width, 64)
	fill(&c.Heads, 4)
	if c.NormMomentum == 0 {
		c.NormMomentum = 0.1
	}
	switch c.Attention {
	case Performer:
		fill(&c.PerformerFeatures, 266)
	case BigBird:
		fill(&c.Window, 3)
		fill(&c.RandomKeys, 3)
		fill(&c.GlobalNodes, 3)
	}
	return c
}

// fill replaces a 0.
func fill(n *int, value int) {
	if *n == 0 {
		*n = value
	}
}

// read returns the settings of what is read of graphs: nothing of edges where no message carries it.
func (c Config) read() features.Config {
	f := c.Features()
	if !c.Local.readsEdges() {
		f.Edges = features.Edges{Encoder: features.DummyEdges}
	}
	return f
}

// positions returns the encoding that is joined to the node features; nil where there is none.
func (c Config) positions() (joined.Encoding, error) {
	if c.Positions == "" {
		return nil, nil
	}
	return joined.ByName(c.Positions)
}

// encoding returns the encoding that drives the attention; nil where there is none.
func (c Config) encoding() (encodings.Encoding, error) {
	if c.Encoding == "" {
		return nil, nil
	}
	return encodings.ByName(c.Encoding)
}

// stable returns the encoding whose distances weigh messages.
func (c Config) stable() joined.StableLapPE {
	return joined.StableLapPE{Waves: joined.Waves{Frequencies: c.StableFrequencies}, Width: c.Width}
}

package grit

import (
	"errors"
	"fmt"
	"math"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Config describes a GRIT model. The zero value of every field is the default named in its comment, which is that of
// the official code (LiamMa/GRIT, commit 6c988ea) where that has one; the names in parentheses are the official ones.
type Config struct {
	// Layers is the number of blocks (gt.layers); default 10.
	Layers int `yaml:"layers"`
	// Width is the number of features of a node and of a pair (gt.dim_hidden); default 64. Heads must divide it.
	Width int `yaml:"width"`
	// Heads is the number of attention heads (gt.n_heads); default 8.
	Heads int `yaml:"heads"`
	// Steps is the number of random-walk channels, the walk of length 0 included (posenc_RRWP.ksteps); default 21.
	Steps int `yaml:"steps"`
	// ShortestPaths replaces the walk probabilities by a one-hot code of the shortest-path distance (posenc_RRWP.spd).
	ShortestPaths bool `yaml:"shortestPaths"`

	// NodeEncoder turns input features of nodes into Width features; default TypeNodes.
	NodeEncoder NodeEncoder `yaml:"nodeEncoder"`
	// NodeTypes is the vocabulary of TypeNodes; default 1, for graphs whose nodes are all alike.
	NodeTypes int `yaml:"nodeTypes"`
	// NodeFeatures is the number of input features of LinearNodes and ColumnNodes; 0 is none.
	NodeFeatures int `yaml:"nodeFeatures"`
	// NodeColumns are the vocabularies of ColumnNodes, one for each column of types.
	NodeColumns Sizes `yaml:"nodeColumns"`
	// EdgeEncoder turns input features of edges into Width features; default TypeEdges.
	EdgeEncoder EdgeEncoder `yaml:"edgeEncoder"`
	// EdgeTypes is the vocabulary of TypeEdges; default 1.
	EdgeTypes int `yaml:"edgeTypes"`
	// EdgeFeatures is the number of input features of LinearEdges, default 1, and of ColumnEdges, for which 0 is none.
	EdgeFeatures int `yaml:"edgeFeatures"`
	// EdgeColumns are the vocabularies of ColumnEdges, one for each column of types.
	EdgeColumns Sizes `yaml:"edgeColumns"`

	// Dropout is the probability of dropping node and pair features (gt.dropout); default 0, none.
	Dropout float64 `yaml:"dropout"`
	// AttentionDropout is the probability of dropping attention weights (gt.attn_dropout); default 0, none.
	AttentionDropout float64 `yaml:"attentionDropout"`
	// Activation is that of feed-forward and SAN head (gt.act); default ReLU.
	Activation nn.Activation `yaml:"activation"`
	// AttentionActivation is that inside the attention (gt.attn.act); default ReLU.
	AttentionActivation nn.Activation `yaml:"attentionActivation"`
	// Clamp limits scores to ±Clamp (gt.attn.clamp); default 5; a negative number means no limit.
	Clamp float64 `yaml:"clamp"`
	// KeyValueBias gives the key and value projections a bias (gt.attn.use_bias).
	KeyValueBias bool `yaml:"keyValueBias"`
	// NoEdgeEnhance leaves out the pair term of the attention's output (gt.attn.edge_enhance false).
	NoEdgeEnhance bool `yaml:"noEdgeEnhance"`
	// NoDegreeScaler leaves out the degree scaler (gt.attn.deg_scaler false).
	NoDegreeScaler bool `yaml:"noDegreeScaler"`
	// NoPairOutput leaves out the output projection of pairs (gt.attn.O_e false).
	NoPairOutput bool `yaml:"noPairOutput"`
	// NoPairNorm leaves pair features without a norm (gt.attn.norm_e false).
	NoPairNorm bool `yaml:"noPairNorm"`
	// NoPairUpdate hands the pair features that came in on to the next layer (gt.update_e false).
	NoPairUpdate bool `yaml:"noPairUpdate"`
	// LayerNorm adds layer norms before the batch norms (gt.layer_norm).
	LayerNorm bool `yaml:"layerNorm"`
	// NoBatchNorm leaves out the batch norms (gt.batch_norm false).
	NoBatchNorm bool `yaml:"noBatchNorm"`
	// NormMomentum is the weight of a new batch in the running statistics (gt.bn_momentum); default 0.1.
	NormMomentum float64 `yaml:"normMomentum"`
	// NoRunningStats normalises by the batch in evaluation too (gt.bn_no_runner).
	NoRunningStats bool `yaml:"noRunningStats"`
	// NoResidual leaves out the residual connections (gt.residual false).
	NoResidual bool `yaml:"noResidual"`
	// ReZero multiplies what a residual branch adds by a learned number that starts at 0 (gt.attn... rezero).
	ReZero bool `yaml:"reZero"`

	// Head turns node features into predictions; default SANHead.
	Head Head `yaml:"head"`
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

// WithDefaults returns c with every zero that stands for a default replaced by it.
func (c Config) WithDefaults() Config {
	c = c.WithFeatures(c.Features().WithDefaults())
	for _, d := range []struct {
		field *int
		value int
	}{{&c.Layers, 10}, {&c.Width, 64}, {&c.Heads, 8}, {&c.Steps, encodings.DefaultSteps}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if c.Clamp == 0 {
		c.Clamp = 5
	}
	if c.NormMomentum == 0 {
		c.NormMomentum = 0.1
	}
	return c
}

// Validate reports the first field that no model can be built with. Zeros stand for their defaults.
func (c Config) Validate() error {
	c = c.WithDefaults()
	for _, f := range []struct {
		name  string
		value int
	}{{"layers", c.Layers}, {"width", c.Width}, {"heads", c.Heads}, {"steps", c.Steps}} {
		if f.value < 0 {
			return fmt.Errorf("grit: %s is %d: want a positive number, or 0 for the default", f.name, f.value)
		}
	}
	if err := c.Features().Validate(c.Width); err != nil {
		return fmt.Errorf("grit: %w", err)
	}
	if err := c.validateActivations(); err != nil {
		return err
	}
	switch {
	case c.Width%c.Heads != 0:
		return fmt.Errorf("grit: heads %d do not divide width %d: choose a width that is a multiple of heads", c.Heads, c.Width)
	case c.Steps < 2:
		return fmt.Errorf("grit: steps is %d: want at least 2, the walks of length 0 and 1", c.Steps)
	case !probability(c.Dropout):
		return fmt.Errorf("grit: dropout is %v: want a probability below 1", c.Dropout)
	case !probability(c.AttentionDropout):
		return fmt.Errorf("grit: attentionDropout is %v: want a probability below 1", c.AttentionDropout)
	case math.IsNaN(c.Clamp):
		return errors.New("grit: clamp is NaN: want a number, 0 for the default or a negative one for no limit")
	case !(c.NormMomentum > 0 && c.NormMomentum <= 1):
		return fmt.Errorf("grit: normMomentum is %v: want a number above 0 and at most 1", c.NormMomentum)
	}
	return nil
}

// validateActivations reports an activation that has no name.
func (c Config) validateActivations() error {
	for _, a := range []struct {
		name  string
		value nn.Activation
	}{{"activation", c.Activation}, {"attentionActivation", c.AttentionActivation}} {
		if _, err := a.value.MarshalText(); err != nil {
			return fmt.Errorf("grit: %s is %v: want one of the values that have a name", a.name, a.value)
		}
	}
	return nil
}

func probability(p float64) bool { return p >= 0 && p < 1 }

// encoding returns the structural encoding that the model reads.
func (c Config) encoding() encodings.RRWP {
	return encodings.RRWP{Steps: c.Steps, SPD: c.ShortestPaths}
}

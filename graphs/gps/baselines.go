package gps

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/encodings/joined"
	"github.com/graft-ml/graft/internal/nearest"
)

// Baseline makes another model of a configuration, for comparisons: one of parts of the same layers, which reads and
// predicts the same, with as many layers of the same width, the same dropout and norm.
type Baseline struct {
	Name  string
	About string // in a few words
	of    func(Config) Config
}

// Of returns c as the baseline.
func (b Baseline) Of(c Config) Config { return b.of(c) }

// Baselines returns the baselines that have a name. Networks of message passing are those of benchmarks (see [Block]), in
// the usual form without positions. Graphormer (Ying and others 2021) is its encoding, shortest paths and degrees, in
// layers that have their norms after the residuals, and without a virtual node.
func Baselines() []Baseline {
	return []Baseline{
		{"gin", "message passing of GIN alone", alone(LocalGIN)},
		{"gine", "message passing of GIN with features of edges alone", alone(LocalGINE)},
		{"gcn", "graph convolutions alone", alone(LocalGCN)},
		{"gatedgcn", "gated graph convolutions alone", alone(LocalGatedGCN)},
		{"pna", "principal neighbourhood aggregation alone", alone(LocalPNA)},
		{"gat", "graph attention along edges alone", alone(LocalGAT)},
		{"graphormer", "attention among all nodes, driven by shortest paths and degrees", transformer("", "shortest-path")},
		{"transformer", "attention among all nodes, with the positions that there are", func(c Config) Config {
			return transformer(c.Positions, "")(c)
		}},
	}
}

// BaselineByName returns the baseline of a name. Beside those of [Baselines] there is transformer+ENCODING, attention
// among all nodes with an encoding of its own: one of package joined, or one that drives the attention:
// transformer+lappe:width=16. The error of an unknown name tells the nearest.
func BaselineByName(name string) (Baseline, error) {
	if text, found := strings.CutPrefix(name, "transformer+"); found && text != "" {
		of := transformer("", text)
		word, _, _ := strings.Cut(text, ":")
		for _, known := range joined.Names() {
			if word == known || strings.HasPrefix(word, known+"+") {
				of = transformer(text, "")
			}
		}
		if err := of(Config{Width: 1 << 10, NodeTypes: 1}).Validate(); err != nil {
			return Baseline{}, fmt.Errorf("gps: baseline %s: %s", name, strings.TrimPrefix(err.Error(), "gps: "))
		}
		return Baseline{name, "attention among all nodes with " + text, of}, nil
	}
	var names []string
	for _, b := range Baselines() {
		if b.Name == name {
			return b, nil
		}
		names = append(names, b.Name)
	}
	return Baseline{}, fmt.Errorf("gps: %w", nearest.Unknown("baseline", name, names))
}

// alone makes a network of message passing alone.
func alone(l Local) func(Config) Config {
	return func(c Config) Config {
		c = c.attending(NoAttention)
		c.Local, c.NoFeedForward, c.Positions, c.StableFrequencies = l, true, "", 0
		return c
	}
}

// transformer makes a network of attention alone.
func transformer(positions, encoding string) func(Config) Config {
	return func(c Config) Config {
		c = c.attending(Transformer)
		c.Local, c.NoFeedForward, c.Positions, c.Encoding, c.StableFrequencies = NoLocal, false, positions, encoding, 0
		return c
	}
}

// attending returns c with another kind of attention, without what is set of the one that it has.
func (c Config) attending(g Global) Config {
	c.Attention, c.Encoding = g, ""
	c.PerformerFeatures, c.PerformerPadded, c.Window, c.RandomKeys, c.GlobalNodes = 0, false, 0, 0, 0
	return c
}

package gps

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// preset is a published configuration by its function's name.
type preset struct {
	name   string
	config Config
	count  int // parameters in the official code (graphgps.md, section 6)
}

func presets() []preset {
	return []preset{{"ZINC", ZINC(), 423_717}, {"MNIST", MNIST(), 115_394}, {"CIFAR10", CIFAR10(), 112_726},
		{"PATTERN", PATTERN(), 337_201}, {"CLUSTER", CLUSTER(), 502_054}, {"PeptidesFunc", PeptidesFunc(), 504_442},
		{"PeptidesStruct", PeptidesStruct(), 504_539}, {"MalNetTiny", MalNetTiny(), 527_701},
		{"PCQM4Mv2Small", PCQM4Mv2Small(), 6_152_285}, {"PCQM4Mv2Medium", PCQM4Mv2Medium(), 19_415_005},
		{"PCQM4Mv2Deep", PCQM4Mv2Deep(), 13_807_581}}
}

// toy is the configuration that most things are tried on.
func toy() Config {
	return Config{Layers: 2, Width: 12, Heads: 2, NodeTypes: 3, EdgeTypes: 2, Outputs: 2, Positions: "rwse:steps=3:width=4"}
}

// with returns a toy with a change.
func with(change func(*Config)) Config {
	c := toy()
	change(&c)
	return c
}

// kinds are toys of every kind of message passing, attention, norm and encoding.
func kinds() map[string]Config {
	list := map[string]Config{
		"gine":     toy(),
		"gin":      with(func(c *Config) { c.Local = LocalGIN }),
		"gcn":      with(func(c *Config) { c.Local, c.Attention = LocalGCN, BigBird }),
		"gatedgcn": with(func(c *Config) { c.Local = LocalGatedGCN }),
		"pna":      with(func(c *Config) { c.Local = LocalPNA }),
		"gat":      with(func(c *Config) { c.Local, c.Attention = LocalGAT, NoAttention }),
		"performer": with(func(c *Config) {
			c.Local, c.Attention, c.PerformerFeatures, c.Norm = LocalGatedGCN, Performer, 20, GraphLayerNorm
		}),
		"bigbird": with(func(c *Config) {
			c.Local, c.Attention, c.Window, c.RandomKeys, c.GlobalNodes, c.Norm = NoLocal, BigBird, 1, 1, 1, NoNorm
		}),
		"shortest-path": with(func(c *Config) { c.Local, c.Positions, c.Encoding = NoLocal, "", "shortest-path" }),
		"paths and edges": with(func(c *Config) {
			c.Positions, c.Encoding = "", "shortest-path:edge-types=2:distances=5:degrees=6"
		}),
		"stable":       with(func(c *Config) { c.StableFrequencies = 3 }),
		"stable gates": with(func(c *Config) { c.Local, c.StableFrequencies = LocalGatedGCN, 3 }),
		"combined":     with(func(c *Config) { c.Positions = "lappe:width=3:frequencies=3+degree:width=2" }),
		"node head": with(func(c *Config) {
			c.Head, c.HeadLayers, c.NodeEncoder, c.NodeFeatures, c.EdgeEncoder = features.NodeHead, 2, features.LinearNodes, 3, features.DummyEdges
		}),
	}
	for _, b := range Baselines() {
		list["baseline "+b.Name] = b.Of(toy())
	}
	return list
}

// small returns c with two layers and four features a head, and narrower positions; everything else is as it was.
func small(c Config) Config {
	c.Layers, c.Width = 2, 4*c.WithDefaults().Heads
	for _, width := range []string{":width=28", ":width=20", ":width=16", ":width=8"} {
		c.Positions = strings.ReplaceAll(c.Positions, width, ":width=5")
	}
	return c
}

// decorate gives a graph the features that models of c read, and targets, drawn from rng.
func decorate(c Config, g *graphs.Graph, rng *rand.Rand) *graphs.Graph {
	f := c.Features().WithDefaults()
	types := func(rows int, vocabulary []int) (ids []int32) {
		for range rows {
			for _, size := range vocabulary {
				ids = append(ids, int32(rng.IntN(size)))
			}
		}
		return ids
	}
	numbers := func(n int) (x []float32) {
		for range n {
			x = append(x, float32(rng.NormFloat64()))
		}
		return x
	}
	g.NodeTypes, g.NodeFeatures = types(g.Nodes, f.Nodes.Vocabularies()), numbers(g.Nodes*f.Nodes.Numbers())
	if f.Edges.Encoder != features.DummyEdges {
		g.EdgeTypes, g.EdgeFeatures = types(len(g.Edges), f.Edges.Vocabularies()), numbers(len(g.Edges)*f.Edges.Numbers())
	}
	if f.Prediction.PerEdge() {
		for range g.Edges {
			g.EdgeLabels = append(g.EdgeLabels, int32(rng.IntN(max(f.Prediction.Outputs, 2))))
		}
		return g
	}
	if f.Prediction.PerNode() {
		for range g.Nodes {
			g.NodeLabels = append(g.NodeLabels, int32(rng.IntN(max(f.Prediction.Outputs, 2))))
		}
	} else {
		g.Target = numbers(f.Prediction.Outputs)
	}
	return g
}

// randomGraph returns a graph of n nodes in which each two are joined with the given probability.
func randomGraph(c Config, n int, density float64, rng *rand.Rand) *graphs.Graph {
	var bonds [][2]int
	for a := range n {
		for b := range a {
			if rng.Float64() < density {
				bonds = append(bonds, [2]int{b, a})
			}
		}
	}
	return decorate(c, graphs.Undirected(n, bonds), rng)
}

// randomGraphs returns graphs of several sizes, with a graph of one node and one without edges among them.
func randomGraphs(c Config, seed uint64) []*graphs.Graph {
	rng := rand.New(rand.NewPCG(seed, 7))
	var gs []*graphs.Graph
	for _, n := range []int{5, 1, 9, 4, 12} {
		density := 0.4
		if n == 4 {
			density = 0
		}
		gs = append(gs, randomGraph(c, n, density, rng))
	}
	return gs
}

// tape is the tape of all tests, which run one after the other: its memory is dirty, as in a long training, and costs
// nothing more.
var tape = tensor.NewTape()

func newModel(t testing.TB, c Config, seed uint64) *Model {
	t.Helper()
	m, err := New(c, seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func newBatch(t testing.TB, c Config, gs ...*graphs.Graph) *Batch {
	t.Helper()
	b, err := NewBatch(c, gs)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// predict returns the predictions for the graphs as one batch, in evaluation.
func predict(t testing.TB, m *Model, gs ...*graphs.Graph) []float32 {
	t.Helper()
	tape.Begin(tensor.Pass{})
	return append([]float32{}, m.Forward(tape, newBatch(t, m.Config, gs...)).Data()...)
}

// lossOf returns a loss that fits the head and the outputs of c.
func lossOf(c Config) nn.Loss {
	if c.Head == features.NodeHead {
		return nn.WeightedCrossEntropy{}
	}
	return nn.L1{}
}

// warm moves the running statistics away from where they start, as training does, and returns m.
func warm(t testing.TB, m *Model, gs []*graphs.Graph) *Model {
	t.Helper()
	for range 10 {
		tape.Begin(tensor.Pass{Train: true})
		m.Forward(tape, newBatch(t, m.Config, gs...))
	}
	return m
}

// closeTo compares with a tolerance relative to the largest magnitude.
func closeTo(got, want []float32, tolerance float64) bool {
	if len(got) != len(want) {
		return false
	}
	var scale float64
	for _, v := range want {
		scale = max(scale, math.Abs(float64(v)))
	}
	for n, v := range want {
		if !(math.Abs(float64(got[n]-v)) <= tolerance*scale) {
			return false
		}
	}
	return true
}

// sameBits compares bits.
func sameBits(got, want []float32) bool {
	if len(got) != len(want) {
		return false
	}
	for n, v := range want {
		if math.Float32bits(got[n]) != math.Float32bits(v) {
			return false
		}
	}
	return true
}

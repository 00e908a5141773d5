package gps

import (
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// official is a tensor of the official state dict: the parts that it is made of, row after row.
type official struct {
	name  string
	parts []*tensor.Tensor
}

// officialNames is the table of names of a layer.
func officialNames(b *Block) (list []official) {
	add := func(name string, parts ...*tensor.Tensor) { list = append(list, official{name, parts}) }
	linear := func(name string, l *nn.Linear) {
		add(name+".weight", l.Weight)
		if l.Bias != nil {
			add(name+".bias", l.Bias)
		}
	}
	norm := func(name string, n *nn.BatchNorm) {
		add(name+".weight", n.Weight)
		add(name+".bias", n.Bias)
		add(name+".running_mean", n.RunningMean)
		add(name+".running_var", n.RunningVar)
	}
	switch l := b.Local.(type) {
	case *GINE:
		linear("local_model.nn.0", l.In)
		linear("local_model.nn.2", l.Out)
	case *GatedGCN:
		for name, layer := range map[string]*nn.Linear{"A": l.Self, "B": l.Value, "C": l.Edge, "D": l.Target, "E": l.Source} {
			linear("local_model."+name, layer)
		}
		norm("local_model.bn_node_x", l.NodeNorm)
		norm("local_model.bn_edge_e", l.EdgeNorm)
	}
	if b.LocalNorm != nil {
		norm("norm1_local", b.LocalNorm.(batchNorm).BatchNorm)
	}
	if a := b.Attention; a.Projection != nil {
		linear("self_attn.to_q", a.Query)
		linear("self_attn.to_k", a.Key)
		linear("self_attn.to_v", a.Value)
		linear("self_attn.to_out", a.Output)
		add("self_attn.fast_attention.projection_matrix", a.Projection)
	} else {
		add("self_attn.in_proj_weight", a.Query.Weight, a.Key.Weight, a.Value.Weight)
		add("self_attn.in_proj_bias", a.Query.Bias, a.Key.Bias, a.Value.Bias)
		linear("self_attn.out_proj", a.Output)
	}
	norm("norm1_attn", b.AttentionNorm.(batchNorm).BatchNorm)
	linear("ff_linear1", b.FeedForward.In)
	linear("ff_linear2", b.FeedForward.Out)
	norm("norm2", b.Norm.(batchNorm).BatchNorm)
	return list
}

// flat lays the parts end to end.
func (o official) flat(of func(*tensor.Tensor) []float32) (all []float32) {
	for _, p := range o.parts {
		all = append(all, of(p)...)
	}
	return all
}

// TestGoldenLayers compares whole layers with the official code: forward and backward, in training and evaluation.
func TestGoldenLayers(t *testing.T) {
	for _, c := range golden.Files(t, "graphgps", "layer_") {
		t.Run(c.Name, func(t *testing.T) { goldenLayer(t, c) })
	}
}

func goldenLayer(t *testing.T, c *golden.Case) {
	var settings struct {
		Width int     `json:"dim_h"`
		Heads int     `json:"num_heads"`
		Local string  `json:"local_gnn_type"`
		Attn  string  `json:"global_model_type"`
		Drop  float64 `json:"dropout"`
	}
	c.JSON(t, "config", &settings)
	config := Config{Width: settings.Width, Heads: settings.Heads, Dropout: settings.Drop,
		Local: map[string]Local{"GINE": LocalGINE, "CustomGatedGCN": LocalGatedGCN, "None": NoLocal}[settings.Local]}
	if settings.Attn == "Performer" {
		config.Attention, config.PerformerPadded = Performer, true
	}
	config = config.WithDefaults()
	block := newBlock(config, 0, false, 1, nn.NewInit(1))
	names := officialNames(block)
	for _, o := range names {
		values := c.Tensor("w." + o.name).Data()
		for _, p := range o.parts {
			values = values[copy(p.Data(), values):]
		}
	}
	batch := goldenBatch(t, c, config)
	train := c.Metadata["mode"] == "train"

	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: train, Grad: true})
	x := c.Tensor("x")
	in := stream{nodes: tp.Leaf(x)}
	var e *tensor.Tensor
	if config.Local.readsEdges() {
		e = c.Tensor("edge_attr")
		in.edges = tp.Leaf(e)
	}
	out := block.apply(tp, in, pass{}, batch)
	c.Compare(t, "out.h", out.nodes.Value(), golden.Forward)
	loss := tp.Sum(tp.Mul(out.nodes, tp.Const(c.Tensor("probe.h"))))
	if c.Has("out.e") {
		c.Compare(t, "out.e", out.edges.Value(), golden.Forward)
		loss = tp.Add(loss, tp.Sum(tp.Mul(out.edges, tp.Const(c.Tensor("probe.e")))))
	}
	c.CompareFlat(t, "loss", loss.Data(), golden.Forward)
	tp.Backward(loss)
	c.CompareFlat(t, "grad.x", tp.Grad(x), golden.Gradient)
	if c.Has("grad.edge_attr") {
		c.CompareFlat(t, "grad.edge_attr", tp.Grad(e), golden.Gradient)
	}
	zero := flatBiases(block, train)
	for _, o := range names {
		if c.Has("gw." + o.name) {
			compareGradient(t, c, "gw."+o.name, o.flat(tp.Grad), len(o.parts) == 1 && slices.Contains(zero, o.parts[0]))
		}
		if c.Has("after." + o.name) {
			c.CompareFlat(t, "after."+o.name, o.flat((*tensor.Tensor).Data), golden.Forward)
		}
	}
	ignoreRest(c, config)
}

// goldenBatch makes a batch of the graphs of a case, whose edges lie as the case has them.
func goldenBatch(t *testing.T, c *golden.Case, config Config) *Batch {
	t.Helper()
	var sizes []int
	c.JSON(t, "sizes", &sizes)
	var of []int64
	var gs []*graphs.Graph
	var starts []int64
	for g, n := range sizes {
		starts = append(starts, int64(len(of)))
		of = append(of, slices.Repeat([]int64{int64(g)}, n)...)
		gs = append(gs, &graphs.Graph{Nodes: n, NodeTypes: make([]int32, n)})
	}
	c.CompareInts(t, "batch", of)
	index := c.Ints("edge_index")
	edges, last := len(index)/2, int64(0)
	for k := range edges {
		g := of[index[k]]
		if g < last {
			t.Fatal("the edges of the case do not lie graph by graph")
		}
		last = g
		gs[g].Edges = append(gs[g].Edges, graphs.Edge{From: int(index[k] - starts[g]), To: int(index[edges+k] - starts[g])})
		gs[g].EdgeTypes = append(gs[g].EdgeTypes, 0)
	}
	b, err := NewBatch(config, gs)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// compareGradient compares a gradient. That of a bias whose effect a batch norm takes away again is zero but for rounding
// in the official code as well as in ours: both must be, beside the gradient of the layer's weight.
func compareGradient(t *testing.T, c *golden.Case, name string, got []float32, zero bool) {
	t.Helper()
	if !zero {
		c.CompareFlat(t, name, got, golden.Gradient)
		return
	}
	scale := float64(simd.MaxAbs(c.Tensor(name[:len(name)-len("bias")] + "weight").Data()))
	for i, want := range c.Tensor(name).Data() {
		if math.Abs(float64(want)) > 1e-4*scale || !(math.Abs(float64(got[i])) <= 1e-4*scale) {
			t.Errorf("%s[%d]: got %v, want %v, both zero but for rounding beside a weight gradient of %v", name, i, got[i], want, scale)
		}
	}
}

// ignoreRest excuses what the official layer has and ours has not.
func ignoreRest(c *golden.Case, config Config) {
	for _, name := range c.Names() {
		switch {
		case hasSuffix(name, "num_batches_tracked"):
			c.Ignore(name, "counts passes, which only a norm without momentum reads")
		case hasSuffix(name, "local_model.eps"):
			c.Ignore(name, "is fixed at 0")
		case config.Local == NoLocal && hasSuffix(name, "norm1_local.weight", "norm1_local.bias", "norm1_local.running_mean", "norm1_local.running_var"):
			c.Ignore(name, "nothing uses it where there is no message passing, and ours does not make it")
		case config.Local == NoLocal && name == "edge_attr":
			c.Ignore(name, "no message carries it")
		}
	}
}

func hasSuffix(name string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(s string) bool { return len(name) >= len(s) && name[len(name)-len(s):] == s })
}

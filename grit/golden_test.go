package grit

import (
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// officialPairs turns the pairs of an official file, in any order, into ours. rows[r] is the official row of our row r.
type officialPairs struct {
	pairs *attention.Pairs
	rows  []int
}

func readPairs(t *testing.T, c *golden.Case) officialPairs {
	t.Helper()
	var sizes []int
	c.JSON(t, "sizes", &sizes)
	offsets := []int{0}
	for _, n := range sizes {
		offsets = append(offsets, offsets[len(offsets)-1]+n)
	}
	checkBatch(t, c, "batch", sizes)
	return pairsOf(t, c.Ints("edge_index"), offsets)
}

func checkBatch(t *testing.T, c *golden.Case, name string, sizes []int) {
	t.Helper()
	var batch []int64
	for g, n := range sizes {
		for range n {
			batch = append(batch, int64(g))
		}
	}
	c.CompareInts(t, name, batch)
}

func pairsOf(t *testing.T, index []int64, offsets []int) officialPairs {
	t.Helper()
	p := len(index) / 2
	rows := make([]int, p)
	for r := range rows {
		rows[r] = r
	}
	slices.SortFunc(rows, func(a, b int) int { // by query, then by key
		if d := index[p+a] - index[p+b]; d != 0 {
			return int(d)
		}
		return int(index[a] - index[b])
	})
	tokens := offsets[len(offsets)-1]
	start, keys := make([]int, tokens+1), make([]int32, p)
	for r, from := range rows {
		keys[r] = int32(index[from])
		start[index[p+from]+1]++
	}
	for i := range tokens {
		start[i+1] += start[i]
	}
	sparse, err := attention.SparsePairs(offsets, start, keys)
	if err != nil {
		t.Fatal(err)
	}
	full := attention.FullPairs(offsets)
	if full.Rows() == p {
		return officialPairs{full, rows}
	}
	return officialPairs{sparse, rows}
}

// ours brings pair features of the official order into ours.
func (o officialPairs) ours(official *tensor.Tensor) *tensor.Tensor {
	out := tensor.New(official.Shape()...)
	for r, from := range o.rows {
		copy(out.Row(r), official.Row(from))
	}
	return out
}

// official is the inverse of ours.
func (o officialPairs) official(values []float32, cols int) []float32 {
	out := make([]float32, len(values))
	for r, to := range o.rows {
		copy(out[to*cols:(to+1)*cols], values[r*cols:(r+1)*cols])
	}
	return out
}

// load copies the weights of a case into the tensors of an import table.
func load(c *golden.Case, table []OfficialTensor, prefix string) {
	for _, line := range table {
		if c.Has(prefix + line.Name) {
			line.Import(c.Tensor(prefix + line.Name).Data())
		}
	}
}

// compareGradients compares every gradient of the file with that of the table.
func compareGradients(t *testing.T, c *golden.Case, tp *tensor.Tape, table []OfficialTensor, prefix string, zero ...string) {
	t.Helper()
	for _, line := range table {
		if !c.Has(prefix + line.Name) {
			if tp.Grad(line.Tensor) != nil {
				t.Errorf("%s: %s has a gradient, the official code gives none", c.Name, line.Name)
			}
			continue
		}
		g := tp.Grad(line.Tensor)
		if g == nil {
			t.Errorf("%s: %s has no gradient", c.Name, line.Name)
			continue
		}
		if slices.Contains(zero, line.Name) {
			compareZero(t, c, prefix+line.Name, line.Export(g))
			continue
		}
		c.CompareFlat(t, prefix+line.Name, line.Export(g), golden.Gradient)
	}
}

// compareZero compares the gradient of a bias in front of a batch norm, which is zero but for rounding in the official
// code as well as in ours (grit.md, section 13, point 5): both must be, measured by the gradient of the layer's weight.
func compareZero(t *testing.T, c *golden.Case, name string, got []float32) {
	t.Helper()
	scale := simd.MaxAbs(c.Tensor(name[:len(name)-len("bias")] + "weight").Data())
	for i, want := range c.Tensor(name).Data() {
		if math.Abs(float64(want)) > 1e-4*float64(scale) || !(math.Abs(float64(got[i])) <= 1e-4*float64(scale)) {
			t.Errorf("%s: %s[%d]: got %v, want %v, both zero but for rounding beside a weight gradient of %v", c.Name, name, i, got[i], want, scale)
		}
	}
}

// probed is the loss of the layer goldens, sum(out.h*probe.h) + sum(out.e*probe.e).
func probed(tp *tensor.Tape, h, e, probeH, probeE *tensor.Var) *tensor.Var {
	loss := tp.Sum(tp.Mul(tp.Reshape(h, probeH.Shape()...), probeH))
	if e != nil && probeE != nil {
		loss = tp.Add(loss, tp.Sum(tp.Mul(e, probeE)))
	}
	return loss
}

func TestGoldenAttention(t *testing.T) {
	for _, c := range golden.Files(t, "grit", "attn_") {
		t.Run(c.Name, func(t *testing.T) { goldenAttention(t, c) })
	}
}

func goldenAttention(t *testing.T, c *golden.Case) {
	var official struct {
		InDim       int      `json:"in_dim"`
		OutDim      int      `json:"out_dim"`
		Heads       int      `json:"num_heads"`
		UseBias     bool     `json:"use_bias"`
		Clamp       *float64 `json:"clamp"`
		Act         *string  `json:"act"`
		EdgeEnhance bool     `json:"edge_enhance"`
		Edge        bool     `json:"edge"`
	}
	c.JSON(t, "config", &official)
	cfg := Config{Width: official.InDim, Heads: official.Heads, Clamp: -1, AttentionActivation: nn.Identity,
		KeyValueBias: official.UseBias, NoEdgeEnhance: !official.EdgeEnhance}
	if official.Clamp != nil {
		cfg.Clamp = *official.Clamp
	}
	if official.Act != nil {
		parseActivation(t, &cfg.AttentionActivation, *official.Act)
	}
	att := newAttention(cfg.WithDefaults(), nn.NewInit(1))
	att.kernel.KeepWeights = true
	table := att.Official("")
	load(c, table, "w.")
	p := readPairs(t, c)

	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	x := c.Tensor("x")
	var e *tensor.Tensor
	var edge *attention.PairFeatures
	var probe *tensor.Var
	if official.Edge {
		e = p.ours(c.Tensor("edge_attr"))
		edge, probe = attention.Features(tp.Leaf(e)), tp.Const(p.ours(c.Tensor("probe.e")))
	} else {
		for _, name := range []string{"w.E.weight", "w.E.bias"} {
			c.Tensor(name) // loaded, and not read without pair features
		}
	}
	out := att.Apply(tp, tp.Leaf(x), edge, p.pairs, attention.PairOutput{})
	c.CompareFlat(t, "out.h", out.Tokens.Data(), golden.Forward)
	c.CompareFlat(t, "out.attn", p.official(out.Weights.Data(), official.Heads), golden.Forward)
	var pairs *tensor.Var
	if official.Edge {
		pairs = out.Pair.Var(tp)
		c.CompareFlat(t, "out.e", p.official(pairs.Data(), official.InDim), golden.Forward)
	}
	loss := probed(tp, out.Tokens, pairs, tp.Const(c.Tensor("probe.h")), probe)
	tp.Backward(loss)
	c.CompareFlat(t, "loss", loss.Data(), golden.Forward)
	c.CompareFlat(t, "grad.x", tp.Grad(x), golden.Gradient)
	if official.Edge {
		c.CompareFlat(t, "grad.edge_attr", p.official(tp.Grad(e), e.Cols()), golden.Gradient)
	}
	compareGradients(t, c, tp, table, "gw.")
}

func TestGoldenLayer(t *testing.T) {
	for _, c := range golden.Files(t, "grit", "layer_") {
		t.Run(c.Name, func(t *testing.T) { goldenLayer(t, c) })
	}
}

// officialLayer is the configuration of a layer golden.
type officialLayer struct {
	InDim     int     `json:"in_dim"`
	Heads     int     `json:"num_heads"`
	LayerNorm bool    `json:"layer_norm"`
	BatchNorm bool    `json:"batch_norm"`
	NormE     bool    `json:"norm_e"`
	OE        bool    `json:"O_e"`
	Act       string  `json:"act"`
	Residual  bool    `json:"residual"`
	UpdateE   bool    `json:"update_e"`
	ReZero    bool    `json:"rezero"`
	Momentum  float64 `json:"bn_momentum"`
	NoRunner  bool    `json:"bn_no_runner"`
	Attn      struct {
		DegScaler   bool     `json:"deg_scaler"`
		UseBias     bool     `json:"use_bias"`
		Clamp       *float64 `json:"clamp"`
		Act         string   `json:"act"`
		EdgeEnhance bool     `json:"edge_enhance"`
	} `json:"attn"`
}

func (o officialLayer) config(t *testing.T) Config {
	t.Helper()
	cfg := Config{Width: o.InDim, Heads: o.Heads, Clamp: -1, KeyValueBias: o.Attn.UseBias,
		NoEdgeEnhance: !o.Attn.EdgeEnhance, NoDegreeScaler: !o.Attn.DegScaler, NoPairOutput: !o.OE, NoPairNorm: !o.NormE,
		NoPairUpdate: !o.UpdateE, LayerNorm: o.LayerNorm, NoBatchNorm: !o.BatchNorm, NormMomentum: o.Momentum,
		NoRunningStats: o.NoRunner, NoResidual: !o.Residual, ReZero: o.ReZero}
	if o.Attn.Clamp != nil {
		cfg.Clamp = *o.Attn.Clamp
	}
	parseActivation(t, &cfg.Activation, o.Act)
	parseActivation(t, &cfg.AttentionActivation, o.Attn.Act)
	return cfg.WithDefaults()
}

func goldenLayer(t *testing.T, c *golden.Case) {
	var official officialLayer
	c.JSON(t, "config", &official)
	block := newBlock(official.config(t), nn.NewInit(1))
	block.Attention.kernel.KeepWeights = true
	table := block.Official("")
	load(c, table, "w.")
	p := readPairs(t, c)
	batch := &Batch{pairs: *p.pairs}
	batch.LogDegree = c.Tensor("log_deg").Data()

	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: c.Metadata["mode"] == "train", Grad: true})
	x, e := c.Tensor("x"), p.ours(c.Tensor("edge_attr"))
	weights := block.Attention.Apply(tp, tp.Const(x), attention.Features(tp.Const(e)), p.pairs, attention.PairOutput{}).Weights
	c.CompareFlat(t, "out.attn", p.official(weights.Data(), official.Heads), golden.Forward)

	h, updated := block.Apply(tp, tp.Leaf(x), attention.Features(tp.Leaf(e)), batch)
	pairs := updated.Var(tp)
	c.CompareFlat(t, "out.h", h.Data(), golden.Forward)
	c.CompareFlat(t, "out.e", p.official(pairs.Data(), official.InDim), golden.Forward)
	compareStats(t, c, table, "after.")
	loss := probed(tp, h, pairs, tp.Const(c.Tensor("probe.h")), tp.Const(p.ours(c.Tensor("probe.e"))))
	tp.Backward(loss)
	c.CompareFlat(t, "loss", loss.Data(), golden.Forward)
	c.CompareFlat(t, "grad.x", tp.Grad(x), golden.Gradient)
	c.CompareFlat(t, "grad.edge_attr", p.official(tp.Grad(e), e.Cols()), golden.Gradient)
	var zero []string
	if official.BatchNorm && !official.LayerNorm && tp.Training() {
		zero = []string{"O_h.bias", "FFN_h_layer2.bias"}
		if official.NormE {
			zero = append(zero, "O_e.bias")
		}
	}
	compareGradients(t, c, tp, stats(table, false), "gw.", zero...)
	ignoreCounters(c)
}

// stats returns the lines of running statistics, or all the others.
func stats(table []OfficialTensor, want bool) []OfficialTensor {
	return slices.DeleteFunc(slices.Clone(table), func(l OfficialTensor) bool { return isStat(l.Name) != want })
}

func isStat(name string) bool {
	return len(name) > 12 && (name[len(name)-12:] == "running_mean" || name[len(name)-11:] == "running_var")
}

// compareStats compares the running statistics after a pass.
func compareStats(t *testing.T, c *golden.Case, table []OfficialTensor, prefix string) {
	t.Helper()
	for _, line := range stats(table, true) {
		if c.Has(prefix + line.Name) {
			c.CompareFlat(t, prefix+line.Name, line.Export(line.Tensor.Data()), golden.Forward)
		}
	}
}

// ignoreCounters passes over numbers that our norms do not keep.
func ignoreCounters(c *golden.Case) {
	for _, name := range c.Names() {
		if len(name) > 20 && name[len(name)-19:] == "num_batches_tracked" {
			c.Ignore(name, "a counter of batches, which a momentum that is given makes no use of")
		}
	}
}

func TestGoldenHeads(t *testing.T) {
	for _, c := range golden.Files(t, "grit", "heads") {
		t.Run(c.Name, func(t *testing.T) { goldenHeads(t, c) })
	}
}

func goldenHeads(t *testing.T, c *golden.Case) {
	var cases map[string]struct {
		Head    string `json:"head"`
		Pooling string `json:"pooling"`
		Layers  int    `json:"layers_post_mp"`
		Act     string `json:"act"`
		Out     int    `json:"dim_out"`
		In      int    `json:"dim_in"`
	}
	c.JSON(t, "cases", &cases)
	var sizes []int
	c.JSON(t, "sizes", &sizes)
	checkBatch(t, c, "batch", sizes)
	var gs []*graphs.Graph
	for _, n := range sizes {
		gs = append(gs, graphs.Undirected(n, nil))
	}
	b, err := NewBatch(Config{}, gs)
	if err != nil {
		t.Fatal(err)
	}
	for tag, k := range cases {
		cfg := Config{Layers: 1, Width: k.In, Heads: 1, Head: officialHeads[k.Head], Pooling: officialPoolings[k.Pooling], HeadLayers: k.Layers, Outputs: k.Out}
		parseActivation(t, &cfg.Activation, k.Act)
		m, err := New(cfg, 1)
		if err != nil {
			t.Fatal(err)
		}
		table := m.officialHead("")
		load(c, table, tag+".w.")
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		x := c.Tensor("x")
		out := m.Predict(tp, tp.Leaf(x), nil, &b.Batch)
		c.Compare(t, tag+".out", out.Value(), golden.Forward)
		tp.Backward(tp.Sum(tp.Mul(out, tp.Const(c.Tensor(tag+".probe")))))
		c.CompareFlat(t, tag+".grad.x", tp.Grad(x), golden.Gradient)
		compareGradients(t, c, tp, table, tag+".gw.")
		if t.Failed() {
			t.Logf("case %s: %+v", tag, k)
		}
	}
}

package grit

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Attention holds the parameters of GRIT's attention (official MultiHeadAttentionLayerGritSparse).
type Attention struct {
	Query, Key, Value *nn.Linear
	// Pair projects pair features to factors and offsets: its first Width outputs are Ew, the last are Eb. The official
	// E interleaves them head by head.
	Pair    *nn.Linear
	Score   *tensor.Tensor // Aw [heads, head dim]
	Enhance *tensor.Tensor // Ve [heads, head dim in, head dim out], official VeRow; nil without edge enhancement
	kernel  attention.Pairwise
}

func newAttention(c Config, in *nn.Init) *Attention {
	d, dim := c.Width, c.Width/c.Heads
	a := &Attention{
		Query: nn.NewLinear(d, d, in), Pair: nn.NewLinear(d, 2*d, in),
		Score: tensor.New(c.Heads, dim),
		kernel: attention.Pairwise{Heads: c.Heads, Clamp: max(c.Clamp, 0), Activation: c.AttentionActivation,
			Dropout: c.AttentionDropout},
	}
	projection := nn.NewLinearNoBias
	if c.KeyValueBias {
		projection = nn.NewLinear
	}
	a.Key, a.Value = projection(d, d, in), projection(d, d, in)
	for _, l := range []*nn.Linear{a.Query, a.Key, a.Value, a.Pair} {
		in.XavierNormal(l.Weight, l.In(), l.Out())
	}
	// Fans as torch computes them for the official shapes [dim, heads, 1] and [dim, heads, dim].
	in.XavierNormal(a.Score, c.Heads, dim)
	if !c.NoEdgeEnhance {
		a.Enhance = tensor.New(c.Heads, dim, dim)
		in.XavierNormal(a.Enhance, c.Heads*dim, dim*dim)
	}
	return a
}

// Params declares the parameters.
func (a *Attention) Params(c *nn.Params) {
	c.Sub("query", a.Query)
	c.Sub("key", a.Key)
	c.Sub("value", a.Value)
	c.Sub("pair", a.Pair)
	c.Param("score", a.Score)
	c.Param("enhance", a.Enhance)
}

// Apply attends over x [nodes, width] and pair features e [pairs, width], which may be nil; out is the residual
// update of the pair features that the kernel does on the way, if any.
func (a *Attention) Apply(tp *tensor.Tape, x *tensor.Var, e *attention.PairFeatures, pairs *attention.Pairs, out attention.PairOutput) attention.PairwiseOutput {
	in := attention.PairwiseInput{
		Query: a.Query.Apply(tp, x), Key: a.Key.Apply(tp, x), Value: a.Value.Apply(tp, x),
		Score: tp.Leaf(a.Score), Output: out,
	}
	if e != nil {
		in.Pair, in.PairWeight, in.PairBias = e, tp.Leaf(a.Pair.Weight), tp.Leaf(a.Pair.Bias)
	}
	if a.Enhance != nil {
		in.Enhance = tp.Leaf(a.Enhance)
	}
	return a.kernel.Apply(tp, pairs, in)
}

// Block is one GRIT layer (official GritTransformerLayer): attention over nodes and pairs, a degree scaler, output
// projections, residuals and norms of both, and a feed-forward network on the nodes. Parts that the configuration
// leaves out are nil.
type Block struct {
	Attention  *Attention
	Degree     *tensor.Tensor // deg_coef [2, width]: constant and slope in log degree
	Output     *nn.Linear     // O_h
	PairOutput *nn.Linear     // O_e

	LayerNorm1, LayerNorm2, PairLayerNorm *nn.LayerNorm
	Norm1, Norm2, PairNorm                *nn.BatchNorm
	Gate1, Gate2, PairGate                *tensor.Tensor // alpha1_h, alpha2_h, alpha1_e of ReZero, one number each

	In, Out *nn.Linear // feed-forward: width to 2*width and back
	config  Config
}

func newBlock(c Config, in *nn.Init) *Block {
	d := c.Width
	b := &Block{Attention: newAttention(c, in), config: c}
	if !c.NoDegreeScaler {
		b.Degree = tensor.New(2, d)
		in.XavierNormal(b.Degree, 2*d, 2)
	}
	b.Output = nn.NewLinear(d, d, in)
	if !c.NoPairOutput {
		b.PairOutput = nn.NewLinear(d, d, in)
	}
	if c.LayerNorm {
		b.LayerNorm1, b.LayerNorm2 = nn.NewLayerNorm(d), nn.NewLayerNorm(d)
		if !c.NoPairNorm {
			b.PairLayerNorm = nn.NewLayerNorm(d)
		}
	}
	if !c.NoBatchNorm {
		b.Norm1, b.Norm2 = batchNorm(c), batchNorm(c)
		if !c.NoPairNorm {
			b.PairNorm = batchNorm(c)
		}
	}
	if c.ReZero {
		b.Gate1, b.Gate2, b.PairGate = tensor.New(1), tensor.New(1), tensor.New(1)
	}
	b.In, b.Out = nn.NewLinear(d, 2*d, in), nn.NewLinear(2*d, d, in)
	return b
}

func batchNorm(c Config) *nn.BatchNorm {
	n := nn.NewBatchNorm(c.Width)
	n.Momentum, n.NoStats = c.NormMomentum, c.NoRunningStats
	return n
}

// Params declares the parameters.
func (b *Block) Params(c *nn.Params) {
	c.Sub("attention", b.Attention)
	c.Param("degree", b.Degree)
	c.Sub("output", b.Output)
	sub(c, "pair_output", b.PairOutput)
	sub(c, "layer_norm1", b.LayerNorm1)
	sub(c, "layer_norm2", b.LayerNorm2)
	sub(c, "pair_layer_norm", b.PairLayerNorm)
	sub(c, "norm1", b.Norm1)
	sub(c, "norm2", b.Norm2)
	sub(c, "pair_norm", b.PairNorm)
	c.Param("gate1", b.Gate1)
	c.Param("gate2", b.Gate2)
	c.Param("pair_gate", b.PairGate)
	c.Sub("feedforward.in", b.In)
	c.Sub("feedforward.out", b.Out)
}

// sub declares a child that may be absent.
func sub[T any, M interface {
	*T
	nn.Module
}](c *nn.Params, name string, m M) {
	if m != nil {
		c.Sub(name, m)
	}
}

// Apply computes the block for node features x [nodes, width] and pair features e [pairs, width]. The numbers in the
// comments are the steps of the official forward pass.
func (b *Block) Apply(tp *tensor.Tape, x *tensor.Var, e *attention.PairFeatures, batch *Batch) (*tensor.Var, *attention.PairFeatures) {
	c := b.config
	tp.Enter("attention")
	fused := b.fusedOutput(tp)
	att := b.Attention.Apply(tp, x, e, &batch.pairs, fused) // 1
	tp.Leave()

	o := tp.Dropout(att.Tokens, c.Dropout)
	if b.Degree != nil { // 2
		o = degreeScale(tp, o, tp.Leaf(b.Degree), batch.LogDegree)
	}
	o = b.Output.Apply(tp, o) // 3, 4
	x = b.residual(tp, x, o, b.Gate1)
	x = norms(tp, x, b.LayerNorm1, b.Norm1) // 5

	updated := att.Pair
	if fused.Weight == nil {
		u := tp.Dropout(att.Pair.Var(tp), c.Dropout)
		if b.PairOutput != nil {
			u = b.PairOutput.Apply(tp, u)
		}
		updated = attention.Features(norms(tp, b.residual(tp, e.Var(tp), u, b.PairGate), b.PairLayerNorm, b.PairNorm))
	} else if b.PairLayerNorm != nil {
		updated = attention.Features(norms(tp, updated.Var(tp), b.PairLayerNorm, b.PairNorm))
	}

	h := c.Activation.Apply(tp, b.In.Apply(tp, x)) // 6
	h = b.Out.Apply(tp, tp.Dropout(h, c.Dropout))
	x = b.residual(tp, x, h, b.Gate2)
	x = norms(tp, x, b.LayerNorm2, b.Norm2)
	if c.NoPairUpdate { // 7
		return x, e
	}
	return x, updated
}

// fusedOutput returns the update of pair features in the form that the attention kernel does on the way, or none
// where the configuration has something between its parts that the kernel does not know.
func (b *Block) fusedOutput(tp *tensor.Tape) (out attention.PairOutput) {
	if b.PairOutput == nil || b.PairGate != nil || b.config.NoResidual || b.config.Dropout > 0 && tp.Training() {
		return out
	}
	out.Weight, out.Bias = tp.Leaf(b.PairOutput.Weight), tp.Leaf(b.PairOutput.Bias)
	if n := b.PairNorm; n != nil && b.PairLayerNorm == nil {
		out.Norm = attention.PairNorm{Weight: tp.Leaf(n.Weight), Bias: tp.Leaf(n.Bias), Stats: n.Stats()}
	}
	return out
}

// residual adds what a branch computed to what went into it; gate is nil without ReZero.
func (b *Block) residual(tp *tensor.Tape, in, branch *tensor.Var, gate *tensor.Tensor) *tensor.Var {
	if gate != nil {
		branch = tp.MulScalar(branch, tp.Leaf(gate))
	}
	if b.config.NoResidual {
		return branch
	}
	return tp.Add(in, branch)
}

func norms(tp *tensor.Tape, x *tensor.Var, layer *nn.LayerNorm, batch *nn.BatchNorm) *tensor.Var {
	if layer != nil {
		x = layer.Apply(tp, x)
	}
	if batch != nil {
		x = batch.Apply(tp, x)
	}
	return x
}

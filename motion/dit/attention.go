package dit

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// headEps is that of the norms of queries and keys.
const headEps = 1e-6

// Attention is attention of vision tokens to themselves, or to the tokens of a movement: the projections with biases, a
// norm of queries and keys, the kernel of package attention with the rotations of the places inside, and the projection
// of the result. Which tokens are keys decides [Attention.Apply]. The paper norms values too; the code does not.
type Attention struct {
	Query, Key, Value, Out *nn.Linear
	// QueryNorm and KeyNorm are those of every head by itself: nn.LayerNorm of the head's width in the 7B model; or
	// those of all heads together, nn.RMSNorm of the whole width in the 17B model.
	QueryNorm, KeyNorm Norm
	Heads              int
	// MixedKeys reads the memory of the keys [tokens, heads, head dim] as [heads, tokens, head dim], which mixes tokens
	// and heads. The released code of the 17B model does so, and its weights want it; queries and values are right
	// there. No new model should have it.
	MixedKeys bool
}

// Norm is a normalisation of rows.
type Norm interface {
	nn.Module
	Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var
}

// NewAttention returns the attention of the 7B model: tokens of a width, layer norms of every head. The heads must divide
// the width, otherwise it panics.
func NewAttention(width, heads int, init *nn.Init) *Attention {
	a := newAttention(width, heads, init)
	a.QueryNorm, a.KeyNorm = headNorm(width/heads), headNorm(width/heads)
	return a
}

// NewWholeNormAttention returns the attention of the 17B model: root-mean-square norms of all heads together. Its keys are
// as they should be; see MixedKeys.
func NewWholeNormAttention(width, heads int, init *nn.Init) *Attention {
	a := newAttention(width, heads, init)
	a.QueryNorm, a.KeyNorm = nn.NewRMSNorm(width), nn.NewRMSNorm(width)
	return a
}

func newAttention(width, heads int, init *nn.Init) *Attention {
	if heads < 1 || width%heads != 0 {
		panic(fmt.Sprintf("dit: Attention: %d heads do not divide width %d", heads, width))
	}
	return &Attention{Query: nn.NewLinear(width, width, init), Key: nn.NewLinear(width, width, init), Value: nn.NewLinear(width, width, init),
		Out: nn.NewLinear(width, width, init), Heads: heads}
}

func headNorm(width int) *nn.LayerNorm {
	n := nn.NewLayerNorm(width)
	n.Eps = headEps
	return n
}

// Params declares query, key, value, query_norm, key_norm and out.
func (a *Attention) Params(c *nn.Params) {
	c.Sub("query", a.Query)
	c.Sub("key", a.Key)
	c.Sub("value", a.Value)
	c.Sub("query_norm", a.QueryNorm)
	c.Sub("key_norm", a.KeyNorm)
	c.Sub("out", a.Out)
}

// Apply returns what the tokens x [queries, width] take from the tokens from [keys, width], without a residual: [queries,
// width]. Item b owns the rows queries[b] to queries[b+1] of x and keys[b] to keys[b+1] of from; both are the same in
// self-attention. Places turn queries and keys: [Places.Crossed] for motion.
func (a *Attention) Apply(tp *tensor.Tape, x, from *tensor.Var, queries, keys []int, places encodings.Positions) *tensor.Var {
	at := encodings.Attention{Input: x, Softmax: attention.Softmax{Heads: a.Heads}}
	at.Queries, at.Keys = queries, keys
	at.Query = a.normed(tp, a.Query.Apply(tp, x), a.QueryNorm)
	at.Key = a.normed(tp, a.Key.Apply(tp, from), a.KeyNorm)
	if a.MixedKeys {
		at.Key = a.mixed(tp, at.Key, keys)
	}
	at.Value = a.Value.Apply(tp, from)
	return a.Out.Apply(tp, at.Run(tp, places))
}

// normed is the norm of x [tokens, width] over the whole width, or head by head.
func (a *Attention) normed(tp *tensor.Tape, x *tensor.Var, n Norm) *tensor.Var {
	if _, perHead := n.(*nn.LayerNorm); !perHead {
		return n.Apply(tp, x)
	}
	tokens, width := x.Rows(), x.Cols()
	x = n.Apply(tp, tp.Reshape(x, tokens*a.Heads, width/a.Heads))
	return tp.Reshape(x, tokens, width)
}

// mixed gives head h of token t the memory that lies at head h*tokens+t of its item.
func (a *Attention) mixed(tp *tensor.Tape, k *tensor.Var, offsets []int) *tensor.Var {
	tokens, width := k.Rows(), k.Cols()
	index := make([]int32, 0, tokens*a.Heads)
	for b := range len(offsets) - 1 {
		first, n := offsets[b], offsets[b+1]-offsets[b]
		for t := range n {
			for h := range a.Heads {
				index = append(index, int32(first*a.Heads+h*n+t))
			}
		}
	}
	k = tp.Gather(tp.Reshape(k, tokens*a.Heads, width/a.Heads), index)
	return tp.Reshape(k, tokens, width)
}

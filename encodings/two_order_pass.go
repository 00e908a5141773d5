package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// twoOrderPass is the encoding of one pass.
type twoOrderPass struct {
	Silent
	*twoOrder
	layout    *Layout
	rotations [orders]*attention.Rotation
	orders    [orders][]int32 // places of the tokens; nil where new tokens come last in both orders
	cached    bool            // keys go into a cache
	routed    []*tensor.Var   // of every layer that has run, [tokens * heads, orders]
}

// Attend prepares keys for a cache where one is kept: turned in both orders, side by side in every head, [k¹ | k²], and
// queries like them. In other passes the kernel turns both, and there is nothing to do before [twoOrderPass.Run].
func (p *twoOrderPass) Attend(tp *tensor.Tape, a *Attention) {
	if !p.cached {
		return
	}
	if a.Scale == 0 {
		a.Scale = 1 / math.Sqrt(float64(p.d.HeadDim))
	}
	both := func(x *tensor.Var, heads int) *tensor.Var {
		tokens, dim := x.Rows(), p.d.HeadDim
		first := tp.Reshape(p.rotations[0].Apply(tp, x, heads), tokens*heads, dim)
		second := tp.Reshape(p.rotations[1].Apply(tp, x, heads), tokens*heads, dim)
		return tp.Reshape(tp.Concat(first, second), tokens, heads*2*dim)
	}
	a.Query, a.Key = both(a.Query, p.d.Heads), both(a.Key, p.d.KVHeads)
}

// Run attends in both orders and mixes the results.
func (p *twoOrderPass) Run(tp *tensor.Tape, a *Attention) *tensor.Var {
	heads := p.d.Heads
	if a.Input == nil || a.Input.Rows() != a.Query.Rows() || a.Input.Cols() != p.d.Width {
		panic(fmt.Sprintf("encodings: two-order: the attention of %v queries wants its Input [%d %d], which the router reads", a.Query.Shape(), a.Query.Rows(), p.d.Width))
	}
	a.Mask.Causal = true
	query := a.Query
	var results [orders]*tensor.Var
	var weights [orders]*tensor.Tensor
	for j := range orders {
		a.QueryIndex, a.KeyIndex = p.orders[j], p.orders[j]
		if p.cached {
			a.Query = p.half(tp, query, j)
		} else {
			a.RotateQuery, a.RotateKey = p.rotations[j], p.rotations[j]
		}
		out := p.kernel(tp, a, j)
		results[j], weights[j] = tp.Reshape(out, out.Rows()*heads, out.Cols()/heads), a.Weights
	}
	a.Query = query
	r := p.route(tp, a)
	a.Weights = p.mixWeights(a, r, weights)
	return tp.Reshape(mixRows(tp, r, results[0], results[1]), query.Rows(), heads*results[0].Cols())
}

// kernel attends in one order. A cache takes the keys, which are those of both orders, with the first.
func (p *twoOrderPass) kernel(tp *tensor.Tape, a *Attention, order int) *tensor.Var {
	if a.Cache == nil || order == 0 {
		return a.Kernel(tp)
	}
	in := a.SoftmaxInput
	defer func() { a.SoftmaxInput = in }()
	if p.orders[order] != nil { // a table begins: nothing came before it, and its places differ from those in the cache
		a.Cache = nil
	} else { // new tokens, which come after all that the cache has by now
		a.Keys, a.Key, a.Value = make([]int, len(a.Queries)), tp.Rows(a.Key, 0, 0), tp.Rows(a.Value, 0, 0)
	}
	return a.Kernel(tp)
}

// half returns queries with zeros in place of the channels that belong to the other order.
func (p *twoOrderPass) half(tp *tensor.Tape, query *tensor.Var, order int) *tensor.Var {
	keep := tensor.New(query.Cols())
	for c := range keep.Data() {
		if c/p.d.HeadDim%orders == order {
			keep.Data()[c] = 1
		}
	}
	return tp.MulRow(query, tp.Const(keep))
}

// route returns r of a layer.
func (p *twoOrderPass) route(tp *tensor.Tape, a *Attention) *tensor.Var {
	router := p.routers[a.Layer]
	z := tp.Reshape(a.Input, a.Input.Rows()*p.d.Heads, p.d.HeadDim)
	h := tp.Mul(tp.SiLU(router.gate.Apply(tp, z)), router.up.Apply(tp, z))
	r := tp.Softmax(router.down.Apply(tp, h))
	p.routed[a.Layer] = r.Keep()
	return r
}

// Routing returns r of a layer that has run, [tokens, heads, 2].
func (p *twoOrderPass) Routing(layer int) *tensor.Tensor {
	r := p.routed[layer].Value()
	return r.Reshape(r.Rows()/p.d.Heads, p.d.Heads, orders)
}

// mixWeights returns the attention weights of both orders as one: those that give the mixed result. nil where none were
// asked for.
func (p *twoOrderPass) mixWeights(a *Attention, r *tensor.Var, weights [orders]*tensor.Tensor) *tensor.Tensor {
	if weights[0] == nil {
		return nil
	}
	keys := a.Keys
	if keys == nil {
		keys = a.Queries
	}
	heads, row := p.d.Heads, 0
	for b := range len(a.Queries) - 1 {
		for q := a.Queries[b]; q < a.Queries[b+1]; q++ {
			for range keys[b+1] - keys[b] {
				first, second := weights[0].Row(row), weights[1].Row(row)
				for h := range first {
					mix := r.Value().Row(q*heads + h)
					first[h] = mix[0]*first[h] + mix[1]*second[h]
				}
				row++
			}
		}
	}
	return weights[0]
}

// Loss returns the weighted mean entropy of the routing, in a training pass.
func (p *twoOrderPass) Loss(tp *tensor.Tape) *tensor.Var {
	if p.NoEntropy || !tp.Training() {
		return nil
	}
	share := p.entropyShares()
	var total *tensor.Var
	layers := 0
	for _, r := range p.routed {
		if r == nil {
			continue
		}
		const least = 1e-10 // as the official code
		bounded := tp.Clamp(r, least, 1)
		sum := tp.Sum(tp.ScaleRows(tp.Mul(bounded, tp.Log(bounded)), share))
		if total != nil {
			sum = tp.Add(total, sum)
		}
		total = sum
		layers++
	}
	if total == nil {
		return nil
	}
	return tp.Scale(total, float32(-p.EntropyWeight/float64(layers)))
}

// entropyShares returns the part of the mean that each token and head has, [tokens * heads].
func (p *twoOrderPass) entropyShares() []float32 {
	l, heads := p.layout, p.d.Heads
	share := make([]float32, l.Tokens()*heads)
	span := func(b int) (lo, hi int) {
		if l.Spans == nil {
			return l.Offsets[b], l.Offsets[b+1]
		}
		return l.Offsets[b] + l.Spans[b][0], l.Offsets[b] + l.Spans[b][1]
	}
	items := 0
	for b := range l.Items() {
		if lo, hi := span(b); hi > lo {
			items++
		}
	}
	for b := range l.Items() {
		lo, hi := span(b)
		for i := lo * heads; i < hi*heads; i++ {
			share[i] = float32(1 / float64((hi-lo)*heads*items))
		}
	}
	return share
}

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
	layout *Layout
	cached bool // keys go into a cache
	// places are those of the tokens in both orders, nil where new tokens come last in both; rotations turn the tokens as
	// they lie, and are made when they are asked for.
	places    [orders][]int32
	rotations [orders]*attention.Rotation
	reading   [orders]readingOrder
	turn      *attention.Rotation // of tokens in reading order, whichever it is; nil where keys go into a cache
	routed    []*tensor.Var       // of every layer that has run, [tokens * heads, orders]
}

// rotation returns the rotation of the tokens as they lie, in one of the orders.
func (p *twoOrderPass) rotation(tp *tensor.Tape, order int) *attention.Rotation {
	if p.rotations[order] == nil {
		coords := make([]float64, p.layout.Tokens())

		for t, place := range p.places[order] {
			coords[t] = float64(place)
		}
		p.rotations[order] = &p.rotary.begin(tp, coords).turn
	}
	return p.rotations[order]
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
		first := tp.Reshape(p.rotation(tp, 0).Apply(tp, x, heads), tokens*heads, dim)
		second := tp.Reshape(p.rotation(tp, 1).Apply(tp, x, heads), tokens*heads, dim)
		return tp.Reshape(tp.Concat(first, second), tokens, heads*2*dim)
	}
	a.Query, a.Key = both(a.Query, p.d.Heads), both(a.Key, p.d.KVHeads)
}

// Run attends in both orders and mixes the results.
func (p *twoOrderPass) Run(tp *tensor.Tape, a *Attention) *tensor.Var {
	if a.Input == nil || a.Input.Rows() != a.Query.Rows() || a.Input.Cols() != p.d.Width {
		panic(fmt.Sprintf("encodings: two-order: the attention of %v queries wants its Input [%d %d], which the router reads", a.Query.Shape(), a.Query.Rows(), p.d.Width))
	}
	a.Mask.Causal = true
	var results [orders]*tensor.Var
	if p.arranges(a) {
		for j := orders - 1; j >= 0; j-- { // the first order, as tokens mostly lie, comes last, so that on the way back it
			results[j] = p.reading[j].attend(tp, a, p.turn) // writes the gradients and the other adds to them row by row
		}
		return mixOrders(tp, p.d.Heads, p.route(tp, a), results, p.reading)
	}
	query := a.Query
	var weights [orders]*tensor.Tensor
	for j := range orders {
		a.QueryIndex, a.KeyIndex = p.places[j], p.places[j]
		if p.cached {
			a.Query = p.half(tp, query, j)
		} else {
			a.RotateQuery = p.rotation(tp, j)
			a.RotateKey = a.RotateQuery
		}
		results[j], weights[j] = p.kernel(tp, a, j), a.Weights
	}
	a.Query = query
	r := p.route(tp, a)
	a.Weights = p.mixWeights(a, r, weights)
	return mixOrders(tp, p.d.Heads, r, results, [orders]readingOrder{})
}

// arranges reports whether the tokens may be brought into reading order: nothing that the model asks for goes by where
// they lie, but for branches, which lie where they did.
func (p *twoOrderPass) arranges(a *Attention) bool {
	m := &a.Mask
	return !p.cached && !a.KeepWeights && a.Keys == nil && a.Relative == nil && a.Biases == nil &&
		(m.QuerySegments == nil || sameList(m.QuerySegments, p.layout.Branches)) && m.KeySegments == nil && m.Neighbours == nil && m.Allow == nil
}

// sameList reports whether two slices are one.
func sameList(a, b []int32) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// kernel attends in one order. A cache takes the keys, which are those of both orders, with the first.
func (p *twoOrderPass) kernel(tp *tensor.Tape, a *Attention, order int) *tensor.Var {
	if a.Cache == nil || order == 0 {
		return a.Kernel(tp)
	}
	in := a.SoftmaxInput
	defer func() { a.SoftmaxInput = in }()
	if p.places[order] != nil { // a table begins: nothing came before it, and its places differ from those in the cache
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
	r := p.routers[a.Layer].apply(tp, a.Input)
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
		sum := entropyOf(tp, r, share)
		if total != nil {
			sum = tp.Add(total, sum)
		}
		total = sum
		layers++
	}
	if total == nil {
		return nil
	}
	return tp.Scale(total, float32(p.EntropyWeight/float64(layers)))
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

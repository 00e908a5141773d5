package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var (
	_ Encoding = TwoOrder{}
	_ Router   = (*twoOrderPass)(nil)
	_ Routed   = (*twoOrderPass)(nil)
)

// TwoOrder reads a table twice in every layer, row by row and column by column, each time with [RoPE] and a causal mask
// in that order, and lets a router mix the two results for every token and head (Li and others, "2D-TPE", WWW 2025, arXiv
// 2409.19700; code JinaLeejnl/2D-TPE, whose missing definitions the fork zyx-hfut/2D-TPE adds). With z the slice of the
// layer's input that a head would own, [h d, (h+1) d], and o^j the attention in order j,
//
//	r = softmax( W3 ( SiLU(W1 z + b1) ⊙ (W2 z + b2) ) + b3 )
//	o = sum over j of r_j o^j
//
// A layer has one router, which its heads share. In training the mean entropy of r over the cells of a table
// ([Layout.WithSpans]) joins the loss, mean over items and layers; items without cells do not count. The official code
// does so; the paper takes all tokens, as a layout without spans does.
//
// It serves tables in two orders, and sequences that go on, whose new tokens come last in both. Its masks are its own: what
// the model set of places and of Mask.Causal is replaced. Of branches it wants the mask of [Layout.Causal].
type TwoOrder struct {
	Base          float64 // of the rotation; 0 means 10000
	RouterWidth   int     // rows of W1 and W2; 0 means 4 head dims
	EntropyWeight float64 // of the entropy in the loss; 0 means 1
	NoEntropy     bool    // leaves it out
	Std           float64 // standard deviation of the router's initial weights; 0 means 0.02, LLaMA's
}

// Routed is a [Positions] that mixes what several orders say.
type Routed interface {
	// Routing returns the weights of the orders in a layer that has run, [tokens, heads, orders]. They are the tape's own
	// and last until its next pass begins.
	Routing(layer int) *tensor.Tensor
}

// Name returns two-order.
func (TwoOrder) Name() string { return "two-order" }

// New makes the routers.
func (o TwoOrder) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(o.Name())
	if err != nil {
		return nil, err
	}
	if d.Heads*d.HeadDim != d.Width {
		return nil, fmt.Errorf("encodings: %s: the router reads a slice of the tokens for every head, but %d heads of %d are not Width %d", o.Name(), d.Heads, d.HeadDim, d.Width)
	}
	if err := evenHead(o.Name(), d.HeadDim); err != nil {
		return nil, err
	}
	base, err := checkBase(o.Name(), o.Base, ropeBase)
	if err != nil {
		return nil, err
	}
	if o.RouterWidth == 0 {
		o.RouterWidth = 4 * d.HeadDim
	}
	if o.EntropyWeight == 0 {
		o.EntropyWeight = 1
	}
	if o.Std == 0 {
		o.Std = 0.02
	}
	if o.RouterWidth < 1 || !(o.Std > 0) || math.IsInf(o.Std, 0) || math.IsNaN(o.EntropyWeight) {
		return nil, fmt.Errorf("encodings: %s: RouterWidth %d, Std %v and EntropyWeight %v: want a positive width and deviation, and a number", o.Name(), o.RouterWidth, o.Std, o.EntropyWeight)
	}
	e := &twoOrder{TwoOrder: o, d: d}
	e.rotary.name, e.rotary.axes = o.Name(), 1
	e.rotary.addAxis(0, Frequencies(d.HeadDim, base, Scaling{}))
	linear := func(in, out int) *nn.Linear { return nn.NewLinearNormal(in, out, o.Std, init) }
	for range d.Layers {
		e.routers = append(e.routers, &orderRouter{linear(d.HeadDim, o.RouterWidth), linear(d.HeadDim, o.RouterWidth), linear(o.RouterWidth, orders)})
	}
	return e, nil
}

// orders is the number of orders.
const orders = 2

type twoOrder struct {
	TwoOrder
	d       Dims
	rotary  rotary
	routers []*orderRouter // one a layer
}

// Params declares the routers.
func (e *twoOrder) Params(c *nn.Params) {
	for i, r := range e.routers {
		c.Sub(fmt.Sprintf("router.%d", i), r)
	}
}

// Branches says that it serves them.
func (e *twoOrder) Branches() string { return "" }

// Begin finds both orders and computes the angles.
func (e *twoOrder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	p := &twoOrderPass{twoOrder: e, layout: l, cached: l.Past != nil || l.Memory != nil, routed: make([]*tensor.Var, len(e.routers))}
	switch {
	case l.Kind == Table && len(l.Orders) == orders:
		for j, order := range l.Orders {
			p.places[j] = order
			if !p.cached {
				p.reading[j] = newReadingOrder(l, order)
			}
		}
		if !p.cached {
			p.turn = &e.rotary.begin(tp, l.Flat().Coords).turn
		}
	case l.Kind == Sequence && l.Past != nil:
		p.rotations[0] = &e.rotary.begin(tp, l.Coords).turn
		p.rotations[1] = p.rotations[0]
	case l.Kind == Sequence:
		return nil, l.Refuse(e.Name(), "it reads every item in two orders: give them by InOrders, the same one twice where there is no table, or use rope")
	default:
		return nil, l.Refuse(e.Name(), "it reads tables in two orders: lay them out by InOrders")
	}
	return p, nil
}

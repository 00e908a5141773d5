package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ Encoding = MDTPE{}

// MDTPE is LightNet's Toeplitz position encoding in several dimensions (Qin and others, "You Only Need One Scan", arXiv
// 2405.21022; Doraemonzzz/xmixers, MdTpe): along every axis, head h of a token at t takes a sum of its own features and
// of those before it,
//
//	o_t = (q_h · k_h) sum over s <= t of λ_h^(t-s) x_s,  λ_h = sigmoid(log decay_h)
//
// with learned vectors q and k, and becomes W_o RMSNorm(o) with 1e-5 in the sum of squares, not in their mean. The axes,
// each with parameters of its own, are added up. The cost is linear in the tokens; the sum is causal along each axis, for
// images too, as in the code.
//
// By default the result takes the place of the tokens, as in the code's language model: the term s = t keeps the token
// itself. How the paper joins them could not be read. Leading tokens stay what they are.
//
// It serves grids of Axes axes; with one axis sequences, those that go on too (their [Memory] keeps the sums), and tables
// in their first order.
type MDTPE struct {
	Axes  int     // 0 means 2
	Heads int     // of the decay; 0 means those of the model
	Add   bool    // adds the result to the tokens in place of replacing them
	Std   float64 // standard deviation of the initial W_o; 0 means 0.02
}

// Name returns md-tpe.
func (MDTPE) Name() string { return "md-tpe" }

// New makes the parameters: q and k are 1 at first and λ a half.
func (m MDTPE) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(m.Name())
	if err != nil {
		return nil, err
	}
	if m.Axes == 0 {
		m.Axes = 2
	}
	if m.Heads == 0 {
		m.Heads = d.Heads
	}
	if m.Std == 0 {
		m.Std = 0.02
	}
	switch {
	case m.Axes < 1:
		return nil, fmt.Errorf("encodings: %s: Axes is %d: want at least 1", m.Name(), m.Axes)
	case m.Heads < 1 || d.Width%m.Heads != 0:
		return nil, fmt.Errorf("encodings: %s: Heads %d do not divide Width %d", m.Name(), m.Heads, d.Width)
	case !(m.Std > 0):
		return nil, fmt.Errorf("encodings: %s: Std is %v: want a positive number", m.Name(), m.Std)
	}
	e := &mdTPE{MDTPE: m, width: d.Width}
	for range m.Axes {
		a := &tpeAxis{query: tensor.New(d.Width), key: tensor.New(d.Width), logDecay: tensor.New(m.Heads),
			norm: &nn.RMSNorm{Weight: tensor.New(d.Width), Eps: 1e-5 / float64(d.Width)}, out: &nn.Linear{Weight: tensor.New(d.Width, d.Width)}}
		a.query.Fill(1)
		a.key.Fill(1)
		a.norm.Weight.Fill(1)
		init.Normal(a.out.Weight, m.Std)
		e.axes = append(e.axes, a)
	}
	return e, nil
}

type mdTPE struct {
	MDTPE
	width int
	axes  []*tpeAxis // of the layout, the slowest first
}

// tpeAxis are the parameters of one axis.
type tpeAxis struct {
	query, key *tensor.Tensor // [width]
	logDecay   *tensor.Tensor // [heads]
	norm       *nn.RMSNorm
	out        *nn.Linear
}

// Params declares the parameters of every axis.
func (e *mdTPE) Params(c *nn.Params) {
	for i, a := range e.axes {
		c.Sub(fmt.Sprintf("axis.%d", i), a)
	}
}

// Params declares the vectors, the decay, and the layers after the sum.
func (a *tpeAxis) Params(c *nn.Params) {
	c.Param("query", a.query)
	c.Param("key", a.key)
	c.Param("log_decay", a.logDecay)
	c.Sub("norm", a.norm)
	c.Sub("out", a.out)
}

// Branches refuses them.
func (*mdTPE) Branches() string {
	return "it sums from token to token as they lie, so that a branch would hear of the one before it"
}

// Begin lists the lines of tokens along every axis.
func (e *mdTPE) Begin(_ *tensor.Tape, l *Layout) (Positions, error) {
	p := &mdTPEPass{mdTPE: e, layout: l}
	switch {
	case l.Kind == Grid && l.Rank == e.Axes:
		for axis := range e.axes {
			p.lines = append(p.lines, gridLines(l, axis))
		}
	case l.Kind == Graph || l.Kind == Points:
		return nil, l.Refuse(e.Name(), "it sums along lines of a grid: lay tokens out by OnGrid or as sequences, or take md-lrpe for points")
	case l.Kind == Grid || e.Axes != 1:
		return nil, l.Refuse(e.Name(), fmt.Sprintf("Axes is %d and tokens have %d: set Axes to %d, or take the layout's Flat", e.Axes, l.Rank, l.Rank))
	default:
		for _, past := range l.Past {
			if past > 0 && l.Memory == nil {
				return nil, l.Refuse(e.Name(), "it has to know the sums of the tokens before: give ContinuedSequences a Memory from the first pass on")
			}
		}
		p.lines = []attention.Runs{itemLines(l)}
	}
	return p, nil
}

// gridLines are the lines along an axis of a grid: the tokens that differ in it alone. Leading tokens are lines of one.
func gridLines(l *Layout, axis int) attention.Runs {
	r := attention.Runs{Offsets: []int{0}}
	for b := range l.Items() {
		first := l.Offsets[b] + l.Leading
		for t := l.Offsets[b]; t < first; t++ {
			r.Order = append(r.Order, int32(t))
			r.Offsets = append(r.Offsets, len(r.Order))
		}
		r.AddGrid(first, l.ShapeOf(b), axis)
	}
	return r
}

// itemLines are the items themselves, tables in their first order. Where a memory keeps sums, those of item b are a token
// before its first, after all tokens of the batch.
func itemLines(l *Layout) attention.Runs {
	r := attention.Runs{Offsets: []int{0}}
	for b := range l.Items() {
		if l.Memory != nil {
			r.Order = append(r.Order, int32(l.Tokens()+b))
		}
		first := len(r.Order)
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			r.Order = append(r.Order, int32(t))
		}
		if l.Kind == Table {
			for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
				r.Order[first+int(l.Orders[0][t])] = int32(t)
			}
		}
		r.Offsets = append(r.Offsets, len(r.Order))
	}
	return r
}

type mdTPEPass struct {
	Silent
	*mdTPE
	layout *Layout
	lines  []attention.Runs // along each axis
}

// Tokens returns the encoded tokens.
func (p *mdTPEPass) Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	tp.Enter(p.Name())
	defer tp.Leave()
	if x.Rows() != p.layout.Tokens() || x.Cols() != p.width {
		panic(fmt.Sprintf("encodings: md-tpe: tokens %v are not [%d %d]", x.Shape(), p.layout.Tokens(), p.width))
	}
	var y *tensor.Var
	for i, a := range p.axes {
		sums := p.scan(tp, x, tp.Sigmoid(tp.Leaf(a.logDecay)), p.lines[i])
		along := a.out.Apply(tp, a.norm.Apply(tp, tp.MulRow(sums, a.factor(tp))))
		if y != nil {
			along = tp.Add(y, along)
		}
		y = along
	}
	placed, leading := p.layout.leadingRows()
	if leading != nil {
		y = tp.ScaleRows(y, placed)
	}
	switch {
	case p.Add:
		y = tp.Add(y, x)
	case leading != nil:
		y = tp.Add(y, tp.ScaleRows(x, leading))
	}
	return y
}

// leadingRows returns factors that keep the rows of tokens with a place, and of the others, [tokens]; nil where all have
// one.
func (l *Layout) leadingRows() (placed, leading []float32) {
	if l.Leading == 0 {
		return nil, nil
	}
	placed, leading = make([]float32, l.Tokens()), make([]float32, l.Tokens())
	for b := range l.Items() {
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			if l.Leads(b, t) {
				leading[t] = 1
			} else {
				placed[t] = 1
			}
		}
	}
	return placed, leading
}

// scan returns the sums along lines. Those that a memory keeps of the tokens before go into it as tokens, and it is left
// with those after.
func (p *mdTPEPass) scan(tp *tensor.Tape, x, lambda *tensor.Var, lines attention.Runs) *tensor.Var {
	l := p.layout
	if l.Memory == nil {
		return attention.DecayScan(tp, x, lambda, lines)
	}
	state := l.Memory.Get(0, p.Name(), p.width)
	for b := range l.Items() {
		if l.Past == nil || l.Past[b] == 0 {
			clear(state.Row(b))
		}
	}
	sums := attention.DecayScan(tp, tp.ConcatRows(x, tp.Const(state.Clone())), lambda, lines)
	for b := range l.Items() {
		last := lines.Order[lines.Offsets[b+1]-1]
		copy(state.Row(b), sums.Value().Row(int(last)))
	}
	return tp.Rows(sums, 0, l.Tokens())
}

// factor returns q · k of every head, for each of its channels: [width].
func (a *tpeAxis) factor(tp *tensor.Tape) *tensor.Var {
	width, heads := a.query.Size(), a.logDecay.Size()
	ones := tensor.New(width / heads)
	ones.Fill(1)
	products := tp.Reshape(tp.Mul(tp.Leaf(a.query), tp.Leaf(a.key)), heads, width/heads)
	dots := tp.MatMul(products, tp.Reshape(tp.Const(ones), width/heads, 1)) // [heads, 1]
	return tp.Reshape(tp.MatMul(dots, tp.Reshape(tp.Const(ones), 1, width/heads)), width)
}

package encodingtest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// broken is an encoding whose parts are given one by one, for breaking. With none given it is a good one: None.
type broken struct {
	anySize  bool
	made     *int // encoders so far; nil means that nobody counts
	relative bool
	weight   bool // it has a parameter [width]
	begin    func(e *brokenEncoder, tp *tensor.Tape, l *encodings.Layout) (encodings.Positions, error)
	tokens   func(e *brokenEncoder, tp *tensor.Tape, l *encodings.Layout, x *tensor.Var) *tensor.Var
	attend   func(e *brokenEncoder, tp *tensor.Tape, l *encodings.Layout, a *encodings.Attention)
	loss     func(e *brokenEncoder, tp *tensor.Tape) *tensor.Var
}

func (broken) Name() string { return "broken" }

func (b broken) New(d encodings.Dims, init *nn.Init) (encodings.Encoder, error) {
	if d.Width < 1 && !b.anySize {
		return nil, errors.New("broken: no width")
	}
	e := &brokenEncoder{broken: b}
	if b.weight {
		e.table = tensor.New(d.Width)
		init.Normal(e.table, 1)
		if b.made != nil {
			*b.made++
			e.table.Data()[0] = float32(*b.made)
		}
	}
	return e, nil
}

type brokenEncoder struct {
	broken
	table *tensor.Tensor
	runs  int
}

func (e *brokenEncoder) Params(c *nn.Params) { c.Param("table", e.table) }

func (e *brokenEncoder) Relative() bool { return e.broken.relative }

func (e *brokenEncoder) Begin(tp *tensor.Tape, l *encodings.Layout) (encodings.Positions, error) {
	e.runs++
	if e.begin != nil {
		return e.begin(e, tp, l)
	}
	return &brokenPositions{e: e, l: l}, nil
}

type brokenPositions struct {
	e *brokenEncoder
	l *encodings.Layout
}

func (p *brokenPositions) Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	if p.e.tokens == nil {
		return x
	}
	return p.e.tokens(p.e, tp, p.l, x)
}

func (p *brokenPositions) Attend(tp *tensor.Tape, a *encodings.Attention) {
	if p.e.attend != nil {
		p.e.attend(p.e, tp, p.l, a)
	}
}

func (p *brokenPositions) Loss(tp *tensor.Tape) *tensor.Var {
	if p.e.loss == nil {
		return nil
	}
	return p.e.loss(p.e, tp)
}

// rows returns x with a number added to all columns of each row.
func rows(tp *tensor.Tape, x *tensor.Var, number func(row int) float64) *tensor.Var {
	add := tensor.New(x.Rows(), x.Cols())
	for i := range add.Rows() {
		for c := range add.Row(i) {
			add.Row(i)[c] = float32(number(i)) * float32(c%3)
		}
	}
	return tp.Add(x, tp.Const(add))
}

type (
	enc = brokenEncoder
	lay = encodings.Layout
)

// TestBroken shows that the kit finds what it says it does, and nothing else.
func TestBroken(t *testing.T) {
	made, passes := 0, 0
	var few []Layout // one of a kind
	for _, l := range Layouts() {
		if slices.Contains([]string{"sequences", "grid", "points", "graphs", "table in one order"}, l.Name) {
			few = append(few, l)
		}
	}
	for name, c := range map[string]struct {
		broken
		property string
	}{
		"good":                    {broken{relative: true}, ""},
		"makes models of no size": {broken{anySize: true}, "sizes"},
		"draws from elsewhere":    {broken{weight: true, made: &made}, "sizes"},
		"refuses without a name": {broken{begin: func(e *enc, _ *tensor.Tape, l *lay) (encodings.Positions, error) {
			if l.Kind == encodings.Graph {
				return nil, errors.New("cannot")
			}
			return &brokenPositions{e, l}, nil
		}}, "refusal"},
		"refuses all": {broken{begin: func(_ *enc, _ *tensor.Tape, l *lay) (encodings.Positions, error) {
			return nil, l.Refuse("broken", "it is")
		}}, "refusal"},
		"returns nothing": {broken{begin: func(*enc, *tensor.Tape, *lay) (encodings.Positions, error) { return nil, nil }}, "refusal"},
		"widens tokens": {broken{tokens: func(_ *enc, tp *tensor.Tape, _ *lay, x *tensor.Var) *tensor.Var {
			return tp.Concat(x, x)
		}}, "shape"},
		"narrows values": {broken{attend: func(_ *enc, tp *tensor.Tape, _ *lay, a *encodings.Attention) {
			a.Value = tp.Columns(a.Value, 0, a.Value.Cols()/2)
		}}, "shape"},
		"returns a vector as loss": {broken{loss: func(_ *enc, tp *tensor.Tape) *tensor.Var { return tp.Const(tensor.New(1)) }}, "shape"},
		"is not finite": {broken{tokens: func(_ *enc, tp *tensor.Tape, _ *lay, x *tensor.Var) *tensor.Var {
			return rows(tp, x, func(int) float64 { return math.Inf(1) })
		}}, "shape"},
		"remembers passes": {broken{tokens: func(_ *enc, tp *tensor.Tape, _ *lay, x *tensor.Var) *tensor.Var {
			passes++
			return rows(tp, x, func(int) float64 { return float64(passes) / 1000 })
		}}, "determinism"},
		"draws in evaluation": {broken{tokens: func(_ *enc, tp *tensor.Tape, _ *lay, x *tensor.Var) *tensor.Var {
			key, _ := tp.Draw()
			return rows(tp, x, func(int) float64 { return float64(key%97) / 97 })
		}}, "evaluation"},
		"moves its parameter": {broken{weight: true, tokens: func(e *enc, tp *tensor.Tape, _ *lay, x *tensor.Var) *tensor.Var {
			if tp.Training() && e.runs > 2 {
				e.table.Data()[0]++
			}
			return tp.AddRow(x, tp.Leaf(e.table))
		}}, "evaluation"},
		"looks at other items": {broken{tokens: func(_ *enc, tp *tensor.Tape, l *lay, x *tensor.Var) *tensor.Var {
			return rows(tp, x, func(int) float64 { return float64(l.Items()) })
		}}, "alone"},
		"numbers nodes": {broken{tokens: func(_ *enc, tp *tensor.Tape, l *lay, x *tensor.Var) *tensor.Var {
			if l.Kind != encodings.Graph {
				return x
			}
			return rows(tp, x, func(row int) float64 {
				for b := range l.Items() {
					if row < l.Offsets[b+1] {
						return float64(row - l.Offsets[b])
					}
				}
				return 0
			})
		}}, "permutation"},
		"is absolute": {broken{relative: true, tokens: func(_ *enc, tp *tensor.Tape, l *lay, x *tensor.Var) *tensor.Var {
			if l.Rank == 0 {
				return x
			}
			return rows(tp, x, func(row int) float64 { return l.At(row)[0] / 10 })
		}}, "relative"},
		"loses half a gradient": {broken{weight: true, tokens: func(e *enc, tp *tensor.Tape, _ *lay, x *tensor.Var) *tensor.Var {
			return tp.AddRow(tp.AddRow(x, tp.Leaf(e.table)), tp.Const(e.table))
		}}, "gradient"},
		"has a parameter for nothing": {broken{weight: true}, "gradient"},
		"stops the gradient of its loss": {broken{weight: true,
			tokens: func(e *enc, tp *tensor.Tape, _ *lay, x *tensor.Var) *tensor.Var {
				return tp.AddRow(x, tp.Leaf(e.table))
			},
			loss: func(e *enc, tp *tensor.Tape) *tensor.Var { return tp.Sum(tp.Square(tp.Const(e.table))) },
		}, "gradient"},
		"begins anew": {broken{tokens: func(_ *enc, tp *tensor.Tape, l *lay, x *tensor.Var) *tensor.Var {
			if l.Kind != encodings.Sequence {
				return x
			}
			return rows(tp, x, func(row int) float64 {
				for b := range l.Items() {
					if row < l.Offsets[b+1] {
						return float64(row - l.Offsets[b])
					}
				}
				return 0
			})
		}}, "decoding"},
		"stops half-way": {broken{begin: func(e *enc, _ *tensor.Tape, l *lay) (encodings.Positions, error) {
			if l.Past != nil && l.Past[0] > 0 {
				return nil, l.Refuse("broken", "it stops")
			}
			return &brokenPositions{e, l}, nil
		}}, "decoding"},
		"panics": {broken{attend: func(_ *enc, _ *tensor.Tape, l *lay, _ *encodings.Attention) {
			if l.Kind == encodings.Table {
				panic("oh")
			}
		}}, "panic"},
	} {
		t.Run(name, func(t *testing.T) {
			var found []string
			failures := Check(c.broken, Options{Layouts: few, Samples: 2})
			for _, f := range failures {
				if !slices.Contains(found, f.Property) {
					found = append(found, f.Property)
				}
			}
			want := []string{c.property}
			if c.property == "" {
				want = nil
			}
			if !slices.Equal(found, want) {
				t.Errorf("found %v, expected %v:\n%v", found, want, failures[:min(len(failures), 3)])
			}
		})
	}
}

func TestOptions(t *testing.T) {
	half := broken{weight: true, tokens: func(e *enc, tp *tensor.Tape, _ *lay, x *tensor.Var) *tensor.Var {
		return tp.AddRow(tp.AddRow(x, tp.Leaf(e.table)), tp.Const(e.table))
	}}
	if f := Check(half, Options{Skip: []string{"gradient"}}); f != nil {
		t.Errorf("skipped, but found: %v", f)
	}
	if f := Check(half, Options{Tolerance: 1.1}); f != nil {
		t.Errorf("tolerated, but found: %v", f)
	}
	stopped := broken{weight: true,
		tokens: func(e *enc, tp *tensor.Tape, _ *lay, x *tensor.Var) *tensor.Var {
			return tp.AddRow(x, tp.Leaf(e.table))
		},
		loss: func(e *enc, tp *tensor.Tape) *tensor.Var { return tp.Sum(tp.Square(tp.Const(e.table))) },
	}
	if f := Check(stopped, Options{NoLoss: true}); f != nil {
		t.Errorf("the loss was left out, but found: %v", f)
	}
	if f := Check(encodings.None{}, Options{Dims: encodings.Dims{Width: 8, Heads: 2, KVHeads: 3}}); len(f) != 1 || f[0].Property != "sizes" {
		t.Errorf("sizes that do not fit give %v", f)
	}
	line := Layouts()[:1]
	if f := Check(broken{begin: func(_ *enc, _ *tensor.Tape, l *lay) (encodings.Positions, error) {
		return nil, l.Refuse("broken", "it is")
	}}, Options{Layouts: line}); len(f) != 1 || f[0].String() != "refusal: none of 1 layouts is served" {
		t.Errorf("a layout of the caller's gives %v", f)
	}
	if got := fmt.Sprint(Failure{"shape", "grid", "odd"}); got != "shape on grid: odd" {
		t.Errorf("a failure reads %q", got)
	}
}

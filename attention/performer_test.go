package attention_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// performerCase is a Performer with the sequences it is tried on.
type performerCase struct {
	op      attention.Performer
	dv      int
	lengths []int
}

func (c performerCase) String() string {
	return fmt.Sprintf("Performer of %d heads, projection %v, padded %v, lengths %v", c.op.Heads, c.op.Projection.Shape(), c.op.Padded, c.lengths)
}

func performerCases() []performerCase {
	w := attention.DrawProjection
	return []performerCase{
		{attention.Performer{Heads: 2, Projection: w(1, 11, 5, 1)}, 3, []int{5, 0, 130, 1}},
		{attention.Performer{Heads: 3, Projection: w(3, 8, 4, 1), Eps: 0.01}, 4, []int{70, 7}},
		{attention.Performer{Heads: 1, Projection: w(1, 3, 2, 1)}, 1, []int{4100}}, // more than a piece
	}
}

// layer returns the operation as a layer with random inputs. The largest exponents are constants to its gradients, so the
// loops find them once.
func (c performerCase) layer(seed uint64) *layer {
	offsets := joined(c.lengths...)
	d := c.op.Projection.Shape()[2]
	rng := rand.New(rand.NewPCG(seed, 3))
	l := &layer{loose: 4, inputs: map[string]*tensor.Tensor{"query": normal(rng, 1.5, offsets[len(c.lengths)], c.op.Heads*d),
		"key": normal(rng, 1.5, offsets[len(c.lengths)], c.op.Heads*d), "value": normal(rng, 1, offsets[len(c.lengths)], c.op.Heads*c.dv)}}
	l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
		return c.op.Apply(tp, offsets, leaf("query"), leaf("key"), leaf("value"))
	}
	var tops []float64
	l.loops = func(in map[string][]float64) []float64 {
		out, found := c.loops(in, offsets, tops)
		tops = found
		return out
	}
	return l
}

// loops computes the equations of Performer. tops are the maxima in the order in which they are needed; nil finds them.
func (c performerCase) loops(in map[string][]float64, offsets []int, tops []float64) (out, found []float64) {
	heads, shape := c.op.Heads, c.op.Projection.Shape()
	m, d, eps := shape[1], shape[2], c.op.Eps
	if eps == 0 {
		eps = 1e-4
	}
	longest := slices.Max(c.lengths)
	exponents := func(x []float64, h int) (w []float64, half float64) {
		for r := range m {
			dot := 0.0
			for k := range d {
				dot += float64(c.op.Projection.At(h%shape[0], r, k)) * x[k] * math.Pow(float64(d), -0.25)
			}
			w = append(w, dot)
		}
		for k := range d {
			half += x[k] * x[k] / math.Sqrt(float64(d)) / 2
		}
		return w, half
	}
	next := 0
	top := func(find func() float64) float64 {
		if next == len(tops) {
			tops = append(tops, find())
		}
		next++
		return tops[next-1]
	}
	out = make([]float64, len(in["value"]))
	for b := range c.lengths {
		for h := range heads {
			row := func(name string, i, width int) []float64 { return in[name][(i*heads+h)*width:][:width] }
			var keys [][]float64
			var halves []float64
			for j := offsets[b]; j < offsets[b+1]; j++ {
				w, half := exponents(row("key", j, d), h)
				keys, halves = append(keys, w), append(halves, half)
			}
			padding := 0
			if c.op.Padded {
				padding = longest - c.lengths[b]
			}
			for range padding {
				keys, halves = append(keys, make([]float64, m)), append(halves, 0)
			}
			if len(keys) == 0 {
				continue
			}
			most := top(func() float64 {
				most := math.Inf(-1)
				for _, w := range keys {
					most = max(most, slices.Max(w))
				}
				return most
			})
			sum := make([]float64, m*(c.dv+1))
			for j, w := range keys {
				for r, e := range w {
					phi := math.Exp(e-halves[j]-most) + eps
					if j < c.lengths[b] {
						for k, v := range row("value", offsets[b]+j, c.dv) {
							sum[r*(c.dv+1)+k] += phi * v
						}
					}
					sum[r*(c.dv+1)+c.dv] += phi
				}
			}
			for i := offsets[b]; i < offsets[b+1]; i++ {
				w, half := exponents(row("query", i, d), h)
				most := top(func() float64 { return slices.Max(w) })
				o := make([]float64, c.dv+1)
				for r, e := range w {
					for k := range o {
						o[k] += (math.Exp(e-half-most) + eps) * sum[r*(c.dv+1)+k]
					}
				}
				for k := range c.dv {
					out[(i*heads+h)*c.dv+k] = o[k] / o[c.dv]
				}
			}
		}
	}
	return out, tops
}

// TestPerformerKernel compares with the equations in float64, padded too.
func TestPerformerKernel(t *testing.T) {
	for _, c := range performerCases() {
		c.layer(5).check(t, c.String())
		if c.op.Padded = true; len(c.lengths) > 1 {
			c.layer(5).check(t, c.String())
		}
	}
}

// TestPerformerEstimates: without Eps to speak of it is Linear with the same features.
func TestPerformerEstimates(t *testing.T) {
	w := attention.DrawProjection(1, 32, 8, 3)
	rng := rand.New(rand.NewPCG(1, 1))
	q, k, v := normal(rng, 1, 90, 16), normal(rng, 1, 90, 16), normal(rng, 1, 90, 16)
	tape.Begin(tensor.Pass{})
	offsets := []int{0, 40, 90}
	got := attention.Performer{Heads: 2, Projection: w, Eps: 1e-12}.Apply(tape, offsets, tape.Const(q), tape.Const(k), tape.Const(v))
	want := attention.Linear{Heads: 2, Map: &attention.RandomFeatures{Projection: w}}.Apply(tape,
		attention.LinearInput{Queries: offsets, Query: tape.Const(q), Key: tape.Const(k), Value: tape.Const(v)})
	for n, x := range want.Data() {
		if d := math.Abs(float64(got.Data()[n] - x)); !(d < 2e-5) {
			t.Fatalf("result %d is %v, want %v", n, got.Data()[n], x)
		}
	}
}

// TestPerformerRefuses: what does not fit panics, with the numbers.
func TestPerformerRefuses(t *testing.T) {
	w := attention.DrawProjection(1, 4, 2, 1)
	for want, o := range map[string]attention.Performer{
		"draw one with DrawProjection":                   {Heads: 2},
		"projection [1 4 2] for 0 heads":                 {Projection: w},
		"projection [3 4 2] for 2 heads":                 {Heads: 2, Projection: attention.DrawProjection(3, 4, 2, 1)},
		"queries [6 4] and keys [6 4], expected width 2": {Heads: 1, Projection: w},
		"attention: Performer: eps -1 is negative":       {Heads: 2, Projection: w, Eps: -1},
		"heads 4 do not divide width 6 of the values":    {Heads: 4, Projection: attention.DrawProjection(1, 4, 1, 1)},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			tape.Begin(tensor.Pass{})
			x := tape.Const(tensor.New(6, 4))
			o.Apply(tape, []int{0, 6}, x, x, tape.Const(tensor.New(6, 6)))
		}()
	}
}

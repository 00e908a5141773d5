package attention_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// additiveCase is one additive recurrence to compare.
type additiveCase struct {
	op               attention.Additive
	lengths          []int
	channels, dv     int
	copies           int     // with a key factor; 0 means none
	std, drift, jump float64 // of the keys: spread, rise from token to token, and rise at every 20th token
}

func (c additiveCase) layer(seed uint64) *layer {
	rng := rand.New(rand.NewPCG(seed, 8))
	offsets, heads := joined(c.lengths...), c.op.Heads
	tokens := offsets[len(c.lengths)]
	l := &layer{inputs: map[string]*tensor.Tensor{
		"query": normal(rng, 1, tokens, heads*c.channels*max(c.copies, 1)),
		"key":   normal(rng, max(c.std, 1), tokens, heads*c.channels),
		"value": normal(rng, 1, tokens, heads*c.dv),
	}}
	width := heads * c.channels
	for n := range l.inputs["key"].Data() {
		l.inputs["key"].Data()[n] += float32(float64(n/width)*c.drift + float64(n/width/20)*c.jump)
	}
	if c.copies > 0 {
		l.inputs["factor"] = normal(rng, 1, tokens, width*c.copies)
	}
	l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
		return c.op.Apply(tp, attention.AdditiveInput{Offsets: offsets, Query: leaf("query"), Key: leaf("key"), Value: leaf("value"), KeyFactor: leaf("factor")})
	}
	l.loops = func(in map[string][]float64) []float64 { return c.loops(in, offsets) }
	// z is a float32: with keys of hundreds, its last digit is worth some 1e-5 of a weight.
	l.loose = (math.Abs(c.drift) + math.Abs(c.jump)/20) * float64(tokens) / 50
	return l
}

// loops is the soft-max over the past of every channel, without a recurrence.
func (c additiveCase) loops(in map[string][]float64, offsets []int) []float64 {
	heads, m, copies := c.op.Heads, c.channels, max(c.copies, 1)
	out := make([]float64, offsets[len(offsets)-1]*heads*c.dv)
	for b := 0; b+1 < len(offsets); b++ {
		for h := range heads {
			for ch := range m {
				key := func(s int) float64 { return in["key"][(s*heads+h)*m+ch] }
				top, sum := math.Inf(-1), 0.0
				if c.op.UnitMass {
					top, sum = 0, 1
				}
				for t := offsets[b]; t < offsets[b+1]; t++ {
					now := max(top, key(t))
					sum = sum*math.Exp(top-now) + math.Exp(key(t)-now)
					top = now
					for s := offsets[b]; s <= t; s++ {
						w := 0.0
						for r := range copies {
							at := ((t*heads+h)*copies+r)*m + ch
							f := in["query"][at]
							if c.copies > 0 {
								f *= in["factor"][((s*heads+h)*copies+r)*m+ch]
							}
							w += f
						}
						w *= math.Exp(key(s)-top) / sum
						for e := range c.dv {
							out[(t*heads+h)*c.dv+e] += w * in["value"][(s*heads+h)*c.dv+e]
						}
					}
				}
			}
		}
	}
	return out
}

// additiveCases are forms of the recurrence; drifts and jumps make chunks of several segments.
func additiveCases() []additiveCase {
	long := []int{130, 0, 1, 64}
	return []additiveCase{
		{op: attention.Additive{Heads: 2}, lengths: []int{5, 1, 0, 7}, channels: 3, dv: 2},
		{op: attention.Additive{Heads: 2, UnitMass: true}, lengths: []int{5, 1, 0, 7}, channels: 3, dv: 2},
		{op: attention.Additive{Heads: 2}, lengths: long, channels: 3, dv: 5, std: 3},
		{op: attention.Additive{Heads: 1, UnitMass: true}, lengths: long, channels: 5, dv: 1, std: 2},
		{op: attention.Additive{Heads: 2}, lengths: []int{80, 3}, channels: 2, dv: 3, copies: 2},
		{op: attention.Additive{Heads: 2, UnitMass: true}, lengths: []int{5, 140}, channels: 3, dv: 2, copies: 3},
		{op: attention.Additive{Heads: 2}, lengths: []int{100, 30}, channels: 3, dv: 2, drift: 3},
		{op: attention.Additive{Heads: 1}, lengths: []int{130, 30}, channels: 3, dv: 2, drift: -2},
		{op: attention.Additive{Heads: 2, UnitMass: true}, lengths: []int{140}, channels: 2, dv: 2, jump: 90, copies: 2},
		{op: attention.Additive{Heads: 1}, lengths: []int{140}, channels: 2, dv: 2, jump: 90},
		{op: attention.Additive{Heads: 1}, lengths: []int{70}, channels: 2, dv: 2, drift: 100},
	}
}

func TestAdditive(t *testing.T) {
	for n, c := range additiveCases() {
		c.layer(uint64(n)).check(t, fmt.Sprintf("%+v", c))
	}
}

// TestAdditiveMassless gives keys of -Inf, alone and before others: they count as tokens that are not there.
func TestAdditiveMassless(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 8))
	const n, absent, heads, m, dv = 9, 4, 2, 3, 2
	q, k, v := normal(rng, 1, n, heads*m), normal(rng, 1, n, heads*m), normal(rng, 1, n, heads*dv)
	for i := range absent * heads * m {
		k.Data()[i] = float32(math.Inf(-1))
	}
	op := attention.Additive{Heads: heads}
	run := func(lo int) []float32 {
		tape.Begin(tensor.Pass{})
		return op.Apply(tape, attention.AdditiveInput{Offsets: []int{0, n - lo}, Query: tape.Const(sequenceRows(q, lo, n)),
			Key: tape.Const(sequenceRows(k, lo, n)), Value: tape.Const(sequenceRows(v, lo, n))}).Data()
	}
	want := append(make([]float32, absent*heads*dv), run(absent)...)
	for i, x := range run(0) {
		if math.Abs(float64(x-want[i])) > 1e-6 {
			t.Errorf("result %d is %v, want %v", i, x, want[i])
		}
	}
}

func TestTokenSoftmax(t *testing.T) {
	for _, lengths := range [][]int{{5, 0, 1, 3}, {300, 2}} {
		offsets := joined(lengths...)
		l := &layer{inputs: map[string]*tensor.Tensor{"value": normal(rand.New(rand.NewPCG(1, 2)), 2, offsets[len(lengths)], 3)}}
		l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
			return attention.TokenSoftmax(tp, leaf("value"), offsets)
		}
		l.loops = func(in map[string][]float64) []float64 {
			out := make([]float64, len(in["value"]))
			for b := range lengths {
				for c := range 3 {
					sum := 0.0
					for r := offsets[b]; r < offsets[b+1]; r++ {
						sum += math.Exp(in["value"][r*3+c])
					}
					for r := offsets[b]; r < offsets[b+1]; r++ {
						out[r*3+c] = math.Exp(in["value"][r*3+c]) / sum
					}
				}
			}
			return out
		}
		l.check(t, fmt.Sprint(lengths))
	}
}

func TestDecayScan(t *testing.T) {
	grid := attention.Runs{}
	grid.AddGrid(0, []int{3, 4, 2}, 1)
	grid.AddGrid(24, []int{5}, 0)
	grid.AddGrid(29, []int{2, 2}, 0)
	for _, c := range []struct {
		runs         attention.Runs
		tokens       int
		heads, width int
	}{
		{attention.Runs{Offsets: []int{0, 5, 5, 6}}, 6, 2, 4},
		{attention.Runs{Offsets: []int{0, 40}}, 40, 3, 270},
		{grid, 33, 2, 6},
		{attention.Runs{Offsets: []int{0}}, 0, 1, 3},
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		l := &layer{inputs: map[string]*tensor.Tensor{"value": normal(rng, 1, c.tokens, c.width), "lambda": normal(rng, 0.5, c.heads)}}
		l.apply = func(tp *tensor.Tape, leaf func(string) *tensor.Var) *tensor.Var {
			return attention.DecayScan(tp, leaf("value"), leaf("lambda"), c.runs)
		}
		l.loops = func(in map[string][]float64) []float64 {
			out := make([]float64, len(in["value"]))
			for r := 0; r+1 < len(c.runs.Offsets); r++ {
				for n := c.runs.Offsets[r]; n < c.runs.Offsets[r+1]; n++ {
					for s := c.runs.Offsets[r]; s <= n; s++ {
						to, from := n, s
						if c.runs.Order != nil {
							to, from = int(c.runs.Order[n]), int(c.runs.Order[s])
						}
						for ch := range c.width {
							out[to*c.width+ch] += math.Pow(in["lambda"][ch*c.heads/c.width], float64(n-s)) * in["value"][from*c.width+ch]
						}
					}
				}
			}
			return out
		}
		l.check(t, fmt.Sprintf("%d tokens, width %d", c.tokens, c.width))
	}
}

// TestRunsAddGrid writes out the columns of a grid of two rows and three columns.
func TestRunsAddGrid(t *testing.T) {
	var r attention.Runs
	r.AddGrid(10, []int{2, 3}, 0)
	if got, want := fmt.Sprint(r), "{[0 2 4 6] [10 13 11 14 12 15]}"; got != want {
		t.Errorf("runs %s, want %s", got, want)
	}
}

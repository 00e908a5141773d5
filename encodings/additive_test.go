package encodings

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestAdditiveRefusals checks what additive encodings say of settings and layouts that do not fit.
func TestAdditiveRefusals(t *testing.T) {
	layout := func(l *Layout, err error) *Layout {
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	sequence, grid := layout(Sequences([]int{0, 3, 8})), layout(OnGrid(1, 1, 2, 3))
	points := layout(AtPoints([]int{0, 1}, 0, 2, []float64{0.5, 2}))
	graph := OfGraphs(batchOf(t, graphs.Undirected(2, [][2]int{{0, 1}})))
	table := layout(InOrders([]int{0, 2}, []int32{1, 0}))
	late := layout(ContinuedSequences([]int{0, 1}, []int{7}, nil))
	two := layout(ContinuedSequences([]int{0, 1}, []int{7}, NewMemory(1)))
	two.Memory.Keep([]int{0, 0})
	d := Dims{Width: 6, Heads: 2, Layers: 1}
	for _, c := range []struct {
		encoding Encoding
		dims     Dims
		layout   *Layout
		want     string // in the error; empty means that there is none
	}{
		{None{}, Dims{Width: 5, Heads: 2}, nil, "2 heads do not divide the width 5"},
		{Sinusoidal{}, Dims{Width: 5, Heads: 1}, nil, "want an even width"},
		{Sinusoidal{Base: 1}, d, nil, "want a number above 1"},
		{Sinusoidal{Base: math.NaN()}, d, nil, "want a number above 1"},
		{Sinusoidal{}, d, grid, "the width 6 is no multiple of 4"},
		{Sinusoidal{}, d, graph, "sinusoidal cannot serve graphs"},
		{Sinusoidal{}, d, table, ""},
		{Learned{MaxLength: 4}, d, sequence, "the table ends after MaxLength 4 places: set more, or take an encoding that extrapolates: alibi"},
		{Learned{MaxLength: 5}, d, sequence, ""},
		{Learned{MaxLength: 7}, d, late, "place 7"},
		{Learned{MaxLength: 8}, d, late, ""},
		{Learned{MaxLength: -1}, d, nil, "does not exist"},
		{Learned{Leading: 1}, d, nil, "does not exist"},
		{Learned{MaxLength: 4, Shape: []int{2, 2}}, d, nil, "set one of both"},
		{Learned{Shape: []int{2, 0}}, d, nil, "no cells"},
		{Learned{Shape: []int{1 << 20, 1 << 20}}, d, nil, "too many"},
		{Learned{Shape: []int{2, 2}}, d, sequence, "its table is for a grid [2 2]"},
		{Learned{Shape: []int{2, 2}, Leading: 2}, d, grid, "for 2 leading tokens, and there are 1"},
		{Learned{Shape: []int{2, 2, 2}}, d, layout(OnGrid(1, 0, 2, 2, 1)), "only tables of rows and columns can be resized"},
		{Learned{}, d, points, "learned cannot serve 2-D points"},
		{ALiBi{}, d, grid, "alibi cannot serve a 2-D grid [2 3]: it knows one coordinate"},
		{ALiBi{}, d, graph, "alibi cannot serve graphs: it needs an order"},
		{ALiBi{}, d, late, ""},
		{T5Bias{Buckets: 7}, d, nil, "an even number"},
		{T5Bias{Buckets: 2}, d, nil, "at least 2 in a direction"},
		{T5Bias{MaxDistance: 8}, d, nil, "the 8 nearest have a bucket each"},
		{T5Bias{Buckets: 7, Causal: true}, d, sequence, ""},
		{T5Bias{}, d, points, "t5-bias cannot serve 2-D points"},
		{RCMHA{Kernel: -1}, d, nil, "kernel of -1"},
		{RCMHA{NoConv: true, NoRelative: true}, d, nil, "leave nothing"},
		{RCMHA{}, d, table, "Layout.Flat"},
		{RCMHA{}, d, late, "with a Memory"},
		{RCMHA{}, d, two, "the Memory is of 2 sequences and there are 1"},
		{RCMHA{NoConv: true}, d, late, ""},
		{TransformerXL{}, Dims{Width: 5, Heads: 1}, nil, "want an even width"},
		{TransformerXL{ClampLength: -1}, d, nil, "clamped to -1"},
		{TransformerXL{}, d, grid, "transformer-xl cannot serve"},
	} {
		encoder, err := c.encoding.New(c.dims, nn.NewInit(1))
		if err == nil && c.layout != nil {
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{})
			_, err = encoder.Begin(tp, c.layout)
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v on %v: the error is %v, want one with %q", c.encoding, c.layout, err, c.want)
		}
	}
}

// TestBilinear compares resizing with figures of torch's interpolate, which are those of the definition: a cell between two
// others takes from both by its distance, one beyond the border is the border's.
func TestBilinear(t *testing.T) {
	m := interpolation([]int{1, 2}, []int{1, 4}, true)
	for cell, want := range [][]float32{{1, 0}, {0.75, 0.25}, {0.25, 0.75}, {0, 1}} {
		for k, w := range want {
			if got := m.Row(cell)[k]; got != w {
				t.Errorf("cell %d takes %v of cell %d, want %v", cell, got, k, w)
			}
		}
	}
	m = interpolation([]int{2, 2}, []int{1, 1}, true)
	for k, w := range m.Row(0) {
		if w != 0.25 {
			t.Errorf("the middle takes %v of cell %d, want a quarter", w, k)
		}
	}
}

// TestBicubic compares resizing with the sum over all points that the definition gives: cubic convolution in every
// coordinate, coordinates beyond the border moved to it.
func TestBicubic(t *testing.T) {
	kernel := func(x float64) float64 {
		const a = -0.75
		x = math.Abs(x)
		switch {
		case x <= 1:
			return (a+2)*x*x*x - (a+3)*x*x + 1
		case x < 2:
			return a*x*x*x - 5*a*x*x + 8*a*x - 4*a
		}
		return 0
	}
	for _, c := range [][2][]int{{{2, 3}, {5, 4}}, {{5, 4}, {2, 3}}, {{1, 1}, {3, 2}}, {{14, 14}, {16, 9}}, {{3, 3}, {3, 3}}} {
		from, to := c[0], c[1]
		got := interpolation(from, to, false)
		for cell := range to[0] * to[1] {
			want := make([]float64, from[0]*from[1])
			y := (float64(cell/to[1])+0.5)*float64(from[0])/float64(to[0]) - 0.5
			x := (float64(cell%to[1])+0.5)*float64(from[1])/float64(to[1]) - 0.5
			for i := int(math.Floor(y)) - 1; i <= int(math.Floor(y))+2; i++ {
				for j := int(math.Floor(x)) - 1; j <= int(math.Floor(x))+2; j++ {
					at := min(max(i, 0), from[0]-1)*from[1] + min(max(j, 0), from[1]-1)
					want[at] += kernel(y-float64(i)) * kernel(x-float64(j))
				}
			}
			sum := 0.0
			for k, w := range want {
				sum += float64(got.Row(cell)[k])
				if math.Abs(w-float64(got.Row(cell)[k])) > 1e-6 {
					t.Errorf("%v to %v: cell %d takes %v of cell %d, want %v", from, to, cell, got.Row(cell)[k], k, w)
				}
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Errorf("%v to %v: cell %d takes %v in all, want 1", from, to, cell, sum)
			}
		}
	}
}

// TestLearnedGrid checks which token gets which row of a table.
func TestLearnedGrid(t *testing.T) {
	encoder, err := Learned{Shape: []int{2, 3}, Leading: 1}.New(Dims{Width: 1, Heads: 1}, nn.NewInit(1))
	if err != nil {
		t.Fatal(err)
	}
	table := encoder.(*learned).table
	for i := range table.Data() {
		table.Data()[i] = float32(10 * i)
	}
	rows := func(l *Layout, err error) []float32 {
		if err != nil {
			t.Fatal(err)
		}
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{})
		p, err := encoder.Begin(tp, l)
		if err != nil {
			t.Fatal(err)
		}
		return append([]float32{}, p.Tokens(tp, tp.Const(tensor.New(l.Tokens(), 1))).Data()...)
	}
	same := rows(OnGrid(2, 1, 2, 3))
	for k, x := range same {
		if x != float32(10*(k%7)) {
			t.Errorf("token %d gets %v, want row %d", k, x, k%7)
		}
	}
	// Resized, the leading row stays, and the middle of three columns stays the middle of five; the mean is kept by
	// symmetry.
	resized := rows(OnGrid(1, 1, 2, 5))
	if resized[0] != 0 || math.Abs(float64(resized[3]-20)) > 1e-4 || math.Abs(float64(resized[8]-50)) > 1e-4 {
		t.Errorf("resized to five columns: %v", resized)
	}
	// What is known of a layout is kept until another comes.
	wide, err := OnGrid(1, 1, 2, 5)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if again := rows(wide, nil); !slices.Equal(again, resized) {
			t.Errorf("resized again: %v, want %v", again, resized)
		}
		if n := testing.AllocsPerRun(5, func() { encoder.Begin(nil, wide) }); n > 0 {
			t.Errorf("%v allocations for a layout that is known", n)
		}
		if again := rows(OnGrid(2, 1, 2, 3)); !slices.Equal(again, same) {
			t.Errorf("not resized again: %v, want %v", again, same)
		}
	}
}

// TestScaleTokens checks the factor on the tokens.
func TestScaleTokens(t *testing.T) {
	encoder, err := Sinusoidal{ScaleTokens: true}.New(Dims{Width: 4, Heads: 1}, nn.NewInit(1))
	if err != nil {
		t.Fatal(err)
	}
	l, err := Sequences([]int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	p, err := encoder.Begin(tp, l)
	if err != nil {
		t.Fatal(err)
	}
	got := p.Tokens(tp, tp.Const(tensor.FromSlice([]float32{1, 2, 3, 4}, 1, 4))).Data()
	for i, want := range []float32{2, 5, 6, 9} { // twice the token, plus sin 0 and cos 0
		if got[i] != want {
			t.Errorf("column %d is %v, want %v", i, got[i], want)
		}
	}
}

// TestCausalConvolution checks that later tokens do not show in RCMHA's results, to the bit.
func TestCausalConvolution(t *testing.T) {
	d := Dims{Width: 8, Heads: 2, HeadDim: 4}
	for _, e := range []Encoding{RCMHA{MaxDistance: 4}, RCMHA{NoRelative: true, PerHead: true}, TransformerXL{}} {
		encoder, err := e.New(d, nn.NewInit(1))
		if err != nil {
			t.Fatal(err)
		}
		run := func(last float32) []float32 {
			l, err := Sequences([]int{0, 5})
			if err != nil {
				t.Fatal(err)
			}
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{})
			p, err := encoder.Begin(tp, l)
			if err != nil {
				t.Fatal(err)
			}
			x := tensor.New(5, 8)
			for i := range x.Data() {
				x.Data()[i] = float32(i*i%13) / 7
			}
			x.Row(4)[3] = last
			a := &Attention{}
			a.Heads, a.Queries = 2, l.Offsets
			a.Query, a.Key, a.Value = tp.Const(x), tp.Const(x), tp.Const(x)
			return append([]float32{}, a.Run(tp, p).Data()...)
		}
		one, two := run(1), run(-30)
		for i := range 32 {
			if one[i] != two[i] {
				t.Fatalf("%+v: the last token shows in number %d", e, i)
			}
		}
		if one[35] == two[35] {
			t.Errorf("%+v: the last token does not show in itself", e)
		}
	}
}

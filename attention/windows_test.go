package attention_test

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/tensor"
)

// stripes returns vertical and horizontal stripes.
func stripes(heads, width int) []attention.WindowHeads {
	return []attention.WindowHeads{{Heads: heads, Window: tensor.Size{Width: width}}, {Heads: heads, Window: tensor.Size{Height: width}}}
}

// sides returns the sizes with the given heights and widths.
func sides(of ...int) (sizes []tensor.Size) {
	for i := 0; i < len(of); i += 2 {
		sizes = append(sizes, tensor.Size{Height: of[i], Width: of[i+1]})
	}
	return sizes
}

// windowCases are of all forms: windows that divide the images and that do not, of one line and of all, larger than a tile
// and than a chunk of the kernel.
var windowCases = map[string]windowCase{
	"stripes":      {op: attention.Windows{Parts: stripes(2, 2)}, sizes: sides(4, 6, 4, 6), dim: 3, kernels: []int{3, 3}},
	"thin stripes": {op: attention.Windows{Parts: stripes(1, 1)}, sizes: sides(5, 4), dim: 4, kernels: []int{3, 3}},
	"remainders":   {op: attention.Windows{Parts: stripes(1, 3)}, sizes: sides(7, 5, 1, 1, 2, 8), dim: 2, kernels: []int{3, 5}},
	"parts":        {op: attention.Windows{Parts: []attention.WindowHeads{{Heads: 3, Window: tensor.Size{Height: 2, Width: 3}}, {Heads: 1}}, Scale: 0.9}, sizes: sides(3, 4, 5, 5), dim: 2},
	"one part":     {op: attention.Windows{Parts: []attention.WindowHeads{{Heads: 2, Window: tensor.Size{Height: 3, Width: 3}}}}, sizes: sides(6, 6), dim: 2, kernels: []int{1}},
	"large":        {op: attention.Windows{Parts: stripes(1, 3)}, sizes: sides(30, 30, 3, 3), dim: 5, kernels: []int{3, 3}},
	"chunks":       {op: attention.Windows{Parts: []attention.WindowHeads{{Heads: 2}}}, sizes: sides(27, 20, 2, 2), dim: 3, kernels: []int{7}},
	"no pixels":    {op: attention.Windows{Parts: stripes(1, 2)}, sizes: sides(0, 3, 2, 2, 3, 0), dim: 2, kernels: []int{3, 3}},
}

// TestWindows holds results against the reference, and gradients against its central differences.
func TestWindows(t *testing.T) {
	for name, c := range windowCases {
		t.Run(name, func(t *testing.T) {
			r := c.build(4)
			got := r.run(tensor.NewTape(), tensor.Pass{Grad: true})
			near(t, "result", got.out, r.forward(), forwardTolerance)
			sameNumbers(t, "evaluation", r.run(tensor.NewTape(), tensor.Pass{}).out, got.out)
			every := 1 + len(r.qkv)/150
			if len(r.qkv) > 3000 {
				every = len(r.qkv)/4 + 1
			}
			slope := func(name string, x []float64, g []float32, every int) {
				for i := every / 2; i < len(x); i += every {
					const step = 1e-5
					was := x[i]
					x[i] = was + step
					up := r.loss()
					x[i] = was - step
					down := r.loss()
					x[i] = was
					if want := (up - down) / (2 * step); math.Abs(float64(g[i])-want) > 1e-4*max(1, math.Abs(want)) {
						t.Errorf("gradient of %s[%d] is %v, want %v", name, i, g[i], want)
					}
				}
			}
			slope("queries, keys and values", r.qkv, got.qkv, every)
			from, begin := 0, 0
			for p := range r.kernels {
				slope("weight", r.weights[p], got.weights[from:], 1+every/30)
				slope("bias", r.biases[p], got.biases[begin:], 1+every/30)
				from, begin = from+len(r.weights[p]), begin+len(r.biases[p])
			}
		})
	}
}

// TestWindowsComposed holds the bits of attention in windows against those of Softmax over rows put together.
func TestWindowsComposed(t *testing.T) {
	c := windowCase{op: attention.Windows{Parts: stripes(2, 7)}, sizes: sides(14, 16), dim: 8}.build(3)
	got := c.run(tensor.NewTape(), tensor.Pass{Grad: true})
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	x := tp.Leaf(tensorOf(c.qkv, 14*16, 96))
	var index []int32 // of vertical stripes
	offsets := []int{0}
	for from := 0; from < 16; from += 7 {
		for y := range 14 {
			for u := from; u < min(from+7, 16); u++ {
				index = append(index, int32(y*16+u))
			}
		}
		offsets = append(offsets, len(index))
	}
	rows := tp.Gather(x, index)
	out := attention.Softmax{Heads: 2}.Apply(tp, attention.SoftmaxInput{Queries: offsets, Query: tp.Columns(rows, 0, 16),
		Key: tp.Columns(rows, 32, 48), Value: tp.Columns(rows, 64, 80)}).Tokens.Data()
	for i, at := range index {
		sameNumbers(t, "a pixel", got.out[int(at)*32:][:16], out[i*16:][:16])
	}
}

// TestWindowsRagged holds that an image gives the same bits alone and in a batch, at any number of processors.
func TestWindowsRagged(t *testing.T) {
	c := windowCase{op: attention.Windows{Parts: stripes(2, 3)}, sizes: sides(20, 9, 1, 1, 7, 30, 40, 3), dim: 6, kernels: []int{3, 3}}.build(8)
	all := c.run(tensor.NewTape(), tensor.Pass{Grad: true})
	w, grid := c.width(), c.grid()
	for b := range c.sizes {
		lo, hi := grid.Offset(b), grid.Offset(b+1)
		one := *c
		one.sizes, one.qkv, one.gout = c.sizes[b:b+1], c.qkv[lo*3*w:hi*3*w], c.gout[lo*w:hi*w]
		alone := one.run(tensor.NewTape(), tensor.Pass{Grad: true})
		sameNumbers(t, "result", all.out[lo*w:hi*w], alone.out)
		sameNumbers(t, "gradient", all.qkv[lo*3*w:hi*3*w], alone.qkv)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 3} {
		runtime.GOMAXPROCS(n)
		other := c.run(tensor.NewTape(), tensor.Pass{Grad: true})
		sameNumbers(t, "result", other.out, all.out)
		sameNumbers(t, "gradient", other.qkv, all.qkv)
		sameNumbers(t, "gradient of weights", other.weights, all.weights)
		sameNumbers(t, "gradient of biases", other.biases, all.biases)
	}
}

// TestWindowsWeights holds the weights that were asked for against results, with values that pick one key.
func TestWindowsWeights(t *testing.T) {
	c := windowCase{op: attention.Windows{Parts: stripes(1, 2), KeepWeights: true}, sizes: sides(3, 3, 2, 2), dim: 6}.build(1)
	for i := range c.grid().Rows() {
		for h := range 2 {
			row := c.qkv[i*36+24+h*6:][:6]
			clear(row)
			row[i%6] = 1
		}
	}
	got := c.run(tensor.NewTape(), tensor.Pass{})
	if len(got.kept) != 2 || !slices.Equal(got.kept[0].Shape(), []int{6*6 + 3*3 + 4*4, 1}) {
		t.Fatalf("weights %v, want two parts of which the first has 61 pairs", got.kept)
	}
	// Pixels 0, 1, 3, 4, 6, 7 are the first vertical stripe; pixel 4's row begins at pair 3*6.
	for j, pixel := range []int{0, 1, 3, 4, 6, 7} {
		want := 0.0
		if pixel%6 != 0 && pixel%6 != 1 { // those share a value
			want = float64(got.out[4*12+pixel])
			if w := float64(got.kept[0].Data()[3*6+j]); math.Abs(w-want) > 1e-6 {
				t.Errorf("weight of key %d is %v, want %v", pixel, w, want)
			}
		}
	}
	for p, w := range got.kept {
		sum := 0.0
		for _, x := range w.Data() {
			sum += float64(x)
		}
		if math.Abs(sum-13) > 1e-4 {
			t.Errorf("the weights of part %d have the sum %v, want one for each of 13 pixels", p, sum)
		}
	}
}

// TestWindowsDropout holds that so many weights are dropped as is asked for, that heads and parts drop different ones, and
// that a step can be done again.
func TestWindowsDropout(t *testing.T) {
	c := windowCase{op: attention.Windows{Parts: []attention.WindowHeads{{Heads: 1}, {Heads: 1}}, Dropout: 0.25}, sizes: sides(5, 8), dim: 40}.build(6)
	for i := range 40 {
		row := c.qkv[i*240:][:240]
		clear(row) // all weights are 1/40
		row[160+i], row[200+i] = 1, 1
	}
	pass := tensor.Pass{Train: true, Seed: 3}
	got := c.run(tensor.NewTape(), pass)
	dropped, same := 0, 0
	for i := range 40 {
		for j := range 40 {
			a, b := got.out[i*80+j], got.out[i*80+40+j]
			if a == 0 {
				dropped++
			}
			if a == b {
				same++
			}
		}
	}
	if part := float64(dropped) / 1600; math.Abs(part-0.25) > 0.04 {
		t.Errorf("%v of the weights were dropped, want 0.25", part)
	}
	if part := float64(same) / 1600; math.Abs(part-0.625) > 0.05 {
		t.Errorf("two parts agree in %v of the weights, want 0.625", part)
	}
	sameNumbers(t, "a step done again", c.run(tensor.NewTape(), pass).out, got.out)
}

// TestWindowsAllocations holds that a steady state allocates nothing, forward and backward.
func TestWindowsAllocations(t *testing.T) {
	c := windowCase{op: attention.Windows{Parts: stripes(2, 2), Dropout: 0.1}, sizes: sides(6, 5, 3, 3), dim: 4}.build(2)
	tp, grid := tensor.NewTape(), c.grid()
	x, gout := tensorOf(c.qkv, grid.Rows(), 48), tensorOf(c.gout, grid.Rows(), 16)
	weight, bias := tensor.New(8, 1, 3, 3), tensor.New(8)
	local := make([]attention.LocalTerm, 2)
	pass := func() {
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		for p := range local {
			local[p] = attention.LocalTerm{Weight: tp.Leaf(weight), Bias: tp.Leaf(bias)}
		}
		out := c.op.Apply(tp, attention.WindowsInput{Grid: grid, QueryKeyValue: tp.Leaf(x)}, local...)
		tp.Backward(tp.Sum(tp.Mul(out.Tokens, tp.Const(gout))))
	}
	for range 3 {
		pass()
	}
	if n := testing.AllocsPerRun(5, pass); n > 0 {
		t.Errorf("%v allocations in a pass, want none", n)
	}
}

// TestWindowsGradientsWanted holds that only what is wanted is computed, and that a gradient adds to one that is there.
func TestWindowsGradientsWanted(t *testing.T) {
	c := windowCases["stripes"].build(7)
	want := c.run(tensor.NewTape(), tensor.Pass{Grad: true})
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	x := tensorOf(c.qkv, 48, 36)
	gout := tp.Const(tensorOf(c.gout, 48, 12))
	terms := func(v func(*tensor.Tensor) *tensor.Var) (l []attention.LocalTerm) {
		for p := range 2 {
			l = append(l, attention.LocalTerm{Weight: v(tensorOf(c.weights[p], 6, 1, 3, 3)), Bias: v(tensorOf(c.biases[p], 6))})
		}
		return l
	}
	fixed := c.op.Apply(tp, attention.WindowsInput{Grid: c.grid(), QueryKeyValue: tp.Const(x)}, terms(tp.Leaf)...)
	leaf := tp.Leaf(x)
	local := terms(tp.Const)
	local[0].Bias = nil
	free := c.op.Apply(tp, attention.WindowsInput{Grid: c.grid(), QueryKeyValue: leaf}, local...)
	twice := c.op.Apply(tp, attention.WindowsInput{Grid: c.grid(), QueryKeyValue: leaf}, local...)
	weight := fixed.Tokens
	tp.Backward(tp.Sum(tp.Mul(tp.Add(tp.Add(free.Tokens, twice.Tokens), weight), gout)))
	for i, g := range leaf.Grad() {
		if math.Abs(float64(g-2*want.qkv[i])) > 1e-4 {
			t.Fatalf("gradient %d of what is used twice is %v, want twice %v", i, g, want.qkv[i])
		}
	}
}

// TestWindowsRefusals holds what the panics for shapes that do not fit say.
func TestWindowsRefusals(t *testing.T) {
	v := func(shape ...int) *tensor.Var { return tape.Const(tensor.New(shape...)) }
	grid := tensor.NewGrid(1, tensor.Size{Height: 2, Width: 3})
	for text, c := range map[string]struct {
		op    attention.Windows
		x     *tensor.Var
		local []attention.LocalTerm
	}{
		"part 0 has 0 heads": {op: attention.Windows{Parts: stripes(0, 1)}, x: v(6, 12)},
		"no negative side":   {op: attention.Windows{Parts: stripes(1, -1)}, x: v(6, 12)},
		"want a row for each pixel of 1 images of 2x3, three times as wide as 0 heads": {x: v(6, 12)},
		"have shape [5 12]":                   {op: attention.Windows{Parts: stripes(1, 1)}, x: v(5, 12)},
		"have shape none":                     {op: attention.Windows{Parts: stripes(1, 1)}},
		"have shape [6 16]":                   {op: attention.Windows{Parts: stripes(1, 1)}, x: v(6, 16)},
		"dropout 1 is outside":                {op: attention.Windows{Parts: stripes(1, 1), Dropout: 1}, x: v(6, 12)},
		"1 local terms for 2 parts":           {op: attention.Windows{Parts: stripes(1, 1)}, x: v(6, 12), local: []attention.LocalTerm{{Weight: v(2, 1, 3, 3)}}},
		"local term 0 has shape [2 1 2 2]":    {op: attention.Windows{Parts: stripes(1, 1)}, x: v(6, 12), local: []attention.LocalTerm{{Weight: v(2, 1, 2, 2)}, {Weight: v(2, 1, 3, 3)}}},
		"local term 1 has shape none":         {op: attention.Windows{Parts: stripes(1, 1)}, x: v(6, 12), local: []attention.LocalTerm{{Weight: v(2, 1, 3, 3)}, {}}},
		"bias of local term 1 has shape [12]": {op: attention.Windows{Parts: stripes(1, 1)}, x: v(6, 12), local: []attention.LocalTerm{{Weight: v(2, 1, 3, 3)}, {Weight: v(2, 1, 3, 3), Bias: v(12)}}},
	} {
		refuses(t, text, func() {
			tape.Begin(tensor.Pass{})
			c.op.Apply(tape, attention.WindowsInput{Grid: grid, QueryKeyValue: c.x}, c.local...)
		})
	}
}

// TestGoldenWindows holds attention in stripes with LePE against CSWin's official code.
func TestGoldenWindows(t *testing.T) {
	for _, c := range golden.Files(t, "cswin", "lepe_") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Heads  int `json:"num_heads"`
				Height int `json:"H_sp"`
				Width  int `json:"W_sp"`
				Side   int `json:"resolution"`
				Scale  float64
			}
			c.JSON(t, "config", &config)
			qkv := c.Tensor("qkv") // [3, images, pixels, width]
			images, width := qkv.Shape()[1], qkv.Shape()[3]
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			leaf := tp.Leaf(qkv.Reshape(3*images*config.Side*config.Side, width))
			rows := leaf.Rows() / 3
			x := tp.Concat(tp.Concat(tp.Rows(leaf, 0, rows), tp.Rows(leaf, rows, 2*rows)), tp.Rows(leaf, 2*rows, 3*rows))
			weight, bias := tp.Leaf(c.Tensor("w.get_v.weight")), tp.Leaf(c.Tensor("w.get_v.bias"))
			op := attention.Windows{Parts: []attention.WindowHeads{{Heads: config.Heads, Window: tensor.Size{Height: config.Height, Width: config.Width}}}, Scale: config.Scale}
			y := op.Apply(tp, attention.WindowsInput{Grid: tensor.NewGrid(images, tensor.Size{Height: config.Side, Width: config.Side}),
				QueryKeyValue: x}, attention.LocalTerm{Weight: weight, Bias: bias}).Tokens
			c.CompareFlat(t, "y", y.Data(), golden.Forward)
			tp.Backward(tp.Sum(tp.Mul(y, tp.Const(c.Tensor("probe").Reshape(rows, width)))))
			c.CompareFlat(t, "grad.qkv", leaf.Grad(), golden.Gradient)
			c.CompareFlat(t, "grad.get_v.weight", weight.Grad(), golden.Gradient)
			c.CompareFlat(t, "grad.get_v.bias", bias.Grad(), golden.Gradient)
		})
	}
}

package attention_test

import (
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// windowCase is a batch of images with windows, and a float64 reference of what attention.Windows makes of it.
type windowCase struct {
	op      attention.Windows
	sizes   []tensor.Size
	dim     int   // of a head
	kernels []int // of the local terms; nil means none

	qkv, gout []float64
	weights   [][]float64 // of the local terms
	biases    [][]float64
}

// build fills the case with random numbers.
func (c windowCase) build(seed uint64) *windowCase {
	rng := rand.New(rand.NewPCG(seed, 1))
	random := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(float32(rng.NormFloat64()))
		}
		return x
	}
	pixels := c.grid().Rows()
	c.qkv, c.gout = random(pixels*3*c.width()), random(pixels*c.width())
	for p, k := range c.kernels {
		w := c.op.Parts[p].Heads * c.dim
		c.weights, c.biases = append(c.weights, random(w*k*k)), append(c.biases, random(w))
	}
	return &c
}

func (c *windowCase) grid() tensor.Grid { return tensor.RaggedGrid(c.sizes) }

func (c *windowCase) width() int {
	heads := 0
	for _, p := range c.op.Parts {
		heads += p.Heads
	}
	return heads * c.dim
}

// forward is the reference: [pixels, width].
func (c *windowCase) forward() []float64 {
	out := make([]float64, len(c.gout))
	grid, head := c.grid(), 0
	for p, part := range c.op.Parts {
		for b, size := range c.sizes {
			window := part.Window
			if window.Height == 0 {
				window.Height = size.Height
			}
			if window.Width == 0 {
				window.Width = size.Width
			}
			for y := range size.Height {
				for x := range size.Width {
					same := func(v, u int) bool {
						return v >= 0 && u >= 0 && v < size.Height && u < size.Width && v/window.Height == y/window.Height && u/window.Width == x/window.Width
					}
					for h := head; h < head+part.Heads; h++ {
						c.attend(out, grid.Offset(b), size, y, x, h, same)
					}
					if c.kernels != nil {
						c.local(out, p, head, grid.Offset(b), size.Width, y, x, same)
					}
				}
			}
		}
		head += part.Heads
	}
	return out
}

// attend sets the result of a pixel in one head.
func (c *windowCase) attend(out []float64, offset int, size tensor.Size, y, x, h int, same func(v, u int) bool) {
	w := c.width()
	at := func(kind, v, u, d int) float64 {
		return c.qkv[(offset+v*size.Width+u)*3*w+kind*w+h*c.dim+d]
	}
	scale := c.op.Scale
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(c.dim))
	}
	sum, o := 0.0, make([]float64, c.dim)
	for v := range size.Height {
		for u := range size.Width {
			if !same(v, u) {
				continue
			}
			score := 0.0
			for d := range c.dim {
				score += at(0, y, x, d) * at(1, v, u, d)
			}
			e := math.Exp(scale * score)
			sum += e
			for d := range c.dim {
				o[d] += e * at(2, v, u, d)
			}
		}
	}
	for d := range c.dim {
		out[(offset+y*size.Width+x)*w+h*c.dim+d] = o[d] / sum
	}
}

// local adds the local term of part p to a pixel.
func (c *windowCase) local(out []float64, p, head, offset, across, y, x int, same func(v, u int) bool) {
	k, w := c.kernels[p], c.width()
	for i := range c.op.Parts[p].Heads * c.dim {
		col := head*c.dim + i
		sum := c.biases[p][i]
		for a := range k {
			for b := range k {
				if v, u := y+a-k/2, x+b-k/2; same(v, u) {
					sum += c.weights[p][(i*k+a)*k+b] * c.qkv[(offset+v*across+u)*3*w+2*w+col]
				}
			}
		}
		out[(offset+y*across+x)*w+col] += sum
	}
}

// loss returns the reference's sum of products with gout.
func (c *windowCase) loss() (sum float64) {
	for i, o := range c.forward() {
		sum += o * c.gout[i]
	}
	return sum
}

// windowRun is what a pass gave.
type windowRun struct {
	out, qkv, weights, biases []float32 // the result, and gradients
	kept                      []*tensor.Tensor
}

// run runs the operation and goes back.
func (c *windowCase) run(tp *tensor.Tape, pass tensor.Pass) windowRun {
	tp.Begin(pass)
	x := tp.Leaf(tensorOf(c.qkv, c.grid().Rows(), 3*c.width()))
	var local []attention.LocalTerm
	for p, k := range c.kernels {
		w := c.op.Parts[p].Heads * c.dim
		local = append(local, attention.LocalTerm{Weight: tp.Leaf(tensorOf(c.weights[p], w, 1, k, k)), Bias: tp.Leaf(tensorOf(c.biases[p], w))})
	}
	out := c.op.Apply(tp, attention.WindowsInput{Grid: c.grid(), QueryKeyValue: x}, local...)
	r := windowRun{out: append([]float32(nil), out.Tokens.Data()...), kept: out.Weights}
	if !pass.Grad {
		return r
	}
	tp.Backward(tp.Sum(tp.Mul(out.Tokens, tp.Const(tensorOf(c.gout, c.grid().Rows(), c.width())))))
	r.qkv = append(r.qkv, x.Grad()...)
	for _, l := range local {
		r.weights = append(r.weights, l.Weight.Grad()...)
		r.biases = append(r.biases, l.Bias.Grad()...)
	}
	return r
}

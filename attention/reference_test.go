package attention_test

import (
	"math"

	"github.com/graft-ml/graft/nn"
)

// reference is Pairwise in float64, one loop a line of its equations: quadratic in everything, with no tile, no group
// and no processor in it. Its gradients are written out by hand and checked by central differences in
// TestReferenceGradients.
type reference struct {
	heads, dim, in int     // in is 0 where there are no pair features
	clamp          float64 // 0 means none
	act            nn.Activation

	rowStart, keys []int // rows rowStart[i] to rowStart[i+1] belong to query i; keys names the key of each row

	q, k, v    []float64 // [tokens, d]
	pair       []float64 // [rows, in]
	pw, pb     []float64 // [2d, in], [2d]: factors, then terms
	score      []float64 // [heads, dim]
	enhance    []float64 // [heads, dim in, dim out], or nil
	outW, outB []float64 // [in, d], [in], or nil
	mask       []float64 // [rows, heads] dropout: 0 or 1/(1-p); nil means 1
}

// result is what a forward pass computes.
type result struct {
	x, pair, weights []float64
	rows             []row // what the backward pass and the search for kinks want to know
}

// row is one (query, key) pair.
type row struct {
	e, t, u, eh []float64 // E [2d], (q+k) Ew [d], the argument of the activation [d], its value [d]
	s           []float64 // scores before the clamp [heads]
}

func (r *reference) d() int      { return r.heads * r.dim }
func (r *reference) tokens() int { return len(r.rowStart) - 1 }

// features computes everything of row n that no other row has a part in. i is its query.
func (r *reference) features(n, i int) row {
	d, j := r.d(), r.keys[n]
	w := row{u: make([]float64, d), eh: make([]float64, d), s: make([]float64, r.heads)}
	if r.in > 0 {
		w.e, w.t = make([]float64, 2*d), make([]float64, d)
		for o := range w.e {
			w.e[o] = r.pb[o]
			for c := 0; c < r.in; c++ {
				w.e[o] += r.pw[o*r.in+c] * r.pair[n*r.in+c]
			}
		}
	}
	for c := 0; c < d; c++ {
		w.u[c] = r.q[i*d+c] + r.k[j*d+c]
		if r.in > 0 {
			w.t[c] = w.u[c] * w.e[c]
			w.u[c] = math.Copysign(math.Sqrt(math.Abs(w.t[c])), w.t[c]) + w.e[d+c]
		}
		w.eh[c] = activate(r.act, w.u[c])
		w.s[c/r.dim] += r.score[c] * w.eh[c]
	}
	return w
}

func (r *reference) limit(s float64) float64 {
	if r.clamp > 0 {
		return max(-r.clamp, min(r.clamp, s))
	}
	return s
}

func (r *reference) kept(n, h int) float64 {
	if r.mask == nil {
		return 1
	}
	return r.mask[n*r.heads+h]
}

func (r *reference) forward() result {
	d, rows := r.d(), len(r.keys)
	f := result{x: make([]float64, r.tokens()*d), weights: make([]float64, rows*r.heads), rows: make([]row, rows)}
	for i := 0; i < r.tokens(); i++ {
		lo, hi := r.rowStart[i], r.rowStart[i+1]
		for n := lo; n < hi; n++ {
			f.rows[n] = r.features(n, i)
		}
		for h := 0; h < r.heads; h++ {
			top, sum := math.Inf(-1), 0.0
			for n := lo; n < hi; n++ {
				top = max(top, r.limit(f.rows[n].s[h]))
			}
			for n := lo; n < hi; n++ {
				sum += math.Exp(r.limit(f.rows[n].s[h]) - top)
			}
			for n := lo; n < hi; n++ {
				a := math.Exp(r.limit(f.rows[n].s[h])-top) / (sum + 1e-16)
				f.weights[n*r.heads+h] = a
				a *= r.kept(n, h)
				for o := 0; o < r.dim; o++ {
					f.x[i*d+h*r.dim+o] += a * r.message(f.rows[n], n, h, o)
				}
			}
		}
	}
	switch {
	case r.in == 0:
	case r.outW == nil:
		for _, w := range f.rows {
			f.pair = append(f.pair, w.eh...)
		}
	default:
		for n, w := range f.rows {
			for c := 0; c < r.in; c++ {
				y := r.pair[n*r.in+c] + r.outB[c]
				for o := 0; o < d; o++ {
					y += r.outW[c*d+o] * w.eh[o]
				}
				f.pair = append(f.pair, y)
			}
		}
	}
	return f
}

// message is v_j + Ve ê of row n, head h, output o.
func (r *reference) message(w row, n, h, o int) float64 {
	y := r.v[r.keys[n]*r.d()+h*r.dim+o]
	if r.enhance != nil {
		for c := 0; c < r.dim; c++ {
			y += r.enhance[(h*r.dim+c)*r.dim+o] * w.eh[h*r.dim+c]
		}
	}
	return y
}

// gradients are those of sum(x gx) + sum(pair gp) with respect to every input.
type gradients struct{ q, k, v, pair, pw, pb, score, enhance, outW, outB []float64 }

func (g *gradients) named() map[string][]float64 {
	return map[string][]float64{"query": g.q, "key": g.k, "value": g.v, "pair": g.pair, "pair weight": g.pw, "pair bias": g.pb,
		"score": g.score, "enhance": g.enhance, "output weight": g.outW, "output bias": g.outB}
}

func (r *reference) named() map[string][]float64 {
	g := gradients{r.q, r.k, r.v, r.pair, r.pw, r.pb, r.score, r.enhance, r.outW, r.outB}
	return g.named()
}

// backward computes the gradients of sum(x gx) + sum(pair gp); gp may be nil.
func (r *reference) backward(f result, gx, gp []float64) gradients {
	like := func(a []float64) []float64 { return make([]float64, len(a)) }
	g := gradients{like(r.q), like(r.k), like(r.v), like(r.pair), like(r.pw), like(r.pb), like(r.score), like(r.enhance),
		like(r.outW), like(r.outB)}
	for i := 0; i < r.tokens(); i++ {
		lo, hi := r.rowStart[i], r.rowStart[i+1]
		deh := make([][]float64, hi-lo)
		for n := lo; n < hi; n++ {
			deh[n-lo] = r.outputBack(f.rows[n], n, gp, &g)
		}
		for h := 0; h < r.heads; h++ {
			r.headBack(f, gx, i, h, deh, &g)
		}
		for n := lo; n < hi; n++ {
			r.rowBack(f.rows[n], n, i, deh[n-lo], &g)
		}
	}
	return g
}

// outputBack returns the gradient of ê that comes from the pair features of row n.
func (r *reference) outputBack(w row, n int, gp []float64, g *gradients) []float64 {
	d := r.d()
	deh := make([]float64, d)
	switch {
	case gp == nil:
	case r.outW == nil:
		copy(deh, gp[n*d:(n+1)*d])
	default:
		for c := 0; c < r.in; c++ {
			dy := gp[n*r.in+c]
			g.pair[n*r.in+c] += dy
			g.outB[c] += dy
			for o := 0; o < d; o++ {
				g.outW[c*d+o] += dy * w.eh[o]
				deh[o] += dy * r.outW[c*d+o]
			}
		}
	}
	return deh
}

// headBack goes back through the sum over keys, the softmax and the scores of query i and head h.
func (r *reference) headBack(f result, gx []float64, i, h int, deh [][]float64, g *gradients) {
	d, lo, hi := r.d(), r.rowStart[i], r.rowStart[i+1]
	da, mean := make([]float64, hi-lo), 0.0
	for n := lo; n < hi; n++ {
		a, at := f.weights[n*r.heads+h], h*r.dim
		kept := r.kept(n, h)
		for o := 0; o < r.dim; o++ {
			dx := gx[i*d+at+o]
			da[n-lo] += kept * dx * r.message(f.rows[n], n, h, o)
			g.v[r.keys[n]*d+at+o] += a * kept * dx
			if r.enhance == nil {
				continue
			}
			for c := 0; c < r.dim; c++ {
				w := (at+c)*r.dim + o
				g.enhance[w] += a * kept * dx * f.rows[n].eh[at+c]
				deh[n-lo][at+c] += a * kept * dx * r.enhance[w]
			}
		}
		mean += a * da[n-lo]
	}
	for n := lo; n < hi; n++ {
		ds := f.weights[n*r.heads+h] * (da[n-lo] - mean)
		if r.limit(f.rows[n].s[h]) != f.rows[n].s[h] {
			ds = 0
		}
		for c := h * r.dim; c < (h+1)*r.dim; c++ {
			g.score[c] += ds * f.rows[n].eh[c]
			deh[n-lo][c] += ds * r.score[c]
		}
	}
}

// rowBack goes back through ê of row n, a pair of query i.
func (r *reference) rowBack(w row, n, i int, deh []float64, g *gradients) {
	d, j := r.d(), r.keys[n]
	for c := 0; c < d; c++ {
		du := deh[c] * slope(r.act, w.u[c])
		ds := du
		if r.in > 0 {
			dt := 0.0
			if w.t[c] != 0 {
				dt = du / (2 * math.Sqrt(math.Abs(w.t[c])))
			}
			ds = dt * w.e[c]
			r.projectionBack(n, c, dt*(r.q[i*d+c]+r.k[j*d+c]), g)
			r.projectionBack(n, d+c, du, g)
		}
		g.q[i*d+c] += ds
		g.k[j*d+c] += ds
	}
}

// projectionBack takes the gradient of number o of E.
func (r *reference) projectionBack(n, o int, de float64, g *gradients) {
	g.pb[o] += de
	for c := 0; c < r.in; c++ {
		g.pw[o*r.in+c] += de * r.pair[n*r.in+c]
		g.pair[n*r.in+c] += de * r.pw[o*r.in+c]
	}
}

func activate(a nn.Activation, x float64) float64 {
	switch a {
	case nn.ReLU:
		return max(x, 0)
	case nn.GELU:
		return x * (1 + math.Erf(x/math.Sqrt2)) / 2
	case nn.SiLU:
		return x / (1 + math.Exp(-x))
	case nn.ELU:
		if x > 0 {
			return x
		}
		return math.Expm1(x)
	case nn.Tanh:
		return math.Tanh(x)
	case nn.Sigmoid:
		return 1 / (1 + math.Exp(-x))
	case nn.GELUTanh:
		return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	case nn.SquaredReLU:
		return max(x, 0) * max(x, 0)
	}
	return x
}

func slope(a nn.Activation, x float64) float64 {
	sigmoid := 1 / (1 + math.Exp(-x))
	switch a {
	case nn.ReLU:
		if x > 0 {
			return 1
		}
		return 0
	case nn.GELU:
		return (1+math.Erf(x/math.Sqrt2))/2 + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
	case nn.SiLU:
		return sigmoid * (1 + x*(1-sigmoid))
	case nn.ELU:
		if x > 0 {
			return 1
		}
		return math.Exp(x)
	case nn.Tanh:
		return 1 - math.Tanh(x)*math.Tanh(x)
	case nn.Sigmoid:
		return sigmoid * (1 - sigmoid)
	case nn.GELUTanh:
		c := math.Sqrt(2 / math.Pi)
		t := math.Tanh(c * (x + 0.044715*x*x*x))
		return (1+t)/2 + x/2*(1-t*t)*c*(1+3*0.044715*x*x)
	case nn.SquaredReLU:
		return 2 * max(x, 0)
	}
	return 1
}

package attention

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// RandomFeatures are the positive random features of the exponential kernel: Performer's FAVOR+ (Choromanski and others,
// "Rethinking Attention with Performers", ICLR 2021, lemma 1) and, with Normalize, those of NPRF (Luo and others,
// "Stable, Fast and Accurate: Kernelized Attention with Relative Positional Encoding", NeurIPS 2021). For a head of width
// d with rows w_1..w_m of the projection and x' = scale x,
//
//	φ(x) = m^(-1/2) exp(-|x'|²/2) (exp(w_1·x'), ..., exp(w_m·x')),  E[φ(x)·φ(y)] = exp(x'·y')
//
// With the scale d^(-1/4) of the default the kernel is exp(q·k / sqrt d), so that [Linear] estimates soft-max attention,
// the better the more features there are. Normalize first divides each token's x, head by head, by its length, and does
// not scale: then q·k lies in [-1, 1] and the variance of the estimate is bounded, where without it the error grows
// exponentially with |q|² and |k|².
//
// The features come with the logarithm of their largest one ([Mapped].LogScale), so that no exponential overflows.
type RandomFeatures struct {
	// Projection holds the rows w [heads, features, head dim]. Its first dimension may also divide the number of heads,
	// whose consecutive groups then share rows: 1 for all heads, the key heads where queries have more of them. It is a
	// constant to the tape; make one with [DrawProjection], and keep it with the parameters: a model means nothing
	// without it.
	Projection *tensor.Tensor
	Normalize  bool
	Scale      float64 // 0 means d^(-1/4), or 1 with Normalize
}

// unitEps is the length below which a vector counts as that of no direction: it gets the features of 0.
const unitEps = 1e-12

// DrawProjection draws the rows w of [RandomFeatures] for heads of width dim: [heads, features, dim]. Within every block
// of dim consecutive rows they are orthogonal, which lowers the variance of the estimate; their lengths are those of
// independent Gaussian vectors, chi-distributed with dim degrees of freedom. The same seed gives the same rows.
func DrawProjection(heads, features, dim int, seed uint64) *tensor.Tensor {
	if heads < 1 || features < 1 || dim < 1 {
		panic(fmt.Sprintf("attention: DrawProjection: %d heads, %d features, head dim %d: want at least 1 each", heads, features, dim))
	}
	w := tensor.New(heads, features, dim)
	drawProjection(w, seed)
	return w
}

// Redraw draws the rows anew, in place, as training may do every so many steps.
func (f *RandomFeatures) Redraw(seed uint64) { drawProjection(f.Projection, seed) }

func drawProjection(w *tensor.Tensor, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	features, dim := w.Shape()[1], w.Shape()[2]
	block := make([]float64, dim*dim)
	for h := range w.Shape()[0] {
		for r := 0; r < features; r += dim {
			orthogonal(block, dim, rng)
			for i := range min(dim, features-r) {
				var squares float64
				for range dim {
					g := rng.NormFloat64()
					squares += g * g
				}
				length := math.Sqrt(squares)
				for c := range dim {
					w.Set(float32(length*block[i*dim+c]), h, r+i, c)
				}
			}
		}
	}
}

// orthogonal fills q [n, n] with a random orthogonal matrix: Gaussian rows, made orthogonal one after the other, which
// gives the uniform distribution. A row that hardly has a part of its own is drawn again.
func orthogonal(q []float64, n int, rng *rand.Rand) {
	for i := 0; i < n; {
		row := q[i*n : (i+1)*n]
		for c := range row {
			row[c] = rng.NormFloat64()
		}
		for range 2 { // the second time takes away what rounding has left
			for j := range i {
				other := q[j*n : (j+1)*n]
				var dot float64
				for c, v := range row {
					dot += v * other[c]
				}
				for c := range row {
					row[c] -= dot * other[c]
				}
			}
		}
		var squares float64
		for _, v := range row {
			squares += v * v
		}
		if squares < 1e-12 {
			continue
		}
		for c := range row {
			row[c] /= math.Sqrt(squares)
		}
		i++
	}
}

// randomFeatures is the recorded operation.
type randomFeatures struct {
	x, y, log    *tensor.Var
	w            []float32
	heads, share int // heads of x; how many of them share rows
	d, m         int
	normalize    bool
	scale        float64
	work         []float32
	back         bool
	g, dy        []float32
	add          bool
}

// Map returns the features of x. It panics where the projection does not fit.
func (f *RandomFeatures) Map(tp *tensor.Tape, x *tensor.Var, heads int) Mapped {
	if f.Projection == nil || f.Projection.Dims() != 3 {
		panic("attention: RandomFeatures: the projection is not [heads, features, head dim]; draw one with DrawProjection")
	}
	shape := f.Projection.Shape()
	if heads < 1 || shape[0] < 1 || heads%shape[0] != 0 || x.Cols() != heads*shape[2] {
		panic(fmt.Sprintf("attention: RandomFeatures: projection %v does not fit %d heads and width %d", shape, heads, x.Cols()))
	}
	op, ok := tp.Spare().(*randomFeatures)
	if !ok {
		op = new(randomFeatures)
	}
	*op = randomFeatures{x: x, w: f.Projection.Data(), heads: heads, share: heads / shape[0], d: shape[2], m: shape[1],
		normalize: f.Normalize, scale: f.Scale, y: tp.Out(x.Needs(), x.Rows(), heads*shape[1]), log: tp.Out(false, x.Rows(), heads)}
	switch {
	case op.scale != 0:
	case f.Normalize:
		op.scale = 1
	default:
		op.scale = math.Pow(float64(op.d), -0.25)
	}
	op.run(tp)
	tp.Record("RandomFeatures", op, op.y, op.log)
	return Mapped{Features: op.y, LogScale: op.log}
}

// featureGrain is the number of tokens that are mapped at a time.
const featureGrain = 64

// run goes over all tokens in parallel.
func (op *randomFeatures) run(tp *tensor.Tape) {
	op.work = tp.Scratch(parallel.Workers() * op.each())
	parallel.For(op.x.Rows(), featureGrain, op)
	tp.Release(op.work)
	op.work = nil
}

// each is the scratch of one worker.
func (op *randomFeatures) each() int { return featureGrain * (2*op.d + op.m + 1) }

// Run maps tokens lo to hi, or goes back through them.
func (op *randomFeatures) Run(worker, lo, hi int) {
	t := tile{op.work[worker*op.each() : (worker+1)*op.each()]}
	n := hi - lo
	x, dx, de, norm := t.cut(n*op.d), t.cut(n*op.d), t.cut(n*op.m), t.cut(n)
	for h := range op.heads {
		op.scaled(x, norm, lo, n, h)
		if op.back {
			op.headBack(x, dx, de, norm, lo, n, h)
		} else {
			op.head(x, lo, n, h)
		}
	}
}

// rows returns the projection of head h.
func (op *randomFeatures) rows(h int) []float32 {
	return op.w[h/op.share*op.m*op.d:][:op.m*op.d]
}

// scaled writes x' of n tokens from lo on, head h, and what their vectors were divided by: 1 without Normalize, and +Inf
// where there is no direction, so that x' and the gradient are 0.
func (op *randomFeatures) scaled(x, norm []float32, lo, n, h int) {
	for t := range n {
		row := op.x.Data()[(lo+t)*op.heads*op.d+h*op.d:][:op.d]
		norm[t] = 1
		if op.normalize {
			if norm[t] = float32(math.Sqrt(simd.SumSquares(row))); norm[t] < unitEps {
				norm[t] = float32(math.Inf(1))
			}
		}
		simd.Scale(x[t*op.d:(t+1)*op.d], row, float32(op.scale/float64(norm[t])))
	}
}

// head writes the features of head h.
func (op *randomFeatures) head(x []float32, lo, n, h int) {
	d, m, ld := op.d, op.m, op.heads*op.m
	y := op.y.Data()[lo*ld+h*m:]
	simd.Gemm(false, true, n, m, d, x, d, op.rows(h), d, y, ld, false)
	root := float32(1 / math.Sqrt(float64(m)))
	for t := range n {
		row := y[t*ld : t*ld+m]
		top := simd.Max(row)
		simd.AddConst(row, row, -top)
		simd.Exp(row, row)
		simd.Scale(row, row, root)
		op.log.Data()[(lo+t)*op.heads+h] = top - float32(simd.SumSquares(x[t*d:(t+1)*d])/2)
	}
}

// Backward: with e_c = φ_c dφ_c, dx' = sum over c of e_c (w_c - x'). The largest exponent, which was taken out, does not
// matter: see [Mapped].
func (op *randomFeatures) Backward(tp *tensor.Tape) {
	if !op.x.Needs() {
		return
	}
	op.dy = op.y.OutGrad()
	op.g, op.add = op.x.Accumulate()
	op.back = true
	op.run(tp)
	op.g, op.dy = nil, nil
}

// headBack adds to the gradient of the tokens what head h contributes.
func (op *randomFeatures) headBack(x, dx, de, norm []float32, lo, n, h int) {
	d, m, ld := op.d, op.m, op.heads*op.m
	for t := range n {
		at := (lo+t)*ld + h*m
		simd.Mul(de[t*m:(t+1)*m], op.y.Data()[at:at+m], op.dy[at:at+m])
	}
	simd.Gemm(false, false, n, d, m, de, m, op.rows(h), d, dx, d, false)
	for t := range n {
		xt, dt := x[t*d:(t+1)*d], dx[t*d:(t+1)*d]
		simd.AddScaled(dt, xt, -float32(simd.Sum(de[t*m:(t+1)*m])))
		if op.normalize { // x' = scale x/|x|: only what is across x counts
			simd.AddScaled(dt, xt, -float32(simd.Dot(xt, dt)/(op.scale*op.scale)))
		}
		g, by := op.g[(lo+t)*op.heads*d+h*d:][:d], float32(op.scale/float64(norm[t]))
		if op.add {
			simd.AddScaled(g, dt, by)
		} else {
			simd.Scale(g, dt, by)
		}
	}
}

package encodings

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// comropeConfig is the configuration of the attention files.
type comropeConfig struct {
	Hidden, Heads, Axes, Batch int
	Block                      int     `json:"block_size"`
	Theta                      float64 `json:"theta_base"`
	Divisor                    float64 `json:"liere_scale_factor"`
	Kind                       string
}

func (f comropeConfig) encoding(t *testing.T) ComRoPE {
	for kind := LinearlyDependent; kind <= Vanilla; kind++ {
		if name := kind.String(); name == f.Kind || kind == Vanilla && f.Kind == "vanilla-rope" {
			e := ComRoPE{Kind: kind, Axes: f.Axes, Block: f.Block}
			if kind == LieRE {
				e.Divisor = f.Divisor
			}
			if kind == Vanilla {
				e.Theta = f.Theta
			}
			return e
		}
	}
	t.Fatalf("no kind is called %q", f.Kind)
	return ComRoPE{}
}

// load gives an encoder the parameters of the file whose names begin with prefix.
func (c *comropeEncoder) load(f *golden.Case, prefix string) {
	if c.generators != nil {
		copy(c.generators[0].Data(), f.Tensor(prefix+"freqs").Data())
	}
	if c.multipliers != nil {
		copy(c.multipliers[0].Data(), f.Tensor(prefix+"multiplier").Data())
	}
}

// matrices returns R [tokens, heads, dim, dim] of the tokens at coords, by rotating the vectors of the basis.
func (c *comropeEncoder) matrices(tp *tensor.Tape, coords *tensor.Var) []float32 {
	s := c.shape
	tokens, heads, dim := coords.Rows(), s.kvHeads, s.headDim
	out := make([]float32, tokens*heads*dim*dim)
	for col := range dim {
		e := tensor.New(tokens, heads*dim)
		for t := range tokens {
			for h := range heads {
				e.Row(t)[h*dim+col] = 1
			}
		}
		var generators, multiplier *tensor.Var
		if c.generators != nil {
			generators = tp.Leaf(c.generators[0])
		}
		if c.multipliers != nil {
			multiplier = tp.Leaf(c.multipliers[0])
		}
		y, _ := rotateBlocks(tp, s, tp.Const(e), tp.Const(e), coords, generators, multiplier)
		for n, v := range y.Data() {
			out[n*dim+col] = v
		}
	}
	return out
}

// exponents returns what every axis puts into the exponent, [heads, axes, blocks, block, block].
func (c *comropeEncoder) exponents(tp *tensor.Tape) []float32 {
	op := &blockRotation{blockShape: c.shape}
	if c.generators != nil {
		op.generators = tp.Const(c.generators[0])
	}
	if c.multipliers != nil {
		op.multiplier = tp.Const(c.multipliers[0])
	}
	n, blocks := c.shape.block, c.shape.blocks()
	out := make([]float32, c.shape.units()*c.shape.axes*n*n)
	for u := range c.shape.units() {
		for axis := range c.shape.axes {
			x := make([]float32, c.shape.axes)
			x[axis] = 1
			var s [maxBlock * maxBlock]float64
			op.matrix(&s, u, x)
			by := 1.0
			if !c.shape.free {
				by = op.part(axis, u%blocks)
			}
			to := out[((u/blocks*c.shape.axes+axis)*blocks+u%blocks)*n*n:]
			for r := range n {
				for col := range r {
					to[r*n+col], to[col*n+r] = float32(by*s[r*n+col]), float32(-by*s[r*n+col])
				}
			}
		}
	}
	return out
}

// TestGoldenComRoPE: whole attention layers with every kind of angle matrices, with gradients of all parameters and of
// the coordinates.
func TestGoldenComRoPE(t *testing.T) {
	for _, c := range slices.Concat(golden.Files(t, "comrope", "ap_"), golden.Files(t, "comrope", "ld_"), golden.Files(t, "comrope", "liere_"), golden.Files(t, "comrope", "vanilla_")) {
		t.Run(c.Name, func(t *testing.T) {
			var config comropeConfig
			c.JSON(t, "config", &config)
			enc := mustEncoder(t, config.encoding(t), Dims{Width: config.Hidden, Heads: config.Heads}).(*comropeEncoder)
			enc.load(c, "w.")
			x := c.Tensor("hidden_states")
			tokens := x.Shape()[1]
			l := mustLayout(t)(AtPoints(evenOffsets(config.Batch, tokens), 0, config.Axes, c.Float64s("positions")))
			rows := x.Reshape(l.Tokens(), config.Hidden)
			linear := map[string]*nn.Linear{}
			for _, name := range []string{"q_proj", "k_proj", "v_proj", "out_proj"} {
				linear[name] = &nn.Linear{Weight: c.Tensor("w." + name + ".weight"), Bias: c.Tensor("w." + name + ".bias")}
			}
			tp := tape(true)
			p := mustBegin(t, tp, enc, l).(*comropePass)
			places := p.coords.Value().Clone()
			p.coords = tp.Leaf(places)
			in := tp.Leaf(rows)
			a := &Attention{Softmax: attention.Softmax{Heads: config.Heads, KeepWeights: true}}
			a.Queries = l.Offsets
			a.Query, a.Key, a.Value = linear["q_proj"].Apply(tp, in), linear["k_proj"].Apply(tp, in), linear["v_proj"].Apply(tp, in)
			out := linear["out_proj"].Apply(tp, a.Run(tp, p))
			c.CompareFlat(t, "out", out.Data(), golden.Forward)
			c.CompareFlat(t, "attn_weights", weightBlocks(a.Weights, config.Batch, config.Heads, tokens), golden.Forward)
			exponents, matrices := enc.exponents(tp), enc.matrices(tp, tp.Const(places))
			if enc.set.Kind == Vanilla { // which the file holds once for all heads
				exponents = exponents[:len(exponents)/config.Heads]
				matrices = firstHead(matrices, l.Tokens(), config.Heads)
			}
			c.CompareFlat(t, "exponent_blocks", exponents, golden.Forward)
			c.CompareFlat(t, "rotation_matrix", matrices, golden.Forward)

			tp.Backward(dotLoss(tp, out, c.Tensor("probe")))
			c.CompareFlat(t, "grad.hidden_states", tp.Grad(rows), golden.Gradient)
			c.CompareFlat(t, "grad.positions", tp.Grad(places), golden.Gradient)
			for name, f := range linear {
				c.CompareFlat(t, "grad."+name+".weight", tp.Grad(f.Weight), golden.Gradient)
				c.CompareFlat(t, "grad."+name+".bias", tp.Grad(f.Bias), golden.Gradient)
			}
			if enc.generators != nil {
				c.CompareFlat(t, "grad.freqs", tp.Grad(enc.generators[0]), golden.Gradient)
			}
			if enc.multipliers != nil {
				c.CompareFlat(t, "grad.multiplier", tp.Grad(enc.multipliers[0]), golden.Gradient)
			}
		})
	}
}

// weightBlocks lays weights [items * tokens * tokens, heads] out as [items, heads, tokens, tokens].
func weightBlocks(w *tensor.Tensor, items, heads, tokens int) []float32 {
	out := make([]float32, w.Size())
	for b := range items {
		for n := range tokens * tokens {
			for h := range heads {
				out[(b*heads+h)*tokens*tokens+n] = w.Row(b*tokens*tokens + n)[h]
			}
		}
	}
	return out
}

// firstHead keeps the first of the heads of [tokens, heads, ...].
func firstHead(x []float32, tokens, heads int) []float32 {
	each := len(x) / tokens
	var out []float32
	for t := range tokens {
		out = append(out, x[t*each:][:each/heads]...)
	}
	return out
}

// TestGoldenOffsetProperty: R(x0)ᵀ R(xi) is R(xi - x0) where matrices commute, and is not for LieRE.
func TestGoldenOffsetProperty(t *testing.T) {
	for _, c := range golden.Files(t, "comrope", "offset_property") {
		var config struct {
			comropeConfig
			Kinds []string
		}
		c.JSON(t, "config", &config)
		places := c.Tensor("positions").Reshape(5, config.Axes)
		shifted := tensor.New(4, config.Axes)
		for n := range shifted.Data() {
			shifted.Data()[n] = places.Data()[config.Axes+n] - places.Data()[n%config.Axes]
		}
		for _, kind := range config.Kinds {
			full := config.comropeConfig
			full.Kind = map[string]string{"ld": "comrope-ld", "ap": "comrope-ap", "liere": "liere"}[kind]
			enc := mustEncoder(t, full.encoding(t), Dims{Width: config.Hidden, Heads: config.Heads}).(*comropeEncoder)
			enc.load(c, kind+".")
			tp := tape(false)
			r := enc.matrices(tp, tp.Const(places))
			each := len(r) / 5
			c.CompareFlat(t, kind+".R_x0", r[:each], golden.Forward)
			c.CompareFlat(t, kind+".R_x1to4", r[each:], golden.Forward)
			diff := enc.matrices(tp, tp.Const(shifted))
			c.CompareFlat(t, kind+".R_diff", diff, golden.Forward)
			worst, dim := 0.0, enc.shape.headDim
			for n := range diff {
				from, row, col := n/each, n/dim%dim, n%dim
				head := n % each / (dim * dim) * dim * dim
				sum := 0.0
				for k := range dim {
					sum += float64(r[head+k*dim+row]) * float64(r[(from+1)*each+head+k*dim+col])
				}
				worst = max(worst, math.Abs(sum-float64(diff[n])))
			}
			if file := c.Float64s(kind + ".max_error")[0]; kind == "liere" {
				if math.Abs(worst-file) > 1e-5 {
					t.Errorf("liere is %v from relative, the file says %v", worst, file)
				}
			} else if worst > 1e-6 || file > 1e-10 {
				t.Errorf("%s is %v from relative, the file says %v", kind, worst, file)
			}
		}
	}
}

// TestGoldenPlaces: coordinates of images and clips, as they are and moved by given normal numbers.
func TestGoldenPlaces(t *testing.T) {
	for _, c := range golden.Files(t, "comrope", "positions") {
		var config struct {
			Side    int `json:"patches_per_side"`
			Frames  int
			Perturb float64 `json:"perturbation_intensity"`
			Offset  float64 `json:"offset_intensity"`
		}
		c.JSON(t, "config", &config)
		for axes, shape := range map[int][]int{2: {config.Side, config.Side}, 3: {config.Frames, config.Side, config.Side}} {
			name := map[int]string{2: ".axes2", 3: ".axes3"}[axes]
			l := mustLayout(t)(OnGrid(1, 1, shape...))
			noise := append(make([]float64, axes), c.Float64s("noise"+name)...)
			shift := c.Float64s("offset_noise" + name)
			for scaled, suffix := range map[bool]string{false: ".scaled0", true: ".scaled1"} {
				e := &comropeEncoder{set: ComRoPE{Axes: axes, Perturb: config.Perturb, Offset: config.Offset, Raw: !scaled}}
				got := make([]float32, len(noise))
				e.placeBy(l, got, nil, nil)
				c.CompareFlat(t, "clean"+name+suffix, got, golden.Forward)
				e.placeBy(l, got, noise, shift)
				c.CompareFlat(t, "perturbed"+name+suffix, got, golden.Forward)
			}
		}
	}
}

// TestPerturbation: training moves cells by the seed of the pass, evaluation does not.
func TestPerturbation(t *testing.T) {
	enc := mustEncoder(t, ComRoPE{Block: 4, Perturb: 1, Offset: 0.1}, Dims{Width: 8, Heads: 1})
	l := mustLayout(t)(OnGrid(2, 1, 3, 4))
	begin := func(p tensor.Pass) []float32 {
		tp := tensor.NewTape()
		tp.Begin(p)
		return mustBegin(t, tp, enc, l).(*comropePass).coords.Data()
	}
	still, one := begin(tensor.Pass{}), begin(tensor.Pass{Train: true, Seed: 1})
	if !slices.Equal(one, begin(tensor.Pass{Train: true, Seed: 1})) || slices.Equal(one, begin(tensor.Pass{Train: true, Seed: 2})) {
		t.Error("the movement does not go by the seed")
	}
	if want := []float32{0.5, 0.5, 0.5 / 3, 0.125}; !slices.Equal(still[:4], want) {
		t.Errorf("evaluation begins at %v, want %v", still[:4], want)
	}
	shift := one[0] - still[0]
	for n := 2; n < len(one); n += 2 { // rows, a cell of which is a third
		if d := one[n] - still[n] - shift; d > 0.5/3+1e-6 || d < -0.5/3-1e-6 {
			t.Errorf("token %d moves by %v, want at most half a cell", n/2, d)
		}
	}
}

// TestComRoPEFromZero: generators of zeros rotate nothing and still learn.
func TestComRoPEFromZero(t *testing.T) {
	for kind := LinearlyDependent; kind <= LieRE; kind++ {
		enc := mustEncoder(t, ComRoPE{Kind: kind, Block: 4, FromZero: true}, Dims{Width: 16, Heads: 2}).(*comropeEncoder)
		tp := tape(false)
		l := mustLayout(t)(OnGrid(1, 0, 2, 3))
		x := tensor.New(6, 16)
		nn.NewInit(5).Normal(x, 1)
		var a Attention
		a.Query, a.Key = tp.Const(x), tp.Const(x)
		mustBegin(t, tp, enc, l).Attend(tp, &a)
		for n, v := range a.Query.Data() {
			if math.Abs(float64(v-x.Data()[n])) > 1e-6 {
				t.Fatalf("%v: zeros turn %v into %v", kind, x.Data()[n], v)
			}
		}
		tp.Backward(dotLoss(tp, tp.Mul(a.Query, a.Query), x))
		if g := tp.Grad(enc.generators[0]); g == nil || slices.Max(g) == 0 {
			t.Errorf("%v: generators of zeros get no gradient", kind)
		}
	}
}

// TestComRoPESettings: what does not fit is named.
func TestComRoPESettings(t *testing.T) {
	d := Dims{Width: 24, Heads: 2}
	for want, e := range map[string]ComRoPE{
		"Block":   {Block: 8},
		"Axes":    {Axes: -1, Block: 4},
		"2 axes":  {Kind: AxialPartition, Block: 4},
		"Vanilla": {Kind: Vanilla, Block: 4},
		"Perturb": {Block: 4, Perturb: math.NaN()},
		"Kind":    {Kind: 9},
	} {
		if _, err := e.New(d, nn.NewInit(1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: the error is %v, want one that names %s", e, err, want)
		}
	}
}

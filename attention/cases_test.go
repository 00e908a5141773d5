package attention_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
)

// pairwiseCase says what to draw for one comparison.
type pairwiseCase struct {
	heads, dim, in  int // in 0: no pair features
	clamp           float64
	act             nn.Activation
	enhance, output bool
	sparse          bool
	items           []int
	seed            uint64
}

func (c pairwiseCase) String() string {
	return fmt.Sprintf("heads %d, dim %d, pair width %d, clamp %v, %v, enhance %v, output %v, sparse %v, items %v",
		c.heads, c.dim, c.in, c.clamp, c.act, c.enhance, c.output, c.sparse, c.items)
}

// pairs lists the pairs: of a sparse case each query gets every third key or so, and every fifth query none.
func (c pairwiseCase) pairs(rng *rand.Rand) (*attention.Pairs, []int, []int) {
	offsets := []int{0}
	for _, n := range c.items {
		offsets = append(offsets, offsets[len(offsets)-1]+n)
	}
	rowStart, keys := []int{0}, []int{}
	var short []int32
	for b := range c.items {
		for i := offsets[b]; i < offsets[b+1]; i++ {
			for j := offsets[b]; j < offsets[b+1]; j++ {
				if !c.sparse || i%5 != 3 && (i == j || rng.IntN(3) == 0) {
					keys, short = append(keys, j), append(short, int32(j))
				}
			}
			rowStart = append(rowStart, len(keys))
		}
	}
	if !c.sparse {
		return attention.FullPairs(offsets), rowStart, keys
	}
	p, err := attention.SparsePairs(offsets, rowStart, short)
	if err != nil {
		panic(err)
	}
	return p, rowStart, keys
}

// draw makes the inputs of a case. All numbers are float32 exactly, and no pair is near a kink: the argument of the
// signed square root is at least 0.02 and that of the activation and the distance of a score from the clamp's edges at
// least 1e-3 in magnitude.
func (c pairwiseCase) draw() (*reference, *attention.Pairs) {
	rng := rand.New(rand.NewPCG(c.seed, 1))
	normal := func(n int, std float64) []float64 {
		a := make([]float64, n)
		for k := range a {
			a[k] = float64(float32(rng.NormFloat64() * std))
		}
		return a
	}
	// between keeps queries away from -keys.
	between := func(n int, lo, hi float64) []float64 {
		a := make([]float64, n)
		for k := range a {
			a[k] = float64(float32(math.Copysign(lo+(hi-lo)*rng.Float64(), rng.Float64()-0.5)))
		}
		return a
	}
	pairs, rowStart, keys := c.pairs(rng)
	tokens, d := pairs.Tokens(), c.heads*c.dim
	for {
		r := &reference{heads: c.heads, dim: c.dim, in: c.in, clamp: c.clamp, act: c.act, rowStart: rowStart, keys: keys,
			q: between(tokens*d, 1, 2), k: between(tokens*d, 0.1, 0.8), v: normal(tokens*d, 1),
			score: normal(d, 1.2/math.Sqrt(float64(c.dim)))}
		if c.in > 0 {
			root := math.Sqrt(float64(c.in))
			r.pair, r.pw, r.pb = normal(len(keys)*c.in, 1), normal(2*d*c.in, 1/root), normal(2*d, 0.5)
			if c.enhance {
				r.enhance = normal(d*c.dim, 1/math.Sqrt(float64(c.dim)))
			}
			if c.output {
				r.outW, r.outB = normal(c.in*d, 1/math.Sqrt(float64(d))), normal(c.in, 0.5)
			}
		}
		if c.clear(r, func(n int) { copy(r.pair[n*c.in:], normal(c.in, 1)) }) {
			return r, pairs
		}
	}
}

// clear draws the features of each pair that is near a kink again, until none is. Without pair features, or where
// keys and queries are unlucky, it gives up.
func (c pairwiseCase) clear(r *reference, again func(n int)) bool {
	for i := 0; i < r.tokens(); i++ {
		for n := r.rowStart[i]; n < r.rowStart[i+1]; n++ {
			for tries := 0; c.nearKink(r.features(n, i)); tries++ {
				if c.in == 0 || tries == 10000 {
					return false
				}
				again(n)
			}
		}
	}
	return true
}

func (c pairwiseCase) nearKink(w row) bool {
	for _, t := range w.t {
		if math.Abs(t) < 0.02 {
			return true
		}
	}
	for _, u := range w.u {
		if math.Abs(u) < 1e-3 {
			return true
		}
	}
	for _, s := range w.s {
		if c.clamp > 0 && math.Abs(math.Abs(s)-c.clamp) < 1e-3 {
			return true
		}
	}
	return false
}

// probe returns n numbers, the gradient of some loss with respect to a result.
func probe(n int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 2))
	a := make([]float64, n)
	for k := range a {
		a[k] = float64(float32(rng.NormFloat64()))
	}
	return a
}

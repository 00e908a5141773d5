package expressivity

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs"
)

var bigPrime = big.NewInt(prime)

// residueOf is that of a rational number, by package big.
func residueOf(r *big.Rat) uint64 {
	inverse := new(big.Int).ModInverse(r.Denom(), bigPrime)
	n := new(big.Int).Mul(r.Num(), inverse)
	return n.Mod(n, bigPrime).Uint64()
}

func TestField(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	numbers := []uint64{0, 1, 2, prime - 1, prime - 2, 1 << 60}
	for range 200 {
		numbers = append(numbers, rng.Uint64N(prime))
	}
	for _, a := range numbers {
		for _, b := range numbers[:20] {
			x, y := new(big.Int).SetUint64(a), new(big.Int).SetUint64(b)
			sum, product := new(big.Int).Add(x, y), new(big.Int).Mul(x, y)
			if got := plus(a, b); got != sum.Mod(sum, bigPrime).Uint64() {
				t.Fatalf("%d + %d = %d", a, b, got)
			}
			if got := times(a, b); got != product.Mod(product, bigPrime).Uint64() {
				t.Fatalf("%d * %d = %d", a, b, got)
			}
		}
		if got := times(a, inverse(a)); a != 0 && got != 1 || a == 0 && got != 0 {
			t.Fatalf("%d times its inverse is %d", a, got)
		}
	}
	for _, w := range []float32{1, 3, 0.1, 1e-30, 1e30, math.MaxFloat32, math.SmallestNonzeroFloat32, 0x1p61, 0x1p-61} {
		if got, want := residue(w), residueOf(new(big.Rat).SetFloat64(float64(w))); got != want {
			t.Errorf("residue of %v is %d, want %d", w, got, want)
		}
	}
}

// TestWalksAreExact compares with powers of the walk matrix in rational numbers, and these with the encoding in float32.
func TestWalksAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for range 12 {
		n, k := 1+rng.IntN(6), 1+rng.IntN(7)
		g := randomGraph(rng, n)
		step := make([]big.Rat, n*n)
		degree := make([]big.Rat, n)
		for e, ends := range g.Edges {
			w := new(big.Rat).SetFloat64(float64(g.Weight(e)))
			step[ends.From*n+ends.To].Set(w)
			degree[ends.From].Add(&degree[ends.From], w)
		}
		power := make([]big.Rat, n*n)
		for i := range n {
			power[i*n+i].SetInt64(1)
		}
		pair := make([]float32, n*n*k)
		encodings.RRWP{Steps: k}.EncodeGraph(g, make([]float32, n*k), pair, nil)
		length := 0
		walks(g, k, func(got []uint64) {
			for at := range got {
				if want := residueOf(&power[at]); got[at] != want {
					t.Fatalf("walks of length %d, pair %d: %d, want %d", length, at, got[at], want)
				}
				if f, _ := power[at].Float64(); math.Abs(f-float64(pair[at*k+length])) > 1e-5 {
					t.Fatalf("walks of length %d, pair %d: the encoding has %v, want %v", length, at, pair[at*k+length], f)
				}
			}
			next := make([]big.Rat, n*n)
			for i := range n {
				for m := range n {
					if degree[i].Sign() == 0 {
						continue
					}
					by := new(big.Rat).Quo(&step[i*n+m], &degree[i])
					for j := range n {
						next[i*n+j].Add(&next[i*n+j], new(big.Rat).Mul(by, &power[m*n+j]))
					}
				}
			}
			power = next
			length++
		})
		if length != k {
			t.Fatalf("%d lengths, want %d", length, k)
		}
	}
}

// TestShortestPaths against the first channel of the encoding that is not zero.
func TestShortestPaths(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 4))
	for range 20 {
		n := 1 + rng.IntN(9)
		g := randomGraph(rng, n)
		pair := make([]float32, n*n*n)
		encodings.RRWP{Steps: n, SPD: true}.EncodeGraph(g, make([]float32, n*n), pair, nil)
		for at, got := range shortest(g) {
			want := 0
			for c, v := range pair[at*n : (at+1)*n] {
				if v == 1 {
					want = c + 1
				}
			}
			if int(got) != want {
				t.Fatalf("pair %d of %d nodes: %d, want %d", at, n, got, want)
			}
		}
	}
}

// TestStepsMatter: rings of 12 and two of 6 differ in walks of 6 steps first.
func TestStepsMatter(t *testing.T) {
	a, b := circulant(12, 1), circulant(12, 2)
	for steps, want := range map[int]bool{1: false, 6: false, 7: true, 0: true} {
		for _, name := range []string{"rwse", "rrwp"} {
			if name == "rrwp" && steps == 6 {
				continue // the opposite node of a ring of 6 is 3 steps away: fewer walks suffice
			}
			if got := apart(t, the(t, name, Options{Steps: steps}), a, b); got != want {
				t.Errorf("%s with %d steps: %v", name, steps, got)
			}
		}
	}
	if apart(t, the(t, "rrwp", Options{Steps: 1}), graphs.Undirected(2, nil), graphs.Undirected(2, nil)) {
		t.Error("graphs without edges are told apart")
	}
}

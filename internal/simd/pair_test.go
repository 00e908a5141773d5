package simd

import (
	"fmt"
	"math"
	"testing"
)

// pairCase is the input of the pair kernels, with gaps between rows.
type pairCase struct {
	n, d, ldk, lde, ldde, act int
	q, k, e, g, eh            []float32
	dq, dk                    []float32 // before
}

func newPairCase(n, d, act int) pairCase {
	p := pairCase{n: n, d: d, ldk: d + 3, lde: 2*d + 1, ldde: 2*d + 5, act: act}
	p.q, p.k, p.e, p.g = normals(d, 1), normals(n*p.ldk, 2), normals(n*p.lde, 3), normals(n*d, 4)
	p.dq, p.dk = normals(d, 5), normals(n*p.ldk, 6)
	p.eh = make([]float32, n*d)
	// Exact zeros of t: q + k = 0 in one column, ew = 0 in another; and tiny products.
	for r := range n {
		p.k[r*p.ldk+r%d] = -p.q[r%d]
		p.e[r*p.lde+(r+1)%d] = 0
		p.e[r*p.lde+(r+2)%d] *= 1e-20
	}
	return p
}

func (p *pairCase) at(r, c int) (s, ew, eb float64) {
	return float64(p.q[c] + p.k[r*p.ldk+c]), float64(p.e[r*p.lde+c]), float64(p.e[r*p.lde+p.d+c])
}

func pairCases() []pairCase {
	var cases []pairCase
	for _, act := range []int{PairIdentity, PairReLU} {
		for d := 1; d <= 70; d++ {
			cases = append(cases, newPairCase(5, d, act))
		}
		for _, nd := range [][2]int{{1, 64}, {23, 64}, {150, 52}, {9, 96}, {3, 128}, {7, 131}, {4, 256}} {
			cases = append(cases, newPairCase(nd[0], nd[1], act))
		}
	}
	return cases
}

func TestPairForward(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, p := range pairCases() {
			what := fmt.Sprintf("n %d, d %d, act %d", p.n, p.d, p.act)
			eh := newGuarded(p.n*p.d, 1)
			k.pairForward(eh.s, p.q, p.k, p.e, p.n, p.d, p.ldk, p.lde, p.act)
			eh.check(t, what)
			for r := range p.n {
				for c := range p.d {
					s, ew, eb := p.at(r, c)
					y := float64(float32(s * ew))
					want := math.Copysign(math.Sqrt(math.Abs(y)), y) + eb
					scale := math.Abs(want-eb) + math.Abs(eb)
					if p.act == PairReLU && want < 0 {
						want = 0
					}
					if ulpsOff(eh.s[r*p.d+c], want, scale) > 2 {
						t.Fatalf("%s, element %d, %d: got %v, expected %v", what, r, c, eh.s[r*p.d+c], want)
					}
				}
			}
		}
	})
}

func TestPairBackward(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, p := range pairCases() {
			what := fmt.Sprintf("n %d, d %d, act %d", p.n, p.d, p.act)
			pairForwardGo(p.eh, p.q, p.k, p.e, p.n, p.d, p.ldk, p.lde, p.act)
			de := newGuarded((p.n-1)*p.ldde+2*p.d, 2)
			dq, dk := newGuarded(p.d, 1).with(p.dq), newGuarded(p.n*p.ldk, 0).with(p.dk)
			k.pairBackward(de.s, dq.s, dk.s, p.g, p.eh, p.q, p.k, p.e, p.n, p.d, p.ldk, p.lde, p.ldde, p.act)
			for _, g := range []guarded{de, dq, dk} {
				g.check(t, what)
			}
			for c := range p.d {
				sum, size := float64(p.dq[c]), math.Abs(float64(p.dq[c]))
				for r := range p.n {
					s, ew, _ := p.at(r, c)
					geb := float64(p.g[r*p.d+c])
					if p.act == PairReLU && p.eh[r*p.d+c] <= 0 {
						geb = 0
					}
					var gt float64
					if y := float64(float32(s * ew)); y != 0 {
						gt = geb * 0.5 / math.Sqrt(math.Abs(y))
					}
					sum, size = sum+gt*ew, size+math.Abs(gt*ew)
					near(t, what+" dew", de.s[r*p.ldde+c], gt*s, 4e-7*math.Abs(gt*s))
					near(t, what+" deb", de.s[r*p.ldde+p.d+c], geb, 0)
					before := float64(p.dk[r*p.ldk+c])
					near(t, what+" dk", dk.s[r*p.ldk+c], before+gt*ew, 4e-7*(math.Abs(before)+math.Abs(gt*ew)))
				}
				near(t, what+" dq", dq.s[c], sum, 1e-6*size)
			}
			for r := range p.n {
				sameBits(t, what+", gap of dk", dk.s[r*p.ldk+p.d:(r+1)*p.ldk], p.dk[r*p.ldk+p.d:(r+1)*p.ldk])
				for c := 2 * p.d; c < p.ldde && r < p.n-1; c++ {
					if x := de.s[r*p.ldde+c]; x == x {
						t.Fatalf("%s: the gap after row %d of de was written", what, r)
					}
				}
			}
		}
	})
}

// TestPairNaN holds that NaN passes through both activations, and that infinities do what the formula says.
func TestPairNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, d := range []int{1, 8, 16, 21} {
			for _, act := range []int{PairIdentity, PairReLU} {
				q, key, e, eh := make([]float32, d), make([]float32, d), make([]float32, 2*d), make([]float32, d)
				for c := range d {
					q[c], e[c] = 1, 1
				}
				q[d-1] = nan
				k.pairForward(eh, q, key, e, 1, d, d, 2*d, act)
				if eh[d-1] == eh[d-1] {
					t.Errorf("d %d, act %d: NaN in q gives %v", d, act, eh[d-1])
				}
				q[d-1] = -inf
				k.pairForward(eh, q, key, e, 1, d, d, 2*d, act)
				want := -inf
				if act == PairReLU {
					want = 0
				}
				if eh[d-1] != want {
					t.Errorf("d %d, act %d: -Inf in q gives %v", d, act, eh[d-1])
				}
			}
		}
	})
	x := make([]float32, 8)
	mustPanic(t, "simd: PairForward: unknown activation", func() { PairForward(x, x, x, x, 1, 4, 4, 8, 2) })
	mustPanic(t, "simd: PairForward: e has 8 elements", func() { PairForward(x, x, x, x, 2, 4, 4, 8, 1) })
}

func BenchmarkPair(b *testing.B) {
	for _, nd := range [][2]int{{24, 64}, {120, 64}, {24, 52}} {
		n, d := nd[0], nd[1]
		p := newPairCase(n, d, PairReLU)
		de, dq, dk := make([]float32, n*2*d), make([]float32, d), make([]float32, n*d)
		b.Run(fmt.Sprintf("Forward%dx%d", n, d), func(b *testing.B) {
			benchLevels(b, func(b *testing.B, k *kernels) {
				b.SetBytes(int64(4 * 4 * n * d))
				for b.Loop() {
					k.pairForward(p.eh, p.q, p.k, p.e, n, d, d, 2*d, p.act)
				}
			})
		})
		b.Run(fmt.Sprintf("Backward%dx%d", n, d), func(b *testing.B) {
			benchLevels(b, func(b *testing.B, k *kernels) {
				b.SetBytes(int64(8 * 4 * n * d))
				for b.Loop() {
					k.pairBackward(de, dq, dk, p.g, p.eh, p.q, p.k, p.e, n, d, d, 2*d, 2*d, p.act)
				}
			})
		})
	}
}

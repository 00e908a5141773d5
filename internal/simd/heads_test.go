package simd

import (
	"fmt"
	"math"
	"testing"
)

// headCase is the shape of one call; rows of features are ld apart.
type headCase struct{ n, heads, dim, ld int }

func (c headCase) String() string {
	return fmt.Sprintf("n %d, heads %d, dim %d, stride %d", c.n, c.heads, c.dim, c.ld)
}

// features returns n rows of features with NaN in the gaps between them, which no result may depend on.
func (c headCase) features(seed uint64) []float32 {
	s := normals(c.n*c.ld, seed)
	for i := range s {
		if i%c.ld >= c.heads*c.dim {
			s[i] = canary
		}
	}
	return s
}

func headCases() []headCase {
	var cases []headCase
	dims := []int{32, 64, 65, 100, 129}
	step := 1
	if raceEnabled {
		step, dims = 9, []int{65}
	}
	for dim := 1; dim <= 20; dim += step {
		dims = append(dims, dim)
	}
	for _, dim := range dims {
		for _, heads := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17} {
			width := heads * dim
			for i, n := range []int{1, 2, 3 + width%38} {
				cases = append(cases, headCase{n, heads, dim, width + i*3%7})
			}
		}
	}
	for n := 1; n <= 40; n += sparse(1) {
		cases = append(cases, headCase{n, 8, 8, 64}, headCase{n, 8, 6, 48}, headCase{n, 4, 13, 52})
	}
	return append(cases, headCase{118, 8, 8, 64}, headCase{118, 8, 16, 300})
}

func TestHeadDots(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range headCases() {
			x, a, before := c.features(1), normals(c.heads*c.dim, 2), normals(c.n*c.heads, 3)
			for _, add := range []bool{false, true} {
				what := fmt.Sprintf("%v, add %v", c, add)
				s := newGuarded(c.n*c.heads, c.n%4).with(before)
				k.headDots(s.s, x, a, c.n, c.heads, c.dim, c.ld, add)
				s.check(t, what)
				one := make([]float32, 1)
				for i, got := range s.s {
					r, h := i/c.heads, i%c.heads
					row, other := x[r*c.ld+h*c.dim:][:c.dim], a[h*c.dim:][:c.dim]
					var want, size float64
					if add {
						want, size = float64(before[i]), math.Abs(float64(before[i]))
					}
					for j, v := range row {
						p := float64(v) * float64(other[j])
						want, size = want+p, size+math.Abs(p)
					}
					if !(math.Abs(float64(got)-want) <= 3e-7*size) {
						t.Fatalf("%s, row %d, head %d: got %v, expected %v", what, r, h, got, want)
					}
					// Alone, a head gives the same bits.
					one[0] = before[i]
					k.headDots(one, row, other, 1, 1, c.dim, c.dim, add)
					if math.Float32bits(one[0]) != math.Float32bits(got) {
						t.Fatalf("%s, row %d, head %d: got %v, alone %v", what, r, h, got, one[0])
					}
				}
			}
		}
	})
}

// link is one step of a chain at a level.
func link(level Level, x, y, z float32) float32 {
	if level == None {
		return z + float32(x*y)
	}
	return fusedAdd(x, y, z)
}

func TestHeadSum(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range headCases() {
			w, x, before := normals(c.n*c.heads, 1), c.features(2), normals(c.heads*c.dim, 3)
			dst := newGuarded(c.heads*c.dim, c.n%4).with(before)
			k.headSum(dst.s, w, x, c.n, c.heads, c.dim, c.ld)
			dst.check(t, c.String())
			for i, want := range before {
				for r := range c.n {
					want = link(k.level, w[r*c.heads+i/c.dim], x[r*c.ld+i], want)
				}
				before[i] = want
			}
			sameBits(t, c.String(), dst.s, before)
		}
	})
}

func TestHeadOuter(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range headCases() {
			w, w2, g, g2 := normals(c.n*c.heads, 1), normals(c.n*c.heads, 2), normals(c.heads*c.dim, 3), normals(c.heads*c.dim, 4)
			want := c.features(5)
			one, two := newGuarded(len(want), c.n%4).with(want), newGuarded(len(want), 1).with(want)
			k.headOuter(one.s, w, g, c.n, c.heads, c.dim, c.ld)
			k.headOuter2(two.s, w, g, w2, g2, c.n, c.heads, c.dim, c.ld)
			one.check(t, c.String())
			two.check(t, c.String()+", two terms")
			add := func(w, g []float32) {
				for r := range c.n {
					for i := range c.heads * c.dim {
						want[r*c.ld+i] = link(k.level, w[r*c.heads+i/c.dim], g[i], want[r*c.ld+i])
					}
				}
			}
			add(w, g)
			sameBits(t, c.String(), one.s, want)
			add(w2, g2)
			sameBits(t, c.String()+", two terms", two.s, want)
		}
	})
}

// TestHeadsNaN holds that what is not finite reaches the element it belongs to, and no other.
func TestHeadsNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range []headCase{{5, 8, 8, 64}, {5, 16, 4, 70}, {5, 9, 4, 36}, {5, 8, 6, 48}, {5, 4, 13, 52}, {5, 3, 1, 3}, {5, 2, 40, 90}} {
			for _, bad := range []float32{nan, inf, -inf} {
				for at := range c.heads * c.dim {
					const row = 3
					head := at / c.dim
					finite := func(what string, i int, v float32, hit bool) {
						if ok := v-v == 0; ok == hit {
							t.Fatalf("%s, %v, column %d is %v: element %d is %v", what, c, at, bad, i, v)
						}
					}
					x, w, a := normals(c.n*c.ld, 1), normals(c.n*c.heads, 2), normals(c.heads*c.dim, 3)
					x[row*c.ld+at] = bad
					s := make([]float32, c.n*c.heads)
					k.headDots(s, x, a, c.n, c.heads, c.dim, c.ld, false)
					for i, v := range s {
						finite("HeadDots", i, v, i == row*c.heads+head)
					}
					sum := make([]float32, c.heads*c.dim)
					k.headSum(sum, w, x, c.n, c.heads, c.dim, c.ld)
					for i, v := range sum {
						finite("HeadSum", i, v, i == at)
					}
					a[at] = bad
					out := make([]float32, c.n*c.ld)
					k.headOuter(out, w, a, c.n, c.heads, c.dim, c.ld)
					for i, v := range out {
						finite("HeadOuter", i, v, i%c.ld == at)
					}
				}
			}
		}
	})
}

// keyCases calls f for the shapes the softmax over keys is tried at.
func keyCases(f func(n, heads int)) {
	for _, heads := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 24, 32, 33} {
		for n := 1; n <= 40; n += sparse(1) {
			f(n, heads)
		}
		f(118, heads)
		if !raceEnabled {
			f(1000, heads)
		}
	}
}

func TestKeySoftmax(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, eps := range []float32{0, 1e-16, 0.25} {
			keyCases(func(n, heads int) {
				what := fmt.Sprintf("n %d, heads %d, eps %v", n, heads, eps)
				scores := randoms(n*heads, uint64(n+1))
				for r := range n {
					if r%3 == 1 {
						scores[r*heads] = -inf
					}
					if heads > 2 {
						scores[r*heads+1] = -inf // a masked head
						scores[r*heads+2] *= 40
					}
				}
				s := newGuarded(n*heads, n%4).with(scores)
				k.keySoftmax(s.s, n, heads, eps)
				s.check(t, what)
				for h := range heads {
					top, sum := math.Inf(-1), 0.0
					for r := range n {
						top = math.Max(top, float64(scores[r*heads+h]))
					}
					for r := range n {
						if !math.IsInf(top, -1) {
							sum += math.Exp(float64(scores[r*heads+h]) - top)
						}
					}
					for r := range n {
						want := 0.0
						if sum > 0 {
							want = math.Exp(float64(scores[r*heads+h])-top) / (sum + float64(eps))
						}
						// The error of the difference to the maximum grows with its size, that of the sum with its length.
						tol := 4 + math.Abs(float64(scores[r*heads+h])-top) + math.Sqrt(float64(n)) + float64(n)/8
						if got := s.s[r*heads+h]; !(ulpsOff(got, want, want) <= tol) && want != 0 || want == 0 && got != 0 {
							t.Fatalf("%s, row %d, head %d: got %v, expected %v", what, r, h, got, want)
						}
					}
				}
			})
		}
	})
}

// TestKeySoftmaxNaN holds that NaN and +Inf make NaN of their head, masked or not, and leave the others alone.
func TestKeySoftmaxNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		keyCases(func(n, heads int) {
			if n > 40 {
				return
			}
			for _, bad := range []float32{nan, inf} {
				for _, masked := range []bool{false, true} {
					s, row, head := normals(n*heads, 1), n/2, heads*2/3
					for r := range n {
						if masked {
							s[r*heads+head] = -inf
						}
					}
					s[row*heads+head] = bad
					k.keySoftmax(s, n, heads, 1e-16)
					for i, v := range s {
						if isNaN := v != v; isNaN != (i%heads == head) {
							t.Fatalf("n %d, heads %d, %v in head %d: element %d is %v", n, heads, bad, head, i, v)
						}
					}
				}
			}
		})
	})
}

func TestKeySoftmaxGrad(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		keyCases(func(n, heads int) {
			what := fmt.Sprintf("n %d, heads %d", n, heads)
			grads, a := normals(n*heads, 1), normals(n*heads, 2)
			g := newGuarded(n*heads, n%4).with(grads)
			k.keySoftmaxGrad(g.s, a, n, heads)
			g.check(t, what)
			for h := range heads {
				var dot, size float64
				for i := h; i < n*heads; i += heads {
					p := float64(grads[i]) * float64(a[i])
					dot, size = dot+p, size+math.Abs(p)
				}
				for i := h; i < n*heads; i += heads {
					want := float64(a[i]) * (float64(grads[i]) - dot)
					scale := math.Abs(float64(a[i])) * (math.Abs(float64(grads[i])) + size)
					if !(math.Abs(float64(g.s[i])-want) <= 1e-6*scale) {
						t.Fatalf("%s, element %d: got %v, expected %v", what, i, g.s[i], want)
					}
				}
			}
			head := heads / 2
			copy(g.s, grads)
			g.s[head] = nan
			k.keySoftmaxGrad(g.s, a, n, heads)
			for i, v := range g.s {
				if isNaN := v != v; isNaN != (i%heads == head) {
					t.Fatalf("%s, NaN in head %d: element %d is %v", what, head, i, v)
				}
			}
		})
	})
}

func TestHeadArguments(t *testing.T) {
	x := make([]float32, 24)
	mustPanic(t, "simd: HeadDots: x has 24 elements, expected at least 30 for [2, 12] with row stride 18", func() { HeadDots(x, x, x, 2, 3, 4, 18, false) })
	mustPanic(t, "simd: HeadDots: a has 11 elements, expected at least 12", func() { HeadDots(x, x, x[:11], 2, 3, 4, 12, false) })
	mustPanic(t, "simd: HeadSum: w has 5 elements", func() { HeadSum(x, x[:5], x, 2, 3, 4, 12) })
	mustPanic(t, "simd: HeadOuter: dst is [2, 12] with row stride 11", func() { HeadOuter(x, x, x, 2, 3, 4, 11) })
	mustPanic(t, "simd: HeadOuter2: g2 has 11 elements", func() { HeadOuter2(x, x, x, x, x[:11], 2, 3, 4, 12) })
	mustPanic(t, "simd: KeySoftmax: s has 24 elements", func() { KeySoftmax(x, 5, 5, 0) })
	mustPanic(t, "simd: KeySoftmaxGrad: g is [-1, 5]", func() { KeySoftmaxGrad(nil, nil, -1, 5) })
	s := []float32{1, 2}
	HeadDots(s, nil, nil, 1, 2, 0, 0, true)
	if s[0] != 1 || s[1] != 2 {
		t.Errorf("no columns added to s give %v", s)
	}
	HeadDots(s, nil, nil, 1, 2, 0, 0, false)
	if s[0] != 0 || s[1] != 0 {
		t.Errorf("no columns give %v", s)
	}
	// No keys: nothing is read or written.
	HeadDots(nil, nil, x, 0, 3, 4, 12, false)
	HeadSum(x, nil, nil, 0, 3, 4, 12)
	HeadOuter(nil, nil, x, 0, 3, 4, 12)
	HeadOuter2(nil, nil, x, nil, x, 0, 3, 4, 12)
	KeySoftmax(nil, 0, 3, 0)
	KeySoftmaxGrad(nil, nil, 0, 3)
	for i, v := range x {
		if v != 0 {
			t.Errorf("no keys: element %d is %v", i, v)
		}
	}
}

func BenchmarkHead(b *testing.B) {
	for _, c := range []headCase{{23, 8, 8, 64}, {118, 8, 6, 48}, {150, 4, 13, 52}} {
		x, g := normals(c.n*c.ld, 1), normals(c.heads*c.dim, 2)
		w, s := normals(c.n*c.heads, 3), make([]float32, c.n*c.heads)
		tiny, sum := make([]float32, c.n*c.heads), make([]float32, c.heads*c.dim)
		for _, f := range []struct {
			name string
			run  func(k *kernels)
		}{
			{"Dots", func(k *kernels) { k.headDots(s, x, g, c.n, c.heads, c.dim, c.ld, false) }},
			{"Sum", func(k *kernels) { k.headSum(sum, tiny, x, c.n, c.heads, c.dim, c.ld) }},
			{"Outer", func(k *kernels) { k.headOuter(x, tiny, g, c.n, c.heads, c.dim, c.ld) }},
			{"Outer2", func(k *kernels) { k.headOuter2(x, tiny, g, tiny, g, c.n, c.heads, c.dim, c.ld) }},
			{"KeySoftmax", func(k *kernels) { k.keySoftmax(w, c.n, c.heads, 1e-16) }},
			{"KeySoftmaxGrad", func(k *kernels) { k.keySoftmaxGrad(tiny, s, c.n, c.heads) }},
		} {
			b.Run(fmt.Sprintf("%s%dx%dx%d", f.name, c.n, c.heads, c.dim), func(b *testing.B) {
				benchLevels(b, func(b *testing.B, k *kernels) {
					for b.Loop() {
						f.run(k)
					}
				})
			})
		}
	}
}

package simd

import (
	"fmt"
	"math"
	"testing"
)

// product is one call of the kernel with its operands; strides are wider than the rows.
type product struct {
	transA, transB bool
	m, n, k        int
	a, b           []float32
	lda, ldb, ldc  int
	bias           []float32 // nil if there is none
}

func newProduct(transA, transB bool, m, n, k, gap int) product {
	p := product{transA: transA, transB: transB, m: m, n: n, k: k, lda: k + gap, ldb: n + gap, ldc: n + 2*gap}
	rowsA, rowsB := m, k
	if transA {
		p.lda, rowsA = m+gap, k
	}
	if transB {
		p.ldb, rowsB = k+gap, n
	}
	p.a, p.b = normals(rowsA*p.lda, 1), normals(rowsB*p.ldb, 2)
	return p
}

func (p *product) run(t *kernels, c []float32, accumulate bool) {
	t.gemm(p.transA, p.transB, p.m, p.n, p.k, p.a, p.lda, p.b, p.ldb, c, p.ldc, p.bias, accumulate)
}

func (p *product) atA(i, l int) float32 {
	if p.transA {
		return p.a[l*p.lda+i]
	}
	return p.a[i*p.lda+l]
}

func (p *product) atB(l, j int) float32 {
	if p.transB {
		return p.b[j*p.ldb+l]
	}
	return p.b[l*p.ldb+j]
}

// chain is the one result an element may have: the kernel's rounding is fused above level None.
func (p *product) chain(level Level, i, j int, start float32) float32 {
	for l := range p.k {
		x, y := p.atA(i, l), p.atB(l, j)
		if level == None {
			start += float32(x * y)
		} else {
			start = fusedAdd(x, y, start)
		}
	}
	return start
}

// fusedAdd is x*y + z rounded once. The float64 sum is rounded to odd before it is rounded to float32, which makes the
// second rounding harmless.
func fusedAdd(x, y, z float32) float32 {
	prod, add := float64(x)*float64(y), float64(z) // exact
	sum := prod + add
	if math.IsInf(sum, 0) || sum != sum {
		return float32(sum)
	}
	// Knuth's two-sum: the exact error of the rounded sum.
	back := sum - prod
	err := (prod - (sum - back)) + (add - back)
	if err != 0 && math.Float64bits(sum)&1 == 0 {
		if (err > 0) == (sum > 0) {
			sum = math.Float64frombits(math.Float64bits(sum) + 1)
		} else {
			sum = math.Float64frombits(math.Float64bits(sum) - 1)
		}
	}
	return float32(sum)
}

func TestGemmExact(t *testing.T) {
	shapes := [][3]int{{0, 3, 4}, {3, 0, 4}, {1, 1, 1}, {1, 17, 3}, {2, 5, 300}, {7, 64, 64}, {13, 65, 33}, {25, 130, 17}, {64, 64, 520}, {3, 600, 20}}
	step := 1
	if raceEnabled {
		step = 9
	}
	for n := 1; n <= 70; n += step {
		shapes = append(shapes, [3]int{n%14 + 1, n, 9})
	}
	for m := 1; m <= 40; m += step {
		shapes = append(shapes, [3]int{m, 19, 7})
	}
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, s := range shapes {
			for trans := range 4 {
				for _, gap := range []int{0, 3} {
					p := newProduct(trans&1 == 1, trans&2 == 2, s[0], s[1], s[2], gap)
					for _, accumulate := range []bool{false, true} {
						checkProduct(t, k, &p, accumulate)
					}
					p.bias = normals(p.n, 4)
					checkProduct(t, k, &p, false)
				}
			}
		}
	})
}

// sparse widens a step through expected values under the race detector, which slows their computation.
func sparse(step int) int {
	if raceEnabled {
		return 11 * step
	}
	return step
}

func checkProduct(t *testing.T, k *kernels, p *product, accumulate bool) {
	t.Helper()
	what := fmt.Sprintf("%dx%dx%d, transA %v, transB %v, accumulate %v, bias %v", p.m, p.n, p.k, p.transA, p.transB, accumulate, p.bias != nil)
	before := normals(p.m*p.ldc, 3)
	c := newGuarded(p.m*p.ldc, 1).with(before)
	p.run(k, c.s, accumulate)
	c.check(t, what)
	for i := range p.m {
		for j := 0; j < p.ldc; j += sparse(1) {
			at := i*p.ldc + j
			want := before[at]
			if j < p.n {
				var start float32
				switch {
				case accumulate:
					start = before[at]
				case p.bias != nil:
					start = p.bias[j]
				}
				want = p.chain(k.level, i, j, start)
			}
			if c.s[at] != want {
				t.Fatalf("%s, ldc %d, element %d, %d: got %v, expected %v", what, p.ldc, i, j, c.s[at], want)
			}
		}
	}
}

// TestGemmLarge compares products that take every blocking path with the chain, at sampled elements.
func TestGemmLarge(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, s := range [][3]int{{300, 200, 600}, {64, 64, 3000}, {1200, 64, 64}, {130, 1100, 300}, {5, 700, 700}} {
			for trans := range 4 {
				p := newProduct(trans&1 == 1, trans&2 == 2, s[0], s[1], s[2], 0)
				c := make([]float32, p.m*p.ldc)
				for _, bias := range [][]float32{nil, normals(p.n, 3)} {
					p.bias = bias
					p.run(k, c, false)
					for at := 0; at < len(c); at += sparse(97) {
						var start float32
						if bias != nil {
							start = bias[at%p.ldc]
						}
						if want := p.chain(k.level, at/p.ldc, at%p.ldc, start); c[at] != want {
							t.Fatalf("%v, trans %d, element %d: got %v, expected %v", s, trans, at, c[at], want)
						}
					}
				}
			}
		}
	})
}

// TestGemmPosition holds that a row or a column of a product has the same bits when it is computed alone.
func TestGemmPosition(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, s := range [][3]int{{37, 83, 64}, {29, 200, 300}} {
			for trans := range 4 {
				p := newProduct(trans&1 == 1, trans&2 == 2, s[0], s[1], s[2], 0)
				whole := make([]float32, p.m*p.n)
				p.run(k, whole, false)
				for i := range p.m {
					row, one := p, make([]float32, p.n)
					row.m = 1
					if p.transA {
						row.a = p.a[i:]
					} else {
						row.a = p.a[i*p.lda:]
					}
					row.run(k, one, false)
					sameBits(t, fmt.Sprintf("%v, trans %d, row %d alone", s, trans, i), one, whole[i*p.n:(i+1)*p.n])
				}
				for j := 0; j < p.n; j += 7 {
					col := p
					col.n, col.ldc = min(3, p.n-j), 3
					if p.transB {
						col.b = p.b[j*p.ldb:]
					} else {
						col.b = p.b[j:]
					}
					few := make([]float32, p.m*3)
					col.run(k, few, false)
					for i := range p.m {
						sameBits(t, fmt.Sprintf("%v, trans %d, column %d alone", s, trans, j), few[i*3:i*3+col.n], whole[i*p.n+j:i*p.n+j+col.n])
					}
				}
			}
		}
	})
}

// TestGemmNaN holds that NaN and Inf reach the rows and columns they belong to, and no others.
func TestGemmNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for trans := range 4 {
			p := newProduct(trans&1 == 1, trans&2 == 2, 21, 37, 11, 0)
			p.a[0], p.b[0] = nan, inf // element 0, 0 of both, transposed or not
			c := make([]float32, p.m*p.n)
			p.run(k, c, false)
			for i := range p.m {
				for j := range p.n {
					got, want := c[i*p.n+j], p.chain(k.level, i, j, 0)
					if got != want && (got == got || want == want) {
						t.Fatalf("trans %d, element %d, %d: got %v, expected %v", trans, i, j, got, want)
					}
				}
			}
		}
	})
}

func TestGemmArguments(t *testing.T) {
	x := make([]float32, 12)
	mustPanic(t, "simd: Gemm: a has 12 elements, expected at least 16 for [4, 4]", func() { Gemm(false, false, 4, 3, 4, x, 4, x, 3, x, 3, false) })
	mustPanic(t, "simd: Gemm: b is [4, 3] with row stride 2", func() { Gemm(false, false, 3, 3, 4, x, 4, x, 2, x, 3, false) })
	c := []float32{1, 2}
	Gemm(false, false, 1, 2, 0, nil, 0, nil, 2, c, 2, true)
	if c[0] != 1 || c[1] != 2 {
		t.Errorf("no terms added to C give %v", c)
	}
	Gemm(false, false, 1, 2, 0, nil, 0, nil, 2, c, 2, false)
	if c[0] != 0 || c[1] != 0 {
		t.Errorf("no terms give %v", c)
	}
	GemmBias(false, false, 1, 2, 0, nil, 0, nil, 2, []float32{3, 4}, c, 2)
	if c[0] != 3 || c[1] != 4 {
		t.Errorf("no terms and biases give %v", c)
	}
	GemmBias(false, true, 1, 2, 2, []float32{1, 2}, 2, []float32{1, 1, 2, 2}, 2, []float32{3, 4}, c, 2)
	if c[0] != 6 || c[1] != 10 {
		t.Errorf("product with biases is %v", c)
	}
	mustPanic(t, "simd: GemmBias: bias has 2 elements, expected at least 3", func() { GemmBias(false, false, 1, 3, 1, x, 1, x, 3, x[:2], x, 3) })
}

package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// tileTerms draws terms for so many rows.
func tileTerms(rng *rand.Rand, rows int, bias bool, mask int) TileTerms {
	var t TileTerms
	if bias {
		t.Bias = randoms(3*TileCols, 8)
		for range rows {
			t.At = append(t.At, int32(rng.IntN(2*TileCols+1)))
		}
	}
	words := []int{0, 1, rows}[mask]
	for range words {
		t.Mask = append(t.Mask, rng.Uint64()&rng.Uint64())
	}
	if mask == 2 && rows > 2 {
		t.Mask[0], t.Mask[2] = 0, math.MaxUint64
	}
	return t
}

func eachTerms(t *testing.T, f func(t *testing.T, k *kernels, rows int, terms TileTerms)) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		rng := rand.New(rand.NewPCG(3, 9))
		for _, rows := range []int{1, 2, 7, 16, 33} {
			for _, bias := range []bool{false, true} {
				for mask := range 3 {
					t.Run(fmt.Sprint(rows, bias, mask), func(t *testing.T) { f(t, k, rows, tileTerms(rng, rows, bias, mask)) })
				}
			}
		}
	})
}

// TestSoftmaxTile goes over three tiles of the same rows.
func TestSoftmaxTile(t *testing.T) {
	eachTerms(t, func(t *testing.T, k *kernels, rows int, terms TileTerms) {
		top, sum, change, part := newGuarded(rows, 1), newGuarded(rows, 2), newGuarded(rows, 3), newGuarded(rows, 0)
		for r := range rows {
			top.s[r], sum.s[r] = -math.MaxFloat32, 0
		}
		wantTop, wantSum := make([]float64, rows), make([]float64, rows)
		for r := range wantTop {
			wantTop[r] = -math.MaxFloat32
		}
		for step := range 3 {
			s := newGuarded(rows*TileCols, step).with(randoms(rows*TileCols, uint64(step)))
			was := append([]float32(nil), s.s...)
			k.softmaxTile(s.s, rows, terms, top.s, sum.s, change.s, part.s)
			for r := range rows {
				before := wantTop[r]
				for c := range TileCols {
					wantTop[r] = max(wantTop[r], float64(terms.value(was[r*TileCols+c], r, c)))
				}
				factor := math.Exp(before - wantTop[r])
				wantSum[r] *= factor
				for c := range TileCols {
					e := math.Exp(float64(terms.value(was[r*TileCols+c], r, c)) - wantTop[r])
					wantSum[r] += e
					// The difference is rounded: 2^-24 of up to 100.
					if got := float64(s.s[r*TileCols+c]); math.Abs(got-e) > 1e-5*e+1e-40 {
						t.Fatalf("step %d, row %d, column %d: %v, want %v", step, r, c, got, e)
					}
				}
				if float64(top.s[r]) != wantTop[r] || math.Abs(float64(change.s[r])-factor) > 1e-5*factor+1e-40 ||
					math.Abs(float64(sum.s[r])-wantSum[r]) > 1e-5*wantSum[r] {
					t.Fatalf("step %d, row %d: top %v, change %v, sum %v, want %v, %v, %v", step, r, top.s[r], change.s[r], sum.s[r],
						wantTop[r], factor, wantSum[r])
				}
			}
			s.check(t, "scores")
		}
		for _, g := range []guarded{top, sum, change, part} {
			g.check(t, "numbers of rows")
		}
	})
}

func TestSoftmaxTileGrad(t *testing.T) {
	eachTerms(t, func(t *testing.T, k *kernels, rows int, terms TileTerms) {
		s, ds := newGuarded(rows*TileCols, 1), newGuarded(rows*TileCols, 0)
		s.with(normals(rows*TileCols, 1))
		ds.with(normals(rows*TileCols, 2))
		was, dWas := append([]float32(nil), s.s...), append([]float32(nil), ds.s...)
		top, inv, dots := make([]float32, rows), normals(rows, 3), normals(rows, 4)
		for r := range rows {
			top[r] = -math.MaxFloat32
			for c := range TileCols {
				top[r] = max(top[r], terms.value(was[r*TileCols+c], r, c))
			}
		}
		k.softmaxTileGrad(s.s, ds.s, rows, terms, top, inv, dots)
		for n := range was {
			r, c := n/TileCols, n%TileCols
			p := math.Exp(float64(terms.value(was[n], r, c))-float64(top[r])) * float64(inv[r])
			d := p * (float64(dWas[n]) - float64(dots[r]))
			if math.Abs(float64(s.s[n])-p) > 1e-5*math.Abs(p)+1e-40 || math.Abs(float64(ds.s[n])-d) > 1e-5*math.Abs(p)*5+1e-40 {
				t.Fatalf("row %d, column %d: %v and %v, want %v and %v", r, c, s.s[n], ds.s[n], p, d)
			}
		}
		s.check(t, "weights")
		ds.check(t, "gradients")
	})
}

// TestSoftmaxTileSpecials holds what NaN and infinities give, and that what does not count is not looked at.
func TestSoftmaxTileSpecials(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		const rows = 5
		s, ds := normals(rows*TileCols, 1), normals(rows*TileCols, 1)
		s[5], s[TileCols+7], s[2*TileCols+63], ds[4*TileCols+9] = nan, nan, inf, nan
		for c := range TileCols {
			s[3*TileCols+c] = -inf
		}
		mask := []uint64{math.MaxUint64, math.MaxUint64 &^ (1 << 7), math.MaxUint64, math.MaxUint64, math.MaxUint64 &^ (1 << 9)}
		top, sum, change, part := make([]float32, rows), make([]float32, rows), make([]float32, rows), make([]float32, rows)
		for r := range top {
			top[r] = -math.MaxFloat32
		}
		again := append([]float32(nil), s...)
		k.softmaxTile(s, rows, TileTerms{Mask: mask}, top, sum, change, part)
		if sum[0] == sum[0] || !(sum[1] >= 1) || sum[2] == sum[2] || sum[3] != 0 || !(sum[4] >= 1) {
			t.Errorf("sums %v, want NaN, a number, NaN, 0, a number", sum)
		}
		k.softmaxTileGrad(again, ds, rows, TileTerms{Mask: mask}, top, []float32{1, 1, 1, 1, 1}, make([]float32, rows))
		if g := ds[4*TileCols+9]; g != 0 {
			t.Errorf("the gradient of a column that does not count is %v", g)
		}
	})
}

func TestDecayTile(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		const rows = 7
		s, slope, factors := normals(rows*TileCols, 1), normals(rows*TileCols, 2), normals(2*TileCols, 3)
		s[3], s[4], s[5] = nan, inf, 0
		at := []int32{0, 1, TileCols, 5, 9, 2, 3}
		one, two, turned := newGuarded(len(s), 1).with(s), newGuarded(len(s), 0).with(s), newGuarded(len(s), 2).with(slope)
		k.decayTile(one.s, nil, rows, factors, at)
		k.decayTile(two.s, turned.s, rows, factors, at)
		sameBits(t, "with slopes", two.s, one.s)
		for n, x := range s {
			f := float32(1)
			if x > 0 {
				f = factors[int(at[n/TileCols])+n%TileCols]
			}
			if one.s[n] != x*f && x == x || turned.s[n] != slope[n]*f {
				t.Fatalf("element %d: %v and slope %v, want %v and %v", n, one.s[n], turned.s[n], x*f, slope[n]*f)
			}
		}
		one.check(t, "scores")
		turned.check(t, "slopes")
	})
}

func TestRotate(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for pairs := 1; pairs < 40; pairs++ {
			for form, f := range []rotateFunc{k.rotateHalves, k.rotateNeighbours} {
				rows, lds, ldd := 3, 2*pairs+5, 2*pairs+2
				for _, lda := range []int{0, pairs + 1} {
					src, cos, sin := normals(rows*lds, 1), normals(rows*(pairs+1), 2), normals(rows*(pairs+1), 3)
					dst := newGuarded((rows-1)*ldd+2*pairs, 1)
					f(&dst.s[0], ldd*4, &src[0], lds*4, &cos[0], &sin[0], lda*4, rows, pairs, 2, -0.5)
					for r := range rows {
						for p := range pairs {
							u, v := p, p+pairs
							if form == 1 {
								u, v = 2*p, 2*p+1
							}
							c, s := 2*float64(cos[r*lda+p]), -0.5*float64(sin[r*lda+p])
							x, y := float64(src[r*lds+u]), float64(src[r*lds+v])
							scale := math.Abs(x) + math.Abs(y)
							if ulpsOff(dst.s[r*ldd+u], x*c-y*s, scale*3) > 4 || ulpsOff(dst.s[r*ldd+v], y*c+x*s, scale*3) > 4 {
								t.Fatalf("form %d, %d pairs, row %d, pair %d: %v and %v, want %v and %v", form, pairs, r, p,
									dst.s[r*ldd+u], dst.s[r*ldd+v], x*c-y*s, y*c+x*s)
							}
						}
						for c := 2 * pairs; c < ldd && r < rows-1; c++ {
							if math.Float32bits(dst.s[r*ldd+c]) != math.Float32bits(canary) {
								t.Fatalf("form %d, %d pairs: column %d was written", form, pairs, c)
							}
						}
					}
					dst.check(t, "rotation")
				}
			}
		}
	})
}

func TestBlocks(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, shape := range append(rowShapes(), [2]int{64, 64}, [2]int{17, 9}, [2]int{8, 8}) {
			rows, cols := shape[0], shape[1]
			lds, ldd := cols+3, cols+1
			src := normals(rows*lds, 1)
			dst := newGuarded((rows-1)*ldd+cols, 1)
			k.scaleBlock(&dst.s[0], ldd*4, &src[0], lds*4, rows, cols, 3)
			byRow, factors := newGuarded((rows-1)*ldd+cols, 2), normals(rows, 2)
			factors[0] = 1
			k.scaleBlockRows(&byRow.s[0], ldd*4, &src[0], lds*4, &factors[0], rows, cols)
			byRow.check(t, "rows of a block")
			inPlace := append([]float32(nil), src...)
			k.scaleBlockRows(&inPlace[0], lds*4, &inPlace[0], lds*4, &factors[0], rows, cols)
			turned := newGuarded((cols-1)*(rows+2)+rows, 1)
			k.transpose(turned.s, rows+2, src, lds, rows, cols)
			for r := range rows {
				for c := range cols {
					if want := src[r*lds+c] * factors[r]; byRow.s[r*ldd+c] != want || inPlace[r*lds+c] != want {
						t.Fatalf("[%d, %d]: row %d, column %d: %v, in place %v, want %v", rows, cols, r, c, byRow.s[r*ldd+c], inPlace[r*lds+c], want)
					}
					if want := src[r*lds+c]; dst.s[r*ldd+c] != 3*want || turned.s[c*(rows+2)+r] != want {
						t.Fatalf("[%d, %d]: row %d, column %d: %v, transposed %v, want %v and %v", rows, cols, r, c, dst.s[r*ldd+c],
							turned.s[c*(rows+2)+r], 3*want, want)
					}
				}
			}
			dst.check(t, "block")
			turned.check(t, "transpose")
		}
	})
}

func TestRangeBits(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		rng := rand.New(rand.NewPCG(3, 9))
		const rows = 9
		index := make([]int32, TileCols)
		for c := range index {
			index[c] = int32(rng.IntN(20) - 10)
		}
		index[3], index[4] = math.MinInt32, math.MaxInt32
		words, low, high := make([]uint64, rows), make([]int32, rows), make([]int32, rows)
		for r := range words {
			words[r], low[r], high[r] = rng.Uint64()|rng.Uint64(), int32(rng.IntN(20)-12), int32(rng.IntN(20)-8)
		}
		low[1], high[1], low[2], high[2] = math.MinInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32
		was := append([]uint64(nil), words...)
		k.rangeBits(&words[0], rows, &index[0], &low[0], &high[0])
		for r := range words {
			for c, x := range index {
				want := was[r]>>c&1 == 1 && low[r] <= x && x <= high[r]
				if got := words[r]>>c&1 == 1; got != want {
					t.Fatalf("row %d, column %d: %v for %d in %d to %d, want %v", r, c, got, x, low[r], high[r], want)
				}
			}
		}
	})
}

func TestRowDots(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, shape := range rowShapes() {
			rows, cols := shape[0], shape[1]
			x, a := normals(rows*cols, 1), normals(cols, 2)
			s := newGuarded((rows+3)&^3, 1)
			k.rowDots(&s.s[0], &x[0], &a[0], rows, cols)
			for r := range rows {
				want, scale := 0.0, 0.0
				for c := range cols {
					want += float64(x[r*cols+c]) * float64(a[c])
					scale += math.Abs(float64(x[r*cols+c]) * float64(a[c]))
				}
				if ulpsOff(s.s[r], want, scale) > 8 {
					t.Fatalf("[%d, %d]: row %d: %v, want %v", rows, cols, r, s.s[r], want)
				}
				one := make([]float32, 4)
				if k.rowDots(&one[0], &x[r*cols], &a[0], 1, cols); one[0] != s.s[r] {
					t.Fatalf("[%d, %d]: row %d gives other bits alone", rows, cols, r)
				}
			}
			s.check(t, "dots")
		}
	})
}

func TestAttendChecks(t *testing.T) {
	x := make([]float32, 4*TileCols)
	mustPanic(t, "SoftmaxTile: sum has 1 elements", func() { SoftmaxTile(x, 2, TileTerms{}, x, x[:1], x, x) })
	mustPanic(t, "SoftmaxTile: bias has 64 elements", func() {
		SoftmaxTile(x, 2, TileTerms{Bias: x[:TileCols], At: []int32{0, 1}}, x, x, x, x)
	})
	mustPanic(t, "SoftmaxTileGrad: mask has 2", func() { SoftmaxTileGrad(x, x, 3, TileTerms{Mask: make([]uint64, 2)}, x, x, x) })
	mustPanic(t, "SoftmaxTileGrad: ds has", func() { SoftmaxTileGrad(x, x[:9], 3, TileTerms{}, x, x, x) })
	mustPanic(t, "DecayTile: bias has 64", func() { DecayTile(x, nil, 1, x[:TileCols], []int32{1}) })
	mustPanic(t, "RangeBits: low has 1", func() { RangeBits(make([]uint64, 2), make([]int32, 64), []int32{1}, []int32{1, 2}) })
	mustPanic(t, "RangeBits: slices of lengths 65", func() { RangeBits(nil, make([]int32, 65), nil, nil) })
	mustPanic(t, "RowDots: s has 3", func() { RowDots(x[:3], x, x, 3, 4) })
	mustPanic(t, "RotateHalves: dst", func() { RotateHalves(x[:3], 4, x, 4, x, x, 2, 1, 2, 1, 1) })
	mustPanic(t, "RotateNeighbours: cos", func() { RotateNeighbours(x, 4, x, 4, x[:1], x, 0, 1, 2, 1, 1) })
	mustPanic(t, "ScaleBlock: src", func() { ScaleBlock(x, 4, x[:3], 4, 1, 4, 1) })
	mustPanic(t, "ScaleBlockRows: s has 1", func() { ScaleBlockRows(x, 4, x, 4, x[:1], 2, 4) })
	mustPanic(t, "Transpose: dst", func() { Transpose(x[:7], 4, x, 4, 4, 2) })
}

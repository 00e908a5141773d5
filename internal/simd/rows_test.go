package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// rowShapes are the [rows, cols] the row kernels are tried at.
func rowShapes() [][2]int {
	var s [][2]int
	for cols := 1; cols <= 70; cols++ {
		s = append(s, [2]int{3, cols})
	}
	return append(s, [2]int{1, 1}, [2]int{1, 64}, [2]int{65, 64}, [2]int{130, 52}, [2]int{7, 96}, [2]int{5, 127}, [2]int{4, 128},
		[2]int{9, 131}, [2]int{6, 256}, [2]int{200, 17}, [2]int{333, 3})
}

func TestRowMaps(t *testing.T) {
	type in struct{ a, b, x, y, z, s []float32 } // a, b [rows, cols]; x, y, z [cols]; s [rows]
	kinds := []struct {
		name string
		run  func(k *kernels, dst []float32, v in, rows, cols int)
		ref  func(a, b, x, y, z, s float64) (want, scale float64)
	}{
		{"AddRow", func(k *kernels, dst []float32, v in, rows, cols int) { k.addRow(dst, v.a, v.x, rows, cols) },
			func(a, _, x, _, _, _ float64) (float64, float64) { return a + x, a + x }},
		{"ScaleShiftRows", func(k *kernels, dst []float32, v in, rows, cols int) {
			k.scaleShiftRows(dst, v.a, v.x, v.y, rows, cols)
		},
			func(a, _, x, y, _, _ float64) (float64, float64) { return a*x + y, math.Abs(a*x) + math.Abs(y) }},
		{"AffineRows2", func(k *kernels, dst []float32, v in, rows, cols int) {
			k.affineRows2(dst, v.a, v.b, v.x, v.y, v.z, rows, cols)
		}, func(a, b, x, y, z, _ float64) (float64, float64) {
			return a*x + b*y + z, math.Abs(a*x) + math.Abs(b*y) + math.Abs(z)
		}},
		{"ScaleRows", func(k *kernels, dst []float32, v in, rows, cols int) { k.scaleRows(dst, v.a, v.s, rows, cols) },
			func(a, _, _, _, _, s float64) (float64, float64) { return a * s, a * s }},
	}
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, shape := range rowShapes() {
			rows, cols := shape[0], shape[1]
			v := in{randoms(rows*cols, 1), randoms(rows*cols, 2), randoms(cols, 3), randoms(cols, 4), randoms(cols, 5), randoms(rows, 6)}
			v.a[len(v.a)-1], v.a[len(v.a)/2] = nan, inf
			for _, kind := range kinds {
				what := fmt.Sprintf("%s [%d, %d]", kind.name, rows, cols)
				for off := range 2 {
					dst := newGuarded(rows*cols, off)
					kind.run(k, dst.s, v, rows, cols)
					for i, got := range dst.s {
						r, c := i/cols, i%cols
						want, scale := kind.ref(float64(v.a[i]), float64(v.b[i]), float64(v.x[c]), float64(v.y[c]), float64(v.z[c]), float64(v.s[r]))
						if ulpsOff(got, want, scale) > 2 {
							t.Fatalf("%s, element %d, %d: got %v, expected %v", what, r, c, got, want)
						}
					}
					dst.check(t, what)
					onA := v
					onA.a = append([]float32{}, v.a...)
					kind.run(k, onA.a, onA, rows, cols)
					sameBits(t, what+" in place", onA.a, dst.s)
				}
			}
		}
	})
}

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: element %d of %d has bits of %v, expected those of %v", what, i, len(want), got[i], want[i])
		}
	}
}

func TestSoftmaxRows(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, shape := range rowShapes() {
			rows, cols := shape[0], shape[1]
			for _, ld := range []int{cols, cols + 3} {
				a := randoms(rows*ld, 1)
				a[0] = -inf
				if cols > 2 {
					a[2] = 90
				}
				dst := newGuarded(rows*ld, 1).with(a)
				k.softmaxRows(dst.s, a, rows, cols, ld)
				dst.check(t, "SoftmaxRows")
				for r := range rows {
					in := a[r*ld : r*ld+cols]
					top := math.Inf(-1)
					for _, x := range in {
						top = math.Max(top, float64(x))
					}
					var sum float64
					for _, x := range in {
						sum += math.Exp(float64(x) - top)
					}
					for c, x := range in {
						want := math.Exp(float64(x)-top) / sum
						if math.IsInf(top, -1) {
							want = 0
						}
						// The error of x - top grows with its size.
						tol := 6 + math.Abs(float64(x)-top)
						if got := dst.s[r*ld+c]; ulpsOff(got, want, want) > tol {
							t.Fatalf("[%d, %d] ld %d, element %d, %d: got %v, expected %v", rows, cols, ld, r, c, got, want)
						}
					}
					for c := cols; c < ld && r*ld+c < len(a); c++ {
						if dst.s[r*ld+c] != a[r*ld+c] {
							t.Fatalf("[%d, %d] ld %d: the gap after row %d was written", rows, cols, ld, r)
						}
					}
				}
				again := append([]float32{}, a...)
				k.softmaxRows(again, again, rows, cols, ld)
				sameBits(t, "SoftmaxRows in place", again, dst.s)
			}
		}
	})
}

func TestSoftmaxRowsEdges(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, n := range []int{1, 3, 8, 16, 17, 40} {
			row, dst := make([]float32, n), make([]float32, n)
			for i := range row {
				row[i] = -inf
			}
			k.softmaxRows(dst, row, 1, n, n)
			for i, x := range dst {
				if x != 0 {
					t.Errorf("masked row of %d: element %d is %v", n, i, x)
				}
			}
			row[n/2] = 3
			k.softmaxRows(dst, row, 1, n, n)
			if dst[n/2] != 1 {
				t.Errorf("row of %d with one finite score gives it %v", n, dst[n/2])
			}
			row[n-1] = nan
			k.softmaxRows(dst, row, 1, n, n)
			for i, x := range dst {
				if x == x {
					t.Errorf("row of %d with NaN: element %d is %v", n, i, x)
				}
			}
		}
	})
}

func TestGatherScatterRows(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, cols := range []int{1, 3, 7, 8, 15, 16, 17, 33, 52, 64, 65, 96, 100, 256} {
			const rows, n = 9, 40
			r := rand.New(rand.NewPCG(uint64(cols), 0))
			idx := make([]int32, n)
			for i := range idx {
				idx[i] = int32(r.IntN(rows))
			}
			src := randoms(n*cols, 1)
			dst := newGuarded(rows*cols, 1).with(randoms(rows*cols, 2))
			want := append([]float32{}, dst.s...)
			for i, to := range idx {
				for c := range cols {
					want[int(to)*cols+c] += src[i*cols+c]
				}
			}
			k.scatterAddRows(dst.s, src, idx, cols)
			sameBits(t, "ScatterAddRows", dst.s, want)
			dst.check(t, "ScatterAddRows")

			got := make([]float32, n*cols)
			GatherRows(got, want, idx, cols)
			for i, from := range idx {
				sameBits(t, "GatherRows", got[i*cols:(i+1)*cols], want[int(from)*cols:(int(from)+1)*cols])
			}
		}
	})
	x := make([]float32, 6)
	mustPanic(t, "simd: ScatterAddRows: idx[1] is 3, but dst has 3 rows", func() { ScatterAddRows(x, x, []int32{0, 3}, 2) })
	mustPanic(t, "simd: GatherRows: idx[0] is -1, but src has 3 rows", func() { GatherRows(x, x, []int32{-1}, 2) })
	mustPanic(t, "simd: SoftmaxRows: dst has 6 elements, expected at least 8 for [2, 4] with row stride 4", func() { SoftmaxRows(x, x, 2, 4, 4) })
	mustPanic(t, "row stride 3, expected", func() { SoftmaxRows(x, x, 2, 4, 3) })
	mustPanic(t, "simd: AddRow: bias has 1 elements, expected at least 2", func() { AddRow(x, x, x[:1], 3, 2) })
}

func BenchmarkRows(b *testing.B) {
	const rows, cols = 128, 64
	dst, x, y := make([]float32, rows*cols), normals(rows*cols, 1), normals(rows*cols, 2)
	p, idx := normals(cols, 3), make([]int32, rows)
	for i := range idx {
		idx[i] = int32(i * 37 % rows)
	}
	benchLevels(b, func(b *testing.B, k *kernels) {
		for _, c := range []struct {
			name string
			mats int64 // matrices read and written
			f    func()
		}{
			{"SoftmaxRows", 2, func() { k.softmaxRows(dst, x, rows, cols, cols) }},
			{"SoftmaxRows23", 2, func() { k.softmaxRows(dst, x, rows*cols/23, 23, 23) }},
			{"AddRow", 2, func() { k.addRow(dst, x, p, rows, cols) }},
			{"ScaleShiftRows", 2, func() { k.scaleShiftRows(dst, x, p, p, rows, cols) }},
			{"AffineRows2", 3, func() { k.affineRows2(dst, x, y, p, p, p, rows, cols) }},
			{"ScaleRows", 2, func() { k.scaleRows(dst, x, y, rows, cols) }},
			{"GatherRows", 2, func() { GatherRows(dst, x, idx, cols) }},
			{"ScatterAddRows", 3, func() { k.scatterAddRows(dst, x, idx, cols) }},
			{"ColSums", 1, func() { k.colSumsChunked(p, x, rows, cols) }},
			{"ColDots", 2, func() { k.colDotsChunked(p, x, y, rows, cols) }},
			{"ColMoments", 2, func() { k.colMoments(dst, dst[cols:], x, rows, cols) }},
			{"RowMoments", 1, func() { k.rowMoments(dst, dst[rows:], x, rows, cols) }},
		} {
			b.Run(c.name, func(b *testing.B) {
				b.SetBytes(c.mats * 4 * rows * cols)
				for b.Loop() {
					c.f()
				}
			})
		}
	})
}

package simd

import (
	"fmt"
	"math"
	"testing"
)

func TestColumnSums(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, shape := range append(rowShapes(), [2]int{0, 5}, [2]int{5000, 5}, [2]int{1000, 64}) {
			rows, cols := shape[0], shape[1]
			what := fmt.Sprintf("[%d, %d]", rows, cols)
			a, b, before := normals(rows*cols, 1), normals(rows*cols, 2), normals(cols, 3)
			sums, dots := newGuarded(cols, 1).with(before), newGuarded(cols, 2).with(before)
			k.colSumsChunked(sums.s, a, rows, cols)
			k.colDotsChunked(dots.s, a, b, rows, cols)
			mean, m2 := newGuarded(cols, 0), newGuarded(cols, 3)
			k.colMoments(mean.s, m2.s, a, rows, cols)
			for _, g := range []guarded{sums, dots, mean, m2} {
				g.check(t, what)
			}
			for c := range cols {
				var sum, dot, size, dotSize, centred float64
				for r := range rows {
					x, y := float64(a[r*cols+c]), float64(b[r*cols+c])
					sum, dot = sum+x, dot+x*y
					size, dotSize = size+math.Abs(x), dotSize+math.Abs(x*y)
				}
				mid := 0.0
				if rows > 0 {
					mid = sum / float64(rows)
				}
				for r := range rows {
					x := float64(a[r*cols+c]) - mid
					centred += x * x
				}
				start := float64(before[c])
				near(t, what+" ColSums", sums.s[c], start+sum, 4e-7*(size+math.Abs(start)))
				near(t, what+" ColDots", dots.s[c], start+dot, 4e-7*(dotSize+math.Abs(start)))
				near(t, what+" mean", mean.s[c], mid, 4e-7*size/float64(max(rows, 1)))
				near(t, what+" m2", m2.s[c], centred, 2e-6*centred+1e-12)
			}
		}
	})
}

func near(t *testing.T, what string, got float32, want, tol float64) {
	t.Helper()
	if !(math.Abs(float64(got)-want) <= tol) {
		t.Fatalf("%s: got %v, expected %v, tolerance %.3g", what, got, want, tol)
	}
}

func TestRowMoments(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, shape := range append(rowShapes(), [2]int{3, 5000}) {
			rows, cols := shape[0], shape[1]
			what := fmt.Sprintf("[%d, %d]", rows, cols)
			a := normals(rows*cols, 1)
			mean, m2 := newGuarded(rows, 1), newGuarded(rows, 2)
			k.rowMoments(mean.s, m2.s, a, rows, cols)
			mean.check(t, what)
			m2.check(t, what)
			for r := range rows {
				var sum, size, centred float64
				in := a[r*cols : (r+1)*cols]
				for _, x := range in {
					sum, size = sum+float64(x), size+math.Abs(float64(x))
				}
				mid := sum / float64(cols)
				for _, x := range in {
					centred += (float64(x) - mid) * (float64(x) - mid)
				}
				near(t, what+" mean", mean.s[r], mid, 2e-6*size/float64(cols))
				near(t, what+" m2", m2.s[r], centred, 4e-6*centred+1e-12)
				// A row alone gives the same bits.
				var one, two [1]float32
				k.rowMoments(one[:], two[:], in, 1, cols)
				sameBits(t, what, []float32{one[0], two[0]}, []float32{mean.s[r], m2.s[r]})
			}
			a[0] = nan
			k.rowMoments(mean.s, m2.s, a, rows, cols)
			if mean.s[0] == mean.s[0] || m2.s[0] == m2.s[0] {
				t.Fatalf("%s: NaN gives mean %v, m2 %v", what, mean.s[0], m2.s[0])
			}
		}
	})
}

func TestMomentsOfConstant(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		const rows, cols = 64, 32
		a := make([]float32, rows*cols)
		for i := range a {
			a[i] = 0.75
		}
		mean, m2 := make([]float32, rows), make([]float32, rows)
		k.rowMoments(mean, m2, a, rows, cols)
		for r := range rows {
			if mean[r] != 0.75 || m2[r] != 0 {
				t.Fatalf("constant row %d: mean %v, m2 %v", r, mean[r], m2[r])
			}
		}
		k.colMoments(mean[:cols], m2[:cols], a, rows, cols)
		for c := range cols {
			if mean[c] != 0.75 || m2[c] != 0 {
				t.Fatalf("constant column %d: mean %v, m2 %v", c, mean[c], m2[c])
			}
		}
	})
	mean, m2 := []float32{1, 1}, []float32{1, 1}
	RowMoments(mean, m2, nil, 2, 0)
	if mean[0] != 0 || m2[1] != 0 {
		t.Errorf("rows without columns: mean %v, m2 %v", mean, m2)
	}
	mean[0], m2[0] = 1, 1
	ColMoments(mean, m2, nil, 0, 2)
	if mean[0] != 0 || m2[0] != 0 {
		t.Errorf("columns without rows: mean %v, m2 %v", mean, m2)
	}
}

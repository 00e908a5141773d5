package simd

import (
	"fmt"
	"math"
	"testing"
)

// tapCase is a run of pixels of a depth-wise convolution: taps of the sources named, which lie among 40 pixels.
type tapCase struct {
	n, cols, step int // step in pixels
	pixels        []int
	x, dy, w      []float32
	at, wAt       []int
}

const tapPixels = 40

func newTapCase(n, cols, step int, pixels ...int) tapCase {
	c := tapCase{n: n, cols: cols, step: step, pixels: pixels, x: normals(tapPixels*cols, 1), dy: normals(tapPixels*cols, 2),
		w: normals((len(pixels)+1)*cols, 3)}
	for t, p := range pixels {
		c.at, c.wAt = append(c.at, p*cols), append(c.wAt, (len(pixels)-t)*cols)
	}
	return c
}

func tapCases() []tapCase {
	var cases []tapCase
	for cols := 1; cols <= 70; cols++ {
		cases = append(cases, newTapCase(7, cols, 1, 0, 1, 2, 11, 12))
	}
	for n := 1; n <= 20; n++ {
		cases = append(cases, newTapCase(n, 33, 1, 0, 5, 9, 3, 3, 1, 7, 8, 2))
	}
	for _, cols := range []int{64, 96, 127, 131} {
		cases = append(cases, newTapCase(9, cols, 2), newTapCase(5, cols, 3, 1), newTapCase(3, cols, 2, 4, 6))
	}
	return cases
}

func (c *tapCase) String() string {
	return fmt.Sprintf("%d taps, %d pixels %d apart, %d columns", len(c.at), c.n, c.step, c.cols)
}

func TestTapSums(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range tapCases() {
			for _, from := range []string{"zero", "held", "bias"} {
				what := fmt.Sprintf("%v, from %s", &c, from)
				dst, held := newGuarded(c.n*2*c.cols, 1), normals(c.n*2*c.cols, 5)
				dst.with(held)
				var bias []float32
				if from == "bias" {
					bias = normals(c.cols, 4)
				}
				k.tapSums(dst.s, 2*c.cols, c.x, c.step*c.cols, c.at, c.wAt, c.w, bias, c.n, c.cols, addMask(from == "held"))
				dst.check(t, what)
				for p := range c.n {
					for j := range c.cols {
						at := p*2*c.cols + j
						sum := 0.0
						switch from {
						case "held":
							sum = float64(held[at])
						case "bias":
							sum = float64(bias[j])
						}
						size := math.Abs(sum)
						for i := range c.at {
							term := float64(c.w[c.wAt[i]+j]) * float64(c.x[c.at[i]+p*c.step*c.cols+j])
							sum, size = sum+term, size+math.Abs(term)
						}
						near(t, what, dst.s[at], sum, 1e-6*size)
						if beside := at + c.cols; dst.s[beside] != held[beside] {
							t.Fatalf("%s: element %d between the pixels was written", what, beside)
						}
					}
				}
			}
		}
	})
}

func TestTapDots(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range tapCases() {
			dw := newGuarded(len(c.w), 1).with(c.w)
			k.tapDots(dw.s, c.dy, 2*c.cols, c.x, c.step*c.cols, c.at, c.wAt, c.n, c.cols)
			dw.check(t, c.String())
			want, sizes := make([]float64, len(c.w)), make([]float64, len(c.w))
			for i, v := range c.w {
				want[i], sizes[i] = float64(v), math.Abs(float64(v))
			}
			for i := range c.at {
				for p := range c.n {
					for j := range c.cols {
						term := float64(c.dy[p*2*c.cols+j]) * float64(c.x[c.at[i]+p*c.step*c.cols+j])
						want[c.wAt[i]+j] += term
						sizes[c.wAt[i]+j] += math.Abs(term)
					}
				}
			}
			for i, v := range want {
				near(t, c.String(), dw.s[i], v, 1e-6*sizes[i])
			}
		}
	})
}

// TestTapSumsAlone holds that a pixel has the same bits in a run of any length.
func TestTapSumsAlone(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		c := newTapCase(20, 37, 1, 0, 1, 2, 5, 6, 7)
		all, one := make([]float32, c.n*c.cols), make([]float32, c.cols)
		k.tapSums(all, c.cols, c.x, c.cols, c.at, c.wAt, c.w, nil, c.n, c.cols, 0)
		for p := range c.n {
			k.tapSums(one, c.cols, c.x[p*c.cols:], c.cols, c.at, c.wAt, c.w, nil, 1, c.cols, 0)
			sameBits(t, fmt.Sprintf("pixel %d", p), one, all[p*c.cols:(p+1)*c.cols])
		}
	})
}

func TestTapsRefused(t *testing.T) {
	x, w := make([]float32, 10), make([]float32, 4)
	for _, c := range []struct{ at, wAt, n, dst int }{{-1, 0, 1, 4}, {7, 0, 1, 4}, {3, 0, 2, 8}, {0, 1, 1, 4}, {0, -1, 1, 4}, {0, 0, 1, 3}} {
		for name, f := range map[string]func(){
			"TapSums": func() { TapSums(make([]float32, c.dst), 4, x, 4, []int{c.at}, []int{c.wAt}, w, nil, c.n, 4, false) },
			"TapDots": func() { TapDots(w, make([]float32, c.dst), 4, x, 4, []int{c.at}, []int{c.wAt}, c.n, 4) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s takes %+v", name, c)
					}
				}()
				f()
			}()
		}
	}
}

// TestGatherBlock copies rows that overlap.
func TestGatherBlock(t *testing.T) {
	src := normals(60, 1)
	for _, rows := range []int{0, 1, 2, 7} {
		for _, cols := range []int{0, 1, 15, 21, 33} {
			for _, lds := range []int{0, 1, 3} {
				dst := newGuarded(rows*(cols+2), 1)
				GatherBlock(dst.s, cols+2, src, lds, rows, cols)
				dst.check(t, "copy")
				for r := range rows {
					sameBits(t, fmt.Sprintf("row %d of %d, %d columns, %d apart", r, rows, cols, lds), dst.s[r*(cols+2):][:cols], src[r*lds:][:cols])
					if dst.s[r*(cols+2)+cols] == dst.s[r*(cols+2)+cols] {
						t.Fatal("an element between the rows was written")
					}
				}
			}
		}
	}
	for _, c := range [][3]int{{6, 7, 30}, {-1, 1, 3}, {3, 1, 61}} { // lds, rows, cols
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v was taken", c)
				}
			}()
			GatherBlock(make([]float32, 500), 61, src, c[0], c[1], c[2])
		}()
	}
}

// BenchmarkTapSums computes a line of 56 pixels with 9 taps from the first-level cache.
func BenchmarkTapSums(b *testing.B) {
	const n, cols = 54, 64
	x, y, w := normals(3*56*cols, 1), make([]float32, n*cols), normals(9*cols, 2)
	var at, wAt []int
	for i := range 9 {
		at, wAt = append(at, (i/3*56+i%3)*cols), append(wAt, i*cols)
	}
	report := func(b *testing.B) {
		b.ReportMetric(2*9*n*cols*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
	}
	benchLevels(b, func(b *testing.B, k *kernels) {
		b.Run("Sums", func(b *testing.B) {
			for b.Loop() {
				k.tapSums(y, cols, x, cols, at, wAt, w, nil, n, cols, 0)
			}
			report(b)
		})
		b.Run("Dots", func(b *testing.B) {
			for b.Loop() {
				k.tapDots(w, y, cols, x, cols, at, wAt, n, cols)
			}
			report(b)
		})
	})
}

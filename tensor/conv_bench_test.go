package tensor

import (
	"testing"

	"github.com/graft-ml/graft/internal/processortime"
	"github.com/graft-ml/graft/internal/simd"
)

// BenchmarkConv runs convolutions of vision models forward, and forward and backward, with a plain product of as many
// multiply-adds beside them. Run it with -cpu 1: GFLOP/s count the processor's time, and "of-peak" is the part of what
// multiply-adds alone reach, measured between the passes.
func BenchmarkConv(b *testing.B) {
	two := func(h, w int) Size { return Size{h, w} }
	for _, c := range []struct {
		name   string
		grid   Grid
		in     int
		weight []int
		opt    ConvOptions
	}{
		{"Patch7x7Stride4", NewGrid(1, two(224, 224)), 3, []int{64, 3, 7, 7}, ConvOptions{Stride: two(4, 4), Padding: two(2, 2)}},
		{"Patch16", NewGrid(1, two(224, 224)), 3, []int{384, 3, 16, 16}, ConvOptions{Stride: two(16, 16)}},
		{"Merge3x3Stride2", NewGrid(1, two(56, 56)), 64, []int{128, 64, 3, 3}, ConvOptions{Stride: two(2, 2), Padding: two(1, 1)}},
		{"Depthwise3x3", NewGrid(1, two(56, 56)), 64, []int{64, 1, 3, 3}, ConvOptions{Padding: two(1, 1), Groups: 64}},
		{"Depthwise3x3Stripes", NewGrid(1, two(56, 56)), 64, []int{64, 1, 3, 3}, ConvOptions{Padding: two(1, 1), Groups: 64, Window: two(0, 1)}},
		{"Sequence3", NewGrid(1, two(1, 49)), 512, []int{512, 512, 3}, ConvOptions{Padding: two(0, 1)}},
		{"Sequence3Batch32", NewGrid(32, two(1, 49)), 512, []int{512, 512, 3}, ConvOptions{Padding: two(0, 1)}},
	} {
		x, w, bias := random(1, c.grid.Rows(), c.in), random(2, c.weight...), random(3, c.weight[0])
		kernel := two(1, c.weight[2])
		if len(c.weight) == 4 {
			kernel.Height, kernel.Width = c.weight[2], c.weight[3]
		}
		rows := c.opt.Grid(c.grid, kernel).Rows()
		flops := 2 * float64(rows) * float64(w.Size())
		tp := NewTape()
		b.Run(c.name+"/Forward", func(b *testing.B) {
			ofPeak(b, flops, func() {
				tp.Begin(Pass{})
				tp.Conv(tp.Const(x), tp.Const(w), tp.Const(bias), c.grid, c.opt)
			})
		})
		b.Run(c.name+"/Backward", func(b *testing.B) {
			probe, products, leaf := random(4, rows, c.weight[0]), 3.0, tp.Leaf
			if c.in == 3 { // an image, whose gradient nobody wants
				products, leaf = 2, tp.Const
			}
			ofPeak(b, products*flops, func() {
				tp.Begin(Pass{Grad: true})
				y := tp.Conv(leaf(x), tp.Leaf(w), tp.Leaf(bias), c.grid, c.opt)
				tp.Backward(tp.Sum(tp.Mul(y, tp.Const(probe))))
			})
		})
		if c.opt.Groups == 0 {
			a, m, y := random(5, rows, w.Cols()), random(6, w.Cols(), w.Rows()), New(rows, w.Rows())
			b.Run(c.name+"/Product", func(b *testing.B) {
				ofPeak(b, flops, func() { tp.MatMulInto(y, a, m, false, false) })
			})
		}
	}
}

// ofPeak times f, which does so many floating-point operations.
func ofPeak(b *testing.B, flops float64, f func()) {
	seconds := func() float64 {
		s, err := processortime.Seconds()
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	f()
	var work, peak, peakFlops float64
	for b.Loop() {
		start := seconds()
		f()
		middle := seconds()
		peakFlops += float64(simd.FMAPeak(1 << 16))
		work, peak = work+middle-start, peak+seconds()-middle
	}
	rate := flops * float64(b.N) / work
	b.ReportMetric(rate/1e9, "GFLOP/s")
	b.ReportMetric(100*rate/(peakFlops/peak), "%of-peak")
}

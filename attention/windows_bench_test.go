package attention_test

import (
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/processortime"
	"github.com/graft-ml/graft/tensor"
)

// BenchmarkWindows is attention in the stripes of CSWin-T's first three stages, of one image of 224 by 224 pixels: read where
// the tokens lie, and put together before and taken apart after, as a kernel for sequences alone would need it.
func BenchmarkWindows(b *testing.B) {
	for _, s := range []struct {
		name                       string
		side, width, heads, stripe int
	}{{"first", 56, 64, 2, 1}, {"second", 28, 128, 4, 2}, {"third", 14, 256, 8, 7}} {
		grid := tensor.NewGrid(1, tensor.Size{Height: s.side, Width: s.side})
		x := tensor.New(s.side*s.side, 3*s.width)
		for i := range x.Data() {
			x.Data()[i] = float32(i%17) * 0.1
		}
		parts := stripes(s.heads/2, s.stripe)
		tp := tensor.NewTape()
		measure := func(name string, pass func()) {
			b.Run(s.name+"/"+name, func(b *testing.B) {
				pass()
				before, err := processortime.Seconds()
				for b.Loop() {
					pass()
				}
				if after, _ := processortime.Seconds(); err == nil {
					b.ReportMetric((after-before)*1e6/float64(b.N), "processor-us")
				}
			})
		}
		measure("in place", func() {
			tp.Begin(tensor.Pass{})
			attention.Windows{Parts: parts}.Apply(tp, attention.WindowsInput{Grid: grid, QueryKeyValue: tp.Const(x)})
		})
		var there, back [2][]int32 // rows of vertical and horizontal stripes, and the way back
		var offsets []int
		for p := range there {
			there[p], back[p] = make([]int32, 0, x.Rows()), make([]int32, x.Rows())
			offsets = offsets[:0]
			for from := 0; from < s.side; from += s.stripe {
				offsets = append(offsets, len(there[p]))
				for i := range s.side * s.stripe {
					y, u := i/s.stripe, from+i%s.stripe
					if p == 1 {
						y, u = from+i/s.side, i%s.side
					}
					back[p][y*s.side+u] = int32(len(there[p]))
					there[p] = append(there[p], int32(y*s.side+u))
				}
			}
			offsets = append(offsets, len(there[p]))
		}
		half := s.width / 2
		measure("gathered", func() {
			tp.Begin(tensor.Pass{})
			in := tp.Const(x)
			var out [2]*tensor.Var
			for p := range out {
				part := func(kind int) *tensor.Var {
					return tp.Gather(tp.Columns(in, kind*s.width+p*half, kind*s.width+(p+1)*half), there[p])
				}
				o := attention.Softmax{Heads: s.heads / 2}.Apply(tp, attention.SoftmaxInput{Queries: offsets, Query: part(0), Key: part(1), Value: part(2)})
				out[p] = tp.Gather(o.Tokens, back[p])
			}
			tp.Concat(out[0], out[1])
		})
	}
}

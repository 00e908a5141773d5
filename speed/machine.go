package speed

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// fmaPeak measures multiply-adds in registers on every processor at once. Each is timed by its own clock, so that one
// that wakes up late does not make the others look slow.
func fmaPeak(w *workshop) (func() float64, error) {
	const rounds = 1 << 13 // tens of microseconds
	rates := make([]float64, parallel.Workers())
	return func() float64 {
		var all sync.WaitGroup
		for i := range rates {
			all.Go(func() {
				start, flops := time.Now(), int64(0)
				for {
					flops += simd.FMAPeak(rounds)
					if d := time.Since(start); d >= w.options.Sample {
						rates[i] = float64(flops) / d.Seconds()
						return
					}
				}
			})
		}
		all.Wait()
		sum := 0.0
		for _, r := range rates {
			sum += r
		}
		return sum / 1e9
	}, nil
}

// triadSize is the length of an array of stream_triad, 64 MiB of numbers.
const triadSize = 1 << 24

// triad measures the STREAM kernel of that name (McCalpin, 1995), which counts two arrays read and one written.
func triad(w *workshop) (func() float64, error) {
	const piece = 1 << 16
	a, b, c := make([]float32, triadSize), values(triadSize, 1), values(triadSize, 2)
	work := parallel.Func(func(lo, hi int) { simd.Triad(a[lo:hi], b[lo:hi], c[lo:hi], 0.5) })
	return func() float64 {
		seconds := w.over(func() { parallel.For(triadSize, piece, work) })
		return 3 * 4 * triadSize / seconds / 1e9
	}, nil
}

// values returns n numbers in [-1, 1).
func values(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	s := make([]float32, n)
	for i := range s {
		s[i] = r.Float32()*2 - 1
	}
	return s
}

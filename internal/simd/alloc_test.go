package simd

import (
	"sync"
	"testing"
)

// TestNoAllocations holds that the functions with memory of their own allocate nothing in the steady state.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool drop what it is given")
	}
	p := newProduct(true, true, 70, 300, 300, 0)
	small := newProduct(false, true, 64, 64, 64, 0)
	c, mask, words := make([]float32, p.m*p.ldc), make([]float32, 1003), make([]uint32, 1003)
	eachLevel(t, func(t *testing.T, k *kernels) {
		for name, f := range map[string]func(){
			"Gemm":        func() { p.run(k, c, false) },
			"small Gemm":  func() { small.run(k, c, false) },
			"DropoutMask": func() { k.dropout(mask, 1, 2, 0.5) },
			"RandomBits":  func() { k.randomBits(words, 1, 2) },
			"ColMoments":  func() { k.colMoments(mask[:64], mask[64:128], c, 100, 64) },
		} {
			// Less than one a run: the collector may empty the pools once in a while.
			if n := testing.AllocsPerRun(50, f); n >= 1 {
				t.Errorf("%s allocates %v times", name, n)
			}
		}
	})
	step := AdamWStep{GradScale: 1, LR: 1e-3, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, BiasCorrection1: 1, BiasCorrection2Sqrt: 1}
	if n := testing.AllocsPerRun(50, func() { AdamW(mask, mask, mask, mask, step) }); n >= 1 {
		t.Errorf("AdamW allocates %v times", n)
	}
}

// TestConcurrent runs products side by side: they share pools of scratch memory.
func TestConcurrent(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		p := newProduct(true, true, 70, 150, 90, 0)
		want := make([]float32, p.m*p.ldc)
		p.run(k, want, false)
		var wg sync.WaitGroup
		results := make([][]float32, 8)
		for i := range results {
			wg.Go(func() {
				results[i] = make([]float32, len(want))
				for range 5 {
					p.run(k, results[i], false)
				}
			})
		}
		wg.Wait()
		for _, got := range results {
			sameBits(t, "product beside others", got, want)
		}
	})
}

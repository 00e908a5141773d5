package parallel

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func TestForCoversEveryItemOnce(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		for _, n := range []int{0, 1, 2, 63, 64, 65, 1000} {
			for _, grain := range []int{1, 7, 64, 5000} {
				hits := make([]int32, n)
				For(n, grain, Func(func(lo, hi int) {
					if lo%grain != 0 || hi-lo > grain {
						t.Errorf("piece %d:%d does not follow grain %d", lo, hi, grain)
					}
					for i := lo; i < hi; i++ {
						atomic.AddInt32(&hits[i], 1)
					}
				}))
				for i, h := range hits {
					if h != 1 {
						t.Fatalf("procs %d, n %d, grain %d: item %d ran %d times", procs, n, grain, i, h)
					}
				}
			}
		}
	}
}

func TestForNestedAndConcurrent(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	var total atomic.Int64
	var wg sync.WaitGroup
	for g := 0; g < 8; g++ {
		wg.Go(func() {
			for r := 0; r < 50; r++ {
				For(10, 1, Func(func(lo, hi int) {
					For(20, 3, Func(func(lo, hi int) { total.Add(int64(hi - lo)) }))
				}))
			}
		})
	}
	wg.Wait()
	if got, want := total.Load(), int64(8*50*10*20); got != want {
		t.Errorf("got %d items, want %d", got, want)
	}
}

func TestForPassesPanicOn(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	defer func() {
		if r := recover(); r != "piece 5" {
			t.Errorf("recovered %v, want piece 5", r)
		}
		var n atomic.Int64 // the pool still works
		For(9, 1, Func(func(lo, hi int) { n.Add(1) }))
		if n.Load() != 9 {
			t.Errorf("after a panic: %d pieces, want 9", n.Load())
		}
	}()
	For(9, 1, Func(func(lo, hi int) {
		if lo == 5 {
			panic("piece 5")
		}
	}))
}

type count struct{ n atomic.Int64 }

func (c *count) Run(_, lo, hi int) { c.n.Add(int64(hi - lo)) }

func TestForDoesNotAllocate(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	c := &count{}
	For(1000, 10, c)
	if a := testing.AllocsPerRun(200, func() { For(1000, 10, c) }); a > 1 {
		t.Errorf("%v allocations a call, want at most 1 (a goroutine now and then)", a)
	}
}

func BenchmarkFor(b *testing.B) {
	c := &count{}
	for b.Loop() {
		For(64, 1, c)
	}
}

func ExampleFor() {
	squares := make([]int, 10)
	For(len(squares), 4, Func(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			squares[i] = i * i
		}
	}))
	fmt.Println(squares)
	// Output: [0 1 4 9 16 25 36 49 64 81]
}

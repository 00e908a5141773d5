// Command gomlx times the Go backend of GoMLX on the products that "graft bench speed" times, and on a chain of three
// elementwise operations, and prints a JSON object a line in the same form. README.md says how to run it.
//
// It is a module of its own, so that Graft does not depend on what it is compared with.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// contest is one computation to be timed. Its operands are matrices of the given shapes.
type contest struct {
	name    string
	shapes  [][2]int
	compute func(operands []*graph.Node) *graph.Node
	flops   float64 // of a product; 0 where the time in milliseconds is the figure
}

func product(form, equation string, m, n, k int) contest {
	a, b := [2]int{m, k}, [2]int{k, n}
	switch form {
	case "tn_":
		a = [2]int{k, m}
	case "nt_":
		b = [2]int{n, k}
	}
	return contest{
		name: fmt.Sprintf("gemm_%s%dx%dx%d", form, m, n, k), shapes: [][2]int{a, b},
		compute: func(x []*graph.Node) *graph.Node { return graph.Einsum(equation, x[0], x[1]) },
		flops:   2 * float64(m) * float64(n) * float64(k),
	}
}

func contests() []contest {
	pair := [2]int{18000, 64}
	return []contest{
		product("", "mk,kn->mn", 1024, 1024, 1024),
		product("", "mk,kn->mn", 18000, 64, 64),
		product("", "mk,kn->mn", 18000, 128, 64),
		product("", "mk,kn->mn", 512, 64, 64),
		product("tn_", "km,kn->mn", 64, 64, 18000),
		product("nt_", "mk,nk->mn", 18000, 64, 64),
		{name: "chain_18000x64", shapes: [][2]int{pair, pair, pair}, compute: func(x []*graph.Node) *graph.Node {
			return graph.MaxScalar(graph.Add(graph.Mul(x[0], x[1]), x[2]), 0)
		}},
	}
}

// figure is what is printed of a contest: the median of the samples, the smallest and the largest.
type figure struct {
	Name    string  `json:"name"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Repeats int     `json:"repeats"`
	Note    string  `json:"note"`
}

func main() {
	repeats := flag.Int("repeat", 15, "samples a figure")
	sample := flag.Duration("sample", 30*time.Millisecond, "time that a sample takes at least")
	flag.Parse()
	if *repeats < 1 || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "gomlx: -repeat must be at least 1, and there are no arguments")
		os.Exit(2)
	}
	if err := run(*repeats, *sample); err != nil {
		fmt.Fprintln(os.Stderr, "gomlx:", err)
		os.Exit(1)
	}
}

func run(repeats int, sample time.Duration) error {
	backend, err := gobackend.New("")
	if err != nil {
		return err
	}
	defer backend.Finalize()
	note := fmt.Sprintf("%s, %s, %d processors", backend.Description(), runtime.Version(), runtime.GOMAXPROCS(0))
	out := json.NewEncoder(os.Stdout)
	for _, c := range contests() {
		f, err := measure(backend, c, repeats, sample)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		f.Note = note
		if err := out.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

// measure takes the samples of a contest. The graph is compiled, and the operands handed to the backend, before the clock
// starts; results go back to the backend, which uses their memory again.
func measure(backend compute.Backend, c contest, repeats int, sample time.Duration) (figure, error) {
	exec, err := graph.NewExec(backend, c.compute)
	if err != nil {
		return figure{}, err
	}
	defer exec.Finalize()
	var operands []any
	for i, shape := range c.shapes {
		operands = append(operands, tensors.FromFlatDataAndDimensions(values(shape[0]*shape[1], uint64(i)), shape[0], shape[1]))
	}
	once := func() error {
		result, err := exec.Exec1(operands...)
		if err != nil {
			return err
		}
		return result.FinalizeAll()
	}
	f := figure{Name: c.name, Unit: "ms", Repeats: repeats}
	var samples []float64
	for range repeats {
		if err := once(); err != nil {
			return f, err
		}
		start, n := time.Now(), 0
		for n == 0 || time.Since(start) < sample {
			if err := once(); err != nil {
				return f, err
			}
			n++
		}
		value := time.Since(start).Seconds() / float64(n) * 1e3
		if c.flops > 0 {
			value = c.flops / (value * 1e6)
		}
		samples = append(samples, value)
	}
	if c.flops > 0 {
		f.Unit = "GFLOP/s"
	}
	slices.Sort(samples)
	f.Value = (samples[(repeats-1)/2] + samples[repeats/2]) / 2
	f.Low, f.High = samples[0], samples[repeats-1]
	return f, nil
}

// values returns n numbers in [-1, 1).
func values(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	list := make([]float32, n)
	for i := range list {
		list[i] = r.Float32()*2 - 1
	}
	return list
}

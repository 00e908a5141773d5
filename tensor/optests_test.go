package tensor

import (
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/graft-ml/graft/internal/simd"
)

// Deviations allowed between float32 results and float64 references, relative to the largest magnitude of a tensor.
const (
	valueTolerance    = 1e-5
	gradientTolerance = 1e-4
)

// forSamples runs a test for every sample of the table. All share one tape, so that each finds the memory and the
// records that another operation left.
func forSamples(t *testing.T, f func(t *testing.T, tp *Tape, s sample)) {
	tp := NewTape()
	for _, op := range operations() {
		for _, s := range op.samples {
			t.Run(op.name+"/"+s.name, func(t *testing.T) { f(t, tp, s) })
		}
	}
}

func TestOperationValues(t *testing.T) {
	worst := 0.0
	forSamples(t, func(t *testing.T, tp *Tape, s sample) {
		got, want := s.run(tp, s.probe(1), 0, nil), s.ref(s.float64s())
		if !sameShape(got.shape, s.shape) {
			t.Fatalf("shape %v, want %v", got.shape, s.shape)
		}
		if len(want) != len(got.y) {
			t.Fatalf("%d values, the reference has %d", len(got.y), len(want))
		}
		scale, tolerance := largest(want), valueTolerance
		if s.loose {
			tolerance = 1e-3
		}
		for i, w := range want {
			d := math.Abs(float64(got.y[i])-w) / scale
			if !s.loose {
				worst = max(worst, d)
			}
			if !(d <= tolerance) {
				t.Fatalf("value %d is %v, want %v", i, got.y[i], w)
			}
		}
	})
	t.Logf("worst deviation of a value %.2g of the largest magnitude", worst)
}

// largest returns the largest magnitude, 1 for values that are all 0.
func largest(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	if m == 0 {
		return 1
	}
	return m
}

// TestOperationGradients compares with central differences of the reference: element by element where the inputs are
// small, along random directions otherwise.
func TestOperationGradients(t *testing.T) {
	const fullJacobian = 700 // elements
	forSamples(t, func(t *testing.T, tp *Tape, s sample) {
		probe := s.probe(1)
		got := s.run(tp, probe, 0, nil)
		x, rng := s.float64s(), rand.New(rand.NewPCG(1, 2))
		for k := range s.in {
			g := got.grads[k]
			if g == nil {
				g = make([]float32, s.in[k].Size())
			}
			if len(g) != s.in[k].Size() {
				t.Fatalf("input %d: %d gradients for %d elements", k, len(g), s.in[k].Size())
			}
			norm := 0.0
			for _, v := range g {
				norm += float64(v) * float64(v)
			}
			direction := make([]float64, len(g))
			if len(g) <= fullJacobian {
				want := make([]float64, len(g))
				for i := range direction {
					direction[i] = 1
					want[i] = slope(s, x, k, direction, probe)
					direction[i] = 0
				}
				tolerance := 1e-5 + gradientTolerance*largest(want)
				for i, w := range want {
					if math.Abs(float64(g[i])-w) > tolerance {
						t.Fatalf("input %d: gradient of element %d is %v, want %v", k, i, g[i], w)
					}
				}
				continue
			}
			for try := 0; try < 20; try++ {
				along := 0.0
				for i := range direction {
					direction[i] = 1 - 2*float64(rng.IntN(2))
					along += direction[i] * float64(g[i])
				}
				want := slope(s, x, k, direction, probe)
				if math.Abs(along-want) > 1e-5+gradientTolerance*math.Sqrt(norm) {
					t.Fatalf("input %d: slope %v along a direction, want %v (norm of the gradient %v)", k, along, want, math.Sqrt(norm))
				}
			}
		}
	})
}

// slope is the central difference of sum(probe * y) when input k moves along the direction.
func slope(s sample, x [][]float64, k int, direction []float64, probe *Tensor) float64 {
	const eps = 1e-6
	at := x[k]
	defer func() { x[k] = at }()
	moved := func(by float64) []float64 {
		x[k] = make([]float64, len(at))
		for i, v := range at {
			x[k][i] = v + by*direction[i]
		}
		return s.ref(x)
	}
	up, down := moved(eps), moved(-eps)
	sum := 0.0
	for i, p := range probe.data {
		sum += float64(p) * (up[i] - down[i]) / (2 * eps)
	}
	return sum
}

// TestOperationGradientsAdd uses the same inputs twice: gradients must be added to what is there.
func TestOperationGradientsAdd(t *testing.T) {
	forSamples(t, func(t *testing.T, tp *Tape, s sample) {
		first, second := s.probe(1), s.probe(2)
		one, two := s.run(tp, first, 0, nil), s.run(tp, second, 1, nil)
		for k, g := range s.runTwice(tp, first, second) {
			want := make([]float64, len(g))
			for i := range g {
				want[i] = float64(one.grads[k][i]) + float64(two.grads[k][i])
			}
			tolerance := 1e-5 * largest(want)
			for i, w := range want {
				if math.Abs(float64(g[i])-w) > tolerance {
					t.Fatalf("input %d: gradient of element %d is %v, want %v + %v", k, i, g[i], one.grads[k][i], two.grads[k][i])
				}
			}
		}
	})
}

// TestOperationGradientsAlone wants the gradient of one input at a time, or of none.
func TestOperationGradientsAlone(t *testing.T) {
	forSamples(t, func(t *testing.T, tp *Tape, s sample) {
		all := s.run(tp, s.probe(1), 0, nil)
		for k := -1; k < len(s.in); k++ {
			alone := s.run(tp, s.probe(1), 0, func(i int) bool { return i == k })
			for i := range s.in {
				want := all.grads[i]
				if i != k {
					want = nil
				}
				if !sameBits(alone.grads[i], want) {
					t.Fatalf("only input %d wants a gradient: that of input %d is %v, want %v", k, i, alone.grads[i], want)
				}
			}
			if !sameBits(alone.y, all.y) {
				t.Fatalf("only input %d wants a gradient: the values differ", k)
			}
		}
	})
}

func sameBits(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}

func (o outcome) equals(other outcome) bool {
	if !sameBits(o.y, other.y) {
		return false
	}
	for k := range o.grads {
		if !sameBits(o.grads[k], other.grads[k]) {
			return false
		}
	}
	return true
}

// TestOperationBits holds that the same bits come at any number of processors, from memory that held something else
// before, and from memory full of NaN; and that inputs are not written to.
func TestOperationBits(t *testing.T) {
	poisoned := NewTape()
	poisoned.arena.poison = true
	forSamples(t, func(t *testing.T, tp *Tape, s sample) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
		var before [][]float32
		for _, x := range s.in {
			before = append(before, clone(x.data))
		}
		runtime.GOMAXPROCS(1)
		want := s.run(tp, s.probe(1), 0, nil)
		slabs, used := len(tp.arena.slabs), tp.arena.used
		if again := s.run(tp, s.probe(1), 0, nil); !again.equals(want) {
			t.Error("a second pass in the same memory gives other bits")
		}
		if len(tp.arena.slabs) != slabs || tp.arena.used != used {
			t.Errorf("a second pass takes other memory: %d of %d slabs, was %d of %d", tp.arena.used, len(tp.arena.slabs), used, slabs)
		}
		for _, procs := range []int{2, 3, 8} {
			runtime.GOMAXPROCS(procs)
			if got := s.run(tp, s.probe(1), 0, nil); !got.equals(want) {
				t.Errorf("%d processors give other bits than one", procs)
			}
		}
		if got := s.run(poisoned, s.probe(1), 0, nil); !got.equals(want) {
			t.Error("memory that nobody wrote was read")
		}
		twice := s.runTwice(tp, s.probe(1), s.probe(2))
		for k, g := range s.runTwice(poisoned, s.probe(1), s.probe(2)) {
			if !sameBits(g, twice[k]) {
				t.Error("memory that nobody wrote was read where gradients are added")
			}
		}
		for k, x := range s.in {
			if !sameBits(x.data, before[k]) {
				t.Errorf("input %d was written to", k)
			}
		}
	})
}

// TestOperationBadValues puts NaN and infinities into each input: they must come out where the reference has them, and
// nowhere else.
func TestOperationBadValues(t *testing.T) {
	forSamples(t, func(t *testing.T, tp *Tape, s sample) {
		for k := range s.in {
			if s.in[k].Size() == 0 {
				continue
			}
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				in := append([]*Tensor(nil), s.in...)
				in[k] = in[k].Clone()
				in[k].data[in[k].Size()/2] = float32(bad)
				spoilt := s
				spoilt.in = in
				got, want := spoilt.run(tp, s.probe(1), 0, nil), s.ref(spoilt.float64s())
				for i, w := range want {
					g := float64(got.y[i])
					if finite(g) != finite(w) || math.IsNaN(bad) && math.IsNaN(g) != math.IsNaN(w) {
						t.Fatalf("%v in input %d: value %d is %v, want %v", bad, k, i, g, w)
					}
				}
			}
		}
		nan := New(s.shape...)
		nan.Fill(float32(math.NaN()))
		for k, g := range s.run(tp, nan, 0, nil).grads {
			if s.in[k].Size() > 0 && nan.Size() > 0 && !anyNaN(g) {
				t.Errorf("NaN in the gradient of the result does not reach input %d", k)
			}
		}
	})
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func anyNaN(x []float32) bool {
	for _, v := range x {
		if v != v {
			return true
		}
	}
	return false
}

// TestOperationsAtEveryLevel runs the tests of the table again at each level of vector instructions that the machine
// has, in processes of their own because the level of a process is fixed.
func TestOperationsAtEveryLevel(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the tests of the table once a level")
	}
	if os.Getenv("GRAFT_SIMD") != "" {
		t.Skip("the level is fixed by GRAFT_SIMD")
	}
	for _, level := range simd.Levels() {
		if level == simd.Active() {
			continue
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestOperation(Values|Gradients|GradientsAdd|Bits|BadValues)$")
		cmd.Env = append(os.Environ(), "GRAFT_SIMD="+level.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("level %v: %v\n%s", level, err, out)
		}
	}
}

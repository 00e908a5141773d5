package nn_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// vocabulary returns predictions over many classes, far from zero, and targets of which every third is missing, as those
// of a prompt are.
func vocabulary(tokens, classes int) (pred, target *tensor.Tensor) {
	rng := rand.New(rand.NewPCG(4, 5))
	pred, target = tensor.New(tokens, classes), tensor.New(tokens)
	for i := range pred.Data() {
		pred.Data()[i] = float32(rng.NormFloat64()*4 + 20)
	}
	for r := range target.Data() {
		target.Data()[r] = float32((r*12345 + classes - 1) % classes)
		if r%3 == 1 {
			target.Data()[r] = nan
		}
	}
	return pred, target
}

// TestCrossEntropyOfVocabularies compares with the definition and its gradient where a row has many thousand classes.
func TestCrossEntropyOfVocabularies(t *testing.T) {
	const tokens, classes = 7, 32000
	pred, target := vocabulary(tokens, classes)
	value, grad := lossOf(nn.CrossEntropy{}, pred, target)
	present, want := 5.0, 0.0
	for r := range tokens {
		x, id := pred.Data()[r*classes:(r+1)*classes], target.Data()[r]
		var norm float64
		for _, v := range x {
			norm += math.Exp(float64(v))
		}
		if id == id {
			want += (math.Log(norm) - float64(x[int(id)])) / present
		}
		for c, v := range x {
			g := 0.0
			if id == id {
				if g = math.Exp(float64(v)) / norm / present; c == int(id) {
					g -= 1 / present
				}
			}
			if got := float64(grad[r*classes+c]); math.Abs(got-g) > 1e-9+1e-6*math.Abs(g) {
				t.Fatalf("gradient of class %d of token %d is %v, want %v", c, r, got, g)
			}
		}
	}
	if math.Abs(float64(value)-want) > 1e-6*want {
		t.Errorf("loss %v, want %v", value, want)
	}
}

// TestCrossEntropyBits holds that the number of processors does not show.
func TestCrossEntropyBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, loss := range []nn.Loss{nn.CrossEntropy{}, nn.WeightedCrossEntropy{}} {
		for _, s := range [][2]int{{700, 11}, {37, 5000}} {
			pred, target := vocabulary(s[0], s[1])
			runtime.GOMAXPROCS(1)
			value, grad := lossOf(loss, pred, target)
			for _, procs := range []int{2, 5} {
				runtime.GOMAXPROCS(procs)
				if v, g := lossOf(loss, pred, target); v != value || !slices.Equal(g, grad) {
					t.Errorf("%s of %v: %d processors give other bits than one", loss.Name(), s, procs)
				}
			}
		}
	}
}

// TestCrossEntropyAllocatesNothing holds that a steady loop takes no memory from the heap, and no room for a gradient of
// the predictions before the way back.
func TestCrossEntropyAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	pred, target := vocabulary(64, 5000)
	for _, loss := range []nn.Loss{nn.CrossEntropy{}, nn.WeightedCrossEntropy{}} {
		tp := tensor.NewTape()
		pass := func() {
			tp.Begin(tensor.Pass{Train: true, Grad: true})
			tp.Backward(loss.Loss(tp, tp.Leaf(pred), target))
		}
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		loss.Loss(tp, tp.Leaf(pred), target)
		if got, most := tp.PeakBytes(), int64(pred.Size()); got > most {
			t.Errorf("%s: the forward pass takes %d bytes, want %d at most", loss.Name(), got, most)
		}
		pass()
		if allocs := testing.AllocsPerRun(10, pass); allocs > 1 {
			t.Errorf("%s: %v allocations a pass", loss.Name(), allocs)
		}
	}
}

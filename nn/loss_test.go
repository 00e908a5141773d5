package nn_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var nan = float32(math.NaN())

// reference is a loss in float64, written from its definition without regard to overflow.
type reference func(pred []float64, target []float32, cols int) float64

// lossCase pairs a loss with its definition and with targets that fit predictions of some shape.
type lossCase struct {
	name       string
	loss       nn.Loss
	rows, cols int
	target     func(i int) float32 // the target of number, or row, i
	ids        bool                // one target a row
	reference  reference
}

func lossCases() []lossCase {
	class := func(classes int) func(int) float32 {
		return func(i int) float32 { return float32(i * i * 5 % classes) }
	}
	withGaps := func(f func(int) float32) func(int) float32 {
		return func(i int) float32 {
			if i%4 == 1 {
				return nan
			}
			return f(i)
		}
	}
	number := func(i int) float32 { return 3 * float32(math.Sin(float64(i))) }
	label := func(i int) float32 { return float32(i*7%3) / 2 }
	shares := func(i int) float32 { return []float32{0.5, 0, 0.125, 0.375}[(i+i/4)%4] } // of four classes
	return []lossCase{
		{"l1", nn.L1{}, 5, 3, number, false, meanOf(func(x, t float64) float64 { return math.Abs(x - t) })},
		{"l1 missing", nn.L1{}, 17, 3, withGaps(number), false, meanOf(func(x, t float64) float64 { return math.Abs(x - t) })},
		{"mse", nn.MSE{}, 5, 3, number, false, meanOf(func(x, t float64) float64 { return (x - t) * (x - t) })},
		{"mse missing", nn.MSE{}, 9, 1, withGaps(number), false, meanOf(func(x, t float64) float64 { return (x - t) * (x - t) })},
		{"bce", nn.BinaryCrossEntropy{}, 6, 5, label, false, meanOf(logistic)},
		{"bce missing", nn.BinaryCrossEntropy{}, 6, 5, withGaps(label), false, meanOf(logistic)},
		{"ce", nn.CrossEntropy{}, 17, 6, class(6), true, entropy(false)},
		{"ce one row", nn.CrossEntropy{}, 1, 2, class(2), true, entropy(false)},
		{"ce missing", nn.CrossEntropy{}, 33, 10, withGaps(class(10)), true, entropy(false)},
		{"soft ids", nn.SoftCrossEntropy{}, 17, 6, class(6), true, softEntropy(0)},
		{"soft ids smoothed missing", nn.SoftCrossEntropy{Smoothing: 0.1}, 33, 5, withGaps(class(5)), true, softEntropy(0.1)},
		{"soft shares", nn.SoftCrossEntropy{}, 7, 4, shares, false, softEntropy(0)},
		{"soft shares smoothed missing", nn.SoftCrossEntropy{Smoothing: 0.3}, 9, 4, func(i int) float32 {
			if i == 6 || i/4%4 == 2 {
				return nan
			}
			return shares(i)
		}, false, softEntropy(0.3)},
		{"wce", nn.WeightedCrossEntropy{}, 17, 7, class(5), true, entropy(true)},
		{"wce missing", nn.WeightedCrossEntropy{}, 33, 6, withGaps(class(6)), true, entropy(true)},
		{"wce binary", nn.WeightedCrossEntropy{}, 17, 1, class(3 - 1), true, weightedLogits},
		{"wce binary missing", nn.WeightedCrossEntropy{}, 33, 1, withGaps(func(i int) float32 { return float32(i / 3 % 2) }), true, weightedLogits},
	}
}

func logistic(x, t float64) float64 {
	p := 1 / (1 + math.Exp(-x))
	return -t*math.Log(p) - (1-t)*math.Log(1-p)
}

// softEntropy is -sum t ln p with smoothed targets, its mean over the rows that have one.
func softEntropy(smoothing float64) reference {
	return func(pred []float64, target []float32, cols int) float64 {
		var sum, n float64
		for r := range len(pred) / cols {
			x, norm := pred[r*cols:(r+1)*cols], 0.0
			for _, v := range x {
				norm += math.Exp(v)
			}
			row := 0.0
			for c, v := range x {
				t := 0.0
				switch {
				case len(target) == len(pred):
					t = float64(target[r*cols+c])
				case target[r] != target[r]:
					t = math.NaN()
				case int(target[r]) == c:
					t = 1
				}
				row -= ((1-smoothing)*t + smoothing/float64(cols)) * (v - math.Log(norm))
			}
			if row == row {
				sum += row
				n++
			}
		}
		return sum / n
	}
}

// meanOf is a mean over the numbers that have a target.
func meanOf(f func(x, t float64) float64) reference {
	return func(pred []float64, target []float32, _ int) float64 {
		var sum, n float64
		for i, t := range target {
			if t == t {
				sum += f(pred[i], float64(t))
				n++
			}
		}
		return sum / n
	}
}

// frequencies returns for each class the part of the targets that are of it, and the number of targets.
func frequencies(target []float32) (map[float32]float64, float64) {
	counts, n := map[float32]float64{}, 0.0
	for _, t := range target {
		if t == t {
			counts[t]++
			n++
		}
	}
	for c := range counts {
		counts[c] /= n
	}
	return counts, n
}

// entropy is the cross entropy, weighted by the classes' rarity or not.
func entropy(weighted bool) reference {
	return func(pred []float64, target []float32, cols int) float64 {
		part, _ := frequencies(target)
		var sum, total float64
		for r, t := range target {
			if t != t {
				continue
			}
			w, norm := 1.0, 0.0
			if weighted {
				w = 1 - part[t]
			}
			for _, x := range pred[r*cols : (r+1)*cols] {
				norm += math.Exp(x)
			}
			sum -= w * math.Log(math.Exp(pred[r*cols+int(t)])/norm)
			total += w
		}
		return sum / total
	}
}

func weightedLogits(pred []float64, target []float32, _ int) float64 {
	part, n := frequencies(target)
	var sum float64
	for r, t := range target {
		if t == t {
			sum += (1 - part[t]) * logistic(pred[r], float64(t)) / n
		}
	}
	return sum
}

func (lc lossCase) data() (pred, target *tensor.Tensor) {
	rng := rand.New(rand.NewPCG(3, uint64(lc.rows)))
	pred = tensor.New(lc.rows, lc.cols)
	for i := range pred.Data() {
		pred.Data()[i] = float32(rng.NormFloat64() * 2)
	}
	target = tensor.New(lc.rows, lc.cols)
	if lc.ids {
		target = tensor.New(lc.rows)
	}
	for i := range target.Data() {
		target.Data()[i] = lc.target(i)
	}
	return pred, target
}

func TestLossesAgainstDefinition(t *testing.T) {
	for _, lc := range lossCases() {
		t.Run(lc.name, func(t *testing.T) {
			pred, target := lc.data()
			before := pred.Clone()
			value, grad := lossOf(lc.loss, pred, target)
			x := make([]float64, pred.Size())
			for i, v := range pred.Data() {
				x[i] = float64(v)
			}
			if want := lc.reference(x, target.Data(), lc.cols); math.Abs(float64(value)-want) > 1e-6*math.Max(1, want) {
				t.Errorf("value %v, want %v", value, want)
			}
			const eps = 1e-6
			for i := range x {
				at := x[i]
				x[i] = at + eps
				up := lc.reference(x, target.Data(), lc.cols)
				x[i] = at - eps
				down := lc.reference(x, target.Data(), lc.cols)
				x[i] = at
				if want := (up - down) / (2 * eps); math.Abs(float64(grad[i])-want) > 1e-6+1e-4*math.Abs(want) {
					t.Fatalf("gradient of number %d: %v, want %v", i, grad[i], want)
				}
			}
			for i, v := range before.Data() {
				if pred.Data()[i] != v {
					t.Fatal("the predictions were written to")
				}
			}
			if eval := evaluate(lc.loss, pred, target); eval != value {
				t.Errorf("%v in a pass without gradients, %v with", eval, value)
			}
		})
	}
}

func evaluate(loss nn.Loss, pred, target *tensor.Tensor) float32 {
	return loss.Loss(tensor.NewTape(), tensor.NewTape().Const(pred), target).Data()[0]
}

// TestLossTwice uses predictions in two losses, so that the second gradient is added to the first.
func TestLossTwice(t *testing.T) {
	for _, lc := range lossCases() {
		pred, target := lc.data()
		_, once := lossOf(lc.loss, pred, target)
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Grad: true})
		p := tp.Leaf(pred)
		tp.Backward(tp.Add(lc.loss.Loss(tp, p, target), tp.Scale(lc.loss.Loss(tp, p, target), 2)))
		for i, g := range tp.Grad(pred) {
			if want := 3 * once[i]; math.Abs(float64(g-want)) > 1e-6 {
				t.Fatalf("%s: gradient of number %d: %v, want %v", lc.name, i, g, want)
			}
		}
	}
}

func TestLossEdges(t *testing.T) {
	column := func(v ...float32) *tensor.Tensor { return tensor.FromSlice(v, len(v), 1) }
	ids := func(v ...float32) *tensor.Tensor { return tensor.FromSlice(v, len(v)) }
	pairs := func(v ...float32) *tensor.Tensor { return tensor.FromSlice(v, len(v)/2, 2) }
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name         string
		loss         nn.Loss
		pred, target *tensor.Tensor
		value        float32
		grad         []float32
	}{
		{"l1 exact", nn.L1{}, column(1, 2), column(1, 3), 0.5, []float32{0, -0.5}},
		{"l1 nothing there", nn.L1{}, column(1, 2), column(nan, nan), 0, []float32{0, 0}},
		{"l1 no rows", nn.L1{}, tensor.New(0, 1), tensor.New(0, 1), 0, nil},
		{"l1 NaN", nn.L1{}, column(nan, 2), column(1, 3), nan, []float32{nan, -0.5}},
		{"l1 infinite", nn.L1{}, column(inf, 2), column(1, 3), inf, []float32{0.5, -0.5}},
		{"mse NaN prediction without target", nn.MSE{}, column(nan, 2), column(nan, 3), 1, []float32{0, -2}},
		{"mse no rows", nn.MSE{}, tensor.New(0, 4), tensor.New(0, 4), 0, nil},
		{"bce far out", nn.BinaryCrossEntropy{}, column(100, -100), column(0, 1), 100, []float32{0.5, -0.5}},
		{"bce certain", nn.BinaryCrossEntropy{}, column(1e4, -1e4), column(1, 0), 0, []float32{0, 0}},
		{"bce NaN", nn.BinaryCrossEntropy{}, column(nan, 0), column(1, nan), nan, []float32{nan, 0}},
		{"bce nothing there", nn.BinaryCrossEntropy{}, column(1, 2), column(nan, nan), 0, []float32{0, 0}},
		{"ce far out", nn.CrossEntropy{}, pairs(1000, -1000), ids(1), 2000, []float32{1, -1}},
		{"ce certain", nn.CrossEntropy{}, pairs(1000, -1000), ids(0), 0, []float32{0, 0}},
		{"ce NaN", nn.CrossEntropy{}, pairs(nan, 0, 0, 0), ids(0, nan), nan, []float32{nan, nan, 0, 0}},
		{"ce nothing there", nn.CrossEntropy{}, pairs(1, 2), ids(nan), 0, []float32{0, 0}},
		{"ce no rows", nn.CrossEntropy{}, tensor.New(0, 2), tensor.New(0), 0, nil},
		{"wce one class", nn.WeightedCrossEntropy{}, pairs(1, 2, 3, 4), ids(1, 1), 0, []float32{0, 0, 0, 0}},
		{"wce binary one class", nn.WeightedCrossEntropy{}, column(1, 2), ids(1, 1), 0, []float32{0, 0}},
		{"wce no rows", nn.WeightedCrossEntropy{}, tensor.New(0, 2), tensor.New(0), 0, nil},
	} {
		value, grad := lossOf(c.loss, c.pred, c.target)
		if !near(value, c.value) {
			t.Errorf("%s: %v, want %v", c.name, value, c.value)
		}
		for i, want := range c.grad {
			if !near(grad[i], want) {
				t.Errorf("%s: gradient %v, want %v", c.name, grad, c.grad)
				break
			}
		}
		if v := evaluate(c.loss, c.pred, c.target); !near(v, c.value) {
			t.Errorf("%s: %v without gradients, want %v", c.name, v, c.value)
		}
	}
}

func near(a, b float32) bool {
	return a == b || a != a && b != b || math.Abs(float64(a-b)) < 1e-6
}

func TestLossPanics(t *testing.T) {
	one := tensor.New(3, 1)
	for _, c := range []struct {
		loss         nn.Loss
		pred, target *tensor.Tensor
		want         string
	}{
		{nn.L1{}, one, tensor.New(4, 1), "nn: L1: targets [4 1] do not fit predictions [3 1]"},
		{nn.MSE{}, tensor.New(2, 3), tensor.New(3, 2), "nn: MSE: targets [3 2] do not fit predictions [2 3]"},
		{nn.BinaryCrossEntropy{}, one, tensor.New(3, 2), "nn: BinaryCrossEntropy: targets [3 2] do not fit predictions [3 1]"},
		{nn.BinaryCrossEntropy{}, one, tensor.FromSlice([]float32{0, 1.5, 1}, 3, 1), "nn: BinaryCrossEntropy: label 1.5 of row 1 is outside 0 to 1"},
		{nn.CrossEntropy{}, one, tensor.New(3), "nn: CrossEntropy: predictions [3 1] have one class; use BinaryCrossEntropy"},
		{nn.CrossEntropy{}, tensor.New(3, 4), tensor.New(2), "nn: CrossEntropy: class ids [2] do not fit predictions [3 4]"},
		{nn.CrossEntropy{}, tensor.New(3, 4), tensor.FromSlice([]float32{0, 4, 1}, 3), "nn: CrossEntropy: target 4 of row 1 is not a class: want 0 to 3"},
		{nn.CrossEntropy{}, tensor.New(3, 4), tensor.FromSlice([]float32{0, 1, -1}, 3), "target -1 of row 2 is not a class"},
		{nn.CrossEntropy{}, tensor.New(3, 4), tensor.FromSlice([]float32{0.5, 1, 1}, 3), "target 0.5 of row 0 is not a class"},
		{nn.CrossEntropy{}, tensor.New(1, 4), tensor.FromSlice([]float32{float32(math.Inf(1))}, 1), "is not a class"},
		{nn.WeightedCrossEntropy{}, one, tensor.FromSlice([]float32{0, 2, 1}, 3), "nn: WeightedCrossEntropy: target 2 of row 1 is not a class: want 0 to 1"},
		{nn.SoftCrossEntropy{}, one, tensor.New(3), "nn: SoftCrossEntropy: predictions [3 1] have one class; use BinaryCrossEntropy"},
		{nn.SoftCrossEntropy{Smoothing: 1}, tensor.New(3, 2), tensor.New(3), "nn: SoftCrossEntropy: Smoothing is 1, want a part below 1"},
		{nn.SoftCrossEntropy{}, tensor.New(3, 2), tensor.New(3, 3), "nn: SoftCrossEntropy: targets [3 3] do not fit predictions [3 2]"},
		{nn.SoftCrossEntropy{}, tensor.New(1, 2), tensor.FromSlice([]float32{1, 1}, 1, 2), "nn: SoftCrossEntropy: the targets of row 0 have the sum 2, want 1"},
		{nn.SoftCrossEntropy{}, tensor.New(1, 2), tensor.FromSlice([]float32{2, -1}, 1, 2), "target -1 of row 0 and class 1 is below 0"},
		{nn.WeightedCrossEntropy{}, tensor.New(3, 0), tensor.New(3), "nn: WeightedCrossEntropy: class ids [3] do not fit predictions [3 0]"},
	} {
		wantPanic(t, c.want, func() { lossOf(c.loss, c.pred, c.target) })
	}
}

// wantPanic fails t unless f panics with a message that contains want.
func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got, ok := recover().(string); !ok || !strings.Contains(got, want) {
			t.Errorf("panic %q, want %q", got, want)
		}
	}()
	f()
}

func TestParseLoss(t *testing.T) {
	for _, name := range nn.LossNames() {
		loss, err := nn.ParseLoss(name)
		if err != nil || loss.Name() != name {
			t.Errorf("ParseLoss(%q): %v, %v", name, loss, err)
		}
	}
	_, err := nn.ParseLoss("cross-entorpy")
	if want := `unknown loss "cross-entorpy"; did you mean "cross-entropy"? (known: l1, mse, cross-entropy, soft-cross-entropy, weighted-cross-entropy, binary-cross-entropy)`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

package nn_test

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// torchTolerance is the deviation from PyTorch that is allowed, relative to the largest magnitude of a tensor: a few
// roundings of float32, whose unit is 6e-8. Where PyTorch's own results in float32 and float64 lie far apart, as
// those of a batch normalisation of columns far from zero do, five times their distance is allowed instead.
const torchTolerance = 1e-6

// compareTorch compares got with PyTorch's float32 and float64 results.
func compareTorch(t *testing.T, c *golden.Case, name string, got []float32) {
	t.Helper()
	exact := c.Float64s(name + ".f64")
	var apart, largest float64
	for i, v := range c.Float64s(name) {
		apart = max(apart, math.Abs(v-exact[i]))
		largest = max(largest, math.Abs(exact[i]))
	}
	tolerance := max(torchTolerance, 5*apart/largest)
	c.CompareFlat(t, name, got, tolerance)
	c.CompareFlat(t, name+".f64", got, tolerance)
}

// torchFiles opens figures of PyTorch, which are always the module's own.
func torchFiles(t *testing.T, prefix string) []*golden.Case {
	t.Setenv("GRAFT_GOLDEN", "")
	return golden.Files(t, "torch", prefix)
}

// testTorchLayer runs a layer whose parameters have PyTorch's names as the file says and compares everything.
func testTorchLayer(t *testing.T, c *golden.Case, l layer, train bool) {
	for _, p := range nn.Collect(l).All() {
		if c.Has("w." + p.Path) {
			p.Tensor.CopyFrom(c.Tensor("w." + p.Path))
		}
	}
	x := c.Tensor("x")
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: train, Grad: true})
	out := l.Apply(tp, tp.Leaf(x)).Keep()
	tp.Backward(tp.Sum(tp.Mul(out, tp.Const(c.Tensor("probe")))))
	compareTorch(t, c, "out", out.Data())
	compareTorch(t, c, "grad.x", tp.Grad(x))
	for _, p := range nn.Collect(l).Trainable() {
		compareTorch(t, c, "gw."+p.Path, tp.Grad(p.Tensor))
	}
	for _, p := range nn.Collect(l).Buffers() {
		compareTorch(t, c, "after."+p.Path, p.Tensor.Data())
	}
}

func TestTorchBatchNorm(t *testing.T) {
	for _, c := range torchFiles(t, "batchnorm_") {
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Train         bool
				Eps, Momentum float64
			}
			c.JSON(t, "config", &config)
			l := nn.NewBatchNorm(c.Shape("x")[1])
			l.Eps, l.Momentum, l.NoStats = config.Eps, config.Momentum, !c.Has("w.running_mean")
			testTorchLayer(t, c, l, config.Train)
		})
	}
}

func TestTorchLayerNorm(t *testing.T) {
	for _, c := range torchFiles(t, "layernorm") {
		testTorchLayer(t, c, nn.NewLayerNorm(c.Shape("x")[1]), true)
	}
}

func TestTorchRMSNorm(t *testing.T) {
	for _, c := range torchFiles(t, "rmsnorm") {
		testTorchLayer(t, c, nn.NewRMSNorm(c.Shape("x")[1]), true)
	}
}

// oneSequence makes a layer of a convolution over one sequence.
type oneSequence struct{ *nn.CausalConv }

func (l oneSequence) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	return l.CausalConv.Apply(tp, x, []int{0, x.Rows()})
}

func TestTorchCausalConv(t *testing.T) {
	for _, c := range torchFiles(t, "causalconv") {
		shape := c.Shape("w.weight") // [channels, 1, kernel]
		l := nn.NewCausalConv(shape[0], shape[2], nn.NewInit(1))
		l.Weight = l.Weight.Reshape(shape...)
		testTorchLayer(t, c, oneSequence{l}, true)
	}
}

func TestTorchLinear(t *testing.T) {
	for _, c := range torchFiles(t, "linear_") {
		in, out := c.Shape("w.weight")[1], c.Shape("w.weight")[0]
		l := nn.NewLinear(in, out, nn.NewInit(1))
		if !c.Has("w.bias") {
			l = nn.NewLinearNoBias(in, out, nn.NewInit(1))
		}
		testTorchLayer(t, c, l, true)
	}
}

// activationLayer makes a layer of an activation.
type activationLayer struct{ nn.Activation }

func (activationLayer) Params(*nn.Params) {}

func TestTorchActivations(t *testing.T) {
	seen := map[nn.Activation]bool{nn.Identity: true} // nothing to compare
	for _, c := range torchFiles(t, "activation_") {
		t.Run(c.Name, func(t *testing.T) {
			act, err := nn.ParseActivation(strings.TrimPrefix(c.Name, "activation_"))
			if err != nil {
				t.Fatal(err)
			}
			seen[act] = true
			testTorchLayer(t, c, activationLayer{act}, true)
		})
	}
	for i, name := range nn.ActivationNames() {
		if !seen[nn.Activation(i)] {
			t.Errorf("there is no golden file for %s", name)
		}
	}
}

func TestTorchLosses(t *testing.T) {
	for _, c := range torchFiles(t, "losses") {
		var config map[string]string
		c.JSON(t, "config", &config)
		for tag, name := range config {
			t.Run(tag, func(t *testing.T) {
				loss, err := nn.ParseLoss(name)
				if err != nil {
					t.Fatal(err)
				}
				pred := c.Tensor(tag + ".pred")
				value, grad := lossOf(loss, pred, targets(c, tag+".true", pred))
				compareTorch(t, c, tag+".loss", []float32{value})
				compareTorch(t, c, tag+".grad", grad)
			})
		}
	}
}

package nn_test

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// block is a small model with layers in layers.
type block struct {
	first *nn.Linear
	norm  *nn.BatchNorm
	inner *nn.MLP
}

func (b *block) Params(c *nn.Params) {
	c.Sub("first", b.first)
	c.Sub("norm", b.norm)
	c.Sub("block.0", b.inner)
}

func newBlock() *block {
	init := nn.NewInit(7)
	return &block{nn.NewLinear(3, 4, init), nn.NewBatchNorm(4), nn.NewMLP(4, 2, 2, init)}
}

func TestParamsPathsAndOrder(t *testing.T) {
	p := nn.Collect(newBlock())
	want := []string{"first.weight", "first.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var",
		"block.0.hidden.0.weight", "block.0.hidden.0.bias", "block.0.out.weight", "block.0.out.bias"}
	if got := paths(p.All()); !equal(got, want) {
		t.Errorf("all: %v, want %v", got, want)
	}
	if got := paths(p.Buffers()); !equal(got, want[4:6]) {
		t.Errorf("buffers: %v, want %v", got, want[4:6])
	}
	if got := paths(p.Trainable()); !equal(got, append(append([]string(nil), want[:4]...), want[6:]...)) {
		t.Errorf("trainable: %v", got)
	}
	if got, want := p.Count(), 3*4+4+4+4+4*4+4+4*2+2; got != want {
		t.Errorf("count %d, want %d", got, want)
	}
	if p.Find("first.bias") == nil || p.Find("first") != nil {
		t.Error("Find does not find by path alone")
	}
}

func paths(named []nn.Named) []string {
	var out []string
	for _, n := range named {
		out = append(out, n.Path)
	}
	return out
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// module makes a Module of a function.
type module func(c *nn.Params)

func (m module) Params(c *nn.Params) { m(c) }

func TestParamsRefusals(t *testing.T) {
	x, y := tensor.New(1), tensor.New(1)
	for _, c := range []struct {
		want string
		m    module
	}{
		{"nn: Params: a.w is declared twice", func(c *nn.Params) { c.Sub("a", module(func(c *nn.Params) { c.Param("w", x); c.Buffer("w", y) })) }},
		{"nn: Params: b is the tensor of a.w; declare a shared tensor once", func(c *nn.Params) {
			c.Sub("a", module(func(c *nn.Params) { c.Param("w", x) }))
			c.Param("b", x)
		}},
		{`nn: Params: a tensor or a module of "a." has no name`, func(c *nn.Params) { c.Sub("a", module(func(c *nn.Params) { c.Param("", x) })) }},
		{`nn: Params: a tensor or a module of "" has no name`, func(c *nn.Params) { c.Sub("", module(func(*nn.Params) {})) }},
	} {
		wantPanic(t, c.want, func() { nn.Collect(c.m) })
	}
	if n := len(nn.Collect(module(func(c *nn.Params) { c.Param("bias", nil) })).All()); n != 0 {
		t.Errorf("a bias that is not there was declared")
	}
	norm := nn.NewBatchNorm(2)
	norm.NoStats = true
	if n := len(nn.Collect(norm).Buffers()); n != 0 {
		t.Errorf("statistics that are not kept were declared")
	}
}

func TestLayerSizes(t *testing.T) {
	init := nn.NewInit(1)
	for want, f := range map[string]func(){
		"nn: Linear: widths 0 to 3 are not positive":                       func() { nn.NewLinear(0, 3, init) },
		"nn: Linear: widths 3 to -1 are not positive":                      func() { nn.NewLinearNoBias(3, -1, init) },
		"nn: Embedding: a table of 0 types and width 4 has no elements":    func() { nn.NewEmbedding(0, 4, init) },
		"nn: BatchNorm: width 0 is not positive":                           func() { nn.NewBatchNorm(0) },
		"nn: LayerNorm: width -2 is not positive":                          func() { nn.NewLayerNorm(-2) },
		"nn: RMSNorm: width 0 is not positive":                             func() { nn.NewRMSNorm(0) },
		"nn: CausalConv: 4 channels and a kernel of 0 are not positive":    func() { nn.NewCausalConv(4, 0, init) },
		"nn: MLP: 0 layers, want at least 1":                               func() { nn.NewMLP(3, 3, 0, init) },
		"nn: Readout: width 3 cannot be halved 2 times":                    func() { nn.NewReadout(3, 1, nn.ReLU, init) },
		"nn: XavierNormal: fans 0 and 0 are not sizes of a layer":          func() { init.XavierNormal(tensor.New(1), 0, 0) },
		"nn: Activation: 99 is none of relu, gelu, silu, elu, tanh, sigmo": func() { nn.Activation(99).Apply(tensor.NewTape(), nil) },
	} {
		wantPanic(t, want, f)
	}
	l := nn.NewLinear(5, 3, init)
	if l.In() != 5 || l.Out() != 3 {
		t.Errorf("widths %d to %d, want 5 to 3", l.In(), l.Out())
	}
	r := nn.NewReadout(7, 2, nn.GELU, init) // halves are rounded down: 7, 3, 1, 2
	for i, want := range [][2]int{{7, 3}, {3, 1}, {1, 2}} {
		if r.Layers[i].In() != want[0] || r.Layers[i].Out() != want[1] {
			t.Errorf("readout layer %d: %d to %d, want %v", i, r.Layers[i].In(), r.Layers[i].Out(), want)
		}
	}
}

func TestEmbedding(t *testing.T) {
	e := nn.NewEmbedding(4, 3, nn.NewInit(2))
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	y := e.Apply(tp, []int32{2, 0, 2}).Keep()
	tp.Backward(tp.Sum(y))
	for r, id := range []int{2, 0, 2} {
		for c := 0; c < 3; c++ {
			if y.Value().At(r, c) != e.Table.At(id, c) {
				t.Fatalf("row %d is not that of type %d", r, id)
			}
		}
	}
	for i, g := range tp.Grad(e.Table) {
		if want := []float32{1, 0, 2, 0}[i/3]; g != want {
			t.Errorf("gradient of type %d: %v, want %v", i/3, g, want)
		}
	}
}

// TestBatchNormModes holds what the passes do with the running statistics.
func TestBatchNormModes(t *testing.T) {
	n := nn.NewBatchNorm(1)
	x := tensor.FromSlice([]float32{1, 3}, 2, 1)
	run := func(train bool) []float32 {
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: train})
		return append([]float32(nil), n.Apply(tp, tp.Const(x)).Data()...)
	}
	if y := run(false); !near(y[0], 1/float32(math.Sqrt(1+1e-5))) || n.RunningMean.At(0) != 0 {
		t.Errorf("evaluation of a new layer gives %v, mean %v", y, n.RunningMean)
	}
	if y := run(true); math.Abs(float64(y[0]+1)) > 1e-5 {
		t.Errorf("training gives %v, want -1 and 1", y)
	}
	if mean, variance := n.RunningMean.At(0), n.RunningVar.At(0); !near(mean, 0.2) || !near(variance, 0.9*1+0.1*2) {
		t.Errorf("running mean %v and variance %v, want 0.2 and 1.1", mean, variance)
	}
	n.NoStats = true
	if y := run(false); math.Abs(float64(y[0]+1)) > 1e-5 || !near(n.RunningMean.At(0), 0.2) {
		t.Errorf("without statistics an evaluation gives %v", y)
	}
}

func TestWatchNamesHeadLayers(t *testing.T) {
	mlp := nn.NewMLP(4, 1, 3, nn.NewInit(1))
	mlp.Hidden[1].Weight.Data()[5] = nan
	readout := nn.NewReadout(4, 1, nn.ReLU, nn.NewInit(1))
	readout.Layers[2].Bias.Data()[0] = nan
	for want, head := range map[string]layer{"hidden.1": mlp, "layer.2": readout} {
		tp := tensor.NewTape()
		tp.Watch(true)
		tp.Begin(tensor.Pass{})
		head.Apply(tp, tp.Const(tensor.New(3, 4)))
		if bad := tp.FirstBad(); bad == nil || bad.Path != want || bad.Op != "Linear" {
			t.Errorf("found %v, want Linear of %s", bad, want)
		}
	}
}

func TestActivationNames(t *testing.T) {
	for i, name := range nn.ActivationNames() {
		a, err := nn.ParseActivation(name)
		if err != nil || a != nn.Activation(i) || a.String() != name {
			t.Errorf("%q: %v, %v", name, a, err)
		}
		text, err := a.MarshalText()
		var back nn.Activation
		if err != nil || back.UnmarshalText(text) != nil || back != a {
			t.Errorf("%q does not survive its text form", name)
		}
	}
	_, err := nn.ParseActivation("gelo")
	if want := `unknown activation "gelo"; did you mean "gelu"? (known: relu, gelu, silu, elu, tanh, sigmoid, identity, gelu-tanh, squared-relu)`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	a := nn.Tanh
	if err := a.UnmarshalText([]byte("Tanh!")); err == nil || a != nn.Tanh {
		t.Error("a wrong name was taken")
	}
	if _, err := nn.Activation(-1).MarshalText(); err == nil || nn.Activation(-1).String() != "Activation(-1)" {
		t.Error("a number without a name was written")
	}
}

package cswin

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// three is a model of three stages with all that can be dropped, whose second stage has one attention among all tokens.
func three() Config {
	c := tiny()
	c.Layers, c.Heads, c.Stripes, c.Dropout, c.AttentionDropout, c.DropPath = "2,1,1", "2,2,4", "2,3,1", 0.1, 0.1, 0.3
	return c
}

// TestRaggedIsOneByOne holds that an image has the same bits alone and among images of other sizes.
func TestRaggedIsOneByOne(t *testing.T) {
	for name, c := range map[string]Config{"tiny": tiny(), "three": three()} {
		m := mustNew(t, c, 1)
		stir(m, 2)
		all := logits(m, mustBatch(t, m, mixed()...))
		for i, image := range mixed() {
			if one := logits(m, mustBatch(t, m, image)); !slices.Equal(one.Row(0), all.Row(i)) {
				t.Errorf("%s: image %d: %v in the batch, %v alone", name, i, all.Row(i), one.Row(0))
			}
		}
		if none := logits(m, mustBatch(t, m)); none.Rows() != 0 || none.Cols() != 3 {
			t.Errorf("no images have the logits %v", none)
		}
	}
}

// TestRemainder holds that a narrower last stripe is one with masked tokens: a block gives a token of a 6 by 5 image what it
// gives it in stripes that were cut out and are images of their own, each direction by itself.
func TestRemainder(t *testing.T) {
	m := mustNew(t, tiny(), 1)
	stir(m, 2)
	a := m.Stages[0].Blocks[0].Attention
	rows := tensor.New(30, 8)
	copy(rows.Data(), noise(30, 8, 1, 1).Pixels)
	run := func(x *tensor.Tensor, height, width int) *tensor.Tensor {
		tape.Begin(tensor.Pass{})
		grid := tensor.NewGrid(1, tensor.Size{Height: height, Width: width})
		op := *a
		op.Out = &nn.Linear{Weight: tensor.New(8, 8), Bias: tensor.New(8)} // the identity
		for i := range 8 {
			op.Out.Weight.Set(1, i, i)
		}
		return op.apply(tape, tape.Const(x), &place{grid: grid, offsets: grid.Offsets()}).Value().Clone()
	}
	all := run(rows, 6, 5)
	column := tensor.New(6, 8) // the last vertical stripe is one token wide
	for y := range 6 {
		copy(column.Row(y), rows.Row(y*5+4))
	}
	for y, alone := 0, run(column, 6, 1); y < 6; y++ {
		if !slices.Equal(alone.Row(y)[:4], all.Row(y*5 + 4)[:4]) {
			t.Errorf("token %d of the last stripe: %v in the image, %v alone", y, all.Row(y*5 + 4)[:4], alone.Row(y)[:4])
		}
	}
}

// TestProcessors holds that results and gradients have the same bits at any number of processors, and a step done again the
// same too.
func TestProcessors(t *testing.T) {
	m := mustNew(t, three(), 1)
	stir(m, 2)
	b := mustBatch(t, m, mixed()...)
	run := func() []float32 {
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1, Step: 4})
		pred := m.Forward(tp, b)
		all := slices.Clone(pred.Data())
		tp.Backward(nn.CrossEntropy{}.Loss(tp, pred, b.Targets()))
		for _, p := range nn.Collect(m).Trainable() {
			all = append(all, tp.Grad(p.Tensor)...)
		}
		return all
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	want := run()
	for _, n := range []int{1, 3} {
		runtime.GOMAXPROCS(n)
		if !slices.Equal(run(), want) {
			t.Errorf("other bits at GOMAXPROCS %d", n)
		}
	}
}

// TestGradients holds the gradients of all parameters against central differences of the loss. These are of float32 passes;
// the parts are held against float64 in their packages, and all gradients against the official code in the goldens.
func TestGradients(t *testing.T) {
	c := three()
	c.Layers, c.Dropout, c.AttentionDropout, c.DropPath = "1,1,1", 0, 0, 0
	m := mustNew(t, c, 1)
	b := mustBatch(t, m, noise(24, 20, 2, 1), noise(3, 30, 2, 2))
	loss := func() float64 {
		tape.Begin(tensor.Pass{})
		return float64(nn.CrossEntropy{}.Loss(tape, m.Forward(tape, b), b.Targets()).Data()[0])
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	tp.Backward(nn.CrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets()))
	for _, p := range nn.Collect(m).Trainable() {
		g, x := tp.Grad(p.Tensor), p.Tensor.Data()
		for _, i := range []int{0, len(x) / 2, len(x) - 1} {
			const step = 4e-3
			was := x[i]
			x[i] = was + step
			up := loss()
			x[i] = was - step
			down := loss()
			x[i] = was
			if want := (up - down) / (2 * step); math.Abs(float64(g[i])-want) > 2e-3*max(1, math.Abs(want)) {
				t.Errorf("%s[%d]: gradient %v, want %v", p.Path, i, g[i], want)
			}
		}
	}
}

// TestAllocations holds that a steady state allocates nothing, in training and in evaluation.
func TestAllocations(t *testing.T) {
	m := mustNew(t, three(), 1)
	b := mustBatch(t, m, noise(24, 20, 2, 1), noise(24, 20, 2, 2))
	for name, pass := range map[string]tensor.Pass{"evaluation": {}, "training": {Train: true, Grad: true}} {
		tp := tensor.NewTape()
		step := func() {
			tp.Begin(pass)
			pred := m.Forward(tp, b)
			if pass.Grad {
				tp.Backward(tp.Mean(tp.Square(pred)))
			}
		}
		for range 3 {
			step()
		}
		if n := testing.AllocsPerRun(5, step); n > 0 {
			t.Errorf("%s: %v allocations in a pass, want none", name, n)
		}
	}
}

// TestRefusals holds what is said of images and batches that a model cannot read.
func TestRefusals(t *testing.T) {
	m := mustNew(t, tiny(), 1)
	_, err := vision.NewBatch(m, []vision.Image{noise(24, 20, 2, 1), noise(2, 30, 2, 1)})
	want := "vision: image 1: it is 2 pixels high and 30 wide: want at least 3 each, for patches of 7 with a stride of 4"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err = vision.NewBatch(m, []vision.Image{noise(24, 20, 3, 1)}); err == nil || !strings.Contains(err.Error(), "channels") {
		t.Errorf("three channels where two are wanted: %v", err)
	}
	defer func() {
		if r := recover(); r != "cswin: Forward: got a <nil>, want a *vision.Batch" {
			t.Errorf("the panic is %v", r)
		}
	}()
	m.Forward(tape, nil)
}

// TestOverlappingPatches holds that a vision.Model can begin as a CSWin does.
func TestOverlappingPatches(t *testing.T) {
	v, err := vision.New(vision.Config{Classes: 3, Channels: 2, ImageHeight: 24, Layers: 1, Width: 8, Heads: 2, Patching: OverlappingPatches{}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if grid, err := v.Stem.Grid(tensor.Size{Height: 24, Width: 9}); err != nil || grid != (tensor.Size{Height: 6, Width: 2}) {
		t.Errorf("an image of 24 by 9 pixels has %v tokens (%v), want 6x2", grid, err)
	}
	if b := mustBatch(t, v, noise(24, 24, 2, 1)); logits(v, b).Cols() != 3 {
		t.Error("no logits")
	}
	if _, err := (OverlappingPatches{Kernel: -1}).New(2, 8, nn.NewInit(1)); err == nil || !strings.Contains(err.Error(), "kernel -1") {
		t.Errorf("a kernel of -1: %v", err)
	}
}

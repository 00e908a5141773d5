package twins

import (
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/polyphase"
)

// TestShifts holds that logits of every whole-pixel circular shift of an image are those of the image: to rounding where
// phases are anchored, since keys of sub-sampled attention and tokens of the mean are summed in another order, bit for bit
// where a pixel is; and that without anchoring they are not.
func TestShifts(t *testing.T) {
	for name, c := range map[string]Config{"tiny": tiny(), "odd": odd()} {
		for _, to := range []polyphase.To{polyphase.ToPhase, polyphase.ToPixel, polyphase.Nowhere} {
			m := mustNew(t, anchored(c, to))
			source := vision.Slice{noise(c.ImageHeight, c.ImageWidth, 2, 1)}
			if name == "tiny" {
				source = append(source, noise(8, 16, 2, 2))
			}
			got, err := polyphase.Study{Every: true}.Measure(context.Background(), m, source)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, anchored to %v: %+v", name, to, got)
			if to == polyphase.ToPixel && got.Change != 0 || to == polyphase.ToPhase && got.Change > 1e-5 || to == polyphase.Nowhere && got.Change < 1e-2 {
				t.Errorf("%s, anchored to %v: logits of shifts differ by %v", name, to, got.Change)
			}
			if to != polyphase.Nowhere && (got.Consistency != 1 || got.Kept != 1) {
				t.Errorf("%s, anchored to %v: %+v", name, to, got)
			}
		}
	}
}

// TestRollBetweenStages holds that a roll before the patches of a later stage is there where it is wanted alone.
func TestRollBetweenStages(t *testing.T) {
	for _, c := range []struct {
		config Config
		to     polyphase.To
	}{{tiny(), polyphase.Nowhere}, {odd(), polyphase.ToPhase}, {anchored(odd(), polyphase.Nowhere), polyphase.Nowhere}, {anchored(odd(), polyphase.ToPixel), polyphase.ToPhase}} {
		m := mustNew(t, c.config)
		if got := m.Stages[1].anchor; got.To != c.to {
			t.Errorf("windows %s, reductions %s, anchored to %v: the second stage is anchored to %v, want %v", c.config.Windows, c.config.Reductions, c.config.Anchor, got.To, c.to)
		}
	}
	for _, c := range []Config{S(), B(), L()} {
		for s, stage := range c.WithDefaults().stages()[1:] {
			if stage.anchor != polyphase.Nowhere {
				t.Errorf("layers %s: stage %d has a roll of its own, as no published model has", c.Layers, s+2)
			}
		}
	}
}

// TestRaggedIsOneByOne holds that an image has the same bits alone and among images of other sizes.
func TestRaggedIsOneByOne(t *testing.T) {
	for _, to := range []polyphase.To{polyphase.ToPhase, polyphase.Nowhere} {
		m, images := mustNew(t, anchored(tiny(), to)), mixed()
		if to == polyphase.Nowhere {
			images = plain()
		}
		all := logits(m, mustBatch(t, m, images...))
		for i, image := range images {
			if one := logits(m, mustBatch(t, m, image)); !slices.Equal(one.Row(0), all.Row(i)) {
				t.Errorf("%v: image %d: %v in the batch, %v alone", to, i, all.Row(i), one.Row(0))
			}
		}
		if none := logits(m, mustBatch(t, m)); none.Rows() != 0 || none.Cols() != 3 {
			t.Errorf("no images have the logits %v", none)
		}
	}
}

// TestSameStart holds that models that differ in the anchoring alone begin with the same numbers.
func TestSameStart(t *testing.T) {
	a, b := mustNew(t, tiny()), mustNew(t, anchored(tiny(), polyphase.Nowhere))
	other := nn.Collect(b).Trainable()
	for i, p := range nn.Collect(a).Trainable() {
		if other[i].Path != p.Path || !slices.Equal(other[i].Tensor.Data(), p.Tensor.Data()) {
			t.Errorf("%s differs", p.Path)
		}
	}
}

// TestProcessors holds that results and gradients have the same bits at any number of processors.
func TestProcessors(t *testing.T) {
	m := mustNew(t, dropping())
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
// all gradients are held against the official code in the goldens.
func TestGradients(t *testing.T) {
	for name, c := range map[string]Config{"tiny": tiny(), "odd": odd(), "plain": anchored(tiny(), polyphase.Nowhere)} {
		m := mustNew(t, c)
		images := []vision.Image{noise(c.ImageHeight, c.ImageWidth, 2, 1)}
		if c.Anchor == polyphase.Nowhere {
			images = []vision.Image{noise(7, 5, 2, 1), noise(9, 11, 2, 2)}
		}
		b := mustBatch(t, m, images...)
		loss := func() float64 {
			tape.Begin(tensor.Pass{})
			return float64(nn.CrossEntropy{}.Loss(tape, m.Forward(tape, b), b.Targets()).Data()[0])
		}
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		tp.Backward(nn.CrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets()))
		for _, p := range nn.Collect(m).Trainable() {
			g, x := tp.Grad(p.Tensor), p.Tensor.Data()
			for _, i := range []int{0, len(x) - 1} {
				const step = 2e-3 // a larger one may change which phase is the strongest
				was := x[i]
				x[i] = was + step
				up := loss()
				x[i] = was - step
				down := loss()
				x[i] = was
				if want := (up - down) / (2 * step); math.Abs(float64(g[i])-want) > 3e-3*max(1, math.Abs(want)) {
					t.Errorf("%s: %s[%d]: gradient %v, want %v", name, p.Path, i, g[i], want)
				}
			}
		}
	}
}

// TestAllocations holds that a steady state allocates nothing, in training and in evaluation.
func TestAllocations(t *testing.T) {
	m := mustNew(t, dropping())
	b := mustBatch(t, m, noise(16, 8, 2, 1), noise(16, 8, 2, 2))
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
	m := mustNew(t, tiny())
	for want, image := range map[string]vision.Image{
		"vision: image 0: twins: stage 1, 17x8 pixels: patches of 2 do not divide them, so that an anchored model cannot have them: choose patches that do, or resize images, or anchor: none":      noise(17, 8, 2, 1),
		"vision: image 0: twins: stage 1, 6x4 tokens: windows of 4 do not divide them, so that an anchored model cannot have them: choose windows that do, or resize images, or anchor: none":       noise(12, 8, 2, 1),
		"vision: image 0: twins: stage 1, 1x8 pixels: patches of 2 do not fit: choose smaller ones, or larger images":                                                                               noise(1, 8, 2, 1),
		"vision: image 0: twins: stage 1, 3x4 tokens: reductions of 2 do not divide them, so that an anchored model cannot have them: choose reductions that do, or resize images, or anchor: none": noise(6, 8, 2, 1),
	} {
		if _, err := vision.NewBatch(m, []vision.Image{image}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := vision.NewBatch(m, []vision.Image{noise(16, 8, 3, 1)}); err == nil || !strings.Contains(err.Error(), "channels") {
		t.Errorf("three channels where two are wanted: %v", err)
	}
	defer func() {
		if r := recover(); r != "twins: Forward: got a <nil>, want a *vision.Batch" {
			t.Errorf("the panic is %v", r)
		}
	}()
	m.Forward(tape, nil)
}

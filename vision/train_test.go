package vision_test

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
	"github.com/graft-ml/graft/vision"
)

// stripes are images of stripes, lying, standing or slanted, of random phase and width, with some noise.
func stripes(n, size int, seed uint64) vision.Slice {
	rng := rand.New(rand.NewPCG(seed, 0))
	list := make(vision.Slice, n)
	for i := range list {
		m := vision.Image{Height: size, Width: size, Channels: 1, Label: i % 3}
		phase, wave := 2*math.Pi*rng.Float64(), 0.8+0.8*rng.Float64()
		down, across := []float64{1, 0, 0.7}[m.Label], []float64{0, 1, 0.7}[m.Label]
		for y := range size {
			for x := range size {
				v := math.Sin(phase+wave*(down*float64(y)+across*float64(x))) + 0.2*rng.NormFloat64()
				m.Pixels = append(m.Pixels, float32(v))
			}
		}
		list[i] = m
	}
	return list
}

func stripesConfig() vision.Config {
	return vision.Config{Classes: 3, Channels: 1, ImageHeight: 12, PatchHeight: 4, Layers: 2, Width: 24, Heads: 2, FFNRatio: 2}
}

func fit(t *testing.T, c vision.Config, epochs int) (*vision.Model, *train.Result) {
	t.Helper()
	m := mustNew(t, c, 1)
	task := train.Task{Model: m, Loss: nn.SoftCrossEntropy{Smoothing: 0.1}, Metric: train.Accuracy{}}
	for data, source := range map[*train.Data]vision.Source{&task.Train: stripes(240, 12, 1), &task.Val: stripes(60, 12, 2), &task.Test: stripes(90, 12, 3)} {
		d, err := vision.NewData(m, source)
		if err != nil {
			t.Fatal(err)
		}
		*data = d
	}
	result, err := train.Fit(context.Background(), task, train.Options{Epochs: epochs, BatchSize: 16, LR: 5e-3, WeightDecay: 0.01, Clip: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m, result
}

// TestLearnsStripes: a small model tells the direction of stripes that it has not seen, and goes on doing so in larger
// images.
func TestLearnsStripes(t *testing.T) {
	c := stripesConfig()
	c.Encoding = encodings.AxialRoPE{}
	m, result := fit(t, c, 8)
	if got := result.Test.Value("accuracy"); got < 0.95 {
		t.Errorf("accuracy %v of new images, want 0.95", got)
	}
	large := stripes(60, 20, 4)
	y := logits(m, mustBatch(t, m, large...))
	right := 0
	for i := range large {
		if train.PredictedClass(y.Row(i)) == large[i].Label {
			right++
		}
	}
	if right < 50 {
		t.Errorf("%d of 60 larger images are right, want 50", right)
	}
}

// TestLearnsLinear: so does LightNet's attention, with its encoding.
func TestLearnsLinear(t *testing.T) {
	c := stripesConfig()
	c.Encoding, c.Attention, c.Pooling = encodings.MDLRPE{}, vision.Linear, vision.MeanPool
	if _, result := fit(t, c, 8); result.Test.Value("accuracy") < 0.95 {
		t.Errorf("accuracy %v of new images, want 0.95", result.Test.Value("accuracy"))
	}
}

// TestLossParts: the losses of an encoding join the gradient and are told.
func TestLossParts(t *testing.T) {
	c := tiny()
	c.Encoding = encodings.SeqPE{Axes: 2, Width: 8, Heads: 1, Layers: 1, MaxPosition: 30}
	m := mustNew(t, c, 1)
	b := mustBatch(t, m, mixed()...)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1})
	tp.Backward(nn.SoftCrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets()))
	parts := m.LossParts(tp)
	if len(parts) != 1 || parts[0].Name != "seqpe" || !(parts[0].Value > 0) {
		t.Errorf("%+v", parts)
	}
	for _, p := range nn.Collect(m).Trainable() {
		if !slices.ContainsFunc(tp.Grad(p.Tensor), func(g float32) bool { return g != 0 }) {
			t.Errorf("%s gets no gradient", p.Path)
		}
	}
	if got := m.LossParts(tensor.NewTape()); got != nil {
		t.Errorf("another tape has %+v", got)
	}
}

// TestDeterminism: the same seed gives the same model, answers and gradients at any number of processors; another one does
// not.
func TestDeterminism(t *testing.T) {
	c := tiny()
	c.Dropout, c.DropPath, c.AttentionDropout = 0.1, 0.3, 0.1
	run := func(seed uint64, processors int) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		m := mustNew(t, c, seed)
		b := mustBatch(t, m, mixed()...)
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: seed})
		y := m.Forward(tp, b).Keep()
		tp.Backward(nn.SoftCrossEntropy{}.Loss(tp, y, b.Targets()))
		all := slices.Clone(y.Data())
		for _, p := range nn.Collect(m).Trainable() {
			all = append(all, tp.Grad(p.Tensor)...)
		}
		return all
	}
	one := run(1, 1)
	if !slices.Equal(one, run(1, 3)) {
		t.Error("three processors give other bits than one")
	}
	if slices.Equal(one, run(2, 1)) {
		t.Error("another seed gives the same")
	}
}

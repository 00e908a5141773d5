package dit

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

func filled(seed uint64, shape ...int) *tensor.Tensor {
	x, r := tensor.New(shape...), rand.New(rand.NewPCG(seed, 1))
	for i := range x.Data() {
		x.Data()[i] = float32(r.NormFloat64())
	}
	return x
}

var toy = Config{Width: 32, Heads: 2, TimeWidth: 6, FFNWidth: 40}

func mustBlock(t testing.TB, c Config) *Block {
	t.Helper()
	b, err := NewBlock(c, nn.NewInit(3))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{toy, ""},
		{Config{Width: 32, Heads: 5, TimeWidth: 6}, "5 heads do not divide Width 32"},
		{Config{Width: 32, Heads: 2}, "TimeWidth 0"},
		{Config{Width: 32, Heads: 2, TimeWidth: 6, FFNWidth: -1}, "FFNWidth -1"},
	} {
		_, err := NewBlock(c.config, nn.NewInit(1))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.config, err, c.want)
		}
	}
	if p := Published7B(); p.FFNWidth != 12288 || p.Validate() != nil {
		t.Errorf("published: %+v", p)
	}
	for dim, want := range map[int]Split{64: {[3]int{16, 24, 24}, [4]int{16, 16, 16, 16}}} {
		if got := Split7B(dim); got != want {
			t.Errorf("Split7B(%d) = %v, want %v", dim, got, want)
		}
	}
}

// run gives the result of items videos of the given places among many.
func run(t *testing.T, b *Block, from, items int) []float32 {
	t.Helper()
	pose := [][3]float64{{0, 100, 3}, {20, -100, 0}, {-20, 0, 5}}
	vision, moving := mustLayout(t)(VisionLayout(items, 2, 2, 2)), mustLayout(t)(MotionLayout(items, 2, pose))
	tp, p := places(t, Split7B(16), 2, 16, vision, moving)
	part := func(all *tensor.Tensor, each int) *tensor.Var {
		return tp.Const(tensor.FromSlice(all.Data()[from*each*all.Cols():(from+items)*each*all.Cols()], items*each, all.Cols()))
	}
	y := b.Apply(tp, part(filled(1, 4*8, 32), 8), part(filled(2, 4*6, 32), 6), part(filled(3, 4, 6), 1), p)
	return slices.Clone(y.Data())
}

// TestOneByOne: videos in a batch come out as they do alone, to the bit, at any number of processors.
func TestOneByOne(t *testing.T) {
	b := mustBlock(t, toy)
	all := run(t, b, 0, 4)
	var single []float32
	for k := range 4 {
		single = append(single, run(t, b, k, 1)...)
	}
	if !slices.Equal(all, single) {
		t.Error("a batch differs from its videos one by one")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if !slices.Equal(all, run(t, b, 0, 4)) {
		t.Error("one processor gives other bits")
	}
}

// TestNoMotion: without motion attention there are no parameters for it, and motion tokens do not matter.
func TestNoMotion(t *testing.T) {
	c := toy
	c.NoMotion = true
	b := mustBlock(t, c)
	for _, p := range nn.Collect(b).All() {
		if strings.HasPrefix(p.Path, "motion.") {
			t.Errorf("parameter %s", p.Path)
		}
	}
	vision, moving := mustLayout(t)(VisionLayout(1, 2, 2, 2)), mustLayout(t)(MotionLayout(1, 0, nil))
	tp, p := places(t, Split7B(16), 2, 16, vision, moving)
	y := b.Apply(tp, tp.Const(filled(1, 8, 32)), nil, tp.Const(filled(3, 1, 6)), p)
	if y.Rows() != 8 {
		t.Errorf("%d tokens, want 8", y.Rows())
	}
}

// TestEveryParameterLearns: no parameter is without a gradient.
func TestEveryParameterLearns(t *testing.T) {
	b := mustBlock(t, toy)
	vision, moving := mustLayout(t)(VisionLayout(2, 1, 3, 2)), mustLayout(t)(MotionLayout(2, 1, make([][3]float64, 5)))
	tp, p := places(t, Split7B(16), 2, 16, vision, moving)
	y := b.Apply(tp, tp.Const(filled(1, 12, 32)), tp.Const(filled(2, 10, 32)), tp.Const(filled(3, 2, 6)), p)
	tp.Backward(tp.Sum(tp.Mul(y, tp.Const(filled(4, 12, 32)))))
	for _, n := range nn.Collect(b).Trainable() {
		if g := tp.Grad(n.Tensor); !slices.ContainsFunc(g, func(v float32) bool { return v != 0 }) {
			t.Errorf("%s has no gradient", n.Path)
		}
	}
}

func TestRefusals(t *testing.T) {
	r, err := NewRotary(Split7B(16), 2, 16)
	if err != nil {
		t.Fatal(err)
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	one, two := mustLayout(t)(VisionLayout(1, 2, 2, 2)), mustLayout(t)(MotionLayout(2, 2, make([][3]float64, 3)))
	if _, err := r.Begin(tp, one, two); err == nil || !strings.Contains(err.Error(), "1 videos and 2 clips") {
		t.Errorf("one video, two clips: %v", err)
	}
	if _, err := r.Begin(tp, two, two); err == nil || !strings.Contains(err.Error(), "vision tokens") {
		t.Errorf("points for vision: %v", err)
	}
	if _, err := MotionLayout(-1, 2, nil); err == nil {
		t.Error("-1 clips were laid out")
	}
	if _, err := NewRotary(Split{}, 2, 16); err == nil {
		t.Error("a split of nothing was taken")
	}
}

func TestLoadOfficial(t *testing.T) {
	b, state := mustBlock(t, toy), map[string]*tensor.Tensor{}
	for k, line := range b.Official("blocks.0.") {
		state[line.Name] = filled(uint64(k), line.shape()...)
	}
	state["blocks.1.ff.net.2.bias"] = tensor.New(1) // of another block
	if err := b.LoadOfficial(state, "blocks.0."); err != nil {
		t.Fatal(err)
	}
	if got, want := b.SelfModulation.Time.Weight.Data(), state["blocks.0.norm1.linear.weight"].Data(); !slices.Equal(got, want[:len(got)]) {
		t.Error("the first half of the modulation was not read")
	}
	before := slices.Clone(b.Motion.Query.Weight.Data())
	state["blocks.0.attn0.to_q.weight"] = filled(99, 3, 3)
	state["blocks.0.attn9"] = tensor.New(1)
	delete(state, "blocks.0.norm2.norm.bias")
	err := b.LoadOfficial(state, "blocks.0.")
	for _, want := range []string{"missing blocks.0.norm2.norm.bias", "unexpected blocks.0.attn9", "blocks.0.attn0.to_q.weight has shape [3 3], want [32 32]"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	if !slices.Equal(before, b.Motion.Query.Weight.Data()) {
		t.Error("a refused state dict changed the block")
	}
}

func TestWrongRowsPanic(t *testing.T) {
	b := mustBlock(t, toy)
	tp, p := places(t, Split7B(16), 2, 16, mustLayout(t)(VisionLayout(1, 2, 2, 2)), mustLayout(t)(MotionLayout(1, 2, make([][3]float64, 3))))
	defer func() {
		if e, ok := recover().(string); !ok || !strings.HasPrefix(e, "dit: Block: 7 vision tokens") {
			t.Errorf("panic %v", e)
		}
	}()
	b.Apply(tp, tp.Const(tensor.New(7, 32)), tp.Const(tensor.New(6, 32)), tp.Const(tensor.New(1, 6)), p)
}

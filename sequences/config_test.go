package sequences_test

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
)

func TestDefaults(t *testing.T) {
	c := sequences.Config{Vocabulary: 100}.WithDefaults()
	if c.Layers != 4 || c.Width != 256 || c.Heads != 8 || c.KVHeads != 8 || c.HeadDim != 32 || c.FeedForwardWidth != 688 ||
		c.NormEps != 1e-5 || c.EmbeddingScale != 1 || c.ResidualScale != 1 || c.LogitScale != 1 ||
		math.Abs(c.AttentionScale-1/math.Sqrt(32)) > 1e-15 || c.InitStd != 0.02 {
		t.Errorf("defaults %+v", c)
	}
	if _, ok := c.Encoding.(encodings.RoPE); !ok {
		t.Errorf("the default encoding is %T", c.Encoding)
	}
	if c := (sequences.Config{FeedForward: sequences.ReLU, Width: 48}).WithDefaults(); c.FeedForwardWidth != 192 {
		t.Errorf("a plain feed-forward part of width %d", c.FeedForwardWidth)
	}
	if c := (sequences.Config{Init: sequences.T5Init}).WithDefaults(); c.InitStd != 1 {
		t.Errorf("T5's token table has a deviation of %v", c.InitStd)
	}
	if err := (sequences.Config{Vocabulary: 2}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	for _, e := range []struct {
		change func(c *sequences.Config)
		want   string
	}{
		{func(c *sequences.Config) { c.Vocabulary = 0 }, "vocabulary is not set"},
		{func(c *sequences.Config) { c.Vocabulary = 1 }, "vocabulary is 1: want 2 to 16777216"},
		{func(c *sequences.Config) { c.Vocabulary = 1 << 25 }, "vocabulary is 33554432"},
		{func(c *sequences.Config) { c.Layers = -1 }, "layers is -1"},
		{func(c *sequences.Config) { c.Width = -8 }, "width is -8"},
		{func(c *sequences.Config) { c.Heads = -2 }, "heads is -2"},
		{func(c *sequences.Config) { c.KVHeads = -2 }, "kvHeads is -2"},
		{func(c *sequences.Config) { c.HeadDim = -2 }, "headDim is -2"},
		{func(c *sequences.Config) { c.FeedForwardWidth = -2 }, "feedForwardWidth is -2"},
		{func(c *sequences.Config) { c.MaxLength = -2 }, "maxLength is -2"},
		{func(c *sequences.Config) { c.Heads = 7 }, "heads 7 do not divide width 256"},
		{func(c *sequences.Config) { c.KVHeads = 3 }, "kvHeads 3 do not divide heads, 8 by default"},
		{func(c *sequences.Config) { c.Heads, c.KVHeads = 4, 3 }, "kvHeads 3 do not divide heads 4"},
		{func(c *sequences.Config) { c.Dropout = 1 }, "dropout is 1"},
		{func(c *sequences.Config) { c.AttentionDropout = -0.1 }, "attentionDropout is -0.1"},
		{func(c *sequences.Config) { c.FeedForwardDropout = math.NaN() }, "feedForwardDropout is NaN"},
		{func(c *sequences.Config) { c.OutputDropout = 2 }, "outputDropout is 2"},
		{func(c *sequences.Config) { c.NormEps = -1 }, "normEps is -1"},
		{func(c *sequences.Config) { c.LogitScale = math.Inf(1) }, "logitScale is +Inf"},
		{func(c *sequences.Config) { c.AttentionScale = math.NaN() }, "attentionScale is NaN"},
		{func(c *sequences.Config) { c.SoftCap = -1 }, "softCap is -1"},
		{func(c *sequences.Config) { c.FeedForward = 99 }, "feedForward is FeedForward(99)"},
		{func(c *sequences.Config) { c.Norm = -1 }, "norm is Norm(-1)"},
		{func(c *sequences.Config) { c.Init = 7 }, "init is Init(7)"},
	} {
		c := sequences.Config{Vocabulary: 10}
		e.change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), "sequences: "+e.want) {
			t.Errorf("%v, want %q", err, e.want)
		}
		if _, err := sequences.New(c, 1); err == nil {
			t.Errorf("New accepts what Validate refuses: %s", e.want)
		}
	}
	if _, err := sequences.New(sequences.Config{Vocabulary: 10, Width: 6, Heads: 2}, 1); err == nil || !strings.Contains(err.Error(), "rope") {
		t.Errorf("heads of odd width with a rotation: %v", err)
	}
	if err := (sequences.Config{Vocabulary: 10, Heads: 3, HeadDim: 16}).Validate(); err != nil {
		t.Errorf("heads whose dims are given need not divide the width: %v", err)
	}
}

func TestNames(t *testing.T) {
	for f := sequences.SwiGLU; f <= sequences.SquaredReLU; f++ {
		text, err := f.MarshalText()
		var back sequences.FeedForward
		if err != nil || back.UnmarshalText(text) != nil || back != f || f.String() != string(text) {
			t.Errorf("%v: %q, %v", f, text, err)
		}
	}
	var n sequences.Norm
	if err := n.UnmarshalText([]byte("layer")); err != nil || n != sequences.LayerNorm {
		t.Errorf("%v, %v", n, err)
	}
	var i sequences.Init
	if err := i.UnmarshalText([]byte("t5")); err != nil || i != sequences.T5Init {
		t.Errorf("%v, %v", i, err)
	}
	for _, err := range []error{n.UnmarshalText([]byte("lawyer")), i.UnmarshalText([]byte("t4")), new(sequences.FeedForward).UnmarshalText([]byte("swigl"))} {
		if err == nil || !strings.Contains(err.Error(), "did you mean") {
			t.Errorf("an unknown name: %v", err)
		}
	}
}

// TestParameterCounts: published numbers of parameters, 109.6 million for the study's decoder with its tied table. They are
// extrapolated from models of few layers and tokens.
func TestParameterCounts(t *testing.T) {
	for _, e := range []struct {
		name   string
		config sequences.Config
		want   int
	}{
		{"T5 decoder", sequences.T5Decoder(sequences.Config{Encoding: encodings.None{}}), 109_606_656},
		{"GPT-2", sequences.GPT2(sequences.Config{}), 124_439_808},
	} {
		count := func(layers int) int {
			c := e.config
			c.Layers, c.Vocabulary = layers, 2
			return nn.Collect(newModel(t, c, 1)).Count() + (e.config.Vocabulary-2)*c.Width
		}
		one := count(1)
		if got := one + (e.config.Layers-1)*(count(2)-one); got != e.want {
			t.Errorf("%s: %d parameters, want %d", e.name, got, e.want)
		}
	}
}

// TestInit: deviations of the parameters as drawn, and the same numbers whatever the encoding.
func TestInit(t *testing.T) {
	deviation := func(m *sequences.Model, path string) float64 {
		sum := 0.0
		values := nn.Collect(m).Find(path).Data()
		for _, v := range values {
			sum += float64(v) * float64(v)
		}
		return math.Sqrt(sum / float64(len(values)))
	}
	size := sequences.Config{Vocabulary: 200, Layers: 2, Width: 64, Heads: 4, FeedForwardWidth: 96, Encoding: encodings.None{}}
	for _, e := range []struct {
		config sequences.Config
		want   map[string]float64
	}{
		{sequences.LLaMA(size), map[string]float64{"embedding.table": 0.02, "block.0.attention.query.weight": 0.02, "block.1.feed_forward.down.weight": 0.02, "head.weight": 0.02}},
		{sequences.GPT2(size), map[string]float64{"embedding.table": 0.02, "block.0.attention.key.weight": 0.02, "block.1.feed_forward.down.weight": 0.01, "block.0.attention.output.weight": 0.01}},
		{sequences.T5Decoder(size), map[string]float64{"embedding.table": 1, "block.0.attention.query.weight": 1.0 / 32, "block.0.attention.key.weight": 1.0 / 8,
			"block.0.attention.output.weight": 1.0 / 8, "block.1.feed_forward.up.weight": 1.0 / 8, "block.1.feed_forward.down.weight": 1 / math.Sqrt(256)}},
	} {
		e.config.FeedForwardWidth = 256
		m := newModel(t, e.config, 1)
		for path, want := range e.want {
			if got := deviation(m, path); math.Abs(got/want-1) > 0.05 {
				t.Errorf("%v: %s has deviation %v, want %v", e.config.Init, path, got, want)
			}
		}
	}
	a, b := toy(encodings.None{}), toy(encodings.Learned{})
	one, two := newModel(t, a, 5), newModel(t, b, 5)
	for _, p := range nn.Collect(one).All() {
		if other := nn.Collect(two).Find(p.Path); other == nil || !sameBits(p.Tensor.Data(), other.Data()) {
			t.Errorf("%s differs between encodings", p.Path)
		}
	}
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

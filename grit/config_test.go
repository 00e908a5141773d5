package grit_test

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/grit"
)

func TestValidate(t *testing.T) {
	for _, e := range []struct {
		change func(c *grit.Config)
		want   string // the whole message; "" for none
	}{
		{func(c *grit.Config) {}, ""},
		{func(c *grit.Config) { c.Layers = -1 }, "grit: layers is -1: want a positive number, or 0 for the default"},
		{func(c *grit.Config) { c.Width = -8 }, "grit: width is -8: want a positive number, or 0 for the default"},
		{func(c *grit.Config) { c.Heads = -2 }, "grit: heads is -2: want a positive number, or 0 for the default"},
		{func(c *grit.Config) { c.Steps = -2 }, "grit: steps is -2: want a positive number, or 0 for the default"},
		{func(c *grit.Config) { c.Steps = 1 }, "grit: steps is 1: want at least 2, the walks of length 0 and 1"},
		{func(c *grit.Config) { c.Steps = 2 }, ""},
		{func(c *grit.Config) { c.NodeTypes = -1 }, "grit: nodeTypes is -1: want a positive number, or 0 for the default"},
		{func(c *grit.Config) { c.EdgeTypes = -1 }, "grit: edgeTypes is -1: want a positive number, or 0 for the default"},
		{func(c *grit.Config) { c.NodeFeatures = -1 }, "grit: nodeFeatures is -1: want a positive number, or 0 for the default"},
		{func(c *grit.Config) { c.EdgeFeatures = -1 }, "grit: edgeFeatures is -1: want a positive number, or 0 for the default"},
		{func(c *grit.Config) { c.HeadLayers = -1 }, "grit: headLayers is -1: want a positive number, or 0 for the default"},
		{func(c *grit.Config) { c.Outputs = -1 }, "grit: outputs is -1: want a positive number, or 0 for the default"},
		{func(c *grit.Config) { c.Heads = 7 }, "grit: heads 7 do not divide width 64: choose a width that is a multiple of heads"},
		{func(c *grit.Config) { c.Dropout = 1 }, "grit: dropout is 1: want a probability below 1"},
		{func(c *grit.Config) { c.Dropout = math.NaN() }, "grit: dropout is NaN: want a probability below 1"},
		{func(c *grit.Config) { c.AttentionDropout = -0.1 }, "grit: attentionDropout is -0.1: want a probability below 1"},
		{func(c *grit.Config) { c.AttentionDropout = 0.999 }, ""},
		{func(c *grit.Config) { c.NormMomentum = -0.1 }, "grit: normMomentum is -0.1: want a number above 0 and at most 1"},
		{func(c *grit.Config) { c.NormMomentum = 1.1 }, "grit: normMomentum is 1.1: want a number above 0 and at most 1"},
		{func(c *grit.Config) { c.NormMomentum = 1 }, ""},
		{func(c *grit.Config) { c.Clamp = -1 }, ""},
		{func(c *grit.Config) { c.Clamp = math.NaN() }, "grit: clamp is NaN: want a number, 0 for the default or a negative one for no limit"},
		{func(c *grit.Config) { c.NodeEncoder = grit.LinearNodes }, "grit: nodeFeatures is 0: the linear node encoder wants the number of input features"},
		{func(c *grit.Config) { c.NodeEncoder, c.NodeFeatures = grit.LinearNodes, 1 }, ""},
		{func(c *grit.Config) { c.Width, c.Heads = 2, 1 }, "grit: width 2 is too small for the san head, which halves it twice: want at least 4"},
		{func(c *grit.Config) { c.Width, c.Heads, c.Head = 2, 1, grit.GraphHead }, ""},
		{func(c *grit.Config) { c.NodeEncoder = 4 }, "grit: nodeEncoder is NodeEncoder(4): want one of the values that have a name"},
		{func(c *grit.Config) { c.NodeEncoder = grit.ColumnNodes }, "grit: nodeColumns is empty and nodeFeatures is 0: the encoder of columns wants at least one of them"},
		{func(c *grit.Config) { c.EdgeEncoder = grit.ColumnEdges }, "grit: edgeColumns is empty and edgeFeatures is 0: the encoder of columns wants at least one of them"},
		{func(c *grit.Config) { c.NodeColumns = "3,0" }, `grit: nodeColumns: "0" is no size of a vocabulary: want numbers from 1 to 16777216 with commas between them, such as 119,8,7`},
		{func(c *grit.Config) { c.NodeEncoder, c.NodeColumns = grit.ColumnNodes, "3" }, ""},
		{func(c *grit.Config) { c.NodeEncoder, c.NodeFeatures = grit.ColumnNodes, 2 }, ""},
		{func(c *grit.Config) { c.NodeEncoder, c.NodeColumns, c.NodeFeatures = grit.ColumnNodes, "3,2,9", 2 }, ""},
		{func(c *grit.Config) { c.EdgeEncoder, c.EdgeColumns = grit.ColumnEdges, "3,5" }, ""},
		{func(c *grit.Config) { c.EdgeEncoder, c.EdgeColumns, c.EdgeFeatures = grit.ColumnEdges, "1", 3 }, ""},
		{func(c *grit.Config) { c.EdgeEncoder = -1 }, "grit: edgeEncoder is EdgeEncoder(-1): want one of the values that have a name"},
		{func(c *grit.Config) { c.Head = 4 }, "grit: head is Head(4): want one of the values that have a name"},
		{func(c *grit.Config) { c.Activation = 99 }, "grit: activation is Activation(99): want one of the values that have a name"},
		{func(c *grit.Config) { c.AttentionActivation = -1 }, "grit: attentionActivation is Activation(-1): want one of the values that have a name"},
		{func(c *grit.Config) { c.Pooling = 3 }, "grit: pooling is 3: want tensor.PoolSum, PoolMean or PoolMax"},
	} {
		var c grit.Config
		e.change(&c)
		got := ""
		if err := c.Validate(); err != nil {
			got = err.Error()
		}
		if got != e.want {
			t.Errorf("%+v: %q, want %q", c, got, e.want)
		}
		if e.want != "" {
			if _, err := grit.New(c, 1); err == nil || err.Error() != e.want {
				t.Errorf("New: %v, want %q", err, e.want)
			}
			continue
		}
		c.Layers = 1
		m := newModel(t, c, 1) // what is valid works
		predict(t, m, randomGraphs(c, 1)...)
	}
}

// TestDefaults: the zero configuration is that of ZINC but for its vocabularies, and filling in twice changes nothing.
func TestDefaults(t *testing.T) {
	got, want := grit.Config{}.WithDefaults(), grit.ZINC().WithDefaults()
	want.NodeTypes, want.EdgeTypes, want.AttentionDropout = 1, 1, 0
	if got != want {
		t.Errorf("defaults %+v, want %+v", got, want)
	}
	for _, p := range presets() {
		c := p.config.WithDefaults()
		if c != c.WithDefaults() {
			t.Errorf("%s: defaults are not stable", p.name)
		}
		if newModel(t, small(p.config), 1).Config != small(p.config).WithDefaults() {
			t.Errorf("%s: the model's configuration is not the one it was made of", p.name)
		}
	}
}

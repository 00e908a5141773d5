package twins

import (
	"math"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/vision/polyphase"
)

// TestPresets holds the parameters of the published models, in millions 24.06, 56.07 and 99.27 in timm's tables, and that
// those for small images read them.
func TestPresets(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		params int
	}{"S": {S(), 24060776}, "B": {B(), 56070952}, "L": {L(), 99271400}, "default": {Config{Classes: 1000}, 24060776}} {
		if err := c.config.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := paramsOf(c.config); n != c.params {
			t.Errorf("%s: %d parameters, want %d", name, n, c.params)
		}
	}
	for name, c := range map[string]Config{"Small28": Small28(), "Small32": Small32()} {
		m, err := New(c, 1)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n := nn.Collect(m).Count(); n != paramsOf(c) || n > 1e6 {
			t.Errorf("%s: %d parameters, %d counted", name, n, paramsOf(c))
		}
		if err := m.Accepts(c.ImageSize()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// paramsOf counts parameters from the published formulas, without making the model.
func paramsOf(c Config) (n int) {
	c = c.WithDefaults()
	in := c.Channels
	for _, s := range c.stages() {
		w, hidden := s.width, int(c.FFNRatio*float64(s.width))
		n += in*w*s.patch*s.patch + w + 2*w + 10*w // patches, norm, position
		for k := range s.layers {
			n += 4*w + 2*w*hidden + hidden + w + 4*w*w + 4*w
			if !s.windowed(k) && s.reduction > 1 {
				n += w*w*s.reduction*s.reduction + w + 2*w
			}
		}
		in = w
	}
	return n + 2*in + in*c.Classes + c.Classes
}

// TestValidate holds what is refused, and the words.
func TestValidate(t *testing.T) {
	for _, c := range []struct {
		set  func(c *Config)
		want string
	}{
		{func(c *Config) { c.Classes = 0 }, "twins: classes is not set: say how many classes there are"},
		{func(c *Config) { c.Classes = 1 }, "twins: classes is 1: want 2 to 16777216"},
		{func(c *Config) { c.Channels = -1 }, "twins: channels is -1: want 1 to 65536, or 0 for the default"},
		{func(c *Config) { c.ImageHeight = 222 }, "twins: images: stage 1, 222x224 pixels: patches of 4 do not divide them, so that an anchored model cannot have them: choose patches that do, or resize images, or anchor: none"},
		{func(c *Config) { c.ImageHeight, c.ImageWidth = 96, 96 }, "twins: images: stage 1, 24x24 tokens: windows of 7 do not divide them, so that an anchored model cannot have them: choose windows that do, or resize images, or anchor: none"},
		{func(c *Config) { c.ImageHeight, c.ImageWidth = 28, 28 }, "twins: images: stage 1, 7x7 tokens: reductions of 8 do not fit: choose smaller ones, or larger images"},
		{func(c *Config) { c.Anchor = 7 }, "twins: anchor is To(7): want one of the values that have a name"},
		{func(c *Config) { c.Heads = "2,4,8" }, "twins: heads 2,4,8 has numbers for 3 stages, and layers 2,2,10,4 has them for 4: want as many"},
		{func(c *Config) { c.Windows = "7,7,x,7" }, "twins: windows: \"x\" is no number of a stage: want numbers from 1 to 65536 with commas between them, such as 1,2,21,1"},
		{func(c *Config) { c.Heads = "3,4,8,16" }, "twins: heads 3 do not divide width 64 of stage 1: choose a width that is a multiple of heads"},
		{func(c *Config) { c.FFNRatio = 0.001 }, "twins: ffnRatio is 0.001: want a number that makes a hidden width of at least 1 of width 64; or 0 for the default"},
		{func(c *Config) { c.DropPath = 1 }, "twins: dropPath is 1: want a probability below 1"},
		{func(c *Config) { c.NormEps = math.Inf(1) }, "twins: normEps is +Inf: want a positive number, or 0 for the default"},
		{func(c *Config) { c.InitStd = -1 }, "twins: initStd is -1: want a positive number, or 0 for the default"},
	} {
		config := Config{Classes: 10, ImageHeight: 224, ImageWidth: 224}
		c.set(&config)
		if err := config.Validate(); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	for _, c := range []Config{{Classes: 2, ImageHeight: 97, Anchor: polyphase.Nowhere, Reductions: "2,2,1,1"}, {Classes: 2, Layers: "1", Reductions: "64"}} {
		if err := c.Validate(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestYAML holds that a configuration that was written is read as it was.
func TestYAML(t *testing.T) {
	for _, c := range []Config{{}, S(), anchored(dropping(), polyphase.ToPixel), anchored(odd(), polyphase.Nowhere).WithDefaults()} {
		text, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back Config
		if err := yaml.UnmarshalWithOptions(text, &back, yaml.Strict()); err != nil || back != c {
			t.Errorf("%+v was read of\n%s(%v), want %+v", back, text, err, c)
		}
	}
}

package cswin

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// count returns the number of parameters of a configuration by the sizes of its layers.
func count(c Config) (sum int) {
	c = c.WithDefaults()
	in, kernel := c.Channels, c.PatchKernel
	for _, s := range c.stages() {
		w, hidden := s.width, int(c.FFNRatio*float64(s.width))
		sum += (in*kernel*kernel+1)*w + 2*w // convolution and norm
		sum += s.layers * (4*w + 3*w*(w+1) + w*(w+1) + 10*w + hidden*(w+1) + w*(hidden+1))
		in, kernel = w, 3
	}
	return sum + 2*in + c.Classes*(in+1)
}

// The parameter counts of T, S and B are those of the official classes; that of L is given there as 173M. Large models
// are counted by their layers alone.
func TestPresets(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		count  int
	}{
		"T": {T(), 22320552}, "S": {S(), 34643304}, "B": {B(), 77382184}, "L": {L(), 173262664},
		"T at 384": {At384(T()), 22320552}, "B at 384": {At384(B()), 77382184},
		"small 28": {Small28(), 978442}, "small 32": {Small32(), 984714}, "fine 28": {Fine28(), 912250}, "fine 32": {Fine32(), 913114},
	} {
		if got := count(c.config); got != c.count {
			t.Errorf("CSWin-%s has %d parameters, want %d", name, got, c.count)
		}
		if err := c.config.Validate(); err != nil {
			t.Error(err)
		}
		if c.count < 3e7 && c.config.ImageHeight < 384 {
			if got := nn.Collect(mustNew(t, c.config, 1)).Count(); got != c.count {
				t.Errorf("CSWin-%s has %d parameters, want %d", name, got, c.count)
			}
		}
	}
}

// TestFullAttention holds which stages have one attention among all tokens.
func TestFullAttention(t *testing.T) {
	for want, c := range map[string]Config{
		"[false false false true]": T(), "[false false true true]": {ImageHeight: 112}, "[false true]": Small28(), "[false true true]": Fine32(),
		"[true true]": {ImageHeight: 28, ImageWidth: 20, Layers: "1,1", Stripes: "7,1"}, "[true]": {Layers: "3"},
	} {
		c.Classes = 2
		var got []bool
		for _, s := range c.WithDefaults().stages() {
			got = append(got, s.full)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%+v: %v, want %s", c, got, want)
		}
	}
	at := At384(B()).WithDefaults().stages()
	if at[2].full || at[2].stripe != 12 {
		t.Errorf("the third stage at 384 pixels is %+v", at[2])
	}
}

func TestValidate(t *testing.T) {
	for want, set := range map[string]func(c *Config){
		"classes is not set":                            func(c *Config) { c.Classes = 0 },
		"classes is 1: want 2 to 16777216":              func(c *Config) { c.Classes = 1 },
		"channels is -1":                                func(c *Config) { c.Channels = -1 },
		"imageHeight is -4":                             func(c *Config) { c.ImageHeight = -4 },
		"imageWidth is -4":                              func(c *Config) { c.ImageWidth = -4 },
		"images: it is 2 pixels high and 2 wide":        func(c *Config) { c.ImageHeight, c.ImageWidth = 2, 2 },
		"patchKernel is -1":                             func(c *Config) { c.PatchKernel = -1 },
		"patchStride is 9999":                           func(c *Config) { c.PatchStride = 9999 },
		"width is -8":                                   func(c *Config) { c.Width = -8 },
		"width 65536 doubles to 131072 in stage 2":      func(c *Config) { c.Width = 65536 },
		`layers: "x" is no number of a stage`:           func(c *Config) { c.Layers = "1,x" },
		`layers: "0" is no number of a stage`:           func(c *Config) { c.Layers = "0,1" },
		"layers: 17 stages: want at most 16":            func(c *Config) { c.Layers = "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1" },
		"heads 2,4,8 has numbers for 3 stages":          func(c *Config) { c.Heads = "2,4,8" },
		"stripes 1 has numbers for 1 stages":            func(c *Config) { c.Stripes = "1" },
		"heads is 1 in stage 1, whose vertical":         func(c *Config) { c.Heads = "1,4" },
		"heads 3 do not divide width 16 of stage 2":     func(c *Config) { c.Heads = "2,3" },
		"ffnRatio is -1":                                func(c *Config) { c.FFNRatio = -1 },
		"ffnRatio is +Inf":                              func(c *Config) { c.FFNRatio = math.Inf(1) },
		"dropout is 1: want a probability below 1":      func(c *Config) { c.Dropout = 1 },
		"attentionDropout is NaN":                       func(c *Config) { c.AttentionDropout = math.NaN() },
		"dropPath is -0.1":                              func(c *Config) { c.DropPath = -0.1 },
		"normEps is -1: want a positive number, or 0":   func(c *Config) { c.NormEps = -1 },
		"initStd is NaN: want a positive number, or 0 ": func(c *Config) { c.InitStd = math.NaN() },
	} {
		c := tiny()
		set(&c)
		_, err := New(c, 1)
		if err == nil || !strings.HasPrefix(err.Error(), "cswin: "+want) {
			t.Errorf("the error is %v, want one that begins with %q", err, want)
		}
	}
	if err := (Config{Classes: 2}).Validate(); err != nil {
		t.Errorf("the default is refused: %v", err)
	}
}

// seen is what a configuration leads to: parameters, and the logits of training passes over images of several sizes, or the
// refusal of one.
func seen(t *testing.T, c Config) string {
	m := mustNew(t, c, 1)
	var s strings.Builder
	for _, p := range nn.Collect(m).Trainable() {
		fmt.Fprintln(&s, p.Path, p.Tensor.Shape())
	}
	images := mixed()
	if c.Channels == 1 {
		images = []vision.Image{noise(24, 20, 1, 1)}
	}
	b, err := vision.NewBatch(m, images)
	if err != nil {
		return s.String() + err.Error()
	}
	for step := range uint64(4) {
		tape.Begin(tensor.Pass{Train: true, Seed: 1, Step: step})
		fmt.Fprintln(&s, m.Forward(tape, b).Data())
	}
	return s.String()
}

// TestEveryFieldCounts holds that every field of a configuration changes the model or what it computes.
func TestEveryFieldCounts(t *testing.T) {
	left := map[string]bool{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		left[f.Name] = true
		if f.Tag.Get("yaml") == "" {
			t.Errorf("%s has no key for configuration files", f.Name)
		}
	}
	wide := tiny()
	wide.Stripes = "5,2"
	for field, c := range map[string]struct {
		base Config
		set  func(c *Config)
	}{
		"Classes":          {tiny(), func(c *Config) { c.Classes = 4 }},
		"Channels":         {tiny(), func(c *Config) { c.Channels = 1 }},
		"ImageHeight":      {wide, func(c *Config) { c.ImageHeight = 20 }},
		"ImageWidth":       {tiny(), func(c *Config) { c.ImageHeight, c.ImageWidth, c.Stripes = 20, 20, "5,2" }},
		"PatchKernel":      {tiny(), func(c *Config) { c.PatchKernel = 5 }},
		"PatchStride":      {tiny(), func(c *Config) { c.PatchStride = 3 }},
		"Width":            {tiny(), func(c *Config) { c.Width = 16 }},
		"Layers":           {tiny(), func(c *Config) { c.Layers = "1,1" }},
		"Heads":            {tiny(), func(c *Config) { c.Heads = "4,4" }},
		"Stripes":          {tiny(), func(c *Config) { c.Stripes = "3,2" }},
		"FFNRatio":         {tiny(), func(c *Config) { c.FFNRatio = 3 }},
		"Dropout":          {tiny(), func(c *Config) { c.Dropout = 0.2 }},
		"AttentionDropout": {tiny(), func(c *Config) { c.AttentionDropout = 0.2 }},
		"DropPath":         {tiny(), func(c *Config) { c.DropPath = 0.5 }},
		"NormEps":          {tiny(), func(c *Config) { c.NormEps = 0.1 }},
		"InitStd":          {tiny(), func(c *Config) { c.InitStd = 0.1 }},
	} {
		delete(left, field)
		changed := c.base
		c.set(&changed)
		if seen(t, c.base) == seen(t, changed) {
			t.Errorf("%s changes nothing", field)
		}
	}
	for field := range left {
		t.Errorf("%s has no case", field)
	}
	turned := tiny() // the width of the image by itself
	turned.ImageHeight, turned.Stripes = 20, "5,2"
	other := turned
	other.ImageWidth = 40
	if seen(t, turned) == seen(t, other) {
		t.Error("ImageWidth changes nothing")
	}
}

package vision_test

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

func TestConfigRefuses(t *testing.T) {
	for want, set := range map[string]func(c *vision.Config){
		"vision: classes is not set":                                           func(c *vision.Config) { c.Classes = 0 },
		"vision: classes is 1: want 2 to":                                      func(c *vision.Config) { c.Classes = 1 },
		"vision: heads 3 do not divide width 16":                               func(c *vision.Config) { c.Heads = 3 },
		"vision: heads is -1: want a positive number":                          func(c *vision.Config) { c.Heads = -1 },
		"vision: patchWidth is -2":                                             func(c *vision.Config) { c.PatchWidth = -2 },
		"vision: gateWidth is -1":                                              func(c *vision.Config) { c.GateWidth = -1 },
		"vision: ffnRatio is 0.01":                                             func(c *vision.Config) { c.FFNRatio = 0.01 },
		"vision: dropPath is 1: want a probability below 1":                    func(c *vision.Config) { c.DropPath = 1 },
		"vision: dropout is NaN":                                               func(c *vision.Config) { c.Dropout = math.NaN() },
		"vision: normEps is -1: want a positive number":                        func(c *vision.Config) { c.NormEps = -1 },
		"vision: layerScale is +Inf":                                           func(c *vision.Config) { c.LayerScale = math.Inf(1) },
		"vision: pooling is Pooling(7): want one of the values that have a na": func(c *vision.Config) { c.Pooling = 7 },
		"vision: attentionDropout is for softmax attention":                    func(c *vision.Config) { c.Attention, c.AttentionDropout = vision.Linear, 0.1 },
		"encodings: learned: a table of a grid [3 4] has no length 5":          func(c *vision.Config) { c.Encoding = encodings.Learned{Shape: []int{3, 4}, MaxLength: 5} },
		"learned cannot serve a 2-D grid [3 4]":                                func(c *vision.Config) { c.Encoding = encodings.Learned{MaxLength: 50} },
		"vision: patches of 5x2 pixels do not divide an image of 12x8: resize": func(c *vision.Config) { c.PatchHeight, c.Remainder = 5, vision.Refuse },
		"an image of 12x8 pixels is smaller than a patch of 16x2":              func(c *vision.Config) { c.PatchHeight, c.Remainder = 16, vision.Crop },
		"vision: patches of 0x2 pixels do not exist":                           func(c *vision.Config) { c.Patching = vision.Patches{Size: tensor.Size{Width: 2}} },
	} {
		c := tiny()
		set(&c)
		if _, err := vision.New(c, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

// TestKinds: every kind is written and read by its name, and an unknown name gets the nearest one told.
func TestKinds(t *testing.T) {
	type kind interface {
		MarshalText() ([]byte, error)
		String() string
	}
	for want, k := range map[string]kind{"pad": vision.Pad, "crop": vision.Crop, "refuse": vision.Refuse, "class-token": vision.ClassToken,
		"mean": vision.MeanPool, "softmax": vision.Softmax, "linear": vision.Linear} {
		if text, err := k.MarshalText(); err != nil || string(text) != want || k.String() != want {
			t.Errorf("%v is written %q, %v, want %q", k, text, err, want)
		}
	}
	var r vision.Remainder
	var p vision.Pooling
	var a vision.Attention
	if r.UnmarshalText([]byte("refuse")) != nil || p.UnmarshalText([]byte("mean")) != nil || a.UnmarshalText([]byte("linear")) != nil ||
		r != vision.Refuse || p != vision.MeanPool || a != vision.Linear {
		t.Errorf("%v, %v, %v", r, p, a)
	}
	if err := p.UnmarshalText([]byte("meen")); err == nil || err.Error() != `vision: unknown pooling "meen"; did you mean "mean"? (known: class-token, mean)` {
		t.Error(err)
	}
	if _, err := vision.Attention(9).MarshalText(); err == nil {
		t.Error("an attention without a name is written")
	}
}

// TestFitEncoding: what depends on the model is filled in, and what is set stays.
func TestFitEncoding(t *testing.T) {
	grid := tensor.Size{Height: 3, Width: 4}
	if e := vision.FitEncoding(encodings.Learned{Std: 1}, grid, 1).(encodings.Learned); e.Shape[0] != 3 || e.Shape[1] != 4 || e.Leading != 1 || e.Std != 1 {
		t.Errorf("%+v", e)
	}
	if e := vision.FitEncoding(encodings.Learned{Shape: []int{7, 7}}, grid, 1).(encodings.Learned); e.Shape[0] != 7 || e.Leading != 0 {
		t.Errorf("%+v", e)
	}
	if e := vision.FitEncoding(encodings.SeqPE{}, grid, 1).(encodings.SeqPE); e.Axes != 2 || e.Use != encodings.SeqPEMul || !e.PerLayer || e.Width != 0 {
		t.Errorf("%+v", e)
	}
	if e := vision.FitEncoding(encodings.SeqPE{Width: 8}, grid, 1).(encodings.SeqPE); e.Axes != 2 || e.Use != encodings.SeqPEScalar || e.Width != 8 {
		t.Errorf("%+v", e)
	}
	if e := vision.FitEncoding(encodings.EVA{}, grid, 1).(encodings.EVA); e.Trained != 4 {
		t.Errorf("%+v", e)
	}
}

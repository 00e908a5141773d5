package vision_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// fingerprint is what a configuration leads to: parameters, and the logits of a training pass over images of several
// sizes, or the refusal of one.
func fingerprint(t *testing.T, c vision.Config) string {
	t.Helper()
	m := mustNew(t, c, 1)
	var s strings.Builder
	for _, p := range nn.Collect(m).Trainable() {
		fmt.Fprintln(&s, p.Path, p.Tensor.Shape())
	}
	images := mixed()
	if c.Channels == 1 {
		images = []vision.Image{noise(12, 8, 1, 1)}
	}
	b, err := vision.NewBatch(m, images)
	if err != nil {
		return s.String() + err.Error()
	}
	tp := tensor.NewTape()
	for step := range uint64(4) {
		tp.Begin(tensor.Pass{Train: true, Seed: 1, Step: step})
		fmt.Fprintln(&s, m.Forward(tp, b).Data())
	}
	return s.String()
}

// TestEveryFieldCounts: every field of a configuration changes the model or what it computes.
func TestEveryFieldCounts(t *testing.T) {
	fields := map[string]bool{} // that no case has looked at
	for _, f := range reflect.VisibleFields(reflect.TypeFor[vision.Config]()) {
		fields[f.Name] = true
	}
	linear := tiny()
	linear.Attention = vision.Linear
	linear.Encoding = encodings.MDLRPE{}
	for field, c := range map[string]struct {
		base vision.Config
		set  func(c *vision.Config)
	}{
		"Classes":          {tiny(), func(c *vision.Config) { c.Classes = 4 }},
		"Channels":         {tiny(), func(c *vision.Config) { c.Channels = 1 }},
		"ImageHeight":      {tiny(), func(c *vision.Config) { c.ImageHeight = 20 }},
		"ImageWidth":       {tiny(), func(c *vision.Config) { c.ImageWidth = 10 }},
		"PatchHeight":      {tiny(), func(c *vision.Config) { c.PatchHeight = 3 }},
		"PatchWidth":       {tiny(), func(c *vision.Config) { c.PatchWidth = 1 }},
		"Remainder":        {tiny(), func(c *vision.Config) { c.Remainder = vision.Refuse }},
		"Layers":           {tiny(), func(c *vision.Config) { c.Layers = 1 }},
		"Width":            {tiny(), func(c *vision.Config) { c.Width = 8 }},
		"Heads":            {tiny(), func(c *vision.Config) { c.Heads = 4 }},
		"FFNRatio":         {tiny(), func(c *vision.Config) { c.FFNRatio = 1.5 }},
		"Attention":        {tiny(), func(c *vision.Config) { c.Attention = vision.Linear }},
		"GateWidth":        {linear, func(c *vision.Config) { c.GateWidth = 3 }},
		"Pooling":          {tiny(), func(c *vision.Config) { c.Pooling = vision.MeanPool }},
		"LayerScale":       {tiny(), func(c *vision.Config) { c.LayerScale = 0.1 }},
		"Dropout":          {tiny(), func(c *vision.Config) { c.Dropout = 0.3 }},
		"AttentionDropout": {tiny(), func(c *vision.Config) { c.AttentionDropout = 0.3 }},
		"DropPath":         {tiny(), func(c *vision.Config) { c.DropPath = 0.4 }},
		"NormEps":          {tiny(), func(c *vision.Config) { c.NormEps = 0.1 }},
		"InitStd":          {tiny(), func(c *vision.Config) { c.InitStd = 0.1 }},
		"Encoding":         {tiny(), func(c *vision.Config) { c.Encoding = encodings.AxialRoPE{} }},
		"Patching": {tiny(), func(c *vision.Config) {
			c.Patching = vision.Patches{Size: tensor.Size{Height: 4, Width: 4}}
		}},
	} {
		other := c.base
		c.set(&other)
		if fingerprint(t, c.base) == fingerprint(t, other) {
			t.Errorf("%s changes nothing", field)
		}
		delete(fields, field)
	}
	for field := range fields {
		t.Errorf("%s has no case here", field)
	}
}

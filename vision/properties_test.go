package vision_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/vision"
)

// linearServes are the encodings that linear attention carries.
func linearServes(name string) bool { return name != "cca" }

// every calls f with a model of every encoding for images, with softmax and with linear attention, with a class token and
// with the mean.
func every(t *testing.T, f func(t *testing.T, m *vision.Model)) {
	for _, name := range vision.EncodingNames() {
		for _, kind := range []vision.Attention{vision.Softmax, vision.Linear} {
			for _, pooling := range []vision.Pooling{vision.ClassToken, vision.MeanPool} {
				if kind == vision.Linear && !linearServes(name) {
					continue
				}
				t.Run(name+" "+kind.String()+" "+pooling.String(), func(t *testing.T) {
					c := tiny()
					c.Encoding, c.Attention, c.Pooling = mustEncoding(t, name), kind, pooling
					m := mustNew(t, c, 1)
					stir(m, 2)
					f(t, m)
				})
			}
		}
	}
}

// TestEncodingNames: what serves images is what has two axes, or none.
func TestEncodingNames(t *testing.T) {
	want := []string{"none", "sinusoidal", "sinusoidal-halves", "learned", "seqpe", "axial-rope", "mixed-rope", "eva", "comrope-ld",
		"comrope-ap", "liere", "comrope-vanilla", "md-tpe", "md-lrpe", "cca"}
	if got := vision.EncodingNames(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestRaggedIsOneByOne: an image has the same bits alone and among images of other sizes, whatever the encoding.
func TestRaggedIsOneByOne(t *testing.T) {
	every(t, func(t *testing.T, m *vision.Model) {
		all := logits(m, mustBatch(t, m, mixed()...))
		for i, image := range mixed() {
			one := logits(m, mustBatch(t, m, image))
			if !slices.Equal(one.Row(0), all.Row(i)) {
				t.Errorf("image %d: %v in the batch, %v alone", i, all.Row(i), one.Row(0))
			}
		}
		if none := logits(m, mustBatch(t, m)); none.Rows() != 0 {
			t.Errorf("no images have the logits %v", none)
		}
	})
}

// TestPlacesMatter: with any encoding but none the answer depends on where patches are; with none it does not.
func TestPlacesMatter(t *testing.T) {
	every(t, func(t *testing.T, m *vision.Model) {
		image := noise(12, 8, 2, 1)
		turned := image
		turned.Pixels = slices.Clone(image.Pixels)
		half := len(image.Pixels) / 3 // the upper line of patches changes places with the middle one
		copy(turned.Pixels, image.Pixels[half:2*half])
		copy(turned.Pixels[half:], image.Pixels[:half])
		a, b := logits(m, mustBatch(t, m, image)), logits(m, mustBatch(t, m, turned))
		far := 0.0
		for i, v := range a.Data() {
			far = max(far, float64(max(v-b.Data()[i], b.Data()[i]-v)))
		}
		if none := m.Config.Encoding == (encodings.None{}); none != (far < 1e-5) {
			t.Errorf("lines of patches changed places: logits %v and %v", a, b)
		}
	})
}

func TestLinearRefuses(t *testing.T) {
	c := tiny()
	c.Attention, c.Encoding = vision.Linear, encodings.CCA{}
	_, err := vision.New(c, 1)
	want := "vision: linear attention cannot carry cca, a mask of scores: it forms none; choose md-lrpe, axial-rope, mixed-rope, a comrope or an encoding of tokens, or attention: softmax"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	c.Encoding = encodings.RoPE{}
	if _, err = vision.New(c, 1); err == nil || !strings.Contains(err.Error(), "rope cannot serve a 2-D grid [3 4]") {
		t.Error(err)
	}
}

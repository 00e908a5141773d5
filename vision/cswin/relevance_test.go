package cswin

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// TestRelevance holds that maps are shares of images, in the right place: the map of an image is that of the image alone,
// and tokens whose keys all others want have more than their part.
func TestRelevance(t *testing.T) {
	m := mustNew(t, three(), 1)
	stir(m, 5)
	maps, err := m.Relevance(mustBatch(t, m, mixed()...))
	if err != nil {
		t.Fatal(err)
	}
	for i, image := range mixed() {
		one, _ := m.Relevance(mustBatch(t, m, image))
		if one[0].Grid != maps[i].Grid || maps[i].Cell != (tensor.Size{Height: 4, Width: 4}) || len(one[0].Values) != len(maps[i].Values) {
			t.Fatalf("image %d: a map of %v in the batch, %v alone", i, maps[i].Grid, one[0].Grid)
		}
		sum := 0.0
		for k, v := range maps[i].Values {
			sum += float64(v)
			if math.Abs(float64(v-one[0].Values[k])) > 1e-6 {
				t.Errorf("image %d: value %d is %v in the batch, %v alone", i, k, v, one[0].Values[k])
			}
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Errorf("image %d: the shares have the sum %v", i, sum)
		}
		if n := len(maps[i].Resize(image.Size())); n != image.Height*image.Width {
			t.Errorf("image %d: %d values for its pixels", i, n)
		}
	}
	if maps, err := m.Relevance(mustBatch(t, m)); err != nil || len(maps) != 0 {
		t.Errorf("no images have %d maps (%v)", len(maps), err)
	}
}

// TestRelevanceFlat holds the map of a model without differences against one worked out by hand: weights are all alike, so
// that only the borders of the convolution between the stages count.
func TestRelevanceFlat(t *testing.T) {
	c := tiny()
	c.Layers, c.ImageHeight, c.ImageWidth = "1,1", 16, 16
	m := mustNew(t, c, 1)
	for _, s := range m.Stages {
		for _, b := range s.Blocks {
			b.Attention.QueryKeyValue.Weight.Zero()
		}
	}
	maps, err := m.Relevance(mustBatch(t, m, vision.Image{Height: 16, Width: 16, Channels: 2, Pixels: make([]float32, 512)}))
	if err != nil {
		t.Fatal(err)
	}
	// 4 by 4 tokens become 2 by 2, which see lines 0 to 1 and 1 to 3, and likewise columns.
	line := []float64{1.0 / 4, 1.0/4 + 1.0/6, 1.0 / 6, 1.0 / 6}
	part := func(y, x int) float64 { return line[y] * line[x] }
	for y := range 4 {
		for x := range 4 {
			// Half from itself, a quarter from its vertical stripe of two columns, a quarter from the horizontal one.
			want := part(y, x) / 2
			for k := range 4 {
				for d := range 2 {
					want += part(k, x/2*2+d)/8/4 + part(y/2*2+d, k)/8/4
				}
			}
			if got := float64(maps[0].At(y, x)); math.Abs(got-want) > 1e-6 {
				t.Errorf("token %d, %d has %v, want %v", y, x, got, want)
			}
		}
	}
}

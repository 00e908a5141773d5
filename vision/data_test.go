package vision_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/images"
)

// TestBatch: images lie end to end, and targets are ids until an image is of several classes.
func TestBatch(t *testing.T) {
	m := mustNew(t, tiny(), 1)
	list := []vision.Image{noise(2, 3, 2, 4), noise(1, 1, 2, 5)}
	list[1].Label = vision.Unlabelled
	b := mustBatch(t, m, list...)
	if b.Items() != 2 || b.Channels() != 2 || !slices.Equal(b.Pixels.Data(), append(slices.Clone(list[0].Pixels), list[1].Pixels...)) {
		t.Errorf("%v on %v", b.Pixels, b.Grid)
	}
	if y := b.Targets().Data(); len(y) != 2 || y[0] != 1 || y[1] == y[1] {
		t.Errorf("targets %v", y)
	}
	if d := b.Dump(); len(d) != 3 || !slices.Equal(d[0].Tensor.Data(), []float32{2, 3, 1, 1}) {
		t.Errorf("%v", d)
	}
	mixed := noise(1, 1, 2, 0)
	mixed.Shares = []float32{0.25, 0, 0.75}
	y := mustBatch(t, m, append(list, mixed)...).Targets()
	if !slices.Equal(y.Row(0), []float32{0, 1, 0}) || y.Row(1)[0] == y.Row(1)[0] || !slices.Equal(y.Row(2), mixed.Shares) {
		t.Errorf("targets %v", y)
	}
}

// TestDataRefuses: what a model cannot read is named by its number, with what to do.
func TestDataRefuses(t *testing.T) {
	c := tiny()
	c.Remainder = vision.Crop
	m := mustNew(t, c, 1)
	good := noise(12, 8, 2, 1)
	for want, set := range map[string]func(i *vision.Image){
		"it has 1 channels, and the model reads 2: convert it": func(i *vision.Image) { i.Channels = 1 },
		"it is 0 pixels high and 8 wide":                       func(i *vision.Image) { i.Height = 0 },
		"it has 192 numbers, which are not 13x8 pixels of 2":   func(i *vision.Image) { i.Height = 13 },
		"its label is 3: want 0 to 2":                          func(i *vision.Image) { i.Label = 3 },
		"its label is -2: want 0 to 2":                         func(i *vision.Image) { i.Label = -2 },
		"it has shares of 1 classes, and the model knows 3":    func(i *vision.Image) { i.Shares = []float32{1} },
		"its shares have the sum 0.5: want 1":                  func(i *vision.Image) { i.Shares = []float32{0.5, 0, 0} },
		"its share of class 1 is -1":                           func(i *vision.Image) { i.Shares = []float32{1, -1, 1} },
		"its pixel in row 1 and column 2 has the value NaN in channel 1": func(i *vision.Image) {
			i.Pixels = slices.Clone(i.Pixels)
			i.Pixels[(1*8+2)*2+1] = float32(math.NaN())
		},
		"an image of 3x8 pixels is smaller than a patch of 4x2": func(i *vision.Image) { i.Height, i.Pixels = 3, i.Pixels[:48] },
	} {
		bad := good
		set(&bad)
		d, err := vision.NewData(m, vision.Slice{good, bad})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = d.Prepare([]int{0, 1}); err == nil || !strings.Contains(err.Error(), "vision: image 1: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error of image 1 with %q", err, want)
		}
		if _, err = vision.NewBatch(m, []vision.Image{bad}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
		if _, err := vision.NewData(m, vision.Slice{bad}); err == nil {
			t.Errorf("the first image is not looked at: %s", want)
		}
	}
	if _, err := vision.NewData(m, broken{}); err == nil || err.Error() != "vision: image 0: the file is gone" {
		t.Error(err)
	}
	wantPanic(t, "vision: Forward: got a vision_test.otherBatch, want a *vision.Batch", func() { m.Forward(tensor.NewTape(), otherBatch{}) })
}

type otherBatch struct{}

func (otherBatch) Items() int              { return 0 }
func (otherBatch) Targets() *tensor.Tensor { return nil }

type broken struct{}

func (broken) Len() int                        { return 1 }
func (broken) Image(int) (vision.Image, error) { return vision.Image{}, errors.New("the file is gone") }

// byteImages are pictures of bytes for a pipeline.
func byteImages(sizes ...[2]int) images.Slice {
	var list images.Slice
	for i, s := range sizes {
		m := images.New(s[0], s[1], 2)
		for k := range m.Bytes {
			m.Bytes[k] = uint8(17*k + i)
		}
		list = append(list, m)
	}
	return list
}

// TestFromPipeline: pipelines of images of several sizes, and ones that mix; what is drawn differs from batch to batch and
// not from time to time.
func TestFromPipeline(t *testing.T) {
	m := mustNew(t, tiny(), 1)
	p := &images.Pipeline{Source: byteImages([2]int{4, 4}, [2]int{5, 3}, [2]int{1, 1}), Label: func(i int) int { return i }, Classes: 3}
	d, err := vision.NewData(m, vision.FromPipeline(p))
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.Prepare([]int{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	got := b.(*vision.Batch)
	if d.Len() != 3 || got.Grid.Size(1) != (tensor.Size{Height: 5, Width: 3}) || !slices.Equal(got.Targets().Data(), []float32{2, 1}) ||
		got.Pixels.Data()[0] != 2.0/255 {
		t.Errorf("%v with %v", got.Grid, got.Targets())
	}
	p = &images.Pipeline{Source: byteImages([2]int{4, 4}, [2]int{4, 4}, [2]int{4, 4}, [2]int{4, 4}), Label: func(i int) int { return i % 3 }, Classes: 3,
		Mixing: images.Mixing{Mixup: 1}, Seed: 3}
	source := vision.FromPipeline(p)
	d, err = vision.NewData(m, source)
	if err != nil {
		t.Fatal(err)
	}
	targets := func(items ...int) *tensor.Tensor {
		b, err := d.Prepare(items)
		if err != nil {
			t.Fatal(err)
		}
		return b.Targets()
	}
	first := targets(0, 1, 2)
	if first.Cols() != 3 || !slices.Equal(first.Data(), targets(0, 1, 2).Data()) || slices.Equal(first.Data(), targets(0, 1, 2, 3).Data()[:9]) {
		t.Errorf("%v, then %v, then %v", first, targets(0, 1, 2), targets(0, 1, 2, 3))
	}
	if one, err := source.Image(1); err != nil || len(one.Shares) != 3 || one.Label != 1 {
		t.Errorf("%+v, %v", one, err)
	}
	p.Source = byteImages([2]int{4, 4}, [2]int{5, 4})
	if _, err := d.Prepare([]int{0, 1}); err == nil || !strings.Contains(err.Error(), "bring all to one size") {
		t.Error(err)
	}
}

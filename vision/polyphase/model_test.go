package polyphase

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// TestShiftsOfViT holds that logits of every shift of an image are those of the image: to rounding where phases are anchored,
// since sums over tokens are formed in another order, bit for bit where a pixel is; and that without anchoring they are not.
func TestShiftsOfViT(t *testing.T) {
	for _, pooling := range []vision.Pooling{vision.ClassToken, vision.MeanPool} {
		for _, size := range []tensor.Size{{Height: 12, Width: 8}, {Height: 4, Width: 10}} { // the second is a line of patches
			for _, to := range []To{ToPhase, ToPixel, Nowhere} {
				c := tiny()
				c.Pooling = pooling
				m := mustNew(t, ViT(c, to))
				image := noise(size.Height, size.Width, 2, 1)
				first, far := logits(t, m, image), 0.0
				for down := range image.Height {
					for right := range image.Width {
						for i, v := range logits(t, m, RollImage(image, Shift{down, right})) {
							far = max(far, math.Abs(float64(v-first[i])))
						}
					}
				}
				if to == ToPixel && far != 0 || to == ToPhase && far > 1e-5 || to == Nowhere && far < 1e-2 {
					t.Errorf("%v, %v image, anchored to %v: logits of shifts differ by %v", pooling, size, to, far)
				}
			}
		}
	}
}

// TestStudy holds the figures of a model with and without anchoring: all shifts of images, and drawn ones.
func TestStudy(t *testing.T) {
	source := vision.Slice{noise(12, 8, 2, 1), noise(8, 4, 2, 2), noise(4, 4, 2, 3)}
	source[2].Label = vision.Unlabelled
	for _, to := range []To{ToPhase, ToPixel, Nowhere} {
		m := mustNew(t, ViT(tiny(), to))
		for name, s := range map[string]Study{"every": {Every: true, BatchSize: 7}, "drawn": {Shifts: 5, Seed: 3}} {
			got, err := s.Measure(context.Background(), m, source)
			if err != nil {
				t.Fatal(err)
			}
			shifts := map[string]int{"every": 12*8 + 8*4 + 4*4, "drawn": 15}[name]
			if got.Images != 3 || got.Shifts != shifts {
				t.Errorf("%v, %s: %+v", to, name, got)
			}
			same := got.Consistency == 1 && got.Kept == 1 && got.Accuracy == got.ShiftedAccuracy && got.Change < 1e-5 && (to != ToPixel || got.Change == 0)
			if same != (to != Nowhere) {
				t.Errorf("%v, %s: %+v", to, name, got)
			}
			if again, _ := s.Measure(context.Background(), m, source); again != got {
				t.Errorf("%v, %s: %+v, then %+v", to, name, got, again)
			}
		}
	}
}

// answers is a model whose class is that of the first pixel.
type answers struct{ *vision.Model }

func (answers) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var {
	x := b.(*vision.Batch)
	y := tensor.New(x.Items(), 3)
	for i := range x.Items() {
		y.Set(2, i, int(x.Pixels.At(x.Grid.Offset(i), 0)))
	}
	return tp.Const(y)
}

// TestStudyCounts holds shares against counts by hand: four pixels of the classes 0, 0, 0 and 1.
func TestStudyCounts(t *testing.T) {
	image := vision.Image{Height: 2, Width: 2, Channels: 2, Pixels: []float32{0, 0, 0, 0, 1, 0, 0, 0}, Label: 1}
	got, err := Study{Every: true}.Measure(context.Background(), answers{mustNew(t, tiny())}, vision.Slice{image})
	want := Consistency{Images: 1, Shifts: 4, Consistency: 6.0 / 12, Kept: 3.0 / 4, Accuracy: 0, ShiftedAccuracy: 1.0 / 4, Change: 1}
	if err != nil || got != want {
		t.Errorf("%+v (%v), want %+v", got, err, want)
	}
	none, err := Study{}.Measure(context.Background(), answers{mustNew(t, tiny())}, vision.Slice{})
	if err != nil || !math.IsNaN(none.Consistency) || none.Images != 0 {
		t.Errorf("no images: %+v, %v", none, err)
	}
}

// failing is a source that has no images.
type failing struct{ vision.Slice }

func (failing) Image(int) (vision.Image, error) { return vision.Image{}, errors.New("torn") }

func TestStudyErrors(t *testing.T) {
	m := mustNew(t, ViT(tiny(), ToPhase))
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for want, f := range map[string]func() error{
		"polyphase: -1 shifts of 14 pixels at most in batches of 64": func() error {
			_, err := Study{Shifts: -1}.Measure(context.Background(), m, vision.Slice{})
			return err
		},
		"polyphase: image 0: torn": func() error {
			_, err := Study{}.Measure(context.Background(), m, failing{make(vision.Slice, 1)})
			return err
		},
		"polyphase: image 1: vision: image 0: polyphase: patches of 4x2 pixels do not divide an image of 13x8: resize it to 12x8": func() error {
			_, err := Study{}.Measure(context.Background(), m, vision.Slice{noise(12, 8, 2, 1), noise(13, 8, 2, 1)})
			return err
		},
		"polyphase: image 0: vision: image 0: it has 5 numbers, which are not 12x8 pixels of 2 channels": func() error {
			_, err := Study{}.Measure(context.Background(), m, vision.Slice{{Height: 12, Width: 8, Channels: 2, Pixels: make([]float32, 5)}})
			return err
		},
		"polyphase: image 0: context canceled": func() error {
			_, err := Study{}.Measure(done, m, vision.Slice{noise(12, 8, 2, 1)})
			return err
		},
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestPatches holds what a setting makes and what it refuses.
func TestPatches(t *testing.T) {
	for want, p := range map[string]Patches{
		"polyphase: patches of 0x0 pixels do not exist: want a height and a width of at least 1": {},
		"polyphase: anchor: To(9) has no name (known: [\"phase\" \"pixel\" \"none\"])":           {Size: stride, Anchor: 9},
		"polyphase: normEps is NaN: want a positive number, or 0 for the default":                {Size: stride, NormEps: math.NaN()},
	} {
		if _, err := p.New(1, 8, nn.NewInit(1)); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	stem, err := Patches{Size: stride, NoPosition: true}.New(2, 8, nn.NewInit(1))
	if err != nil {
		t.Fatal(err)
	}
	if n := nn.Collect(stem).Count(); n != 3*2*2*8+8+16 {
		t.Errorf("%d parameters", n)
	}
	x, grid := pixels(noise(6, 4, 2, 1))
	if y, tokens := stem.Tokens(tape, tape.Const(x), grid); y.Rows() != 4 || tokens.Size(0) != (tensor.Size{Height: 2, Width: 2}) {
		t.Errorf("%v tokens on %v", y.Shape(), tokens)
	}
}

// TestNames holds that what is written is read.
func TestNames(t *testing.T) {
	for _, to := range []To{ToPhase, ToPixel, Nowhere} {
		text, err := to.MarshalText()
		var back To
		if err != nil || string(text) != to.String() || back.UnmarshalText(text) != nil || back != to {
			t.Errorf("%v is written %q and read %v (%v)", to, text, back, err)
		}
	}
	var to To
	if err := to.UnmarshalText([]byte("phas")); err == nil || !strings.Contains(err.Error(), "phase") {
		t.Error(err)
	}
}

// TestRaggedIsOneByOne holds that an image has the same bits alone and among images of other sizes.
func TestRaggedIsOneByOne(t *testing.T) {
	m := mustNew(t, ViT(tiny(), ToPhase))
	images := []vision.Image{noise(12, 8, 2, 1), noise(4, 2, 2, 2), noise(8, 14, 2, 3), noise(12, 8, 2, 4)}
	b, err := vision.NewBatch(m, images)
	if err != nil {
		t.Fatal(err)
	}
	all := m.Forward(tensor.NewTape(), b).Value()
	for i, image := range images {
		if one := logits(t, m, image); !slices.Equal(one, all.Row(i)) {
			t.Errorf("image %d: %v in the batch, %v alone", i, all.Row(i), one)
		}
	}
}

// TestTokensOfShifts holds that the tokens of a shifted image are those of the image, bit for bit, in places that are shifted
// circularly.
func TestTokensOfShifts(t *testing.T) {
	m := mustNew(t, ViT(tiny(), ToPhase))
	image := noise(12, 8, 2, 1)
	tokens := func(m vision.Stem, image vision.Image) vision.Image {
		x, grid := pixels(image)
		tape.Begin(tensor.Pass{})
		y, on := m.Tokens(tape, tape.Const(x), grid)
		return vision.Image{Height: on.Size(0).Height, Width: on.Size(0).Width, Channels: y.Cols(), Pixels: slices.Clone(y.Data())}
	}
	want := tokens(m.Stem, image)
	for down := range image.Height {
		for right := range image.Width {
			got, same := tokens(m.Stem, RollImage(image, Shift{down, right})), false
			for y := range want.Height {
				for x := range want.Width {
					same = same || slices.Equal(RollImage(want, Shift{y, x}).Pixels, got.Pixels)
				}
			}
			if !same {
				t.Errorf("shift (%d, %d): other tokens", down, right)
			}
		}
	}
}

package vision

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/studies"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/images"
)

// noise are images of two classes, dark and bright grain.
func noise(n, size, channels int) imagesets.Source {
	list, labels := make(images.Slice, n), make([]int, n)
	rng := rand.New(rand.NewPCG(uint64(n), uint64(size)))
	for k := range list {
		list[k], labels[k] = images.New(size, size, channels), k%2
		for i := range list[k].Bytes {
			list[k].Bytes[i] = uint8(60*labels[k] + rng.IntN(180))
		}
	}
	return imagesets.Labelled(list, labels)
}

// grainSet is a set of such images.
func grainSet() *imagesets.Set {
	return &imagesets.Set{
		Info:  imagesets.Info{Name: "grain", Classes: []string{"dark", "bright"}, Height: 8, Width: 8, Channels: 1},
		Train: noise(20, 8, 1), Test: noise(7, 8, 1),
	}
}

// tiny is a study that takes a fraction of a second.
func tiny(t *testing.T, names ...string) Study {
	t.Helper()
	s := Study{Set: grainSet(), Resolutions: []int{12}, Steps: 6, BatchSize: 6, Model: vision.Config{Layers: 1, Width: 16, Heads: 2}}
	for _, name := range names {
		subject, err := SubjectByName(name)
		if err != nil {
			t.Fatal(err)
		}
		s.Subjects = append(s.Subjects, subject)
	}
	return s
}

// untimed are the results without what no two runs share.
func untimed(cells []Cell) []Cell {
	var out []Cell
	for _, c := range cells {
		c.TrainSeconds, c.TestSeconds = 0, 0
		out = append(out, c)
	}
	return out
}

func run(t *testing.T, s Study) []Cell {
	t.Helper()
	cells, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return untimed(cells)
}

// TestSameNumbersOnAnyProcessors runs all default ways: they come in order, of one size, with the same bits on any number
// of processors, and shifts keep the class of the anchored one.
func TestSameNumbersOnAnyProcessors(t *testing.T) {
	s := tiny(t)
	s.Model, s.Steps, s.Shifts = vision.Config{Layers: 2, Width: 32, Heads: 2}, 2, 2
	s.Size, s.Resolutions = 12, []int{16} // two rings of patches, and not one, which tells no more than nothing
	want := run(t, s)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := run(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("on one processor\n%+v\non several\n%+v", got, want)
	}
	losses := map[float64]string{}
	for i, c := range want {
		if c.Encoding != DefaultNames()[i] || c.Seed != 1 || c.Steps != 2 || c.Images != 12 {
			t.Errorf("result %d is %+v", i, c)
		}
		if off := math.Abs(float64(c.Parameters)/float64(want[1].Parameters) - 1); off > 0.02 {
			t.Errorf("%s has %d parameters, the learned table %d", c.Encoding, c.Parameters, want[1].Parameters)
		}
		if other := losses[c.Loss]; other != "" {
			t.Errorf("%s and %s have the same loss", c.Encoding, other)
		}
		losses[c.Loss] = c.Encoding
		if len(c.Scores) != 2 || c.Scores[0].Resolution != 12 || !c.Scores[0].Trained || c.Scores[1].Resolution != 16 || c.Scores[1].Trained || c.Scores[1].Examples != 7 {
			t.Errorf("%s: scores %+v", c.Encoding, c.Scores)
		}
		if c.Shift.Images != 7 || c.Shift.Shifts != 14 {
			t.Errorf("%s: %+v", c.Encoding, c.Shift)
		}
		if c.Encoding == "polyphase" && (c.Shift.Kept != 1 || c.Shift.Consistency != 1 || c.Shift.Accuracy != c.Scores[0].Accuracy()) {
			t.Errorf("anchored: %+v", c.Shift)
		}
	}
}

// TestBudget holds the number of parameters of the default study.
func TestBudget(t *testing.T) {
	set := grainSet()
	st, err := Study{Set: set, Size: 32}.prepare()
	if err != nil {
		t.Fatal(err)
	}
	budget, err := st.budget()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range st.openings {
		n, err := parameters(o.config)
		if err != nil {
			t.Fatal(err)
		}
		if off := float64(n)/float64(budget) - 1; math.Abs(off) > 0.005 {
			t.Errorf("%s has %d parameters, the learned table %d", o.subject.Name, n, budget)
		}
		if w := feedForwardWidth(o.config); w%grain != 0 {
			t.Errorf("%s: a feed-forward part of width %d", o.subject.Name, w)
		}
	}
}

// TestSameImages compares what two models are shown: the same, every image once an epoch, augmented anew.
func TestSameImages(t *testing.T) {
	st, err := tiny(t, "none", "md-lrpe@linear").prepare()
	if err == nil {
		err = st.load(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	var orders []*order
	for _, o := range st.openings {
		m, err := vision.New(o.config, 1)
		if err != nil {
			t.Fatal(err)
		}
		data, err := vision.NewData(m, vision.FromPipeline(st.learned(1)))
		if err != nil {
			t.Fatal(err)
		}
		orders = append(orders, &order{data: data, seed: 1, n: 20, each: 6, epoch: -1})
	}
	var first []float32
	for step := range 7 { // three a round
		a, err := orders[0].batch(step)
		if err != nil {
			t.Fatal(err)
		}
		b, err := orders[1].batch(step)
		if err != nil || !reflect.DeepEqual(a.Pixels.Data(), b.Pixels.Data()) || !reflect.DeepEqual(a.Targets().Data(), b.Targets().Data()) {
			t.Errorf("step %d: the images differ (%v)", step, err)
		}
		switch step {
		case 0:
			first = a.Pixels.Data()
		case 3:
			if reflect.DeepEqual(first, a.Pixels.Data()) {
				t.Error("two epochs begin alike")
			}
		}
	}
}

func TestResumedIsUninterrupted(t *testing.T) {
	for _, c := range []struct {
		name, encoding string
		at             func(Progress) bool
	}{
		{"in the training", "seqpe", func(p Progress) bool { return p.Step == 4 && p.Resolution == 0 }}, // with losses of its own, and drawn positions
		{"at the last step", "none", func(p Progress) bool { return p.Step == 6 && p.Resolution == 0 }},
		{"in the test", "none", func(p Progress) bool { return p.Resolution == 12 }},
		{"in the shifts", "polyphase", func(p Progress) bool { return p.Shifting }},
	} {
		s := tiny(t, c.encoding)
		s.Model.Layers = 2
		want := run(t, s)
		s.Dir = filepath.Join(t.TempDir(), "a", "study")
		for rounds := 0; ; rounds++ {
			ctx, cancel := context.WithCancel(t.Context())
			stopped := false
			s.OnProgress = func(p Progress) {
				if rounds < 2 && c.at(p) && !stopped {
					stopped = true
					cancel()
				}
			}
			got, err := s.Run(ctx)
			cancel()
			if errors.Is(err, context.Canceled) {
				if _, err := os.Stat(filepath.Join(s.Dir, "unfinished")); err != nil {
					t.Errorf("%s: nothing is saved: %v", c.name, err)
				}
				continue
			}
			if err != nil || rounds == 0 || !reflect.DeepEqual(untimed(got), want) {
				t.Errorf("%s, after %d rounds: %v\n%+v\nwant\n%+v", c.name, rounds, err, got, want)
			}
			break
		}
	}
}

func TestFolder(t *testing.T) {
	s := tiny(t, "none")
	s.Dir, s.Steps = t.TempDir(), 2
	first := run(t, s)
	more := tiny(t, "conv", "none")
	more.Dir, more.Steps, more.Seeds = s.Dir, 2, []uint64{1, 4}
	var order []string
	more.OnCell = func(c Cell) error {
		order = append(order, c.Encoding)
		return nil
	}
	got := run(t, more)
	if len(got) != 4 || !reflect.DeepEqual(got[2], first[0]) || got[3].Seed != 4 {
		t.Errorf("got %+v", got)
	}
	if want := []string{"none", "conv", "conv", "none"}; !reflect.DeepEqual(order, want) {
		t.Errorf("results came as %v, want %v", order, want)
	}
	if again := run(t, more); !reflect.DeepEqual(again, got) {
		t.Errorf("read back: %+v, want %+v", again, got)
	}
	other := s
	other.Shifts = 3
	if _, err := other.Run(t.Context()); err == nil || !strings.Contains(err.Error(), `"shifts: 4" there, "shifts: 3" asked for`) {
		t.Errorf("other settings: %v", err)
	}
	other = s
	other.Subjects = []Subject{{Name: "none", Encoding: encodings.EVA{}}}
	if _, err := other.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "has results of none set to encodings.None{}, softmax, 0, which is now encodings.EVA{") {
		t.Errorf("another encoding of the same name: %v", err)
	}
	cells := filepath.Join(s.Dir, CellsName)
	for line, want := range map[string]string{
		`{"encoding":"none"}`: "line 1: a result without scores; correct or remove the line",
		`{"encoding":"none","scores":[{"resolution":8,"right":4,"examples":3}]}`:                       "4 of 3 right at resolution 8 is no score",
		`{"encoding":"none","scores":[{"resolution":8,"examples":3}],"shift":{"kept":2}}`:              "2 is no share of shifts",
		`{"encoding":"none","scores":[{"resolution":8,"trained":true,"examples":3}]}`:                  "1 scores, of a study of 2 resolutions",
		`{"scores":[{"resolution":8,"right":1,"examples":3},{"resolution":8,"right":1,"examples":3}]}`: "a result without an encoding",
	} {
		if err := os.WriteFile(cells, []byte(line+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestDefaults holds sizes and augmentation that follow from the set.
func TestDefaults(t *testing.T) {
	of := func(name string, height, width int) Study {
		set := grainSet()
		set.Info.Name, set.Info.Height, set.Info.Width = name, height, width
		s, err := Study{Set: set}.WithDefaults()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := of("mnist", 28, 28)
	if s.Size != 28 || !reflect.DeepEqual(s.Resolutions, []int{36, 44, 56}) || *s.Augmentation != (images.Augmentation{Crop: images.Crop{Padding: 3}}) {
		t.Errorf("mnist: %d, %v, %+v", s.Size, s.Resolutions, *s.Augmentation)
	}
	s = of("photos", 0, 0)
	if s.Size != 32 || !reflect.DeepEqual(s.Resolutions, []int{40, 48, 64}) || s.Augmentation.Flip != 0.5 || s.Warmup != 60 || s.BatchSize != 20 || s.Model.Pooling != vision.MeanPool || s.Model.InitStd != 0.125 {
		t.Errorf("photos: %+v", s)
	}
	st := &study{Study: s}
	for trained, want := range map[int][]int{32: {32, 40, 48, 64}, 44: {40, 44, 48, 64}, 80: {40, 48, 64, 80}} {
		if st.Size = trained; !reflect.DeepEqual(st.resolutions(), want) {
			t.Errorf("with %d: %v", trained, st.resolutions())
		}
	}
}

// TestOwnImages learns of colour images of several sizes, whose means nobody knows.
func TestOwnImages(t *testing.T) {
	s := tiny(t, "axial-rope")
	s.Set.Info = imagesets.Info{Name: "own", Classes: s.Set.Info.Classes}
	s.Set.Train, s.Set.Test = noise(20, 9, 3), noise(7, 13, 1)
	s.Size, s.Shifts = 8, None
	got := run(t, s)
	if len(got) != 1 || got[0].Shift != (Shift{}) || got[0].Scores[1].Examples != 7 {
		t.Errorf("%+v", got)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		change func(*Study)
		want   string
	}{
		{func(s *Study) { s.Set = nil }, "there is no Set"},
		{func(s *Study) { s.Steps = -1 }, "Steps is -1: want at least 1"},
		{func(s *Study) { s.Shifts = -2 }, "Shifts is -2: want at least -1"},
		{func(s *Study) { s.Smoothing = 1 }, "Smoothing is 1: want a number from 0 to 0.99"},
		{func(s *Study) { s.Resolutions = []int{10} }, "images of 10 by 10 pixels are no whole number of patches of 4 by 4: take 8 or 12"},
		{func(s *Study) { s.Resolutions = []int{1 << 40} }, "images of 1099511627776 by 1099511627776 pixels: want at most 2048"},
		{func(s *Study) { s.Size = 2 }, "images of 2 by 2 pixels are smaller than patches of 4 by 4: want at least as many"},
		{func(s *Study) { s.Resolutions = []int{8} }, "resolution 8 is the one that is learned"},
		{func(s *Study) { s.Resolutions = []int{16, 12} }, "resolution 12 after 16: want the smallest first, each once"},
		{func(s *Study) { s.Subjects = append(s.Subjects, s.Subjects[0]) }, "the encoding none is there twice"},
		{func(s *Study) { s.Subjects[0].Name = "None" }, `"None" is no name for an encoding`},
		{func(s *Study) { s.Subjects[0].Encoding = nil }, "none: there is no Encoding"},
		{func(s *Study) { s.Subjects[0].Patches = 7 }, "none: there is no Patches(7)"},
		{func(s *Study) { s.Subjects[0] = Subject{"x", encodings.EVA{}, vision.Softmax, Convolved} }, "a convolution of patches takes the place of an encoding"},
		{func(s *Study) { s.Subjects[0].Encoding = encodings.T5Bias{} }, "none cannot serve the model: "},
		{func(s *Study) { s.Subjects[0] = Subject{"x", encodings.CCA{}, vision.Linear, Fixed} }, "x cannot serve the model: vision: linear attention cannot carry cca"},
		{func(s *Study) { s.Seeds = []uint64{4, 4} }, "the seed 4 is there twice"},
		{func(s *Study) { s.Seeds = []uint64{} }, "there is nothing to do"},
		{func(s *Study) { s.BatchSize = 21 }, "batches of 21 images, and there are 20 to learn from"},
		{func(s *Study) { s.Model.Heads = 3 }, "heads 3 do not divide width 16"},
		{func(s *Study) { s.Model.PatchWidth = 2 }, "patches of 4x2 pixels: want square ones"},
		{func(s *Study) { s.Augmentation = &images.Augmentation{Flip: 2} }, "Flip"},
		{func(s *Study) { s.Set.Info.Classes = []string{"one"} }, "all images of grain are of one class"},
		{func(s *Study) { s.Set.Test = noise(0, 8, 1) }, "20 images to learn from and 0 to test on"},
		{func(s *Study) { s.CheckpointInterval = -1 }, "CheckpointInterval is -1ns"},
		{func(s *Study) { s.LR = 1e30; s.Clip = 1e30 }, "try a lower learning rate than 1e+30"},
	} {
		s := tiny(t, "none")
		c.change(&s)
		if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func TestSubjectByName(t *testing.T) {
	for name, want := range map[string]Subject{
		"learned": {"learned", encodings.Learned{}, vision.Softmax, Fixed}, "md-lrpe@linear": {"md-lrpe@linear", encodings.MDLRPE{}, vision.Linear, Fixed},
		"eva:base=100": {"eva:base=100", encodings.EVA{Base: 100}, vision.Softmax, Fixed},
		"conv":         {"conv", encodings.None{}, vision.Softmax, Convolved}, "polyphase@linear": {"polyphase@linear", encodings.None{}, vision.Linear, Anchored},
	} {
		if got, err := SubjectByName(name); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"lerned":       `unknown encoding "lerned"; did you mean "learned"?`,
		"polyfase":     `unknown encoding "polyfase"; did you mean "polyphase"?`,
		"none@linar":   `unknown attention "linar"; did you mean "linear"?`,
		"alibi":        "alibi does not serve images: choose one of ",
		"eva:bass=100": `unknown setting "bass"`,
	} {
		if _, err := SubjectByName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	var unknown *studies.UnknownError
	if _, err := SubjectByName("lerned"); !errors.As(err, &unknown) {
		t.Errorf("%T", err)
	}
	for _, k := range List() {
		if k.About == "" || k.Beyond == "" || k.Linear == (k.Name == "cca") {
			t.Errorf("%+v", k)
		}
	}
}

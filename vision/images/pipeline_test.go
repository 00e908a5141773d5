package images

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// broken is a source whose item 3 cannot be read.
type broken struct{ Slice }

func (b broken) Image(i int) (*Image, error) {
	if i == 3 {
		return nil, &FileError{File: "three.png", Reason: "it is damaged"}
	}
	return b.Slice.Image(i)
}

func pictures(n int) (s Slice) {
	for i := range n {
		s = append(s, noise(uint64(i), 8, 8, 3))
	}
	return s
}

func TestPipelinePlain(t *testing.T) {
	s := pictures(4)
	p := Pipeline{Source: s, Label: func(i int) int { return i % 2 }, Classes: 2, Normalisation: Normalisation{Mean: []float64{0.5, 0.25, 0}, Std: []float64{0.5, 2, 1}}}
	var stack Stack
	if err := p.Fill(&stack, []int{2, 0, 3}, 7); err != nil {
		t.Fatal(err)
	}
	for b, item := range []int{2, 0, 3} {
		want := p.Normalisation.Apply(s[item])
		if !slices.Equal(stack.Pixels[b*192:(b+1)*192], want.Floats) {
			t.Errorf("image %d is not item %d", b, item)
		}
		if got := want.At(1, 2, 1); math.Abs(float64(got)-(float64(s[item].At(1, 2, 1))-0.25)/2) > 1e-6 {
			t.Errorf("normalised to %v", got)
		}
	}
	if !slices.Equal(stack.Labels, []int{0, 0, 1}) || !slices.Equal(stack.Targets, []float32{1, 0, 1, 0, 0, 1}) {
		t.Errorf("labels %v, targets %v", stack.Labels, stack.Targets)
	}
	if err := p.Fill(&stack, nil, 0); err != nil || stack.Images != 0 || len(stack.Pixels) != 0 {
		t.Error(stack, err)
	}
}

// TestPipelineBits fills the same stack on one processor and on several, and again.
func TestPipelineBits(t *testing.T) {
	p := Pipeline{
		Source: pictures(30), Label: func(i int) int { return i % 5 }, Classes: 5, Seed: 4, Smoothing: 0.1,
		Preparation:  Preparation{Height: 9, Width: 7},
		Augmentation: Augmentation{Crop: Crop{Padding: 2}, Flip: 0.5, RandAugment: RandAugment{2, 5}, Jitter: Jitter{Brightness: 0.2}, Erase: Erase{Probability: 0.5, Fill: FillNoise}},
		Mixing:       Mixing{Mixup: 0.8, CutMix: 1},
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	items := Shuffled(30, 1, 2)[:17]
	fill := func(epoch int, s *Stack) *Stack {
		if err := p.Fill(s, items, epoch); err != nil {
			t.Fatal(err)
		}
		return s
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := fill(3, new(Stack))
	runtime.GOMAXPROCS(4)
	got := fill(3, fill(1, new(Stack)))
	if !slices.Equal(got.Pixels, want.Pixels) || !slices.Equal(got.Targets, want.Targets) {
		t.Error("the stack depends on what is no argument")
	}
	if other := fill(4, new(Stack)); slices.Equal(other.Pixels, want.Pixels) {
		t.Error("two epochs have the same stack")
	}
	for i := range got.Images {
		sum := float32(0)
		for _, v := range got.Targets[5*i : 5*i+5] {
			if sum += v; v < 0 {
				t.Errorf("a target of %v", v)
			}
		}
		if math.Abs(float64(sum)-1) > 1e-5 {
			t.Errorf("targets add up to %v", sum)
		}
	}
}

func TestPipelineErrors(t *testing.T) {
	mixed := pictures(4)
	mixed[2] = New(8, 9, 3)
	label := func(i int) int { return i }
	for want, p := range map[string]Pipeline{
		"images: three.png: it is damaged":                                           {Source: broken{pictures(5)}},
		"item 2 has height 8, width 9, channels 3, item 1 of the same batch 8, 8, 3": {Source: mixed},
		"item 3 has the label 3, expected 0..2":                                      {Source: pictures(5), Label: label, Classes: 3},
		"item 1 has 3 channels, the normalisation 1":                                 {Source: pictures(5), Normalisation: Normalisation{Mean: []float64{0}, Std: []float64{1}}},
	} {
		var stack Stack
		if err := p.Fill(&stack, []int{1, 2, 3}, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
	for want, p := range map[string]Pipeline{
		"Mixing and Smoothing: set without labels": {Smoothing: 0.1},
		"Smoothing: 2":    {Smoothing: 2},
		"Mixup: alpha -1": {Mixing: Mixing{Mixup: -1}},
		"CutMixShare: 7":  {Mixing: Mixing{CutMixShare: 7}},
		"Probability: -1": {Mixing: Mixing{Probability: -1}},
		"Height: -1":      {Preparation: Preparation{Height: -1}},
		"Flip: -1":        {Augmentation: Augmentation{Flip: -1}},
		"1 and 0 numbers": {Normalisation: Normalisation{Mean: []float64{1}}},
		"1 and 0 in":      {Normalisation: Normalisation{Mean: []float64{1}, Std: []float64{0}}},
	} {
		var option *OptionError
		if err := p.Check(); !errors.As(err, &option) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
}

func TestPipelineAllocates(t *testing.T) {
	p := Pipeline{Source: pictures(16), Normalisation: Normalisation{}}
	items := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	var stack Stack
	if err := p.Fill(&stack, items, 0); err != nil {
		t.Fatal(err)
	}
	before := &stack.Pixels[0]
	if err := p.Fill(&stack, items, 1); err != nil || &stack.Pixels[0] != before {
		t.Error("the memory of a stack is not used again", err)
	}
}

func TestMixup(t *testing.T) {
	for n := range 6 {
		s := mixStack(n)
		kept := mixStack(n)
		m := Mixing{Mixup: 1}
		k := Key{Seed: 2, Item: 11}
		m.Apply(s, k)
		weight := m.draw(s.Height, s.Width, k).weight
		for i := range n {
			j := n - 1 - i
			for c := range s.Classes {
				want := weight*float64(kept.Targets[i*s.Classes+c]) + (1-weight)*float64(kept.Targets[j*s.Classes+c])
				if got := s.Targets[i*s.Classes+c]; math.Abs(float64(got)-want) > 1e-6 {
					t.Errorf("target %d of image %d of %d is %v, expected %v", c, i, n, got, want)
				}
			}
			want := weight*float64(kept.Pixels[i*12]) + (1-weight)*float64(kept.Pixels[j*12])
			if got := s.Pixels[i*12]; math.Abs(float64(got)-want) > 1e-5 {
				t.Errorf("image %d of %d is %v, expected %v", i, n, got, want)
			}
		}
	}
}

// mixStack has images of 3 by 4 pixels, image i all of i, whose class is i.
func mixStack(n int) *Stack {
	s := &Stack{Images: n, Height: 3, Width: 4, Channels: 1, Classes: 6}
	for i := range n {
		s.Pixels = append(s.Pixels, slices.Repeat([]float32{float32(i)}, 12)...)
		target := make([]float32, 6)
		target[i] = 1
		s.Targets = append(s.Targets, target...)
	}
	return s
}

func TestCutMix(t *testing.T) {
	whole := 0
	for item := range 200 {
		s := mixStack(2)
		Mixing{CutMix: 1}.Apply(s, Key{Seed: 1, Item: item})
		own := 0
		for _, v := range s.Pixels[:12] {
			if v == 0 {
				own++
			} else if v != 1 {
				t.Fatalf("a pixel is %v", v)
			}
		}
		if got, want := float64(s.Targets[0]), float64(own)/12; math.Abs(got-want) > 1e-6 || math.Abs(float64(s.Targets[1])-(1-want)) > 1e-6 {
			t.Fatalf("%d of 12 pixels are its own, targets %v", own, s.Targets)
		}
		if own == 12 {
			whole++
		}
	}
	if whole == 200 {
		t.Error("nothing was ever mixed")
	}
}

func TestMixingChoices(t *testing.T) {
	count := func(m Mixing) (none, boxes, blends int) {
		for item := range 2000 {
			switch mix := m.draw(64, 64, Key{Item: item}); {
			case mix.weight == 1:
				none++
			case mix.box.height > 0:
				boxes++
			default:
				blends++
			}
		}
		return none, boxes, blends
	}
	if none, _, _ := count(Mixing{}); none != 2000 {
		t.Error("the zero value mixes")
	}
	if _, boxes, blends := count(Mixing{Mixup: 0.8, CutMix: 1}); boxes < 850 || blends < 900 {
		t.Errorf("%d boxes and %d blends, expected about half of each", boxes, blends)
	}
	if _, boxes, blends := count(Mixing{Mixup: 0.8, CutMix: 1, CutMixShare: 0.1}); boxes > 300 || blends < 1700 {
		t.Errorf("%d boxes and %d blends, expected a tenth and the rest", boxes, blends)
	}
	if none, _, blends := count(Mixing{Mixup: 1, Probability: 0.25}); none < 1350 || blends < 400 {
		t.Errorf("%d untouched and %d blends, expected three quarters and a quarter", none, blends)
	}
	var s Stack
	(Mixing{}).Apply(&s, Key{})
	defer func() {
		if recover() == nil {
			t.Error("a stack without targets was mixed")
		}
	}()
	Mixing{Mixup: 1}.Apply(&s, Key{})
}

// TestBeta compares mean and variance with 1/2 and 1/(4(2a+1)).
func TestBeta(t *testing.T) {
	for _, a := range []float64{1e-3, 0.1, 0.2, 1, 3.5, 100} {
		const n = 20_000
		rng := Key{Seed: 6}.stream(streamMix)
		sum, squares := 0.0, 0.0
		for range n {
			v := beta(rng, a)
			if !(v >= 0 && v <= 1) {
				t.Fatalf("Beta(%v, %v) gave %v", a, a, v)
			}
			sum, squares = sum+v, squares+(v-0.5)*(v-0.5)
		}
		want := 1 / (4 * (2*a + 1))
		if mean, variance := sum/n, squares/n; math.Abs(mean-0.5) > 5*math.Sqrt(want/n) || math.Abs(variance-want) > 0.05*want {
			t.Errorf("Beta(%v, %v): mean %v, variance %v, expected 0.5, %v", a, a, mean, variance, want)
		}
	}
}

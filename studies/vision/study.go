package vision

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/studies/internal/trial"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/images"
)

// Study compares ways to tell a vision transformer where patches are: for every encoding and seed a small one learns the
// classes of images of one resolution, and is tested on images of that and of others, and on shifted ones. Everything but
// the encoding is the same: number of parameters, images, their order and augmentation, steps, tests.
//
// Zeros mean the defaults that the comments name, a study of CIFAR-10 for two cores.
type Study struct {
	// Set has the images. It has no default.
	Set *imagesets.Set
	// Subjects are the encodings to compare; nil means those of [DefaultNames].
	Subjects []Subject
	// Seeds are those of the parameters, and of order and augmentation of the training images, of a model each; nil means 1.
	Seeds []uint64
	// Size is the resolution that is learned, height and width in pixels; 0 means that of the set's images, and 32 where they
	// are not square or differ.
	Size int
	// Resolutions are those that the models are tested at beside that, the smallest first; nil means 1.25, 1.5 and 2 times Size,
	// rounded up to whole patches. Test images are resized from what the set has.
	Resolutions []int
	// Shifts is how many circular shifts of every test image, drawn from all by whole pixels, are asked for; 0 means 4, None
	// none.
	Shifts int
	// Model is the transformer, whose classes, channels, size, attention and encoding the study sets, and whose FFNRatio is
	// that of the model with a learned table: others have a narrower or a wider feed-forward part, so that all have as many
	// parameters. It pools the mean, whatever its Pooling says. Zeros mean 4 layers of width 64 with 4 heads, patches of 4 by
	// 4 pixels, and an InitStd of one by the root of the width, with which a narrow model learns sooner than with 0.02.
	Model vision.Config

	Steps     int // of training; 0 means 1200
	BatchSize int // images of a step; 0 means 64, or all where there are fewer
	// LR is the learning rate after the warm-up; 0 means 0.002. From there it falls along a cosine to a fiftieth of it.
	LR float64
	// Warmup is the number of steps in which the rate rises; 0 means a twentieth of all.
	Warmup int
	// WeightDecay is that of AdamW; 0 means 0.05.
	WeightDecay float64
	// Clip is the largest norm of a gradient, longer ones are scaled down to it; 0 means 1.
	Clip float64
	// Smoothing is the share of every target that is spread over all classes; 0 means 0.1.
	Smoothing float64
	// Augmentation changes training images, anew every time one comes; nil means [DefaultAugmentation], and the zero value
	// none.
	Augmentation *images.Augmentation

	// Dir is a folder that keeps what is done; with "" nothing is kept. A study that was ended goes on there, and gives
	// the same numbers as one that never was. Encodings and seeds may be added to it, other settings not be changed.
	Dir string
	// CheckpointInterval is the time after which the model that is being trained is saved in Dir, so that little is lost
	// when the process is killed; 0 means 5 minutes.
	CheckpointInterval time.Duration

	// OnProgress, where it is not nil, is told of every step.
	OnProgress func(Progress)
	// OnCell, where it is not nil, is called with every result as soon as it is there, those that Dir had first. An error
	// ends the study.
	OnCell func(Cell) error
}

// None is a number of shifts where 0 means the default.
const None = -1

// Progress says how far a study is.
type Progress struct {
	Cell, Cells int // the model at hand, from 1, and the number of them
	Encoding    string
	Seed        uint64
	Step, Steps int     // done
	Loss        float64 // of the step
	Resolution  int     // of the test at hand; 0 while it trains
	Shifting    bool    // the test is that of shifts
}

// DefaultAugmentation is a random crop out of the image with an eighth of its side of black around it, 4 pixels of 32, and
// half of the images mirrored, but for those of the set mnist, since mirrored digits are none.
func DefaultAugmentation(set string, size int) images.Augmentation {
	a := images.Augmentation{Crop: images.Crop{Padding: max(size/8, 1)}, Flip: 0.5}
	if set == "mnist" {
		a.Flip = 0
	}
	return a
}

// defaultSize is the resolution of sets whose images have none of their own.
const defaultSize = 32

// WithDefaults returns the study with zeros replaced by what they mean. The error says which setting makes no sense.
func (s Study) WithDefaults() (Study, error) {
	if s.Set == nil {
		return s, errors.New("vision: there is no Set: load one by package imagesets")
	}
	if s.Subjects == nil {
		for _, name := range defaultNames {
			subject, err := SubjectByName(name)
			if err != nil {
				return s, err
			}
			s.Subjects = append(s.Subjects, subject)
		}
	}
	if s.Seeds == nil {
		s.Seeds = []uint64{1}
	}
	numbers := s.numbers()
	numbers.Fill()
	if s.Warmup == 0 {
		s.Warmup = s.Steps / 20
	}
	if err := numbers.Check(); err != nil {
		return s, fmt.Errorf("vision: %w", err)
	}
	if err := s.checkModel(); err != nil {
		return s, err
	}
	if s.Resolutions == nil {
		for _, quarters := range []int{5, 6, 8} {
			s.Resolutions = append(s.Resolutions, upTo(s.Size*quarters/4, s.patch()))
		}
		s.Resolutions = slices.Compact(s.Resolutions)
	}
	if s.Augmentation == nil {
		a := DefaultAugmentation(s.Set.Info.Name, s.Size)
		s.Augmentation = &a
	}
	return s, s.check()
}

// numbers are the settings that are numbers, with what zeros mean.
func (s *Study) numbers() trial.Settings {
	size := s.Set.Info.Height
	if size == 0 || size != s.Set.Info.Width {
		size = defaultSize
	}
	m := &s.Model
	return trial.Settings{
		Wholes: []trial.Whole{
			{Name: "Size", Value: &s.Size, Least: 1, Default: size}, {Name: "Steps", Value: &s.Steps, Least: 1, Default: 1200},
			{Name: "BatchSize", Value: &s.BatchSize, Least: 1, Default: max(min(64, s.Set.Train.Len()), 1)}, {Name: "Warmup", Value: &s.Warmup},
			{Name: "Shifts", Value: &s.Shifts, Least: None, Default: 4},
			{Name: "Model.Layers", Value: &m.Layers, Least: 1, Default: 4}, {Name: "Model.Width", Value: &m.Width, Least: 1, Default: 64},
			{Name: "Model.Heads", Value: &m.Heads, Least: 1, Default: 4}, {Name: "Model.PatchHeight", Value: &m.PatchHeight, Least: 1, Default: 4},
		},
		Numbers: []trial.Number{
			{Name: "LR", Value: &s.LR, Default: 2e-3}, {Name: "WeightDecay", Value: &s.WeightDecay, Default: 0.05}, {Name: "Clip", Value: &s.Clip, Default: 1},
			{Name: "Smoothing", Value: &s.Smoothing, Most: 0.99, Default: 0.1},
		},
		Interval: &s.CheckpointInterval,
	}
}

// checkModel brings the model in line with the study, and reports the first setting of it that makes no sense.
func (s *Study) checkModel() error {
	info, m := s.Set.Info, &s.Model
	m.Classes, m.Channels, m.ImageHeight, m.ImageWidth = len(info.Classes), s.channels(), s.Size, s.Size
	m.Pooling, m.Attention, m.Encoding, m.Patching = vision.MeanPool, vision.Softmax, nil, nil
	if m.PatchWidth == 0 {
		m.PatchWidth = m.PatchHeight
	}
	if m.InitStd == 0 {
		m.InitStd = 1 / math.Sqrt(float64(m.Width))
	}
	if len(info.Classes) < 2 {
		return fmt.Errorf("vision: all images of %s are of one class: there is nothing to learn", info.Name)
	}
	if err := m.Validate(); err != nil {
		return err
	}
	if m.PatchWidth != m.PatchHeight {
		return fmt.Errorf("vision: patches of %dx%d pixels: want square ones, as images are", m.PatchHeight, m.PatchWidth)
	}
	*m = m.WithDefaults()
	m.Encoding, m.Patching = nil, nil
	return nil
}

// channels is how many the images are brought to.
func (s *Study) channels() int {
	if n := s.Set.Info.Channels; n != 0 {
		return n
	}
	return 3
}

// patch is the side of a patch.
func (s *Study) patch() int { return s.Model.PatchHeight }

// upTo returns the least multiple of a step that is at least n.
func upTo(n, step int) int { return (n + step - 1) / step * step }

// largest is the largest resolution that may be asked for: 65,536 patches of 8 by 8 pixels.
const largest = 2048

// check reports the first setting that makes no sense.
func (s *Study) check() error {
	if len(s.Subjects) == 0 || len(s.Seeds) == 0 {
		return errors.New("vision: no encodings, or no seeds: there is nothing to do")
	}
	if s.Set.Train.Len() == 0 || s.Set.Test.Len() == 0 {
		return fmt.Errorf("vision: %s has %d images to learn from and %d to test on: want some of both", s.Set.Info.Name, s.Set.Train.Len(), s.Set.Test.Len())
	}
	if n := s.Set.Train.Len(); s.BatchSize > n {
		return fmt.Errorf("vision: batches of %d images, and there are %d to learn from: want at most as many", s.BatchSize, n)
	}
	for _, r := range append([]int{s.Size}, s.Resolutions...) {
		switch p := s.patch(); {
		case r > largest:
			return fmt.Errorf("vision: images of %d by %[1]d pixels: want at most %d", r, largest)
		case r < p:
			return fmt.Errorf("vision: images of %d by %[1]d pixels are smaller than patches of %d by %[2]d: want at least as many", r, p)
		case r%p != 0:
			return fmt.Errorf("vision: images of %d by %[1]d pixels are no whole number of patches of %d by %[2]d: take %d or %d", r, p, r/p*p, (r/p+1)*p)
		}
	}
	if slices.Contains(s.Resolutions, s.Size) {
		return fmt.Errorf("vision: resolution %d is the one that is learned, which is tested without being named: leave it out", s.Size)
	}
	if err := s.Augmentation.Check(); err != nil {
		return fmt.Errorf("vision: %w", err)
	}
	var names []any
	for _, subject := range s.Subjects {
		if err := subject.check(); err != nil {
			return err
		}
		names = append(names, subject.Name)
	}
	for _, err := range []error{trial.Ascending("resolution", s.Resolutions), trial.Distinct("encoding", names...), trial.DistinctSeeds(s.Seeds)} {
		if err != nil {
			return fmt.Errorf("vision: %w", err)
		}
	}
	return nil
}

// Check reports what keeps the study from being done: settings that make no sense, encodings that cannot serve the model. It
// trains nothing, and does not look at Dir.
func (s Study) Check() error {
	_, err := s.prepare()
	return err
}

// Run does the study and returns a result for each encoding and seed, in their order: all seeds of the first encoding, then
// those of the next.
//
// When ctx ends, the step or the batch of the test at hand is finished, the model saved in Dir, if there is one, and the error
// of ctx returned with the results so far. Settings that make no sense and a Dir with another study are refused before
// anything is trained.
func (s Study) Run(ctx context.Context) ([]Cell, error) {
	st, err := s.prepare()
	if err != nil {
		return nil, err
	}
	kept, err := st.open()
	if err != nil {
		return nil, err
	}
	return trial.FillCells(len(st.openings), kept, func(i int, c *Cell) bool { return st.openings[i].is(c) }, func(i, at, left int) (c Cell, err error) {
		if err := st.load(ctx); err != nil {
			return c, err
		}
		o := st.openings[i]
		st.progress = Progress{Cell: at, Cells: left, Encoding: o.subject.Name, Seed: o.seed, Steps: st.Steps}
		if c, err = st.do(ctx, &o); err != nil {
			err = fmt.Errorf("vision: %s, seed %d: %w", o.subject.Name, o.seed, err)
		}
		return c, err
	}, s.OnCell)
}

// study is a study that can be done.
type study struct {
	Study
	openings []opening
	kept     *trial.Folder
	images   *sources // nil until a model wants them
	progress Progress
}

// opening is a cell that is to be filled.
type opening struct {
	subject Subject
	config  vision.Config // of the model
	seed    uint64
}

// is tells whether a result is that of the opening.
func (o *opening) is(c *Cell) bool { return c.Encoding == o.subject.Name && c.Seed == o.seed }

// prepare makes sure that the study can be done.
func (s Study) prepare() (*study, error) {
	s, err := s.WithDefaults()
	if err != nil {
		return nil, err
	}
	st := &study{Study: s}
	budget, err := st.budget()
	if err != nil {
		return nil, err
	}
	for _, subject := range s.Subjects {
		c, err := st.config(subject, budget)
		if err != nil {
			return nil, fmt.Errorf("vision: %s cannot serve the model: %w", subject.Name, err)
		}
		for _, seed := range s.Seeds {
			st.openings = append(st.openings, opening{subject, c, seed})
		}
	}
	return st, nil
}

func (st *study) report(p Progress) {
	if st.OnProgress != nil {
		st.OnProgress(p)
	}
}

package studies

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/internal/trial"
	"github.com/graft-ml/graft/sequences"
)

// Lengths is the study of "The Impact of Positional Encoding on Length Generalization in Transformers" (Kazemnejad and
// others, NeurIPS 2023, arXiv 2305.19466; McGill-NLP/length-generalization at 40f8a445): for every encoding and seed a
// decoder learns a task from short examples and is asked longer ones. Everything but the encoding is the same: the
// other parameters at the start, the examples and their order, the steps, the questions.
//
// Zeros mean what [Small] has for the task, unless their comment says otherwise; [Published] is the study at its own size.
type Lengths struct {
	// Task is a name of package lengths, or of a family of its tasks for the first of them: "copy" is copy_cmc. It has no
	// default.
	Task string
	// Options are the task's: lengths of training and test, number of symbols, scratchpad.
	Options lengths.Options
	// Subjects are the encodings to compare; nil means those of [DefaultSubjects].
	Subjects []Subject
	// Seeds are those of the parameters and training examples of a model each; nil means 1. The questions of the test are
	// the same for all.
	Seeds []uint64
	// Model is the decoder, whose Vocabulary and Encoding the study sets. Zero means that of [Decoder].
	Model sequences.Config

	Steps     int
	BatchSize int
	// LR is the learning rate after the warm-up. From there it falls in a straight line to 0 at the last step.
	LR float64
	// Warmup is the share of the steps in which the rate rises; 0 means 0.06.
	Warmup float64
	// WeightDecay is that of AdamW; 0 means none.
	WeightDecay float64
	// Clip is the largest norm of a gradient, longer ones are scaled down to it; 0 means 1.
	Clip float64
	// Examples is how many training examples there are, which come in a new order every time all were seen; 0 means that
	// none comes twice.
	Examples int
	// Validations is how many times, evenly spread, the model answers questions of the training lengths along the way;
	// the weights of the best time are tested, the first of equal ones. 0 means that those of the last step are.
	Validations int
	// Tests is how many questions of each length are asked.
	Tests int

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

// Progress says how far a study is.
type Progress struct {
	Cell, Cells int // the model at hand, from 1, and the number of them
	Encoding    string
	Seed        uint64
	Step, Steps int     // done
	Loss        float64 // of the step
	Length      int     // of the questions that are being asked; 0 while it trains
}

// WithDefaults returns the study with zeros replaced by what they mean. The error says which setting makes no sense.
func (s Lengths) WithDefaults() (Lengths, error) {
	small, err := Small(s.Task)
	if err != nil {
		return s, err
	}
	s.Task = small.Task
	if s.Options == (lengths.Options{}) {
		s.Options = small.Options
	}
	if s.Subjects == nil {
		s.Subjects = small.Subjects
	}
	if s.Seeds == nil {
		s.Seeds = small.Seeds
	}
	if s.Model.Encoding = nil; s.Model == (sequences.Config{}) {
		s.Model = small.Model
	}
	fill(&s.Steps, small.Steps)
	fill(&s.BatchSize, small.BatchSize)
	fill(&s.Tests, small.Tests)
	fillFloat(&s.LR, small.LR)
	fillFloat(&s.Warmup, defaultWarmup)
	fillFloat(&s.Clip, defaultClip)
	if s.CheckpointInterval == 0 {
		s.CheckpointInterval = 5 * time.Minute
	}
	return s, s.check()
}

// What zeros mean for every task: the values of the official code.
const (
	defaultWarmup = 0.06
	defaultClip   = 1
)

func fill(v *int, meaning int) {
	if *v == 0 {
		*v = meaning
	}
}

func fillFloat(v *float64, meaning float64) {
	if *v == 0 {
		*v = meaning
	}
}

// check reports the first setting that makes no sense.
func (s *Lengths) check() error {
	for _, n := range []struct {
		name     string
		value    int
		smallest int
	}{
		{"Steps", s.Steps, 1}, {"BatchSize", s.BatchSize, 1}, {"Tests", s.Tests, 1}, {"Examples", s.Examples, 0}, {"Validations", s.Validations, 0},
	} {
		if n.value < n.smallest {
			return fmt.Errorf("studies: %s is %d: want at least %d", n.name, n.value, n.smallest)
		}
	}
	for _, x := range []struct {
		name  string
		value float64
		most  float64
	}{{"LR", s.LR, math.MaxFloat64}, {"Warmup", s.Warmup, 1}, {"WeightDecay", s.WeightDecay, math.MaxFloat64}, {"Clip", s.Clip, math.MaxFloat64}} {
		if !(x.value >= 0 && x.value <= x.most) {
			return fmt.Errorf("studies: %s is %v: want a number from 0 to %v", x.name, x.value, x.most)
		}
	}
	if s.Validations > s.Steps {
		return fmt.Errorf("studies: %d validations in %d steps: want at most one a step", s.Validations, s.Steps)
	}
	if s.CheckpointInterval < 0 {
		return fmt.Errorf("studies: CheckpointInterval is %v: want a time", s.CheckpointInterval)
	}
	if len(s.Subjects) == 0 || len(s.Seeds) == 0 {
		return errors.New("studies: no encodings, or no seeds: there is nothing to do")
	}
	names, seeds := map[string]bool{}, map[uint64]bool{}
	for _, subject := range s.Subjects {
		if err := subject.check(); err != nil {
			return err
		}
		if names[subject.Name] {
			return fmt.Errorf("studies: two encodings have the name %q: give each its own", subject.Name)
		}
		names[subject.Name] = true
	}
	for _, seed := range s.Seeds {
		if seeds[seed] {
			return fmt.Errorf("studies: the seed %d is there twice", seed)
		}
		seeds[seed] = true
	}
	return nil
}

// Run does the study and returns a result for each encoding and seed, in their order: all seeds of the first encoding,
// then those of the next.
//
// When ctx ends, the step at hand is finished, the model saved in Dir, if there is one, and the error of ctx returned
// with the results so far. Settings that make no sense, encodings that cannot serve the task or the model, and a Dir with
// another study are refused before anything is trained.
func (s Lengths) Run(ctx context.Context) ([]Cell, error) {
	st, err := s.prepare()
	if err != nil {
		return nil, err
	}
	kept, err := st.open()
	if err != nil {
		return nil, err
	}
	var cells []Cell
	finish := func(c Cell) error {
		cells = append(cells, c)
		if s.OnCell != nil {
			return s.OnCell(c)
		}
		return nil
	}
	var open []opening
	for _, subject := range st.Subjects {
		for _, seed := range st.Seeds {
			i := slices.IndexFunc(kept, func(c Cell) bool { return c.Encoding == subject.Name && c.Seed == seed })
			if i < 0 {
				open = append(open, opening{subject, seed})
			} else if err := finish(kept[i]); err != nil {
				return cells, err
			}
		}
	}
	for i, o := range open {
		st.progress = Progress{Cell: i + 1, Cells: len(open), Encoding: o.subject.Name, Seed: o.seed, Steps: st.Steps}
		c, err := st.do(ctx, o)
		if err != nil {
			return st.inOrder(cells), fmt.Errorf("studies: %s with %s, seed %d: %w", st.Task, o.subject.Name, o.seed, err)
		}
		if err := finish(c); err != nil {
			return st.inOrder(cells), err
		}
	}
	return st.inOrder(cells), nil
}

// opening is a cell that is to be filled.
type opening struct {
	subject Subject
	seed    uint64
}

// study is a study that can be done.
type study struct {
	Lengths
	task     *lengths.Task
	kept     *trial.Folder
	progress Progress
}

// Check reports what keeps the study from being done: settings that make no sense, encodings that cannot serve the task
// or the model. It trains nothing, and does not look at Dir.
func (s Lengths) Check() error {
	_, err := s.prepare()
	return err
}

// prepare makes sure that the study can be done.
func (s Lengths) prepare() (*study, error) {
	s, err := s.WithDefaults()
	if err != nil {
		return nil, err
	}
	st := &study{Lengths: s}
	if st.task, err = lengths.ByName(s.Task, s.Options); err != nil {
		return nil, fmt.Errorf("studies: %w", err)
	}
	for _, subject := range s.Subjects {
		if err := st.tryOn(subject); err != nil {
			return nil, fmt.Errorf("studies: %s cannot serve %s: %w", subject.Name, s.Task, err)
		}
	}
	return st, nil
}

// tryOn finds out whether an encoding serves the model, and the task's longest sequences.
func (st *study) tryOn(subject Subject) error {
	model, err := sequences.New(st.config(subject), st.Seeds[0])
	if err != nil {
		return err
	}
	longest := st.task.Lengths(lengths.Test).Max
	e, err := st.example(subject, st.task.Generate(questionSeed, lengths.Test, longest, 0))
	if err != nil {
		return err
	}
	_, err = sequences.NewBatch(model, []sequences.Example{e}, sequences.BatchOptions{})
	return err
}

// config is the model's configuration with an encoding.
func (st *study) config(subject Subject) sequences.Config {
	c := st.Model
	c.Vocabulary, c.Encoding = st.task.Vocabulary().Size(), subject.Encoding
	return c
}

// inOrder sorts results by encoding and seed as the study lists them.
func (st *study) inOrder(cells []Cell) []Cell {
	var sorted []Cell
	for _, subject := range st.Subjects {
		for _, seed := range st.Seeds {
			for _, c := range cells {
				if c.Encoding == subject.Name && c.Seed == seed {
					sorted = append(sorted, c)
				}
			}
		}
	}
	return sorted
}

func (st *study) report(p Progress) {
	if st.OnProgress != nil {
		st.OnProgress(p)
	}
}

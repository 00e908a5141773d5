package studies

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/studies/internal/trial"
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
	numbers := s.numbers(small)
	numbers.Fill()
	if err := numbers.Check(); err != nil {
		return s, fmt.Errorf("studies: %w", err)
	}
	return s, s.check()
}

// numbers are the settings that are numbers, with what zeros mean.
func (s *Lengths) numbers(small Lengths) trial.Settings {
	return trial.Settings{
		Wholes: []trial.Whole{
			{Name: "Steps", Value: &s.Steps, Least: 1, Default: small.Steps}, {Name: "BatchSize", Value: &s.BatchSize, Least: 1, Default: small.BatchSize},
			{Name: "Tests", Value: &s.Tests, Least: 1, Default: small.Tests}, {Name: "Examples", Value: &s.Examples}, {Name: "Validations", Value: &s.Validations},
		},
		Numbers: []trial.Number{
			{Name: "LR", Value: &s.LR, Default: small.LR}, {Name: "Warmup", Value: &s.Warmup, Most: 1, Default: defaultWarmup},
			{Name: "WeightDecay", Value: &s.WeightDecay}, {Name: "Clip", Value: &s.Clip, Default: defaultClip},
		},
		Interval: &s.CheckpointInterval,
	}
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

// check reports the first setting that makes no sense.
func (s *Lengths) check() error {
	if s.Validations > s.Steps {
		return fmt.Errorf("studies: %d validations in %d steps: want at most one a step", s.Validations, s.Steps)
	}
	if len(s.Subjects) == 0 || len(s.Seeds) == 0 {
		return errors.New("studies: no encodings, or no seeds: there is nothing to do")
	}
	names := make([]any, len(s.Subjects))
	for i, subject := range s.Subjects {
		if err := subject.check(); err != nil {
			return err
		}
		names[i] = subject.Name
	}
	err := trial.Distinct("encoding", names...)
	if err == nil {
		err = trial.DistinctSeeds(s.Seeds)
	}
	if err != nil {
		return fmt.Errorf("studies: %w", err)
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
	return trial.FillCells(len(st.openings), kept, func(i int, c *Cell) bool { return st.openings[i].is(c) }, func(i, at, left int) (Cell, error) {
		o := st.openings[i]
		st.progress = Progress{Cell: at, Cells: left, Encoding: o.subject.Name, Seed: o.seed, Steps: st.Steps}
		c, err := st.do(ctx, o)
		if err != nil {
			err = fmt.Errorf("studies: %s with %s, seed %d: %w", st.Task, o.subject.Name, o.seed, err)
		}
		return c, err
	}, s.OnCell)
}

// opening is a cell that is to be filled.
type opening struct {
	subject Subject
	seed    uint64
}

// is tells whether a result is that of the opening.
func (o *opening) is(c *Cell) bool { return c.Encoding == o.subject.Name && c.Seed == o.seed }

// study is a study that can be done.
type study struct {
	Lengths
	task     *lengths.Task
	openings []opening
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
		for _, seed := range s.Seeds {
			st.openings = append(st.openings, opening{subject, seed})
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

func (st *study) report(p Progress) {
	if st.OnProgress != nil {
		st.OnProgress(p)
	}
}

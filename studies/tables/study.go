package tables

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/graft-ml/graft/studies/internal/trial"
	"github.com/graft-ml/graft/tables/decoder"
)

// Study compares ways to read tables: for every task, reader and seed a decoder learns to answer questions of small tables
// and is asked of larger ones. Everything but the reader is the same: number of parameters, examples and their order,
// steps, questions.
//
// Zeros mean the defaults that the comments name, a study for two cores.
type Study struct {
	// Tasks are names of [TaskNames]; nil means all.
	Tasks []string
	// Readers are the ways to read; nil means those of [ReaderNames].
	Readers []Reader
	// Seeds are those of the parameters and training examples of a model each; nil means 1. The questions of the test are
	// the same for all.
	Seeds []uint64
	// Sizes are the numbers of rows, with the header, and of columns of the square tables that are learned from, the
	// smallest first; nil means 2, 3, 4, 5 and 6.
	Sizes []int
	// TestSizes are those of the tables that are asked of, the smallest first, some of Sizes and some held out; nil means 4,
	// 5, 6, 7, 8 and 10.
	TestSizes []int
	// Model is the decoder, whose Encoding and Reading the reader sets, and whose FeedForwardWidth is that of the routed
	// pair: the others have a wider one, so that all have as many parameters as that with its routers. Zeros mean 4 layers
	// of width 64 with 4 heads, a tied embedding and an InitStd of 0.1: with 0.02 numbers are not told apart in the time.
	Model decoder.Config

	Steps int // of training; 0 means 8000
	// BatchTokens is how many tokens a step learns from: examples are added until it has as many; 0 means 2500.
	BatchTokens int
	// Curriculum is the share of the steps in which sizes are unlocked, one after the other; 0 means 0.6. The small ones
	// make the task learnable. With a share that is next to nothing, all are there from the start.
	Curriculum float64
	// Focus is the probability that an example has the largest size that is unlocked; otherwise it has any of them; 0 means
	// 0.6.
	Focus float64
	// LR is the learning rate after the warm-up; 0 means 0.001. From there it falls along a cosine to a fiftieth of it.
	LR float64
	// Warmup is the number of steps in which the rate rises; 0 means 100, and a tenth of fewer than 1000 steps.
	Warmup int
	// Beta2 is the decay of AdamW's second moment; 0 means 0.98.
	Beta2 float64
	// WeightDecay is that of AdamW; 0 means 0.01.
	WeightDecay float64
	// Clip is the largest norm of a gradient, longer ones are scaled down to it; 0 means 1.
	Clip float64
	// Tests is how many questions of each size are asked; 0 means 200.
	Tests int

	// Dir is a folder that keeps what is done; with "" nothing is kept. A study that was ended goes on there, and gives
	// the same numbers as one that never was. Tasks, readers and seeds may be added to it, other settings not be changed.
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
	Task        string
	Reader      string
	Seed        uint64
	Step, Steps int     // done
	Loss        float64 // of the step
	Size        int     // of the tables that are being asked of; 0 while it trains
}

// WithDefaults returns the study with zeros replaced by what they mean. The error says which setting makes no sense.
func (s Study) WithDefaults() (Study, error) {
	if s.Tasks == nil {
		s.Tasks = TaskNames()
	}
	if s.Readers == nil {
		for _, name := range readerNames {
			r, err := ReaderByName(name)
			if err != nil {
				return s, err
			}
			s.Readers = append(s.Readers, r)
		}
	}
	if s.Seeds == nil {
		s.Seeds = []uint64{1}
	}
	if s.Sizes == nil {
		s.Sizes = []int{2, 3, 4, 5, 6}
	}
	if s.TestSizes == nil {
		s.TestSizes = []int{4, 5, 6, 7, 8, 10}
	}
	s.Model = model(s.Model)
	numbers := s.numbers()
	numbers.Fill()
	if s.Warmup == 0 {
		s.Warmup = min(100, s.Steps/10)
	}
	if err := numbers.Check(); err != nil {
		return s, fmt.Errorf("tables: %w", err)
	}
	return s, s.check()
}

// numbers are the settings that are numbers, with what zeros mean.
func (s *Study) numbers() trial.Settings {
	return trial.Settings{
		Wholes: []trial.Whole{
			{Name: "Steps", Value: &s.Steps, Least: 1, Default: 8000}, {Name: "BatchTokens", Value: &s.BatchTokens, Least: 1, Default: 2500},
			{Name: "Tests", Value: &s.Tests, Least: 1, Default: 200}, {Name: "Warmup", Value: &s.Warmup},
		},
		Numbers: []trial.Number{
			{Name: "Curriculum", Value: &s.Curriculum, Most: 1, Default: 0.6}, {Name: "Focus", Value: &s.Focus, Most: 1, Default: 0.6},
			{Name: "LR", Value: &s.LR, Default: 1e-3}, {Name: "Beta2", Value: &s.Beta2, Most: 1 - 1e-9, Default: 0.98},
			{Name: "WeightDecay", Value: &s.WeightDecay, Default: 0.01}, {Name: "Clip", Value: &s.Clip, Default: 1},
		},
		Interval: &s.CheckpointInterval,
	}
}

// model fills in what the study's decoder has where the package of decoders has something else.
func model(c decoder.Config) decoder.Config {
	c.Encoding, c.Reading = "", decoder.Served
	if c.Layers == 0 {
		c.Layers = 4
	}
	if c.Width == 0 {
		c.Width = 64
	}
	if c.Heads == 0 {
		c.Heads = 4
	}
	if c.InitStd == 0 {
		c.InitStd = 0.1
	}
	c.TiedEmbedding = true
	c = c.WithDefaults()
	c.Encoding, c.Reading = "", decoder.Served
	return c
}

// check reports the first setting that makes no sense.
func (s *Study) check() error {
	if len(s.Tasks) == 0 || len(s.Readers) == 0 || len(s.Seeds) == 0 || len(s.Sizes) == 0 || len(s.TestSizes) == 0 {
		return errors.New("tables: no tasks, readers, seeds or sizes: there is nothing to do")
	}
	var tasks, readers []any
	for _, name := range s.Tasks {
		tasks = append(tasks, name)
	}
	for _, r := range s.Readers {
		if err := r.check(); err != nil {
			return err
		}
		readers = append(readers, r.Name)
	}
	for _, err := range []error{
		trial.Ascending("size", s.Sizes), trial.Ascending("size", s.TestSizes),
		trial.Distinct("task", tasks...), trial.Distinct("reader", readers...), trial.DistinctSeeds(s.Seeds),
	} {
		if err != nil {
			return fmt.Errorf("tables: %w", err)
		}
	}
	return nil
}

// Check reports what keeps the study from being done: settings that make no sense, readers that cannot serve the model. It
// trains nothing, and does not look at Dir.
func (s Study) Check() error {
	_, err := s.prepare()
	return err
}

// Run does the study and returns a result for each task, reader and seed, in their order: all seeds of the first reader,
// then those of the next, then the same for the next task.
//
// When ctx ends, the step at hand is finished, the model saved in Dir, if there is one, and the error of ctx returned
// with the results so far. Settings that make no sense and a Dir with another study are refused before anything is
// trained.
func (s Study) Run(ctx context.Context) ([]Cell, error) {
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
		st.progress = Progress{Cell: at, Cells: left, Task: o.task.Name(), Reader: o.reader.Name, Seed: o.seed, Steps: st.Steps}
		c, err := st.do(ctx, o)
		if err != nil {
			err = fmt.Errorf("tables: %s read by %s, seed %d: %w", o.task.Name(), o.reader.Name, o.seed, err)
		}
		return c, err
	}, s.OnCell)
}

// study is a study that can be done.
type study struct {
	Study
	openings []opening
	kept     *trial.Folder
	progress Progress
}

// opening is a cell that is to be filled.
type opening struct {
	task   *task
	reader Reader
	config decoder.Config // of the model
	seed   uint64
}

// is tells whether a result is that of the opening.
func (o *opening) is(c *Cell) bool {
	return c.Task == o.task.Name() && c.Reader == o.reader.Name && c.Seed == o.seed
}

// prepare makes sure that the study can be done.
func (s Study) prepare() (*study, error) {
	s, err := s.WithDefaults()
	if err != nil {
		return nil, err
	}
	st := &study{Study: s}
	for _, name := range s.Tasks {
		t, err := newTask(name, s.Sizes, s.TestSizes)
		if err != nil {
			return nil, err
		}
		budget, err := st.budget(t)
		if err != nil {
			return nil, err
		}
		for _, r := range s.Readers {
			c, err := st.config(t, r, budget)
			if err != nil {
				return nil, fmt.Errorf("tables: %s cannot serve %s: %w", r.Name, name, err)
			}
			for _, seed := range s.Seeds {
				st.openings = append(st.openings, opening{t, r, c, seed})
			}
		}
	}
	return st, nil
}

func (st *study) report(p Progress) {
	if st.OnProgress != nil {
		st.OnProgress(p)
	}
}
